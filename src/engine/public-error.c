/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/public-error.h"

struct floe_error {
    floe_error_code code;
    char *message;
};

bool public_result(bool ok, GError **inside, floe_error **ret_error)
{
    g_assert(ok || *inside != NULL);
    if (!ok && ret_error != NULL) {
        floe_error *made = g_new0(floe_error, 1);

        made->code = (*inside)->domain == FLOE_ERROR_DOMAIN ? (floe_error_code)(*inside)->code
                                                            : FLOE_ERROR_INTERNAL;
        made->message = g_strdup((*inside)->message);
        *ret_error = made;
    }
    return ok;
}

bool public_given(GError **error, ...)
{
    bool all_given = true;
    const char *name;
    va_list arguments;

    va_start(arguments, error);
    while (all_given && (name = va_arg(arguments, const char *)) != NULL) {
        all_given = va_arg(arguments, const void *) != NULL;
        if (!all_given)
            err_set(error, FLOE_ERROR_INVALID, "the argument '%s' is missing (NULL)", name);
    }
    va_end(arguments);
    return all_given;
}

floe_error_code floe_error_get_code(const floe_error *error)
{
    return error != NULL ? error->code : (floe_error_code)0;
}

const char *floe_error_get_message(const floe_error *error)
{
    return error != NULL ? error->message : "";
}

void floe_error_free(floe_error *error)
{
    if (error == NULL)
        return;
    g_free(error->message);
    g_free(error);
}
