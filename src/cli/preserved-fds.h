/* SPDX-License-Identifier: Apache-2.0 */
/* --preserve-fds N: what the one who started floe left open for a container's process. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * The numbers 3 to 2 + n, of which each must be open. To be called before floe opens files of its own.
 * @ret_fds  freed with g_free(); NULL for none.
 */
bool preserved_fds(int64_t n, int **ret_fds, GError **error);
