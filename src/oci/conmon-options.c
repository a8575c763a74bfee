/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/conmon-options.h"

#include "base/program.h"
#include "oci/conmon.h"

static void add_pair(GStrvBuilder *argv, const char *option, const char *value)
{
    g_strv_builder_add(argv, option);
    g_strv_builder_add(argv, value);
}

static void add_runtime_arg(GStrvBuilder *argv, const char *argument)
{
    add_pair(argv, "--runtime-arg", argument);
}

/*
 * In a mount namespace of its own: `unshare`, of util-linux, becomes the runtime. conmon itself stays
 * outside, for its exit command unmounts. Mounts and unmounts of the host go on to reach it.
 */
static void add_runtime(GStrvBuilder *argv, const ConmonNames *names)
{
    g_autofree char *unshare = names->own_mounts ? program_find("unshare", NULL) : NULL;
    const char *arguments[] = { "--root",           names->runtime->root_dir, "--log",
                                names->runtime_log, "--log-format",           "json" };

    add_pair(argv, "--runtime", unshare != NULL ? unshare : names->runtime->path);
    if (unshare != NULL) {
        add_runtime_arg(argv, "--mount");
        add_runtime_arg(argv, "--propagation=slave");
        add_runtime_arg(argv, names->runtime->path);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(arguments); i++)
        add_runtime_arg(argv, arguments[i]);
    if (names->runtime->uses_systemd)
        add_runtime_arg(argv, "--systemd-cgroup");
    if (names->runtime->no_cgroups)
        add_runtime_arg(argv, RUNTIME_NO_CGROUPS);
}

bool conmon_add_options(GStrvBuilder *argv, const ConmonNames *names, GError **error)
{
    g_autofree char *conmon = NULL;

    if (!conmon_find(&conmon, error))
        return false;
    g_strv_builder_add(argv, conmon);
    g_strv_builder_add(argv, "--api-version"); /* takes no value */
    add_pair(argv, "--cid", names->id);
    add_pair(argv, "--cuuid", names->uuid);
    add_pair(argv, "--name", names->name);
    add_runtime(argv, names);
    add_pair(argv, "--bundle", names->bundle);
    add_pair(argv, "--container-pidfile", names->pid_file);
    add_pair(argv, "--conmon-pidfile", names->conmon_pid_file);
    add_pair(argv, "--exit-dir", names->exit_dir);
    add_pair(argv, "--log-path", names->log);
    /* The log's last lines need not survive a power cut, and every exit would wait for the disk. */
    g_strv_builder_add(argv, "--no-sync-log");
    add_pair(argv, "--log-level", "warning");
    g_strv_builder_add(argv, "--full-attach");
    /* A terminal takes input by itself; with --stdin conmon would close it with its first client. */
    if (names->tty)
        g_strv_builder_add(argv, "--terminal");
    else if (names->open_stdin)
        g_strv_builder_add(argv, "--stdin");
    if (names->n_preserved_fds > 0) {
        g_autofree char *count = g_strdup_printf("%zu", names->n_preserved_fds);

        add_pair(argv, "--runtime-opt", "--preserve-fds");
        add_pair(argv, "--runtime-opt", count);
    }
    if (names->exit_command != NULL) {
        add_pair(argv, "--exit-command", names->exit_command[0]);
        for (size_t i = 1; names->exit_command[i] != NULL; i++)
            add_pair(argv, "--exit-command-arg", names->exit_command[i]);
    }
    return true;
}
