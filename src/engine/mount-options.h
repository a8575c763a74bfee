/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of -v, --mount and --tmpfs, made into mounts of config.json. */
#pragma once

#include "state/container-record.h"

void mount_config_free(MountConfig *mount);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MountConfig, mount_config_free)

/* Not what is there itself, but something that is mounted over it: an image, or with option "O". */
bool mount_is_overlay(const MountConfig *mount);

/* "rprivate", "slave" ... */
bool mount_option_is_propagation(const char *option);

/*
 * "/host:/path[:ro,z,...]", "NAME:/path[:ro,nocopy,U,...]" for a volume, "/path" for one without a
 * name. NOT_FOUND when the host has no such path. INVALID names the text.
 */
bool mount_parse_volume(const char *text, MountConfig **ret_mount, GError **error);

/*
 * "type=bind,source=/x,target=/y[,ro][,bind-propagation=...]",
 * "type=volume[,source=NAME],target=/y[,ro][,nocopy]",
 * "type=tmpfs,target=/y[,tmpfs-size=..][,tmpfs-mode=..]", "type=image,source=IMAGE,target=/y[,rw]".
 * An image's source is the name as it is written, which the caller makes an id of.
 */
bool mount_parse_mount(const char *text, MountConfig **ret_mount, GError **error);

/* A volume of the container's own. INVALID: the path is not absolute, or the root. */
bool mount_make_anonymous(const char *destination, MountConfig **ret_mount, GError **error);

/* "/path[:size=64m,mode=1777,...]". */
bool mount_parse_tmpfs(const char *text, MountConfig **ret_mount, GError **error);

/*
 * A mount that another engine has recorded; its options are checked as if a user had written them.
 * type: "bind", "tmpfs", "volume". INVALID names the destination.
 */
bool mount_config_take(const char *type, const char *source, const char *destination,
                       const char *const *options, MountConfig **ret_mount, GError **error);
