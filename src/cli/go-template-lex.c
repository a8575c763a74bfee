/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/go-template-lex.h"

#include "cli/go-template-ast.h"

#include <string.h>

#define WHITE " \t\r\n"

void go_lexer_clear(GoLexer *lexer)
{
    g_clear_pointer(&lexer->token.text, g_free);
}

bool go_lexer_is_sign(const GoLexer *lexer, char sign)
{
    return lexer->token.kind == GO_TOKEN_SIGN && lexer->token.text[0] == sign;
}

static bool is_word_char(char c)
{
    return g_ascii_isalnum(c) || c == '_' || (c & 0x80) != 0;
}

static size_t word_length(const char *text)
{
    size_t length = 0;

    while (is_word_char(text[length]))
        length++;
    return length;
}

static void make_token(GoLexer *lexer, GoTokenKind kind, const char *text, size_t length)
{
    g_free(lexer->token.text);
    lexer->token.kind = kind;
    lexer->token.text = text != NULL ? g_strndup(text, length) : NULL;
}

/*
 * A string in double quotes may hold Go's escapes; g_strcompress() knows all of them but \x and \u.
 */
static bool unquote(const char *text, size_t length, char **ret_text, size_t position,
                    GError **error)
{
    g_autoptr(GString) plain = g_string_sized_new(length);

    for (size_t i = 0; i < length; i++) {
        static const char letters[] = "abfnrtv\\\"'", meanings[] = "\a\b\f\n\r\t\v\\\"'";
        const char *letter;

        if (text[i] != '\\') {
            g_string_append_c(plain, text[i]);
            continue;
        }

        i++;
        size_t digits = text[i] == 'x' ? 2 : text[i] == 'u' ? 4 : text[i] == 'U' ? 8 : 0;
        letter = strchr(letters, text[i]);
        if (digits > 0 && i + digits < length) {
            g_autofree char *number = g_strndup(text + i + 1, digits);
            guint64 code;

            if (!g_ascii_string_to_unsigned(number, 16, 1, 0x10FFFF, &code, NULL))
                return go_template_error(error, position, "bad escape in string");
            if (digits == 2)
                g_string_append_c(plain, (char)code);
            else
                g_string_append_unichar(plain, (gunichar)code);
            i += digits;
        } else if (letter != NULL && text[i] != '\0') {
            g_string_append_c(plain, meanings[letter - letters]);
        } else {
            return go_template_error(error, position, "bad escape in string");
        }
    }
    if (!g_utf8_validate(plain->str, (gssize)plain->len, NULL))
        return go_template_error(error, position, "string is no UTF-8");
    *ret_text = g_string_free(g_steal_pointer(&plain), FALSE);
    return true;
}

static bool lex_string(GoLexer *lexer, GError **error)
{
    const char *start = lexer->text + lexer->at;
    char quote = start[0];
    const char *end = start + 1;

    while (*end != quote && *end != '\0' && (quote == '`' || *end != '\n')) {
        if (quote == '"' && *end == '\\' && end[1] != '\0')
            end++;
        end++;
    }
    if (*end != quote)
        return go_template_error(error, lexer->at, "unterminated string");

    size_t length = (size_t)(end - start - 1);
    make_token(lexer, GO_TOKEN_STRING, start + 1, length);
    if (quote == '"') {
        char *plain = NULL;

        if (!unquote(start + 1, length, &plain, lexer->at, error))
            return false;
        g_free(lexer->token.text);
        lexer->token.text = plain;
    }
    lexer->at += length + 2;
    return true;
}

static bool is_number(const char *text)
{
    if (*text == '-' || *text == '+')
        text++;
    return g_ascii_isdigit(*text) || (*text == '.' && g_ascii_isdigit(text[1]));
}

static size_t number_length(const char *text)
{
    size_t length = 1;

    while (is_word_char(text[length]) || text[length] == '.')
        length++;
    return length;
}

bool go_lexer_next(GoLexer *lexer, GError **error)
{
    size_t spaces = strspn(lexer->text + lexer->at, WHITE);

    lexer->at += spaces;
    const char *text = lexer->text + lexer->at;
    lexer->token.position = lexer->at;
    lexer->token.after_space = spaces > 0;

    if (*text == '\0')
        return go_template_error(error, lexer->at, "}} is missing");
    if (g_str_has_prefix(text, "}}")) {
        make_token(lexer, GO_TOKEN_CLOSE, NULL, 0);
        lexer->at += 2;
        return true;
    }
    if (spaces > 0 && g_str_has_prefix(text, "-}}")) {
        make_token(lexer, GO_TOKEN_CLOSE, NULL, 0);
        lexer->at += 3;
        lexer->at += strspn(lexer->text + lexer->at, WHITE);
        return true;
    }
    if (*text == '"' || *text == '`')
        return lex_string(lexer, error);

    size_t length = 1;
    if (is_number(text)) {
        length = number_length(text);
        make_token(lexer, GO_TOKEN_NUMBER, text, length);
    } else if (*text == '.') {
        size_t name = word_length(text + 1);

        length += name;
        make_token(lexer, name > 0 ? GO_TOKEN_FIELD : GO_TOKEN_DOT, text + 1, name);
    } else if (*text == '$') {
        length += word_length(text + 1);
        make_token(lexer, GO_TOKEN_VARIABLE, text, length);
    } else if (is_word_char(*text)) {
        length = word_length(text);
        make_token(lexer, GO_TOKEN_WORD, text, length);
    } else if (strchr("|(),=", *text) != NULL || g_str_has_prefix(text, ":=")) {
        make_token(lexer, GO_TOKEN_SIGN, text, 1);
        length = *text == ':' ? 2 : 1;
    } else {
        return go_template_error(error, lexer->at, "unexpected '%c'", *text);
    }
    lexer->at += length;
    return true;
}

/* Behind {{ or {{- stands a comment: step behind it. False: none stands there, or an error. */
static bool skip_comment(GoLexer *lexer, GError **error)
{
    const char *text = lexer->text + lexer->at;

    if (!g_str_has_prefix(text, "/*"))
        return false;

    const char *end = strstr(text + 2, "*/");
    if (end == NULL)
        return go_template_error(error, lexer->at, "unterminated comment");

    const char *after = end + 2;
    bool trims = g_ascii_isspace(*after) && g_str_has_prefix(after + strspn(after, WHITE), "-}}");
    if (!trims && !g_str_has_prefix(after, "}}"))
        return go_template_error(error, (size_t)(after - lexer->text),
                                 "a comment must fill its {{ }}");
    after += trims ? strspn(after, WHITE) + 3 : 2;
    if (trims)
        after += strspn(after, WHITE);
    lexer->at = (size_t)(after - lexer->text);
    return true;
}

bool go_lexer_take_text(GoLexer *lexer, char **ret_text, bool *ret_more, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) bad_comment = NULL;

    do {
        const char *start = lexer->text + lexer->at;
        const char *open = strstr(start, "{{");
        size_t length = open != NULL ? (size_t)(open - start) : strlen(start);
        bool trims = open != NULL && open[2] == '-' && g_ascii_isspace(open[3]);

        g_string_append_len(text, start, (gssize)length);
        while (trims && text->len > 0 && strchr(WHITE, text->str[text->len - 1]) != NULL)
            g_string_truncate(text, text->len - 1);
        *ret_more = open != NULL;
        lexer->at += length + (open != NULL ? 2 : 0);
        if (trims) {
            lexer->at++;
            lexer->at += strspn(lexer->text + lexer->at, WHITE);
        }
    } while (*ret_more && skip_comment(lexer, &bad_comment));

    if (bad_comment != NULL) {
        g_propagate_error(error, g_steal_pointer(&bad_comment));
        return false;
    }
    *ret_text = g_string_free(g_steal_pointer(&text), FALSE);
    return true;
}
