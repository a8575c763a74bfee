/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts on the host, by system call. */
#pragma once

#include "base/error.h"

/*
 * Mount with MS_* flags and data; the error names target and type. UNSUPPORTED when the kernel does
 * not know the type.
 */
bool mount_at(const char *source, const char *target, const char *type, unsigned long flags,
              const char *data, GError **error);

/*
 * Unmount everything stacked on the path. Not mounted (or not there) is success; busy is retried
 * lazily.
 */
bool unmount_at(const char *target, GError **error);

/* Is the path itself a mount point? A missing path is none. */
bool mount_is_at(const char *path, bool *ret_mounted, GError **error);

/* Unmount whatever is mounted at or below a directory, deepest first: what a killed floe left. */
bool unmount_below(const char *directory, GError **error);

/*
 * Make the directory a mount of itself, if it is none yet, with the propagation given (MS_PRIVATE,
 * MS_SHARED).
 */
bool mount_self(const char *directory, unsigned long propagation, GError **error);
