/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directories and paths, on the host and inside a container's root.
 *
 * "In root" functions take a directory descriptor and resolve every step of the path below it, as a
 * process would that has it as its root directory: symbolic links, absolute ones too, and ".."
 * never lead out (openat2(2), RESOLVE_IN_ROOT).
 */
#pragma once

#include "base/fd.h"

#include <stdint.h>
#include <sys/stat.h>

/* mkdir -p; new directories get exactly this mode. An existing directory keeps its own. */
bool dir_make(const char *path, mode_t mode, GError **error);

bool path_exists(const char *path);

/* The directory above, for a path with or without slashes at its end. NULL: there is none. */
char *path_above(const char *path);

/* openat2(2) with O_CLOEXEC and RESOLVE_... flags; -1 with errno. */
int open_resolved(int dir_fd, const char *path, int flags, mode_t mode, uint64_t resolve);

/* Open a directory with O_PATH|O_DIRECTORY, for the functions below. */
bool root_open(const char *path, int *ret_fd, GError **error);

/*
 * open(2) inside the root. `flags` get O_CLOEXEC and O_NOCTTY. NOT_FOUND when it is not there. What
 * it opens may be a FIFO or a device of the container's making: see root_read_file().
 */
bool root_open_file(int root_fd, const char *path, int flags, mode_t mode, int *ret_fd,
                    GError **error);

/*
 * mkdir -p inside the root; missing directories get mode 0755 and the owner given. May be there
 * already. Where a link points to nothing, the directory is made where it points.
 */
bool root_make_dir(int root_fd, const char *path, uid_t uid, gid_t gid, GError **error);

/*
 * Make an empty file (and the directories above it) where there is nothing yet: a mount point for a
 * bind of a file.
 */
bool root_make_file(int root_fd, const char *path, GError **error);

/* Read a regular file of the container, at most `limit` bytes. Another kind of file is INVALID. */
bool root_read_file(int root_fd, const char *path, size_t limit, char **ret_data,
                    size_t *ret_length, GError **error);
