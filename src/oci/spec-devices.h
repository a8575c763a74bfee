/* SPDX-License-Identifier: Apache-2.0 */
/* The host's devices, for a privileged container's "linux.devices". */
#pragma once

#include "base/json.h"

/*
 * All device nodes below a directory (the host's /dev), by name. Left out is what the runtime makes
 * anew in each container: ptys, /dev/ptmx, /dev/console, /dev/shm, /dev/mqueue.
 */
bool spec_list_host_devices(const char *directory, json_t **ret_devices, GError **error);
