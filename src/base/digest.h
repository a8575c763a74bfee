/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 as hex text, and random ids. */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

char *sha256_hex(const void *data, size_t length);

/* 64 random hex digits from getrandom(2). */
char *id_random(void);

/* The first 60 bits of an id, as a number: where its lock is in a file of locks. */
int64_t id_lock_offset(const char *id);

/* 64 lower-case hex digits? NULL is none. */
bool id_is_valid(const char *text);
