/* SPDX-License-Identifier: Apache-2.0 */
/* What an update changes in a configuration. */
#pragma once

#include "state/container-record.h"

#include <floe/container.h>

/* Checked as a whole. INVALID; then the configuration is to be thrown away. */
bool container_update_config(const floe_update_options *options, ContainerConfig *config,
                             GError **error);
