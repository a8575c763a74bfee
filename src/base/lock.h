/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locks between processes: open-file-description locks on files (fcntl F_OFD_SETLKW). The kernel
 * drops one when its holder dies. The file stays; whoever removes a lock file does so while holding
 * it.
 */
#pragma once

#include "base/fd.h"

typedef struct Lock {
    int fd; /* -1: not held */
} Lock;

#define LOCK_NONE \
    { \
        .fd = -1 \
    }

/*
 * Wait for the lock; the file is made where it is missing, its directory is not (NOT_FOUND). Copes
 * with a file that was removed by its last holder. Not recursive: a second lock on the same path
 * waits, also within one process.
 */
bool lock_acquire(const char *path, Lock *ret_lock, GError **error);

/*
 * Wait for one byte of the file, which need not be so long: a lock of its own for each of many
 * objects, without a file for each. A file serves either whole or by the byte.
 */
bool lock_acquire_byte(const char *path, int64_t offset, Lock *ret_lock, GError **error);

/* The same, with others who share it. */
bool lock_share_byte(const char *path, int64_t offset, Lock *ret_lock, GError **error);

/* Do not wait: `*ret_taken` says whether it was free. */
bool lock_try(const char *path, Lock *ret_lock, bool *ret_taken, GError **error);
bool lock_try_byte(const char *path, int64_t offset, Lock *ret_lock, bool *ret_taken,
                   GError **error);

/*
 * Has anybody the byte, shared or alone? A lock of the caller's counts, too. A file that is not
 * there: no.
 */
bool lock_byte_is_held(const char *path, int64_t offset, bool *ret_held, GError **error);

/* Only close it: a child that was given the descriptor holds the lock until it ends. */
void lock_leave(Lock *lock);

/* Nothing happens when it is not held. */
void lock_release(Lock *lock);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Lock, lock_release)
