/* SPDX-License-Identifier: Apache-2.0 */
/* What in a container's own layer is not the container's. */
#pragma once

#include "engine/container.h"

/* Made in every container's root, as mount points or by the runtime. NULL-terminated. */
extern const char *const container_engine_files[];
