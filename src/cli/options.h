/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flags of a verb, as a table: reads them from the command line and prints the help.
 *
 * Not GOption: podman's users write --rm=false and -p=80:80, GOption refuses both; it converts
 * every argument from the locale's character set, so under LANG=C `-e NAME=ü` would fail; and it
 * has no place for a hint at the right flag. What is here follows podman: -it, -itd, -eA=b, -e A=b,
 * --flag=value, --flag value, --.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum OptionKind {
    OPTION_END,
    OPTION_FLAG,   /* bool *; --flag, --flag=false */
    OPTION_ANSWER, /* int *, 1 or 0, for a flag whose absence is neither: --flag, --flag=false */
    OPTION_TEXT,   /* const char **; points into argv, the last one counts */
    OPTION_LIST,   /* char ***; each one is added */
    OPTION_COMMA_LIST,   /* char ***; each part between commas of each one is added */
    OPTION_INTEGER,      /* int64_t * */
    OPTION_UNSIGNED,     /* int64_t *, not negative */
    OPTION_TIMEOUT,      /* int *, seconds; -1: no end */
    OPTION_SIZE,         /* int64_t *, bytes; "512m" */
    OPTION_SIZE_OR_NONE, /* the same, and "-1" */
    OPTION_CPUS,         /* int64_t *, billionths of a processor; "1.5" */
} OptionKind;

typedef struct Option {
    const char *name; /* without dashes */
    char letter;      /* 0: none */
    OptionKind kind;
    void *target;      /* NULL: accepted for podman's sake, without effect */
    const char *value; /* what the help calls its value; NULL for flags */
    const char *help;  /* NULL: not shown (another spelling of the row before) */
} Option;

#define OPTIONS_END \
    { \
        .kind = OPTION_END \
    }

typedef struct Usage {
    const char *synopsis; /* after "floe ": "stop [options] CONTAINER..." */
    const char *about;    /* one or a few sentences, with line breaks */
    const char *later;    /* flags of podman that floe does not have yet: "tz e/export"; or NULL */
    bool options_first;   /* after the first word that is no flag, all belongs to the container */
    int min_words, max_words;  /* words that are no flags; max 0: none, -1: any number */
    const char *words_missing; /* the error when there are fewer than min_words */
} Usage;

/*
 * Read the flags of argv (argv[0] is the verb) into the table's targets; *ret_words is what is
 * left, NULL-terminated, inside argv, which is reordered. False: the verb ends now with
 * *ret_status: help was printed (0), or an error (125). True sets it to 0, too.
 */
bool options_parse(const Usage *usage, const Option *options, char **argv, char ***ret_words,
                   int *ret_status);

/* The same without printing; *ret_help tells that help was asked for. The words are not counted. */
bool options_read(const Usage *usage, const Option *options, char **argv, char ***ret_words,
                  bool *ret_help, GError **error);

void options_print_help(const Usage *usage, const Option *options);

/* Add a copy of the text to a list made by OPTION_LIST (NULL: an empty one). */
void list_add(char ***list, const char *text);

/* For libfloe, whose arrays are deeper const than C converts to by itself. */
static inline const char *const *list_const(char **list)
{
    return (const char *const *)list;
}
