/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 as hex text, and random ids. */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

char *sha256_hex(const void *data, size_t length);

/* The same of what comes in pieces. hasher_finish() ends it; without that, hasher_free(). */
typedef struct Hasher Hasher;

Hasher *hasher_new(void);
void hasher_free(Hasher *hasher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Hasher, hasher_free)
void hasher_add(Hasher *hasher, const void *data, size_t length);
char *hasher_finish(Hasher *taken_hasher);

/* 64 random hex digits from getrandom(2). */
char *id_random(void);

/* The first 60 bits of an id, as a number: where its lock is in a file of locks. */
int64_t id_lock_offset(const char *id);

/* 64 lower-case hex digits? NULL is none. */
bool id_is_valid(const char *text);
