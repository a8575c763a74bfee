/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <string.h>
#include <unistd.h>

static void copy_end_clear(floe_copy_end *end)
{
    floe_container_free(end->container);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(floe_copy_end, copy_end_clear)

/* "CONTAINER:PATH", or a path of the host: one with a slash or dot at its front, or without a colon. */
static void split(const char *word, char **ret_container, const char **ret_path)
{
    const char *colon = word[0] != '/' && word[0] != '.' ? strchr(word, ':') : NULL;

    *ret_container = colon != NULL ? g_strndup(word, (gsize)(colon - word)) : NULL;
    *ret_path = colon != NULL ? colon + 1 : word;
}

/* "-" is a tar. */
static bool read_end(Cli *cli, const char *word, int tar_fd, floe_copy_end *ret_end, int *ret_status)
{
    g_autofree char *container = NULL;
    const char *path;

    *ret_end = (floe_copy_end){ .tar_fd = tar_fd };
    if (strcmp(word, "-") == 0)
        return true;
    split(word, &container, &path);
    if (*path == '\0') {
        *ret_status = cli_error("'%s': a path is missing", word);
        return false;
    }
    ret_end->path = path;
    if (container == NULL)
        return true;
    ret_end->container = selection_one(cli, container, false, ret_status);
    return ret_end->container != NULL;
}

int cmd_cp(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "cp [options] CONTAINER:SRC DST | SRC CONTAINER:DST",
        .about = "Copy files between a container and this host, or two containers. '-' for one of\n"
                 "them is a tar on standard input or output.",
        .min_words = 2,
        .max_words = 2,
        .words_missing = "it takes a source and a destination",
    };
    floe_copy_options copy = FLOE_COPY_OPTIONS_INIT;
    bool archive = true;
    g_auto(floe_copy_end) from = { 0 };
    g_auto(floe_copy_end) to = { 0 };
    g_autoptr(floe_error) error = NULL;
    char **words;
    int status;
    const Option options[] = {
        { "archive", 'a', OPTION_FLAG, &archive, NULL,
          "Give what is copied to the container's user (true)" },
        { "overwrite", 0, OPTION_FLAG, &copy.overwrite, NULL,
          "Let directories replace other files, and other files directories" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    copy.keep_owners = !archive;
    if (!read_end(cli, words[0], STDIN_FILENO, &from, &status) ||
        !read_end(cli, words[1], STDOUT_FILENO, &to, &status))
        return status;
    if (from.container == NULL && to.container == NULL)
        return cli_error("one of the two must be in a container: CONTAINER:PATH");
    if ((from.path == NULL && isatty(STDIN_FILENO)) || (to.path == NULL && isatty(STDOUT_FILENO)))
        return cli_error("a tar is neither read from nor written to a terminal: redirect it");
    return floe_copy(&from, &to, &copy, &error) ? STATUS_OK : cli_report(error);
}
