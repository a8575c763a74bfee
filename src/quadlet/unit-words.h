/* SPDX-License-Identifier: Apache-2.0 */
/* Words as they stand in the values of systemd's units: systemd.syntax(7), "QUOTING". */
#pragma once

#include "base/error.h"

/* Quotes and C-style escapes resolved. freed with g_strfreev(). INVALID. */
bool unit_words_split(const char *value, char ***ret_words, GError **error);

/*
 * As one word of an ExecStart=, in quotes where that needs it. Specifiers (%n) and variables ($NAME)
 * are left as they are: they are systemd's to resolve.
 */
char *unit_word_quote(const char *word);

/* All of them, with a space between. */
char *unit_words_join(const char *const *words);
