/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's configuration as an archive's config.dump has it: libpod's ContainerConfig
 * (github.com/containers/podman, libpod/container_config.go). The older and the newer key for
 * networks are both written; what the runtime's document holds already is not written again.
 */
#pragma once

#include "state/container-record.h"

/* What the record does not tell. */
typedef struct ArchiveFacts {
    const char *runtime_name;    /* "runc", "crun": as podman calls them */
    const char *runtime_version; /* "runc version 1.1.5"; NULL: not known */
    int criu_version;            /* 40201 is 4.2.1 */
    bool tcp_established;
    bool file_locks;
} ArchiveFacts;

/* The document, with floe's own key. */
json_t *archive_config(const ContainerRecord *record, const ArchiveFacts *facts);

/*
 * What the manifest of a checkpoint's image says: an object of strings, podman's keys
 * (pkg/checkpoint/checkpoint_image.go, libpod/define/annotations.go).
 */
json_t *archive_annotations(const ContainerRecord *record, const ArchiveFacts *facts);
