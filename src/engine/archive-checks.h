/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the container of an archive can be restored here: one check a rule, in the order of this
 * header. They look and change nothing, but for the record, which gets what is so on this host: name,
 * id, image, runtime, network, ports.
 */
#pragma once

#include "engine/archive-config-read.h"
#include "engine/engine.h"

#include <floe/checkpoint.h>

typedef struct ArchiveCheck {
    floe_engine *engine;
    const floe_archive_restore_options *options;
    ArchiveConfig *archive;
    char *archive_id; /* before a new name made a new one */
} ArchiveCheck;

static inline ContainerConfig *archive_check_config(const ArchiveCheck *check)
{
    return &check->archive->record->config;
}

/*
 * INVALID, EXISTS, NOT_FOUND, UNSUPPORTED, MISSING_PART; the text says what to do where that is known.
 */
bool archive_checks_run(ArchiveCheck *check, GError **error);

/* Options that exclude each other, before anything is read. INVALID. */
bool archive_check_options(const floe_archive_restore_options *options, GError **error);

/* archive-check-pod.c: the others that it needs. */
bool archive_check_pod(ArchiveCheck *check, GError **error);
bool archive_check_dependencies(ArchiveCheck *check, GError **error);
bool archive_check_namespaces(ArchiveCheck *check, GError **error);

/* archive-checks.c */
bool archive_check_name(ArchiveCheck *check, GError **error);
bool archive_check_secrets(ArchiveCheck *check, GError **error);
bool archive_check_policy(ArchiveCheck *check, GError **error);
bool archive_check_mounts(ArchiveCheck *check, GError **error);
bool archive_check_volumes(ArchiveCheck *check, GError **error);
bool archive_check_network(ArchiveCheck *check, GError **error);
bool archive_check_ports(ArchiveCheck *check, GError **error);

/* archive-check-host.c: the programs and the processor here. */
bool archive_check_runtime(ArchiveCheck *check, GError **error);
bool archive_check_host(ArchiveCheck *check, GError **error);

/* archive-checks.c */
bool archive_check_image(ArchiveCheck *check, GError **error);
