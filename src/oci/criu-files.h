/* SPDX-License-Identifier: Apache-2.0 */
/* What the processes of a dump have open, as JSON: see floe_checkpoint_inspect() for the keys. */
#pragma once

#include "base/json.h"
#include "oci/criu-dump.h"

typedef struct CriuFiles CriuFiles;

/* The dump must outlive it. INVALID. */
bool criu_files_new(const CriuDump *dump, CriuFiles **ret_files, GError **error);
void criu_files_free(CriuFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CriuFiles, criu_files_free)

/*
 * Add the descriptors of one table (processes that share one have the same) to two arrays, by their
 * kind. INVALID.
 */
bool criu_files_add(CriuFiles *files, uint32_t table, json_t *open_files, json_t *sockets,
                    GError **error);

/* The path of a file by its number in the dump; NULL: it has none. Freed with g_free(). */
char *criu_files_path(const CriuFiles *files, uint32_t id);

/* The file locks held, as an array. INVALID. */
bool criu_files_locks(const CriuFiles *files, json_t **ret_locks, GError **error);
