/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/input.h"
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>

#define FILE_LIMIT ((size_t)64 * 1024 * 1024) /* libfloe takes no more */

static int add(floe_container *container, const char *name, const char *path)
{
    g_autoptr(GString) content = g_string_new(NULL);
    g_autoptr(GError) wrong = NULL;
    g_autoptr(floe_error) error = NULL;

    if (!input_read(path, FILE_LIMIT, content, &wrong))
        return cli_report_local(wrong);
    return floe_container_artifact_add(container, name, content->str, content->len, &error)
               ? STATUS_OK
               : cli_report(error);
}

static int get(floe_container *container, const char *name)
{
    g_autoptr(floe_error) error = NULL;
    void *data = NULL;
    size_t size = 0;

    if (!floe_container_artifact_get(container, name, &data, &size, &error))
        return cli_report(error);
    fwrite(data, 1, size, stdout);
    floe_free(data);
    return STATUS_OK;
}

static int drop(floe_container *container, const char *name)
{
    g_autoptr(floe_error) error = NULL;

    return floe_container_artifact_remove(container, name, &error) ? STATUS_OK : cli_report(error);
}

int cmd_container_artifact(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "container artifact add|get|rm [options] CONTAINER NAME [FILE]",
        .about = "Keep a file with a container (add: FILE, or standard input), print it (get), or\n"
                 "remove it (rm). It goes where the container goes.",
        .min_words = 3,
        .max_words = 4,
        .words_missing = "it takes an action, a container and a name",
    };
    const Option options[] = { OPTIONS_END };
    g_autoptr(floe_container) container = NULL;
    char **words;
    int status;

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;

    bool is_add = strcmp(words[0], "add") == 0, is_get = strcmp(words[0], "get") == 0;

    if (!is_add && !is_get && strcmp(words[0], "rm") != 0 && strcmp(words[0], "remove") != 0)
        return cli_error("'%s' is none of add, get, rm", words[0]);
    if (!is_add && words[3] != NULL)
        return cli_error("too many arguments: '%s'", words[3]);
    container = selection_one(cli, words[1], false, &status);
    if (container == NULL)
        return status;
    if (is_add)
        return add(container, words[2], words[3] != NULL ? words[3] : "-");
    return is_get ? get(container, words[2]) : drop(container, words[2]);
}
