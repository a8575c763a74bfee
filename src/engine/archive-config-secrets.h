/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The secrets in config.dump: which a container has and where, never what they hold. podman's keys:
 * "secrets", a list of those that are files, and "secret_env", an object of the others by their
 * variables (libpod's ContainerConfig; containers/common, pkg/secrets).
 */
#pragma once

#include "base/json.h"
#include "state/container-record.h"

/* Add both keys, where there are any. */
void archive_config_put_secrets(json_t *object, const ContainerConfig *config);

/* Either may be NULL. INVALID names the key. */
bool archive_config_read_secrets(const json_t *files, const json_t *variables,
                                 ContainerConfig *config, GError **error);
