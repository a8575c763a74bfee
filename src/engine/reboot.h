/* SPDX-License-Identifier: Apache-2.0 */
/* After a reboot: what the database says of the running system is no longer so. */
#pragma once

#include "engine/engine.h"

/*
 * Running, paused and stopped containers have ended; pids, mounts, namespaces and addresses are
 * gone. In one transaction.
 */
bool reboot_set_right(floe_engine *engine, GError **error);
