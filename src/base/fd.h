/* SPDX-License-Identifier: Apache-2.0 */
/* File descriptors and whole files. Every descriptor made here is close-on-exec. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

/*
 * Closes the descriptor at the end of the scope; -1 is none. Give it away with GLib's g_steal_fd().
 */
#define autofd __attribute__((cleanup(fd_cleanup)))
void fd_cleanup(int *fd);

/*
 * An empty file in the directory, to write and read, that has no name: it goes with its last
 * descriptor, however the process ends.
 */
bool fd_open_nameless(const char *directory, int *ret_fd, GError **error);

/* Close a descriptor whose close may tell of lost data. It is -1 afterwards, also on failure. */
bool fd_close(int *fd, const char *name, GError **error);

bool fd_write_all(int fd, const void *data, size_t length, GError **error);

/* Read to the end. More than `limit` bytes is INVALID. NUL-terminated. ret_length may be NULL. */
bool fd_read_all(int fd, size_t limit, char **ret_data, size_t *ret_length, GError **error);

/*
 * Read a whole file, at most `limit` bytes. NOT_FOUND when there is none. ret_length may be NULL.
 */
bool file_read(const char *path, size_t limit, char **ret_data, size_t *ret_length, GError **error);

/*
 * Write a file aside ("<path>.XXXXXX.tmp") and rename it into place: it is there as a whole or not
 * at all, with exactly this mode. No fsync.
 */
bool file_write_atomic(const char *path, const void *data, size_t length, mode_t mode,
                       GError **error);

/* The same, on disk before it returns. */
bool file_write_durable(const char *path, const void *data, size_t length, mode_t mode,
                        GError **error);

/*
 * Write into a file that exists and keeps its inode (control files of cgroups, /proc). One
 * write(2).
 */
bool file_write_control(const char *path, const char *text, GError **error);
