/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 of a stream, computed in a thread of its own: hashing costs more time than anything else
 * in an import.
 */
#pragma once

#include "base/error.h"

typedef struct StreamHash StreamHash;

bool stream_hash_new(StreamHash **ret_hash, GError **error);
/* Ends the thread, finished or not. */
void stream_hash_free(StreamHash *hash);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StreamHash, stream_hash_free)

/* Takes a copy. Waits while the thread is behind by more than a few blocks. */
void stream_hash_update(StreamHash *hash, const void *data, size_t length);

/* Wait for the rest. 64 hex digits; nothing more can be added. */
char *stream_hash_finish(StreamHash *hash);
