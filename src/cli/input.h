/* SPDX-License-Identifier: Apache-2.0 */
/* A file that a user names to have its content kept, as a whole; "-" is standard input. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * Add it to `content`, which may hold bytes of any value. Of one with more than `limit` bytes it adds
 * more than that, and not all: whoever is given it refuses it.
 */
bool input_read(const char *path, size_t limit, GString *content, GError **error);
