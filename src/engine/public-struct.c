/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/public-struct.h"

#include <string.h>

/* The first member of each of them. */
static size_t size_of(const void *given)
{
    size_t size;

    memcpy(&size, given, sizeof(size));
    return size;
}

static bool check(const void *given, const char *what, GError **error)
{
    return size_of(given) >= sizeof(size_t) ||
           err_set(error, FLOE_ERROR_INVALID,
                   "the %s struct has the size %zu: begin with its _INIT macro, or set it to its "
                   "sizeof",
                   what, size_of(given));
}

bool public_options(const void *options, void *known, size_t known_size, GError **error)
{
    if (options == NULL)
        return true;
    if (!check(options, "options", error))
        return false;
    memcpy(known, options, MIN(size_of(options), known_size));
    return true;
}

bool public_result_check(const void *result, GError **error)
{
    return result == NULL || check(result, "result", error);
}

void public_result_write(void *result, const void *known, size_t known_size)
{
    if (result != NULL)
        memcpy((char *)result + sizeof(size_t), (const char *)known + sizeof(size_t),
               MIN(size_of(result), known_size) - sizeof(size_t));
}
