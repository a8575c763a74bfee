/* SPDX-License-Identifier: Apache-2.0 */
/* Names of containers: made up, and checked. */
#pragma once

#include "base/error.h"

/* "quiet_glacier"; freed by the caller. */
char *name_generate(void);

/* [a-zA-Z0-9][a-zA-Z0-9_.-]*, as podman has it. INVALID. */
bool container_name_check(const char *name, GError **error);
