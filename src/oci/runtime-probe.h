/* SPDX-License-Identifier: Apache-2.0 */
/* What an OCI runtime can do on this very host, found out by letting it try. */
#pragma once

#include "oci/runtime.h"

/*
 * Does it make containers here: does it accept the host's cgroups, mounts and namespaces? It is
 * told to create one whose command does not exist, and must get as far as looking for the command.
 * Leaves nothing. Some 20 ms.
 */
bool runtime_probe_create(const Runtime *runtime, GError **error);

/* Was it built with checkpoint and restore? */
bool runtime_probe_checkpoint(const Runtime *runtime);
