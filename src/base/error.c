/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making errors. One domain for all of floe, its codes are the public floe_error_code; the texts
 * are built here in one shape, "what was done: why it failed", so that they read outside in.
 */
#include "base/error.h"

#include <errno.h>

/* What error.h tells the analyzer is for the others. */
#undef err_set
#undef err_set_errno
#undef err_prefix
#undef err_recode

GQuark error_domain(void)
{
    return g_quark_from_static_string("floe");
}

static floe_error_code code_of_errno(int number)
{
    switch (number) {
    case ENOENT: return FLOE_ERROR_NOT_FOUND;
    case EEXIST: return FLOE_ERROR_EXISTS;
    case EBUSY: return FLOE_ERROR_IN_USE;
    case ETIMEDOUT: return FLOE_ERROR_TIMEOUT;
    case ENOSYS:
    case EOPNOTSUPP: return FLOE_ERROR_UNSUPPORTED;
    default: return FLOE_ERROR_IO; /* the system refused, for whatever reason */
    }
}

bool err_set(GError **error, floe_error_code code, const char *format, ...)
{
    if (error == NULL)
        return false;

    va_list args;
    va_start(args, format);
    g_propagate_error(error, g_error_new_valist(FLOE_ERROR_DOMAIN, (int)code, format, args));
    va_end(args);
    return false;
}

bool err_set_errno(GError **error, const char *format, ...)
{
    int number = errno;

    if (error == NULL)
        return false;

    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    return err_set(error, code_of_errno(number), "%s: %s", text, g_strerror(number));
}

bool err_prefix(GError **error, const char *format, ...)
{
    if (error == NULL || *error == NULL)
        return false;

    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_prefix_error(error, "%s: ", text);
    return false;
}

bool err_recode(GError **error, floe_error_code code)
{
    if (error != NULL && *error != NULL)
        (*error)->code = (int)code;
    return false;
}

bool err_is(const GError *error, floe_error_code code)
{
    return g_error_matches(error, FLOE_ERROR_DOMAIN, (int)code);
}
