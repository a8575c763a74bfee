/* SPDX-License-Identifier: Apache-2.0 */
/* Whole trees of files: how large they are, and away with them. */
#pragma once

#include "base/error.h"

#include <stdint.h>

/*
 * rm -rf that never crosses a mount (openat2 RESOLVE_NO_XDEV) nor follows a link: what is mounted
 * at or below the path is IN_USE and stays whole. A missing path is success. Any depth and size.
 */
bool tree_remove(const char *path, GError **error);

/*
 * The size in bytes of all files at or below a path, each hard link once, without crossing mounts.
 * What vanishes meanwhile is not counted.
 */
bool tree_size(const char *path, int64_t *ret_bytes, GError **error);

/*
 * rm -rf inside the root: the path's last name is removed and never followed, the way to it is
 * resolved inside the root. A missing path is success; the root itself is INVALID; what is mounted
 * below stays whole (IN_USE).
 */
bool root_remove(int root_fd, const char *path, GError **error);
