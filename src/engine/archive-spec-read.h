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

/* Has the container a network namespace of its own, the host's (*ret_path NULL), or one by path? */
typedef enum SpecNamespace {
    SPEC_NAMESPACE_HOST,
    SPEC_NAMESPACE_OWN,
    SPEC_NAMESPACE_PATH
} SpecNamespace;

bool archive_spec_namespace(const json_t *spec, const char *type, SpecNamespace *ret_namespace,
                            GError **error);
