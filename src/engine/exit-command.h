/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What floe has others run: itself. conmon runs it when a container or an exec session has ended,
 * to clean up; health-monitor.c, to watch a container, or systemd to check it once.
 */
#pragma once

#include "engine/container.h"

/* argv, freed with g_strfreev(). NULL when the floe command was not found: others clean up later. */
char **exit_command_cleanup(const floe_container *ctr);
char **exit_command_exec(const floe_container *ctr, const char *session_id);
char **exit_command_monitor(const floe_container *ctr);
char **exit_command_check(const floe_container *ctr);
