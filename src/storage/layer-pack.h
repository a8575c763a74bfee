/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The upper directory of an overlay as the tar of a layer: overlayfs's marks become whiteouts
 * (opencontainers/image-spec 1.0, layer.md).
 */
#pragma once

#include "base/error.h"

/*
 * Everything in it, each directory with its own mode and owner before what is in it, in the order of
 * names; first the root itself. What vanishes meanwhile is left out. `hidden`: absolute paths of files
 * that are not the container's; directories among them stay. INVALID: a name that would be read as
 * a whiteout. upper_dir NULL: nothing has changed.
 */
bool layer_pack(const char *upper_dir, const char *const *hidden, int fd, GError **error);
