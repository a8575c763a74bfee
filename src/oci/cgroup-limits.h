/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits of a cgroup that is not a container's own but holds those of several: a pod's. A
 * container's are the OCI runtime's to set.
 */
#pragma once

#include "oci/spec-limits.h"

/*
 * Make the cgroup where it is missing and limit what is in it and below it. Without limits nothing
 * is made. UNSUPPORTED: this host cannot limit that; INVALID: the kernel refuses the value.
 */
bool cgroup_set_limits(const char *cgroup_path, const SpecLimits *limits, GError **error);
