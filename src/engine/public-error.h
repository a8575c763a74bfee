/* SPDX-License-Identifier: Apache-2.0 */
/* The border: errors of the inside become floe_error, which needs no GLib. */
#pragma once

#include "base/error.h"

/*
 * The last line of a public function: returns `ok`; where it is false, *inside is moved into
 * *ret_error (NULL: dropped).
 */
bool public_result(bool ok, GError **inside, floe_error **ret_error);

/*
 * What the caller has to give: GIVEN()s, and NULL at the end. INVALID: one is NULL; the text names it.
 */
bool public_given(GError **error, ...) G_GNUC_NULL_TERMINATED;

#define GIVEN(argument) #argument, (const void *)(argument)
