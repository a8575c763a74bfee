/* SPDX-License-Identifier: Apache-2.0 */
/* Go's fmt.Printf on template values. */
#pragma once

#include "cli/go-value.h"

/*
 * Verbs: v s q d x X t f g e %, flags "-", "+", "0", "#", " ", width and precision. A wrong verb, a
 * missing or a spare argument shows in the text, as in Go: "%!d(string=hi)", "%!s(MISSING)",
 * "%!(EXTRA int=3)".
 */
void go_printf(const char *format, const GoValue *args, unsigned count, GString *out);
