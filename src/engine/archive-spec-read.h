/* SPDX-License-Identifier: Apache-2.0 */
/* The half of a container's record that comes from spec.dump: process, mounts, limits, hooks. */
#pragma once

#include "engine/archive-config-read.h"

/*
 * Into record->config, hooks and not_taken. Named volumes are there already: what the document mounts
 * at their places is left out. INVALID, UNSUPPORTED.
 */
bool archive_spec_read(const json_t *spec, ArchiveConfig *config, GPtrArray *not_taken,
                       GError **error);
