/* SPDX-License-Identifier: Apache-2.0 */
/* What lies below a container's own layer, and what in it is not the container's. */
#pragma once

#include "engine/container.h"

/* The directories of the image's layers, lowest first. Freed with g_strfreev(). */
bool container_lower_dirs(floe_container *ctr, char ***ret_dirs, GError **error);

/* Made in every container's root, as mount points or by the runtime. NULL-terminated. */
extern const char *const container_engine_files[];
