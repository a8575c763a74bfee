/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/exec-sessions.h"

#include "base/fd.h"
#include "base/log.h"
#include "base/process.h"
#include "base/tree.h"
#include "engine/event.h"
#include "oci/conmon.h"
#include "state/exit-code.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>

#define END_TIMEOUT_MS  5000
#define REMOVE_TRIES    20
#define REMOVE_PAUSE_US 3000

static int read_pid(const char *dir, const char *name)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    g_autofree char *text = NULL;

    return file_read(path, 64, &text, NULL, NULL) ? atoi(text) : 0;
}

/* A floe that was killed after the command had begun has left the pids only in conmon's files. */
static void find_pids(floe_container *ctr, ExecRecord *session)
{
    g_autofree char *dir = g_build_filename(ctr->paths.exec, session->id, NULL);

    if (session->pid <= 0)
        session->pid = read_pid(dir, EXEC_PID_FILE);
    if (session->conmon_pid <= 0)
        session->conmon_pid = read_pid(dir, EXEC_CONMON_PID_FILE);
}

/*
 * Not before the exit code is there, or there is nobody to leave one. Without a pid of the command
 * its conmon is still about to begin it.
 */
static bool is_over(floe_container *ctr, ExecRecord *session)
{
    int exit_code;

    find_pids(ctr, session);
    return process_has_ended(session->pid) &&
           (process_has_ended(session->conmon_pid) ||
            exec_session_read_exit(ctr, session->id, &exit_code, NULL));
}

bool exec_sessions_active(floe_container *ctr, GPtrArray **ret_sessions, GError **error)
{
    g_autoptr(GPtrArray) sessions = NULL;

    if (!exec_list(ctr->engine->db, ctr->record->id, &sessions, error))
        return false;
    for (guint i = sessions->len; i > 0; i--) {
        ExecRecord *session = g_ptr_array_index(sessions, i - 1);

        if (!is_over(ctr, session))
            continue;
        if (!exec_session_keep_exit(ctr, session->id, error) ||
            !exec_session_forget(ctr, session->id, error))
            return false;
        g_ptr_array_remove_index(sessions, i - 1);
    }
    *ret_sessions = g_steal_pointer(&sessions);
    return true;
}

/* Not to the end of its conmon: that one's exit command waits for the lock. */
static bool session_end(floe_container *ctr, const ExecRecord *session, GError **error)
{
    g_autofree char *dir = g_build_filename(ctr->paths.exec, session->id, NULL);
    autofd int pidfd = session->pid > 0 ? pidfd_open(session->pid, 0) : -1;
    bool conmon_gone = false;

    log_warn("container \"%s\": the exec session %.12s (%s) is ended", ctr->record->name,
             session->id, session->command[0]);
    if (pidfd >= 0 && pidfd_send_signal(pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
        return err_set_errno(error, "end the exec session %.12s", session->id);
    return conmon_wait_exit(dir, ctr->record->id, session->conmon_pid, END_TIMEOUT_MS, &conmon_gone,
                            error);
}

bool exec_sessions_end(floe_container *ctr, GError **error)
{
    g_autoptr(GPtrArray) sessions = NULL;

    if (!exec_sessions_active(ctr, &sessions, error))
        return false;
    for (guint i = 0; i < sessions->len; i++) {
        if (!session_end(ctr, g_ptr_array_index(sessions, i), error))
            return false;
    }
    return true;
}

/* With its container's end the session's conmon may just be writing its last files there. */
static bool remove_directory(const char *dir, GError **error)
{
    for (int left = REMOVE_TRIES;; left--) {
        g_autoptr(GError) err = NULL;

        if (tree_remove(dir, &err))
            return true;
        if (left == 0) {
            g_propagate_error(error, g_steal_pointer(&err));
            return false;
        }
        g_usleep(REMOVE_PAUSE_US);
    }
}

bool exec_session_read_exit(floe_container *ctr, const char *session_id, int *ret_exit_code,
                            GError **error)
{
    g_autofree char *dir = g_build_filename(ctr->paths.exec, session_id, NULL);
    int64_t finished;
    bool oom;

    return conmon_read_exit(dir, ctr->record->id, dir, ret_exit_code, &finished, &oom, error);
}

bool exec_session_keep_exit(floe_container *ctr, const char *session_id, GError **error)
{
    int exit_code = 0;

    return !exec_session_read_exit(ctr, session_id, &exit_code, NULL) ||
           exit_code_save(ctr->engine->db, session_id, exit_code, error);
}

bool exec_session_forget(floe_container *ctr, const char *session_id, GError **error)
{
    g_autofree char *dir = g_build_filename(ctr->paths.exec, session_id, NULL);
    int exit_code = 0;

    /* With the directory goes the exit file, so an end is noted once. */
    if (exec_session_read_exit(ctr, session_id, &exit_code, NULL))
        event_note_exit(ctr, FLOE_EVENT_EXEC_DIED, exit_code);
    return remove_directory(dir, error) && exec_delete(ctr->engine->db, session_id, error);
}

bool exec_sessions_forget_all(floe_container *ctr, GError **error)
{
    g_autoptr(GPtrArray) sessions = NULL;

    if (!exec_list(ctr->engine->db, ctr->record->id, &sessions, error))
        return false;
    for (guint i = 0; i < sessions->len; i++) {
        const ExecRecord *session = g_ptr_array_index(sessions, i);

        if (!exec_session_forget(ctr, session->id, error))
            return false;
    }
    return true;
}

json_t *exec_session_describe(const ExecRecord *session)
{
    json_t *object = json_object();
    json_t *process = json_object();

    json_object_set_new(process, "entrypoint", json_from_string(session->command[0]));
    json_object_set_new(process, "arguments",
                        json_from_strv((const char *const *)session->command + 1));
    json_object_set_new(process, "privileged", json_boolean(session->privileged));
    json_object_set_new(process, "tty", json_boolean(session->tty));
    json_object_set_new(process, "user",
                        json_from_string(session->user != NULL ? session->user : ""));
    json_object_set_new(object, "ID", json_from_string(session->id));
    json_object_set_new(object, "ContainerID", json_from_string(session->container_id));
    json_object_set_new(object, "Running", json_true());
    json_object_set_new(object, "CanRemove", json_false());
    json_object_set_new(object, "Pid", json_integer(session->pid));
    json_object_set_new(object, "ExitCode", json_integer(0));
    json_object_set_new(object, "ProcessConfig", process);
    return object;
}
