/* SPDX-License-Identifier: Apache-2.0 */
/* The half of a container's record that comes from spec.dump: process, mounts, limits. */
#pragma once

#include "engine/archive-config-read.h"

/*
 * Into record->config, hooks and not_taken. Named volumes are there already: what the document mounts
 * at their places is left out. INVALID, UNSUPPORTED.
 */
bool archive_spec_read(const json_t *spec, ArchiveConfig *config, GPtrArray *not_taken,
                       GError **error);

/* A namespace is the host's, the container's own, or one that it was given by a path. */
typedef enum SpecNamespace {
    SPEC_NAMESPACE_HOST,
    SPEC_NAMESPACE_OWN,
    SPEC_NAMESPACE_PATH
} SpecNamespace;

typedef struct SpecNamespaces {
    SpecNamespace network, pid, ipc, uts, user, cgroup;
} SpecNamespaces;

/* INVALID, without the document's name. */
bool archive_spec_namespaces(const json_t *spec, SpecNamespaces *ret_namespaces, GError **error);
