/* SPDX-License-Identifier: Apache-2.0 */
/* The border: errors of the inside become floe_error, which needs no GLib. */
#pragma once

#include "base/error.h"

/*
 * The last line of a public function: returns `ok`; where it is false, *inside is moved into
 * *ret_error (NULL: dropped).
 */
bool public_result(bool ok, GError **inside, floe_error **ret_error);

/* A text that the caller has to give. INVALID: it is NULL. */
bool public_text(const char *text, const char *what, GError **error);
