/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "engine/container.h"

/* As floe_container_remove(). */
bool container_remove(floe_container *ctr, const floe_remove_options *options, GError **error);
