/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conmon for an exec session. With attach there are three steps, so that no output is lost: conmon
 * makes its attach socket and says so; the caller connects to it; a second byte on the start pipe
 * lets the runtime's exec begin. Reports: the command's pid, and at the end its exit code.
 */
#include "oci/conmon-exec.h"

#include "oci/conmon-exit.h"
#include "oci/conmon-options.h"
#include "oci/conmon-process.h"
#include "oci/spec.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct ConmonExecCall {
    ConmonProcess process;
    bool attach;
    char *directory;
    char *container_id;
};

/* The files of a session, in its directory. */
typedef struct SessionFiles {
    char *process_spec;
    char *pid;
    char *conmon_pid;
    char *runtime_log;
} SessionFiles;

static void session_files_clear(SessionFiles *files)
{
    g_free(files->process_spec);
    g_free(files->pid);
    g_free(files->conmon_pid);
    g_free(files->runtime_log);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SessionFiles, session_files_clear)

static SessionFiles name_files(const char *directory)
{
    return (SessionFiles){
        .process_spec = g_build_filename(directory, "process.json", NULL),
        .pid = g_build_filename(directory, EXEC_PID_FILE, NULL),
        .conmon_pid = g_build_filename(directory, EXEC_CONMON_PID_FILE, NULL),
        .runtime_log = g_build_filename(directory, "oci-log", NULL),
    };
}

static char **make_argv(const ConmonExec *exec, const SessionFiles *files, GError **error)
{
    g_autoptr(GStrvBuilder) argv = g_strv_builder_new();
    const ConmonNames names = {
        .runtime = exec->runtime,
        .id = exec->container_id,
        .uuid = exec->session_id,
        .name = exec->container_name,
        .bundle = exec->directory,
        .pid_file = files->pid,
        .conmon_pid_file = files->conmon_pid,
        .exit_dir = exec->directory,
        .runtime_log = files->runtime_log,
        .log = "none",
        .exit_command = exec->exit_command,
        .tty = exec->tty,
        .open_stdin = exec->open_stdin,
        .n_preserved_fds = exec->n_preserved_fds,
    };

    if (!conmon_add_options(argv, &names, error))
        return NULL;
    g_strv_builder_add_many(argv, "--exec", "--exec-process-spec", files->process_spec, NULL);
    if (exec->attach)
        g_strv_builder_add(argv, "--exec-attach");
    return g_strv_builder_end(argv);
}

bool conmon_exec_start(const ConmonExec *exec, ConmonExecCall **ret_call, GError **error)
{
    g_auto(SessionFiles) files = name_files(exec->directory);
    g_auto(GStrv) argv = make_argv(exec, &files, error);
    g_autofree char *process = spec_to_text(exec->process);
    g_autoptr(ConmonExecCall) call = g_new0(ConmonExecCall, 1);

    call->process = (ConmonProcess)CONMON_PROCESS_NONE;
    call->attach = exec->attach;
    call->directory = g_strdup(exec->directory);
    call->container_id = g_strdup(exec->container_id);
    if (argv == NULL ||
        !file_write_atomic(files.process_spec, process, strlen(process), 0600, error))
        return false;

    const ConmonLaunch launch = {
        .runtime = exec->runtime,
        .argv = (const char *const *)argv,
        .directory = exec->directory,
        .conmon_pid_file = files.conmon_pid,
        .runtime_log = files.runtime_log,
        .place = exec->place,
        .preserved_fds = exec->preserved_fds,
        .n_preserved_fds = exec->n_preserved_fds,
        .attach = exec->attach,
    };

    if (!conmon_process_start(&launch, &call->process, error) ||
        (exec->attach && !conmon_process_wait_socket(&call->process, error)))
        return false;
    *ret_call = g_steal_pointer(&call);
    return true;
}

bool conmon_exec_begin(ConmonExecCall *call, int *ret_pid, int *ret_conmon_pid, GError **error)
{
    if (call->attach && !conmon_process_go_on(&call->process, error))
        return false;
    return conmon_process_wait_pid(&call->process, ret_pid, ret_conmon_pid, error);
}

bool conmon_exec_wait(ConmonExecCall *call, int *ret_exit_code, GError **error)
{
    g_autoptr(GError) no_file = NULL;
    int64_t finished;
    bool ended = false;
    bool oom;

    if (!conmon_process_wait_exit(&call->process, ret_exit_code, &ended, error))
        return false;
    if (!ended)
        return true;
    /* conmon writes the exit file first: it may have been killed in between. */
    if (!conmon_read_exit(call->directory, call->container_id, call->directory, ret_exit_code,
                          &finished, &oom, &no_file))
        return err_set(error, FLOE_ERROR_CONMON,
                       "conmon ended without the exit code of the command");
    return true;
}

void conmon_exec_free(ConmonExecCall *call)
{
    if (call == NULL)
        return;
    conmon_process_clear(&call->process);
    g_free(call->directory);
    g_free(call->container_id);
    g_free(call);
}
