/* SPDX-License-Identifier: Apache-2.0 */
/* What conmon runs when a container or an exec session has ended: floe itself, to clean up. */
#pragma once

#include "engine/container.h"

/* argv, freed with g_strfreev(). NULL when the floe command was not found: others clean up later. */
char **exit_command_cleanup(const floe_container *ctr);
char **exit_command_exec(const floe_container *ctr, const char *session_id);
