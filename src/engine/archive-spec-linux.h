/* SPDX-License-Identifier: Apache-2.0 */
/* The section "linux" of spec.dump: namespaces, limits, kernel parameters. */
#pragma once

#include "state/container-record.h"

#include <jansson.h>

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

/* Into config; what floe has nothing like goes as words into not_taken. INVALID, UNSUPPORTED. */
bool archive_spec_read_linux(const json_t *spec, ContainerConfig *config, GPtrArray *not_taken,
                             GError **error);
