/* SPDX-License-Identifier: Apache-2.0 */
/* What goes on beside a container when the command that started it has ended. */
#pragma once

#include "engine/container.h"

/*
 * Start a floe of its own, which outlives this process and is not its child. It is put beside the
 * container's conmon, out of the user's session and its control group.
 */
bool background_start(const floe_container *ctr, const char *const *argv, GError **error);

/*
 * At the end of a process that was left in the background, conmon's exit command one of them: with the
 * last container the cgroup goes that they all were in, which it does not while they are in it.
 */
void background_end(floe_engine *engine);
