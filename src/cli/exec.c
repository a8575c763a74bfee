/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/env-file.h"
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct ExecOptions {
    floe_exec_options exec;
    char **env, **env_files; /* owned */
    const char *detach_keys;
    bool detach, interactive, latest;
} ExecOptions;

static void exec_options_clear(ExecOptions *options)
{
    g_strfreev(options->env);
    g_strfreev(options->env_files);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ExecOptions, exec_options_clear)

/*
 * "NAME" alone passes floe's own variable on, if there is one. Files come first, so that flags win.
 */
static bool complete_env(ExecOptions *options, GError **error)
{
    g_auto(GStrv) typed = NULL;
    g_auto(GStrv) complete = NULL;

    for (char **file = options->env_files; file != NULL && *file != NULL; file++) {
        if (!env_file_read(*file, &typed, error))
            return false;
    }
    for (char **item = options->env; item != NULL && *item != NULL; item++)
        list_add(&typed, *item);
    for (char **item = typed; item != NULL && *item != NULL; item++) {
        const char *own = strchr(*item, '=') == NULL ? g_getenv(*item) : NULL;
        g_autofree char *pair = own != NULL ? g_strconcat(*item, "=", own, NULL) : NULL;

        if (pair != NULL || strchr(*item, '=') != NULL)
            list_add(&complete, pair != NULL ? pair : *item);
    }
    g_strfreev(options->env);
    options->env = g_steal_pointer(&complete);
    options->exec.env = list_const(options->env);
    return true;
}

/* podman's exit status for an exec in a container that does not run. */
#define STATUS_NOT_RUNNING 255

static int report(const floe_error *error)
{
    int status = cli_report(error);

    return floe_error_get_code(error) == FLOE_ERROR_BAD_STATE ? STATUS_NOT_RUNNING : status;
}

static int exec_detached(floe_container *container, const ExecOptions *options)
{
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *session = NULL;

    if (!floe_container_exec_detached(container, &options->exec, &session, &error))
        return report(error);
    puts(session);
    return STATUS_OK;
}

static int exec_attached(floe_container *container, const ExecOptions *options)
{
    g_autoptr(floe_error) error = NULL;
    floe_attach_streams streams = FLOE_ATTACH_STREAMS_INIT;
    int status = STATUS_OK;

    if (options->interactive)
        streams.stdin_fd = STDIN_FILENO;
    streams.detach_keys = options->detach_keys;
    if (!floe_container_exec(container, &options->exec, &streams, &status, &error) &&
        floe_error_get_code(error) != FLOE_ERROR_DETACHED)
        return report(error);
    return status;
}

int cmd_exec(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "exec [options] CONTAINER COMMAND [ARG...]",
        .about = "Run one more command in a running container, and end with its exit code.",
        .later = "preserve-fds",
        .options_first = true,
        .max_words = -1,
    };
    g_auto(ExecOptions) o = { .exec = FLOE_EXEC_OPTIONS_INIT };
    g_autoptr(GError) error = NULL;
    char **words;
    int status;
    const Option options[] = {
        { "detach", 'd', OPTION_FLAG, &o.detach, NULL,
          "Run it in the background and print the session's id" },
        { "detach-keys", 0, OPTION_TEXT, &o.detach_keys, "KEYS",
          "Keys that detach from a terminal" },
        { "env", 'e', OPTION_LIST, &o.env, "NAME[=VALUE]", "Set a variable, or pass floe's own on" },
        { "env-file", 0, OPTION_COMMA_LIST, &o.env_files, "FILE", "Read variables from a file" },
        { "interactive", 'i', OPTION_FLAG, &o.interactive, NULL, "Pass on standard input" },
        { "latest", 'l', OPTION_FLAG, &o.latest, NULL, "In the container created last" },
        { "privileged", 0, OPTION_FLAG, &o.exec.privileged, NULL, "With all capabilities" },
        { "tty", 't', OPTION_FLAG, &o.exec.tty, NULL, "Give it a terminal (not supported yet)" },
        { "user", 'u', OPTION_TEXT, &o.exec.user, "USER[:GROUP]", "Run as this user" },
        { "workdir", 'w', OPTION_TEXT, &o.exec.workdir, "PATH", "Start in this directory" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (o.exec.tty)
        return cli_error("--tty is not supported by floe yet: terminals come with a later release; "
                         "leave -t out");
    if (words[0] == NULL && !o.latest)
        return cli_error("a container (or --latest) is missing");

    const char *name = o.latest ? NULL : *words++;
    if (words[0] == NULL)
        return cli_error("a command is missing");
    o.exec.command = list_const(words);
    if (!complete_env(&o, &error))
        return cli_report_local(error);

    g_autoptr(floe_container) container = selection_one(cli, name, o.latest, &status);
    if (container == NULL)
        return status;
    return o.detach ? exec_detached(container, &o) : exec_attached(container, &o);
}
