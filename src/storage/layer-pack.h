/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's own layer as the tar of one: overlayfs's marks become whiteouts
 * (opencontainers/image-spec 1.0, layer.md).
 */
#pragma once

#include "storage/layer-changes.h"

/*
 * Everything in it, each directory with its own mode and owner before what is in it, in the order of
 * names; first the root itself. What vanishes meanwhile is left out. `hidden`: absolute paths of files
 * that are not the container's; directories among them stay. INVALID: a name that would be read as
 * a whiteout. layer NULL: nothing has changed.
 */
bool layer_pack(const Layer *layer, const char *const *hidden, int fd, GError **error);
