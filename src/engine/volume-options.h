/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of a volume, as podman and docker have them for the driver "local": type, device and o
 * are those of a mount; uid and gid in o alone are the owner of a plain directory.
 */
#pragma once

#include "base/json.h"
#include "storage/tree-writer.h"

#include <stdbool.h>

/* INVALID: an unknown key, a device that does not fit the type, an owner that is no number. */
bool volume_options_check(const json_t *options, GError **error);

/* Does something have to be mounted there? */
bool volume_options_mount(const json_t *options);

/* The owner of a plain directory; *ret_given false: none is named. */
bool volume_options_owner(const json_t *options, TreeOwner *ret_owner, bool *ret_given,
                          GError **error);

/* The arguments of mount(8), for the target; the caller's. */
char **volume_options_mount_command(const json_t *options, const char *target);
