/* SPDX-License-Identifier: Apache-2.0 */
/* What -v, --tmpfs and --mount have in common: how a mount of each kind is made. `text` is what the
   user
 * wrote, for errors. */
#pragma once

#include "state/container-record.h"

/* Without ".." and double slashes, so that one place has one spelling. */
bool mount_set_destination(MountConfig *mount, const char *destination, const char *text,
                           GError **error);

/* Of an option and its opposite the first, unless one of the two is there; both are not allowed. */
bool mount_add_default(GPtrArray *options, const char *option, const char *opposite,
                       const char *text, GError **error);

/* Takes a reference on the options. */
bool mount_make_bind(const char *source, const char *destination, GPtrArray *options,
                     const char *text, MountConfig **ret_mount, GError **error);
bool mount_make_tmpfs(const char *destination, GPtrArray *options, const char *text,
                      MountConfig **ret_mount, GError **error);

/* name NULL: a volume of the container's own. `options` stay the caller's. */
bool mount_make_volume(const char *name, const char *destination, GPtrArray *options,
                       const char *text, MountConfig **ret_mount, GError **error);

/* It is allowed, and means nothing here. */
bool mount_option_is_ignored(const char *option);

/* Of a mount of this type; NULL: that was not said yet, and is "volume" by default. */
bool mount_option_is_known(const char *option, const char *type);
