/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conmon for a container: its command line for create and restore. How it is started and talked to
 * is in conmon-process.c.
 */
#include "oci/conmon.h"

#include "base/program.h"
#include "oci/conmon-options.h"
#include "oci/conmon-process.h"

#include <errno.h>
#include <unistd.h>

/* Beside PATH: where podman's and CRI-O's packages put it. */
#define CONMON_DIRS \
    "/usr/libexec/podman:/usr/local/libexec/podman:/usr/local/lib/podman:/usr/libexec/crio:" \
    "/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin"

struct ConmonCall {
    ConmonProcess process;
};

bool conmon_find(char **ret_path, GError **error)
{
    char *path = program_find("conmon", NULL);

    if (path == NULL)
        path = program_find("conmon", CONMON_DIRS);
    if (path == NULL)
        return err_set(error, FLOE_ERROR_MISSING_PART,
                       "conmon is not installed: install the package conmon");
    *ret_path = path;
    return true;
}

static void add_restore(GStrvBuilder *argv, const ConmonStart *start)
{
    g_strv_builder_add_many(argv, "--restore", start->restore_dir, NULL);
    if (start->tcp_established)
        g_strv_builder_add_many(argv, "--runtime-opt", "--tcp-established", NULL);
    if (start->file_locks)
        g_strv_builder_add_many(argv, "--runtime-opt", "--file-locks", NULL);
}

static void add_number(GStrvBuilder *argv, const char *option, int64_t number)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, number);

    if (number > 0)
        g_strv_builder_add_many(argv, option, text, NULL);
}

static char **make_argv(const ConmonStart *start, GError **error)
{
    g_autoptr(GStrvBuilder) argv = g_strv_builder_new();
    const ConmonNames names = {
        .runtime = start->runtime,
        .id = start->id,
        .uuid = start->id,
        .name = start->name,
        .bundle = start->bundle,
        .pid_file = start->pid_file,
        .conmon_pid_file = start->conmon_pid_file,
        .exit_dir = start->exit_dir,
        .runtime_log = start->runtime_log,
        .log = start->log,
        .exit_command = start->exit_command,
        .tty = start->tty,
        .open_stdin = start->open_stdin,
        .n_preserved_fds = start->n_preserved_fds,
        /*
         * CRIU mounts every cgroup hierarchy for its work (cgroup.c, prepare_cgroup_dirs()), those too
         * that the host has nowhere: another container that is made at that moment would take them for
         * the host's. And a restore that is killed would leave them.
         */
        .own_mounts = start->restore_dir != NULL,
    };

    if (!conmon_add_options(argv, &names, error))
        return NULL;
    if (start->notify_socket != NULL)
        g_strv_builder_add_many(argv, "--sdnotify-socket", start->notify_socket, NULL);
    add_number(argv, "--log-size-max", start->log_max_bytes);
    add_number(argv, "--timeout", start->timeout_s);
    if (start->log_tag != NULL)
        g_strv_builder_add_many(argv, "--log-tag", start->log_tag, NULL);
    if (start->restore_dir != NULL)
        add_restore(argv, start);
    return g_strv_builder_end(argv);
}

bool conmon_start(const ConmonStart *start, ConmonCall **ret_call, GError **error)
{
    g_auto(GStrv) argv = make_argv(start, error);
    g_autoptr(ConmonCall) call = g_new(ConmonCall, 1);

    call->process = (ConmonProcess)CONMON_PROCESS_NONE;
    if (argv == NULL)
        return false;
    /* A reason in it must be of this call. */
    if (unlink(start->runtime_log) < 0 && errno != ENOENT)
        return err_set_errno(error, "remove the old '%s'", start->runtime_log);

    const ConmonLaunch launch = {
        .runtime = start->runtime,
        .argv = (const char *const *)argv,
        .directory = start->bundle,
        .conmon_pid_file = start->conmon_pid_file,
        .runtime_log = start->runtime_log,
        .place = start->place,
        .criu_config = start->criu_config,
        .passes_streams = start->passes_streams,
        .preserved_fds = start->preserved_fds,
        .n_preserved_fds = start->n_preserved_fds,
        .inherited_fds = start->inherited_fds,
        .n_inherited_fds = start->n_inherited_fds,
    };

    if (!conmon_process_start(&launch, &call->process, error))
        return false;
    *ret_call = g_steal_pointer(&call);
    return true;
}

bool conmon_finish(ConmonCall *call, int *ret_pid, int *ret_conmon_pid, GError **error)
{
    return conmon_process_wait_pid(&call->process, ret_pid, ret_conmon_pid, error);
}

void conmon_call_free(ConmonCall *call)
{
    if (call == NULL)
        return;
    conmon_process_clear(&call->process);
    g_free(call);
}
