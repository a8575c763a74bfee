/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The border: structs of the public API, whose first member `size` says how much of them the caller
 * knows. A program that was compiled against an older header goes on with a library that knows more.
 */
#pragma once

#include "base/error.h"

#include <stddef.h>

/*
 * What the caller says, as far as both sides know it, into `known`, which comes with the struct's
 * defaults; NULL says nothing. INVALID: a size that holds no struct.
 */
bool public_options(const void *options, void *known, size_t known_size, GError **error);

/* Before the work: can a result be written there? NULL: none is wanted. INVALID: as above. */
bool public_result_check(const void *result, GError **error);

/* As much of a result as the caller knows; its `size` stays. NULL: none is wanted. */
void public_result_write(void *result, const void *known, size_t known_size);
