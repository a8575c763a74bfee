/* SPDX-License-Identifier: Apache-2.0 */
#include "quadlet/unit-words.h"

#include <string.h>

/* Single letters behind a backslash: systemd.syntax(7), "Supported escapes". */
static const struct {
    char letter, meaning;
} letters[] = {
    { 'a', '\a' }, { 'b', '\b' }, { 'f', '\f' },  { 'n', '\n' }, { 'r', '\r' },  { 't', '\t' },
    { 'v', '\v' }, { 's', ' ' },  { '\\', '\\' }, { '"', '"' },  { '\'', '\'' },
};

/* --- splitting -------------------------------------------------------------------------------- */

static bool take_number(const char **at, size_t n_digits, unsigned base, gunichar *ret_number)
{
    gunichar number = 0;

    for (size_t i = 0; i < n_digits; i++) {
        int digit = g_ascii_xdigit_value((*at)[i]);

        if (digit < 0 || (unsigned)digit >= base)
            return false;
        number = number * base + (unsigned)digit;
    }
    *at += n_digits;
    *ret_number = number;
    return number != 0;
}

/* *at is behind the backslash. */
static bool take_escape(const char **at, GString *word, GError **error)
{
    const char *begin = *at;
    gunichar number = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(letters); i++) {
        if (**at == letters[i].letter) {
            g_string_append_c(word, letters[i].meaning);
            (*at)++;
            return true;
        }
    }
    (*at)++;
    if ((*begin == 'x' && take_number(at, 2, 16, &number)) ||
        (*begin >= '0' && *begin <= '3' && (*at = begin, take_number(at, 3, 8, &number)))) {
        g_string_append_c(word, (char)number);
        return true;
    }
    if (((*begin == 'u' && take_number(at, 4, 16, &number)) ||
         (*begin == 'U' && take_number(at, 8, 16, &number))) &&
        g_unichar_validate(number)) {
        g_string_append_unichar(word, number);
        return true;
    }
    return err_set(error, FLOE_ERROR_INVALID, "'\\%.1s' is no escape", begin);
}

/* *at is at the word's first character. A quote ends with its like, and may stand within a word. */
static bool take_word(const char **at, GString *word, GError **error)
{
    char quote = '\0';

    for (; **at != '\0';) {
        char letter = **at;

        if (quote == '\0' && g_ascii_isspace(letter))
            return true;
        (*at)++;
        if (letter == '\\') {
            if (!take_escape(at, word, error))
                return false;
        } else if (quote != '\0' && letter == quote) {
            quote = '\0';
        } else if (quote == '\0' && (letter == '"' || letter == '\'')) {
            quote = letter;
        } else {
            g_string_append_c(word, letter);
        }
    }
    return quote == '\0' || err_set(error, FLOE_ERROR_INVALID, "a quote (%c) is not closed", quote);
}

bool unit_words_split(const char *value, char ***ret_words, GError **error)
{
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();

    for (;;) {
        g_autoptr(GString) word = g_string_new(NULL);

        while (g_ascii_isspace(*value))
            value++;
        if (*value == '\0')
            break;
        if (!take_word(&value, word, error))
            return false;
        g_strv_builder_add(words, word->str);
    }
    *ret_words = g_strv_builder_end(words);
    return true;
}

/* --- quoting ---------------------------------------------------------------------------------- */

/* A ';' alone would separate two commands. */
static bool needs_quotes(const char *word)
{
    if (word[0] == '\0' || g_str_equal(word, ";"))
        return true;
    for (; *word != '\0'; word++) {
        if (g_ascii_isspace(*word) || g_ascii_iscntrl(*word) || strchr("\"'\\", *word) != NULL)
            return true;
    }
    return false;
}

static void append_letter(GString *text, char letter)
{
    for (size_t i = 0; i < G_N_ELEMENTS(letters); i++) {
        if (letter == letters[i].meaning && letter != ' ' && letter != '\'') {
            g_string_append_c(text, '\\');
            g_string_append_c(text, letters[i].letter);
            return;
        }
    }
    if (g_ascii_iscntrl(letter))
        g_string_append_printf(text, "\\x%02x", (unsigned char)letter);
    else
        g_string_append_c(text, letter);
}

char *unit_word_quote(const char *word)
{
    GString *text;

    if (!needs_quotes(word))
        return g_strdup(word);
    text = g_string_new("\"");
    for (; *word != '\0'; word++)
        append_letter(text, *word);
    g_string_append_c(text, '"');
    return g_string_free(text, FALSE);
}

char *unit_words_join(const char *const *words)
{
    GString *line = g_string_new(NULL);

    for (; *words != NULL; words++) {
        g_autofree char *word = unit_word_quote(*words);

        g_string_append_printf(line, "%s%s", line->len > 0 ? " " : "", word);
    }
    return g_string_free(line, FALSE);
}
