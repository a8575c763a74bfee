/* SPDX-License-Identifier: Apache-2.0 */
/* CRIU, which the OCI runtime calls: which one it would find, and the traces it leaves. */
#pragma once

#include "oci/criu-log.h"
#include "oci/criu-stats.h"
#include "oci/runtime.h"

/*
 * The CRIU that the runtime would find: its path, and its version as CRIU counts (4.2.1 is 40201).
 * ret_version NULL: not asked for, which costs no process. MISSING_PART.
 */
bool criu_find(const Runtime *runtime, char **ret_path, int *ret_version, GError **error);

/* "Version: 4.2.1\n" is 40201, "Version: 4.2\n" 40200 (criu/include/version.h). */
bool criu_version_parse(const char *text, int *ret_version);

/* Can it tell which memory has changed since an earlier dump, on this kernel? UNSUPPORTED. */
bool criu_check_memory_tracking(const Runtime *runtime, GError **error);
