/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 as hex text, and random ids. */
#pragma once

#include "base/error.h"

#include <stddef.h>

char *sha256_hex(const void *data, size_t length);

/* 64 random hex digits from getrandom(2). */
char *id_random(void);

/* 64 lower-case hex digits? NULL is none. */
bool id_is_valid(const char *text);
