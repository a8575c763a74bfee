/* SPDX-License-Identifier: Apache-2.0 */
/* One more command in a running container, held by a conmon of its own. */
#include "base/digest.h"
#include "base/log.h"
#include "base/path.h"
#include "engine/container-spec.h"
#include "engine/event.h"
#include "engine/exec-sessions.h"
#include "engine/exit-command.h"
#include "engine/operation.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "oci/attach.h"
#include "oci/conmon.h"
#include "state/exec-record.h"

#include <floe/exec.h>

/* A session at work, as far as this process sees it. */
typedef struct Session {
    ExecRecord *record;
    char *directory;
    ConmonExecCall *call;
    int socket;
} Session;

#define SESSION_NONE \
    { \
        .socket = -1 \
    }

static void session_clear(Session *session)
{
    g_clear_pointer(&session->record, exec_record_free);
    g_clear_pointer(&session->directory, g_free);
    g_clear_pointer(&session->call, conmon_exec_free);
    fd_cleanup(&session->socket);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Session, session_clear)

static bool begin(floe_container *ctr, const floe_exec_options *options, bool attach,
                  bool open_stdin, Session *session, GError **error);

/* Enter, and have the session recorded and its command running when the lock is let go. */
static bool session_start(floe_container *ctr, const floe_exec_options *options, bool attach,
                          bool open_stdin, Session *session, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(GError) err = NULL;

    if (options->command == NULL || options->command[0] == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "exec needs a command");
    if (options->tty)
        return err_set(error, FLOE_ERROR_UNSUPPORTED, "a terminal (-t) is not supported yet");
    if (!operation_enter(ctr, OPERATION_EXEC, &op, error))
        return false;
    session->record = g_new0(ExecRecord, 1);
    session->record->id = id_random();
    session->record->container_id = g_strdup(ctr->record->id);
    session->record->command = g_strdupv((char **)options->command);
    session->directory = g_build_filename(ctr->paths.exec, session->record->id, NULL);
    if (!exec_insert(ctr->engine->db, session->record, error))
        return false;
    if (begin(ctr, options, attach, open_stdin, session, error)) {
        event_note(ctr, FLOE_EVENT_EXEC);
        return true;
    }
    if (!exec_session_forget(ctr, session->record->id, &err))
        log_ignored(g_steal_pointer(&err), "forget a failed exec session");
    return operation_blame_end(ctr, OPERATION_EXEC, error);
}

static bool begin(floe_container *ctr, const floe_exec_options *options, bool attach,
                  bool open_stdin, Session *session, GError **error)
{
    ExecRecord *record = session->record;
    g_autofree char *conmon_cgroup = engine_conmon_cgroup(ctr->engine);
    g_auto(GStrv) exit_command = attach ? NULL : exit_command_exec(ctr, record->id);
    g_autoptr(JsonValue) process = NULL;
    g_auto(Runtime) runtime = { 0 };
    ProcessWish wish = {
        .argv = options->command,
        .env = options->env,
        .user = options->user,
        .workdir = options->workdir,
        .privileged = options->privileged,
        .tty = options->tty,
    };

    container_runtime(ctr, &runtime);
    if (!container_exec_process(ctr, &wish, &process, error) ||
        !dir_make(session->directory, 0700, error))
        return false;
    ConmonExec exec = {
        .runtime = &runtime,
        .container_id = ctr->record->id,
        .container_name = ctr->record->name,
        .session_id = record->id,
        .directory = session->directory,
        .process = process,
        .exit_command = (const char *const *)exit_command,
        .cgroup_path = conmon_cgroup,
        .open_stdin = open_stdin,
        .attach = attach,
    };
    return conmon_exec_start(&exec, &session->call, error) &&
           (!attach || attach_connect(session->directory, &session->socket, error)) &&
           conmon_exec_begin(session->call, &record->pid, &record->conmon_pid, error) &&
           exec_save(ctr->engine->db, record, error);
}

/* The container may have ended, or been removed, with the session. */
static void session_end(floe_container *ctr, const char *session_id)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(GError) err = NULL;

    if (operation_enter_any(ctr, &op, &err) && exec_session_forget(ctr, session_id, &err))
        return;
    if (!err_is(err, FLOE_ERROR_REMOVED))
        log_ignored(g_steal_pointer(&err), "forget exec session %.12s", session_id);
}

static bool container_exec(floe_container *ctr, const floe_exec_options *options,
                           const floe_attach_streams *streams, int *ret_exit_code, GError **error)
{
    g_auto(Session) session = SESSION_NONE;

    if (!session_start(ctr, options, true, streams->stdin_fd >= 0, &session, error))
        return false;
    AttachLoop loop = {
        .socket = session.socket,
        .stdin_fd = streams->stdin_fd,
        .stdout_fd = streams->stdout_fd,
        .stderr_fd = streams->stderr_fd,
        .pidfd = -1,
    };
    if (!attach_loop(&loop, error) || !conmon_exec_wait(session.call, ret_exit_code, error))
        return false;
    session_end(ctr, session.record->id);
    return true;
}

static bool container_exec_detached(floe_container *ctr, const floe_exec_options *options,
                                    char **ret_session_id, GError **error)
{
    g_auto(Session) session = SESSION_NONE;

    if (!session_start(ctr, options, false, false, &session, error))
        return false;
    if (ret_session_id != NULL)
        *ret_session_id = g_strdup(session.record->id);
    return true;
}

static bool container_exec_cleanup(floe_container *ctr, const char *session_id, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;

    if (!id_is_valid(session_id))
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not the id of an exec session",
                       session_id);
    return operation_enter_any(ctr, &op, error) && exec_session_forget(ctr, session_id, error);
}

/* --- the border ----------------------------------------------------------------------------- */

bool floe_container_exec(floe_container *container, const floe_exec_options *options,
                         const floe_attach_streams *streams, int *ret_exit_code, floe_error **error)
{
    floe_exec_options known = FLOE_EXEC_OPTIONS_INIT;
    floe_attach_streams known_streams = FLOE_ATTACH_STREAMS_INIT;
    g_autoptr(GError) err = NULL;
    int exit_code = 0;
    bool ok = public_options(options, &known, sizeof(known), &err) &&
              public_options(streams, &known_streams, sizeof(known_streams), &err) &&
              container_exec(container, &known, &known_streams, &exit_code, &err);

    if (ok && ret_exit_code != NULL)
        *ret_exit_code = exit_code;
    return public_result(ok, &err, error);
}

bool floe_container_exec_detached(floe_container *container, const floe_exec_options *options,
                                  char **ret_session_id, floe_error **error)
{
    floe_exec_options known = FLOE_EXEC_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_options(options, &known, sizeof(known), &err) &&
                             container_exec_detached(container, &known, ret_session_id, &err),
                         &err, error);
}

bool floe_container_exec_cleanup(floe_container *container, const char *session_id,
                                 floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(container_exec_cleanup(container, session_id, &err), &err, error);
}
