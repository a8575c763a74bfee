/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/go-printf.h"

#include <string.h>

/* A bound on what a typed width can make floe allocate. */
#define WIDEST 10000

typedef struct Verb {
    bool left, plus, zero, sharp, space;
    int width;          /* 0: none */
    int precision;      /* -1: none */
    const char *letter; /* one character, maybe of several bytes */
} Verb;

static int parse_count(const char **at)
{
    int count = 0;

    for (; g_ascii_isdigit(**at); (*at)++)
        count = MIN(count * 10 + (**at - '0'), WIDEST);
    return count;
}

static Verb parse_verb(const char **at)
{
    Verb verb = { .precision = -1 };

    for (; **at != '\0' && strchr("-+0# ", **at) != NULL; (*at)++) {
        verb.left |= **at == '-';
        verb.plus |= **at == '+';
        verb.zero |= **at == '0';
        verb.sharp |= **at == '#';
        verb.space |= **at == ' ';
    }
    verb.width = parse_count(at);
    if (**at == '.') {
        (*at)++;
        verb.precision = parse_count(at);
    }
    verb.letter = *at;
    if (**at != '\0')
        *at = g_utf8_next_char(*at);
    return verb;
}

static void append_padded(const Verb *verb, const char *text, bool is_number, GString *out)
{
    glong missing = verb->width - g_utf8_strlen(text, -1);

    if (verb->zero && !verb->left && is_number && (*text == '-' || *text == '+') && missing > 0)
        g_string_append_c(out, *text++);
    for (glong i = 0; i < missing && !verb->left; i++)
        g_string_append_c(out, verb->zero && is_number ? '0' : ' ');
    g_string_append(out, text);
    for (glong i = 0; i < missing && verb->left; i++)
        g_string_append_c(out, ' ');
}

static char *quoted(const char *text)
{
    GString *out = g_string_new("\"");

    for (; *text != '\0'; text = g_utf8_next_char(text)) {
        static const char plain[] = "\a\b\f\n\r\t\v\\\"", letters[] = "abfnrtv\\\"";
        const char *special = strchr(plain, *text);

        if (special != NULL)
            g_string_append_printf(out, "\\%c", letters[special - plain]);
        else if (g_ascii_iscntrl(*text))
            g_string_append_printf(out, "\\x%02x", *text);
        else
            g_string_append_unichar(out, g_utf8_get_char(text));
    }
    g_string_append_c(out, '"');
    return g_string_free(out, FALSE);
}

static char *whole_text(const Verb *verb, json_int_t number)
{
    const char *sign = number < 0 ? "-" : verb->plus ? "+" : verb->space ? " " : "";
    unsigned long long size = number < 0 ? 0ULL - (unsigned long long)number
                                         : (unsigned long long)number;

    switch (*verb->letter) {
    case 'x': return g_strdup_printf("%s%s%llx", sign, verb->sharp ? "0x" : "", size);
    case 'X': return g_strdup_printf("%s%s%llX", sign, verb->sharp ? "0X" : "", size);
    default: return g_strdup_printf("%s%llu", sign, size);
    }
}

static char *real_text(const Verb *verb, double number)
{
    char format[32], text[G_ASCII_DTOSTR_BUF_SIZE + 400];
    int precision = verb->precision >= 0 ? MIN(verb->precision, 60) : 6;

    g_snprintf(format, sizeof(format), "%%%s.%d%c", verb->plus ? "+" : "", precision, *verb->letter);
    return g_strdup(g_ascii_formatd(text, sizeof(text), format, number));
}

static char *hex_of_text(const char *text, bool upper)
{
    GString *out = g_string_new(NULL);

    for (; *text != '\0'; text++)
        g_string_append_printf(out, upper ? "%02X" : "%02x", (unsigned char)*text);
    return g_string_free(out, FALSE);
}

static char *plain_text(GoValue value)
{
    GString *text = g_string_new(NULL);

    go_value_print(value, text);
    return g_string_free(text, FALSE);
}

static bool is_time(const json_t *value)
{
    g_autoptr(GDateTime) time = go_value_time(value);

    return time != NULL;
}

static const char *type_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_INTEGER: return "int";
    case JSON_REAL: return "float64";
    case JSON_STRING: return is_time(value) ? "time.Time" : "string";
    case JSON_TRUE:
    case JSON_FALSE: return "bool";
    case JSON_ARRAY: return "[]interface {}";
    default: return "map[string]interface {}";
    }
}

static char *cut(const Verb *verb, char *taken)
{
    if (verb->precision >= 0 && g_utf8_strlen(taken, -1) > verb->precision)
        *g_utf8_offset_to_pointer(taken, verb->precision) = '\0';
    return taken;
}

/* NULL: the verb is not for such a value. */
static char *convert(const Verb *verb, GoValue value)
{
    bool is_text = json_is_string(value.json);
    bool is_tree = json_is_object(value.json) || json_is_array(value.json);

    switch (*verb->letter) {
    case 'v':
        return json_is_integer(value.json) ? whole_text(verb, json_integer_value(value.json))
                                           : plain_text(value);
    case 's': return is_text || is_tree ? cut(verb, plain_text(value)) : NULL;
    case 'q': return is_text ? quoted(json_string_value(value.json)) : NULL;
    case 'd':
        return json_is_integer(value.json) ? whole_text(verb, json_integer_value(value.json)) : NULL;
    case 'x':
    case 'X':
        if (is_text)
            return hex_of_text(json_string_value(value.json), *verb->letter == 'X');
        return json_is_integer(value.json) ? whole_text(verb, json_integer_value(value.json)) : NULL;
    case 'T': return g_strdup(type_name(value.json));
    case 't': return json_is_boolean(value.json) ? plain_text(value) : NULL;
    case 'e':
    case 'f':
    case 'g':
        if (*verb->letter == 'g' && verb->precision < 0 && json_is_real(value.json))
            return plain_text(value);
        return json_is_real(value.json) ? real_text(verb, json_real_value(value.json)) : NULL;
    default: return NULL;
    }
}

static void append_value(const Verb *verb, GoValue value, GString *out)
{
    int letter_length = (int)(g_utf8_next_char(verb->letter) - verb->letter);

    if (value.json == NULL || json_is_null(value.json)) {
        g_string_append_printf(out, strchr("vT", *verb->letter) != NULL ? "<nil>" : "%%!%.*s(<nil>)",
                               letter_length, verb->letter);
        return;
    }

    g_autofree char *text = convert(verb, value);
    if (text != NULL) {
        append_padded(verb, text, json_is_number(value.json), out);
    } else {
        g_autofree char *plain = plain_text(value);

        g_string_append_printf(out, "%%!%.*s(%s=%s)", letter_length, verb->letter,
                               type_name(value.json), plain);
    }
}

void go_printf(const char *format, const GoValue *args, unsigned count, GString *out)
{
    unsigned used = 0;

    while (*format != '\0') {
        size_t plain = strcspn(format, "%");

        g_string_append_len(out, format, (gssize)plain);
        format += plain;
        if (*format == '\0')
            break;
        format++;

        Verb verb = parse_verb(&format);
        if (*verb.letter == '%')
            g_string_append_c(out, '%');
        else if (*verb.letter == '\0')
            g_string_append(out, "%!(NOVERB)");
        else if (used < count)
            append_value(&verb, args[used++], out);
        else
            g_string_append_printf(out, "%%!%.*s(MISSING)",
                                   (int)(g_utf8_next_char(verb.letter) - verb.letter), verb.letter);
    }

    for (unsigned i = used; i < count; i++) {
        g_autofree char *text = plain_text(args[i]);
        const char *type = args[i].json != NULL ? type_name(args[i].json) : "<nil>";

        g_string_append_printf(out, "%s%s=%s", i == used ? "%!(EXTRA " : ", ", type, text);
    }
    if (used < count)
        g_string_append_c(out, ')');
}
