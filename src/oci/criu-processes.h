/* SPDX-License-Identifier: Apache-2.0 */
/* The processes of a dump, as JSON: see floe_checkpoint_inspect() for the keys. */
#pragma once

#include "oci/criu-files.h"

/* What is known of the processes beside the images. */
typedef struct CriuKnown {
    GHashTable *commands; /* id (GUINT_TO_POINTER) -> char **, its command line; where it was found */
    uint64_t page_size;   /* 0: not found out */
} CriuKnown;

/*
 * All processes, in the order of the dump (parents first). *ret_machine: the kind of machine it was
 * made on, or NULL; constant. INVALID.
 */
bool criu_processes(const CriuDump *dump, CriuFiles *files, const CriuKnown *known,
                    json_t **ret_processes, const char **ret_machine, GError **error);

/* The words of a command line as it lies in memory. Freed with g_strfreev(). */
char **criu_command_split(const char *data, size_t length);
