/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "engine/pod.h"

/* As floe_pod_remove(). */
bool pod_remove(floe_pod *pod, const floe_pod_options *options, GError **error);
