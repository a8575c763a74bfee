/* SPDX-License-Identifier: Apache-2.0 */
/* A container like another one. */
#pragma once

#include "engine/container.h"

#define CLONE_SUFFIX "-clone" /* of its name, where no other is wanted */

/*
 * A record with the configuration that a container has now, a new id and this name (NULL: the first's
 * with the suffix); not inserted yet. It has not run, and files of the host that only one can write are
 * not its own. NOT_FOUND.
 */
bool container_record_clone(floe_engine *engine, const char *id, const char *name,
                            ContainerRecord **ret_record, GError **error);
