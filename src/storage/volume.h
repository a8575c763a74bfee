/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A volume's directory. "_data" in it is what containers see; "_copy" is a copy of an image's
 * directory that is being made, and becomes "_data" when it is whole.
 */
#pragma once

#include "storage/tree-writer.h"

/* DIRECTORY/_data. Freed by the caller. */
char *volume_data_path(const char *directory);

/* Make it where it is missing. */
bool volume_make(const char *directory, const TreeOwner *owner, GError **error);

/* Of the volume itself, not of what is in it. `mode` 0: it stays. */
bool volume_set_looks(const char *directory, const TreeOwner *owner, mode_t mode, GError **error);

/* Of a file or directory anywhere on the host, and all that is in it. */
bool volume_give_path(const char *path, const TreeOwner *owner, GError **error);

/*
 * Have what is in an image's directory (from: O_PATH), with that one's own owner, mode, times and
 * xattrs; a volume that is not empty stays as it is. It is whole or not begun. Nobody may have the
 * volume open, for it becomes another directory.
 */
bool volume_copy_up(const char *directory, int from, GError **error);

/*
 * Write what is in it, and "./" for itself, as an uncompressed tar; somebody may go on writing there.
 */
bool volume_pack(const char *directory, int fd, GError **error);

/*
 * Unpack a tar that nobody vouches for into it, over what is there. INVALID names the entry; what was
 * unpacked before stays. ret_has_top: owner and mode of the volume itself were in the tar.
 */
bool volume_unpack(const char *directory, int fd, bool *ret_has_top, GError **error);
