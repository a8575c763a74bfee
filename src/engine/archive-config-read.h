/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a checkpoint archive says its container is: the two documents of podman's format (config.dump,
 * libpod's container configuration; spec.dump, the OCI config.json of the moment of the checkpoint),
 * which nobody vouches for, become a container's record. There is one way, for podman's archives and
 * floe's own.
 *
 * Only reading happens here. Whether such a container may be restored on this host is
 * archive-checks.h's question, what it may do to the host archive-policy.h's.
 */
#pragma once

#include "state/container-record.h"
#include "storage/archive-reader.h"

/* The host that the archive comes from: key "floe" of config.dump; all 0 in podman's archives. */
typedef struct ArchiveHost {
    char *arch; /* "amd64" */
    char *kernel;
    char **cpu_flags;
    int criu_version; /* 40201 */
    char *runtime;    /* "runc 1.1.5" */
    char *cgroups;    /* "v1", "v2" */
} ArchiveHost;

typedef struct ArchiveConfig {
    /*
     * As recorded on the other host: with its id, name, image and pod, the containers that it shared
     * namespaces with (mode "container"), and the name of its runtime.
     */
    ContainerRecord *record;
    char *pod;           /* id of the pod it was in; NULL: none */
    char *sandbox;       /* what the annotation of a pod's container names; NULL: nothing */
    char **dependencies; /* ids of containers that it needed, beside those of its pod */
    ArchiveHost host;
    char **hooks;       /* programs that the runtime would start on the host: never taken over */
    char *pulled_image; /* by archive_check_image(); NULL: none had to be */
    char **not_taken; /* what floe has no counterpart for, in words: the container goes on without */
} ArchiveConfig;

void archive_config_clear(ArchiveConfig *config);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ArchiveConfig, archive_config_clear)

/*
 * INVALID names the document and the key; UNSUPPORTED: it needs what floe cannot give (devices,
 * a user namespace, a root without an image ...).
 */
bool archive_config_read(const ArchiveDocuments *documents, ArchiveConfig *ret_config,
                         GError **error);
