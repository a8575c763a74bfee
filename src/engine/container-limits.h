/* SPDX-License-Identifier: Apache-2.0 */
/* The limits in a container's configuration. */
#pragma once

#include "oci/spec-limits.h"
#include "state/container-record.h"

/* As the runtime gets them on this host; the texts stay the configuration's. */
SpecLimits limits_of(const ContainerConfig *config);

/* INVALID: a runtime would refuse them; the text says which and why. */
bool limits_check(const ContainerConfig *config, GError **error);
