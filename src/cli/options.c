/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include "cli/message.h"
#include "cli/nearest.h"
#include "cli/value.h"

#include <stdio.h>
#include <string.h>

void list_add(char ***list, const char *text)
{
    size_t length = *list == NULL ? 0 : g_strv_length(*list);

    *list = g_renew(char *, *list, length + 2);
    (*list)[length] = g_strdup(text);
    (*list)[length + 1] = NULL;
}

static void list_add_parts(char ***list, const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    for (char **part = parts; *part != NULL; part++)
        list_add(list, *part);
}

/* Does it stand without a value? */
static bool is_flag(const Option *option)
{
    return option->kind == OPTION_FLAG || option->kind == OPTION_ANSWER;
}

static bool store_flag(const Option *option, const char *text, GError **error)
{
    bool value;

    if (!value_bool(text, &value, error))
        return false;
    if (option->target != NULL && option->kind == OPTION_FLAG)
        *(bool *)option->target = value;
    else if (option->target != NULL)
        *(int *)option->target = value;
    return true;
}

static bool store(const Option *option, const char *text, GError **error)
{
    if (is_flag(option))
        return store_flag(option, text, error);
    if (option->target == NULL)
        return true;

    switch (option->kind) {
    case OPTION_TEXT: *(const char **)option->target = text; return true;
    case OPTION_LIST: list_add(option->target, text); return true;
    case OPTION_COMMA_LIST: list_add_parts(option->target, text); return true;
    case OPTION_INTEGER: return value_integer(text, option->target, error);
    case OPTION_UNSIGNED: return value_unsigned(text, option->target, error);
    case OPTION_TIMEOUT: return value_timeout(text, option->target, error);
    case OPTION_SIZE: return value_size(text, option->target, error);
    case OPTION_SIZE_OR_NONE:
        return strcmp(text, "-1") == 0 ? value_integer(text, option->target, error)
                                       : value_size(text, option->target, error);
    case OPTION_CPUS: return value_cpus(text, option->target, error);
    default: g_assert_not_reached();
    }
}

static bool store_named(const Option *option, const char *text, GError **error)
{
    if (store(option, text, error))
        return true;
    g_prefix_error(error, "invalid argument '%s' for --%s: ", text, option->name);
    return false;
}

static const Option *find_name(const Option *options, const char *name, size_t length)
{
    for (; options->kind != OPTION_END; options++) {
        if (strncmp(options->name, name, length) == 0 && options->name[length] == '\0')
            return options;
    }
    return NULL;
}

static const Option *find_letter(const Option *options, char letter)
{
    for (; options->kind != OPTION_END; options++) {
        if (options->letter == letter)
            return options;
    }
    return NULL;
}

/* Whether the flag is in Usage.later, by its name, or (name NULL) by its letter. */
static bool comes_later(const Usage *usage, const char *name, char letter, GError **error)
{
    g_auto(GStrv) words = g_strsplit(usage->later != NULL ? usage->later : "", " ", -1);

    for (char **word = words; *word != NULL; word++) {
        bool has_letter = (*word)[0] != '\0' && (*word)[1] == '/';
        const char *full = *word + (has_letter ? 2 : 0);

        if (name != NULL ? strcmp(name, full) == 0 : has_letter && (*word)[0] == letter) {
            cli_set_error(error, "--%s is not supported by floe yet", full);
            return true;
        }
    }
    return false;
}

static bool unknown_name(const Usage *usage, const Option *options, const char *name, size_t length,
                         GError **error)
{
    g_autofree char *typed = g_strndup(name, length);
    Nearest nearest = NEAREST_INIT(typed);

    if (comes_later(usage, typed, '\0', error))
        return false;
    nearest_offer(&nearest, "help");
    for (; options->kind != OPTION_END; options++) {
        if (options->help != NULL)
            nearest_offer(&nearest, options->name);
    }
    if (nearest.found != NULL)
        return cli_set_error(error, "unknown flag: --%s (did you mean --%s?)", typed, nearest.found);
    return cli_set_error(error, "unknown flag: --%s", typed);
}

/* What is being read: the words of argv, one after another. */
typedef struct Reader {
    const Usage *usage;
    const Option *options;
    char **next;
    bool help;
} Reader;

static bool read_value(Reader *reader, const Option *option, const char *attached, GError **error)
{
    if (attached != NULL)
        return store_named(option, attached, error);
    if (*reader->next == NULL)
        return cli_set_error(error, "flag needs an argument: --%s", option->name);
    return store_named(option, *reader->next++, error);
}

/* "--name", "--name=value", "--name value"; text is behind the dashes. */
static bool read_long(Reader *reader, const char *text, GError **error)
{
    size_t length = strcspn(text, "=");
    const char *attached = text[length] == '=' ? text + length + 1 : NULL;
    const Option *option = find_name(reader->options, text, length);

    if (option == NULL) {
        reader->help = strcmp(text, "help") == 0;
        return reader->help || unknown_name(reader->usage, reader->options, text, length, error);
    }
    if (is_flag(option) && attached == NULL)
        return store(option, "true", error);
    return read_value(reader, option, attached, error);
}

/* "-i", "-it", "-p80:80", "-p=80:80", "-p 80:80", "-itp 80:80"; letters is behind the dash. */
static bool read_letters(Reader *reader, const char *letters, GError **error)
{
    for (const char *at = letters; *at != '\0'; at++) {
        const Option *option = find_letter(reader->options, *at);

        if (option == NULL) {
            reader->help = *at == 'h';
            return reader->help || (!comes_later(reader->usage, NULL, *at, error) &&
                                    cli_set_error(error, "unknown flag: '%c' in -%s", *at, letters));
        }
        if (is_flag(option) && at[1] != '=') {
            store(option, "true", NULL);
            continue;
        }

        const char *attached = at[1] == '=' ? at + 2 : at[1] != '\0' ? at + 1 : NULL;
        return read_value(reader, option, attached, error);
    }
    return true;
}

bool options_read(const Usage *usage, const Option *options, char **argv, char ***ret_words,
                  bool *ret_help, GError **error)
{
    Reader reader = { .usage = usage, .options = options, .next = argv + 1 };
    char **words = argv + 1, **words_end = words;

    while (*reader.next != NULL && !reader.help) {
        char *word = *reader.next++;

        if (strcmp(word, "--") == 0)
            break;
        if (word[0] == '-' && word[1] == '-') {
            if (!read_long(&reader, word + 2, error))
                return false;
        } else if (word[0] == '-' && word[1] != '\0') {
            if (!read_letters(&reader, word + 1, error))
                return false;
        } else {
            *words_end++ = word;
            if (usage->options_first)
                break;
        }
    }
    while (*reader.next != NULL)
        *words_end++ = *reader.next++;
    *words_end = NULL;

    *ret_words = words;
    *ret_help = reader.help;
    return true;
}

/* "floe stop" of "stop [options] CONTAINER...", for hints. */
static char *command_of(const Usage *usage)
{
    const char *rest = strstr(usage->synopsis, " [");
    size_t length = rest != NULL ? (size_t)(rest - usage->synopsis) : strcspn(usage->synopsis, " ");

    return g_strdup_printf("floe %.*s", (int)length, usage->synopsis);
}

static bool count_words(const Usage *usage, char **words, GError **error)
{
    int count = (int)g_strv_length(words);

    if (count < usage->min_words)
        return cli_set_error(error, "%s",
                             usage->words_missing != NULL ? usage->words_missing
                                                          : "an argument is missing");
    if (usage->max_words >= 0 && count > usage->max_words)
        return cli_set_error(error, "too many arguments: '%s'", words[usage->max_words]);
    return true;
}

bool options_parse(const Usage *usage, const Option *options, char **argv, char ***ret_words,
                   int *ret_status)
{
    g_autoptr(GError) error = NULL;
    bool help = false;

    if (!options_read(usage, options, argv, ret_words, &help, &error) ||
        (!help && !count_words(usage, *ret_words, &error))) {
        g_autofree char *command = command_of(usage);

        *ret_status = cli_error("%s\nSee '%s --help'", error->message, command);
        return false;
    }
    *ret_status = STATUS_OK;
    if (help)
        options_print_help(usage, options);
    return !help;
}

static char *help_left_side(const Option *option)
{
    g_autofree char *letter = option->letter != 0 ? g_strdup_printf("-%c, ", option->letter)
                                                  : g_strdup("    ");

    return g_strdup_printf("  %s--%s%s%s", letter, option->name, option->value != NULL ? " " : "",
                           option->value != NULL ? option->value : "");
}

void options_print_help(const Usage *usage, const Option *options)
{
    int width = 0;

    for (const Option *option = options; option->kind != OPTION_END; option++) {
        g_autofree char *left = help_left_side(option);

        if (option->help != NULL)
            width = MAX(width, (int)strlen(left));
    }

    printf("Usage: floe %s\n\n%s\n", usage->synopsis, usage->about);
    if (width > 0)
        printf("\nOptions:\n");
    for (const Option *option = options; option->kind != OPTION_END; option++) {
        g_autofree char *left = help_left_side(option);

        if (option->help != NULL)
            printf("%-*s  %s\n", width, left, option->help);
    }
}
