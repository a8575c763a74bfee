/* SPDX-License-Identifier: Apache-2.0 */
/* What a checkpoint of a pod cannot be made with, told before anything is done. */
#pragma once

#include "engine/pod.h"

/*
 * `members`: the ContainerRecords of the pod, which its locks keep as they are. BAD_STATE: one does not
 * run. UNSUPPORTED: there is no infra container, or one shares or needs what is not the pod's.
 */
bool pod_checkpoint_check(const floe_pod *pod, GPtrArray *members, GError **error);
