/* SPDX-License-Identifier: Apache-2.0 */
/* What config.dump says of a container's namespaces, networks and ports. */
#pragma once

#include "engine/archive-config-dump.h"
#include "engine/archive-spec-linux.h"

/*
 * Into config, which gets the dump's ports themselves; what cannot be taken goes as words into
 * not_taken. INVALID, UNSUPPORTED.
 */
bool archive_config_read_network(ConfigDump *dump, const SpecNamespaces *namespaces,
                                 ContainerConfig *config, GPtrArray *not_taken, GError **error);
