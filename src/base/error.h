/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors inside floe: GError in one domain, whose codes are floe_error_code. The engine turns them
 * into floe_error at the border.
 */
#pragma once

#include <floe/error.h>

#include <glib.h>

#define FLOE_ERROR_DOMAIN (error_domain())
GQuark error_domain(void);

/* All of these but err_is() return false, so that a function can end with `return err_set(...)`. */
bool err_set(GError **error, floe_error_code code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* The code is chosen by errno, and errno's text is appended: "open '/x': Permission denied". */
bool err_set_errno(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Put what was being done in front of an error: "set up network 'lan': <error>". */
bool err_prefix(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Give an error of another code the same text. For a layer that knows better what kind it is. */
bool err_recode(GError **error, floe_error_code code);

#ifdef __clang_analyzer__ /* it does not look into error.c */
#define err_set(...)       (err_set(__VA_ARGS__), false)
#define err_set_errno(...) (err_set_errno(__VA_ARGS__), false)
#define err_prefix(...)    (err_prefix(__VA_ARGS__), false)
#define err_recode(...)    (err_recode(__VA_ARGS__), false)
#endif

/* Is it an error of this code? False for NULL. */
bool err_is(const GError *error, floe_error_code code);
