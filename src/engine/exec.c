/* SPDX-License-Identifier: Apache-2.0 */
/* One more command in a running container, held by a conmon of its own. */
#include "engine/exec.h"

#include "base/digest.h"
#include "base/log.h"
#include "base/path.h"
#include "engine/attachment.h"
#include "engine/cgroup-names.h"
#include "engine/container-end.h"
#include "engine/container-spec.h"
#include "engine/event.h"
#include "engine/exec-sessions.h"
#include "engine/exit-command.h"
#include "engine/operation.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "oci/conmon.h"
#include "state/exec-record.h"
#include "state/exit-code.h"

#include <floe/exec.h>

struct ExecSession {
    floe_container *ctr;
    ExecRecord *record;
    char *directory;
    ConmonExecCall *call;
};

void exec_session_free(ExecSession *session)
{
    if (session == NULL)
        return;
    exec_record_free(session->record);
    g_free(session->directory);
    conmon_exec_free(session->call);
    g_free(session);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ExecSession, exec_session_free)

static ExecSession *session_new(floe_container *ctr, const floe_exec_options *options)
{
    ExecSession *session = g_new0(ExecSession, 1);
    ExecRecord *record = g_new0(ExecRecord, 1);

    record->id = id_random();
    record->container_id = g_strdup(ctr->record->id);
    record->command = g_strdupv((char **)options->command);
    record->user = g_strdup(options->user != NULL ? options->user : ctr->record->config.user);
    record->privileged = options->privileged;
    record->tty = options->tty;
    session->ctr = ctr;
    session->record = record;
    session->directory = g_build_filename(ctr->paths.exec, record->id, NULL);
    return session;
}

/*
 * conmon cleans up after a session whose end nobody may be there to see: one in the background, or
 * one that the user can detach from.
 */
static char **exit_command_of(const ExecSession *session, const floe_attachment *attachment)
{
    if (attachment != NULL && attachment->streams.detach_keys.length == 0)
        return NULL;
    return exit_command_exec(session->ctr, session->record->id);
}

static bool run_conmon(ExecSession *session, const floe_exec_options *options,
                       const floe_attachment *attachment, const json_t *process, GError **error)
{
    floe_container *ctr = session->ctr;
    CgroupPlace place;
    g_auto(GStrv) exit_command = exit_command_of(session, attachment);
    g_auto(Runtime) runtime = { 0 };

    container_runtime(ctr, &runtime);
    ConmonExec exec = {
        .runtime = &runtime,
        .container_id = ctr->record->id,
        .container_name = ctr->record->name,
        .session_id = session->record->id,
        .directory = session->directory,
        .process = process,
        .exit_command = (const char *const *)exit_command,
        .place = container_conmon_place(ctr, &place),
        .tty = options->tty,
        .open_stdin = attachment != NULL && attachment->streams.stdin_fd >= 0,
        .attach = attachment != NULL,
        .preserved_fds = options->preserved_fds,
        .n_preserved_fds = options->n_preserved_fds,
    };
    return conmon_exec_start(&exec, &session->call, error);
}

/* The command runs when this returns. `attachment` NULL: in the background. */
static bool session_begin(ExecSession *session, const floe_exec_options *options,
                          floe_attachment *attachment, GError **error)
{
    ExecRecord *record = session->record;
    g_autoptr(JsonValue) process = NULL;
    ProcessWish wish = {
        .argv = options->command,
        .env = options->env,
        .user = options->user,
        .workdir = options->workdir,
        .privileged = options->privileged,
        .tty = options->tty,
        .rows = attachment != NULL ? attachment->rows : 0,
        .columns = attachment != NULL ? attachment->columns : 0,
    };

    if (!container_exec_process(session->ctr, &wish, &process, error) ||
        !dir_make(session->directory, 0700, error) ||
        !run_conmon(session, options, attachment, process, error))
        return false;
    if (attachment != NULL && !attachment_connect(attachment, session->directory, true, error))
        return false;
    return conmon_exec_begin(session->call, &record->pid, &record->conmon_pid, error) &&
           exec_save(session->ctr->engine->db, record, error);
}

/* Enter, and have the session recorded and its command running when the lock is let go. */
static bool session_start(ExecSession *session, const floe_exec_options *options,
                          floe_attachment *attachment, GError **error)
{
    floe_container *ctr = session->ctr;
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(GError) err = NULL;

    if (!operation_enter(ctr, OPERATION_EXEC, &op, error) ||
        !exec_insert(ctr->engine->db, session->record, error))
        return false;
    if (session_begin(session, options, attachment, error)) {
        event_note(ctr, FLOE_EVENT_EXEC);
        return true;
    }
    /* First: a conmon whose runtime hangs is found by a file of the session's, and killed. */
    g_clear_pointer(&session->call, conmon_exec_free);
    if (!exec_session_forget(ctr, session->record->id, &err))
        log_ignored(g_steal_pointer(&err), "forget a failed exec session");
    return operation_blame_end(ctr, OPERATION_EXEC, error);
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

bool exec_session_wait(ExecSession *session, int *ret_exit_code, GError **error)
{
    g_autoptr(GError) err = NULL;

    if (!conmon_exec_wait(session->call, ret_exit_code, &err)) {
        if (path_exists(session->directory)) {
            g_propagate_error(error, g_steal_pointer(&err));
            return false;
        }
        /* It ended with the container, and conmon found no place for the exit code. */
        *ret_exit_code = EXIT_CODE_KILLED;
    }
    session_end(session->ctr, session->record->id);
    return true;
}

static bool check_options(const floe_exec_options *options, GError **error)
{
    if (options->command == NULL || options->command[0] == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "exec needs a command");
    return options->preserved_fds != NULL || options->n_preserved_fds == 0 ||
           err_set(error, FLOE_ERROR_INVALID, "exec: there are no descriptors to preserve");
}

static bool container_exec_and_attach(floe_container *ctr, const floe_exec_options *options,
                                      const floe_attach_streams *streams,
                                      floe_attachment **ret_attachment, GError **error)
{
    floe_attach_streams wanted = *streams;
    g_autoptr(floe_attachment) attachment = NULL;

    wanted.proxy_signals = false;
    if (!check_options(options, error) ||
        !attachment_new(ctr, &wanted, options->tty, &attachment, error))
        return false;
    attachment->session = session_new(ctr, options);
    if (!session_start(attachment->session, options, attachment, error))
        return false;
    *ret_attachment = g_steal_pointer(&attachment);
    return true;
}

static bool container_exec_detached(floe_container *ctr, const floe_exec_options *options,
                                    char **ret_session_id, GError **error)
{
    g_autoptr(ExecSession) session = NULL;

    if (!check_options(options, error))
        return false;
    session = session_new(ctr, options);
    if (!session_start(session, options, NULL, error))
        return false;
    if (ret_session_id != NULL)
        *ret_session_id = g_strdup(session->record->id);
    return true;
}

static bool container_exec_sessions(floe_container *ctr, char **ret_json, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(GPtrArray) sessions = NULL;
    g_autoptr(JsonValue) list = json_array();

    if (!operation_enter_any(ctr, &op, error) || !exec_sessions_active(ctr, &sessions, error))
        return false;
    for (guint i = 0; i < sessions->len; i++)
        json_array_append_new(list, exec_session_describe(g_ptr_array_index(sessions, i)));
    *ret_json = json_to_text(list);
    return true;
}

static bool check_id(const char *session_id, GError **error)
{
    return id_is_valid(session_id) ||
           err_set(error, FLOE_ERROR_INVALID, "'%s' is not the id of an exec session", session_id);
}

static bool container_exec_cleanup(floe_container *ctr, const char *session_id, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;

    return check_id(session_id, error) && operation_enter_any(ctr, &op, error) &&
           exec_session_keep_exit(ctr, session_id, error) &&
           exec_session_forget(ctr, session_id, error);
}

/* Where a session stands: its exit code, or (*ret_ended false) the conmon to wait for. */
static bool look_at_end(floe_container *ctr, const char *session_id, bool *ret_ended,
                        int *ret_exit_code, int *ret_conmon_pid, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(GPtrArray) sessions = NULL;

    if (!operation_enter_any(ctr, &op, error))
        return false;
    *ret_ended = exec_session_read_exit(ctr, session_id, ret_exit_code, NULL) ||
                 exit_code_load(ctr->engine->db, session_id, ret_exit_code, NULL);
    if (*ret_ended)
        return true;
    if (!exec_sessions_active(ctr, &sessions, error))
        return false;
    for (guint i = 0; i < sessions->len; i++) {
        const ExecRecord *session = g_ptr_array_index(sessions, i);

        *ret_conmon_pid = session->conmon_pid;
        if (g_str_equal(session->id, session_id))
            return true;
    }
    return err_set(error, FLOE_ERROR_NOT_FOUND, "container \"%s\" has no exec session %s",
                   ctr->record->name, session_id);
}

static bool container_exec_wait(floe_container *ctr, const char *session_id, int *ret_exit_code,
                                GError **error)
{
    g_autofree char *dir = g_build_filename(ctr->paths.exec, session_id, NULL);
    bool ended = false, conmon_gone = false;
    g_autoptr(GError) err = NULL;
    int conmon_pid = 0;

    if (!check_id(session_id, error))
        return false;
    if (!look_at_end(ctr, session_id, &ended, ret_exit_code, &conmon_pid, error))
        return false;
    if (ended)
        return true;
    if (!conmon_wait_exit(dir, ctr->record->id, conmon_pid, -1, &conmon_gone, &err) &&
        !err_is(err, FLOE_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    /* A conmon that was killed leaves none, however long its command goes on. */
    if (!look_at_end(ctr, session_id, &ended, ret_exit_code, &conmon_pid, error))
        return false;
    return ended || err_set(error, FLOE_ERROR_NOT_FOUND,
                            "the exit code of exec session %s is not known", session_id);
}

/* --- the border ----------------------------------------------------------------------------- */

bool floe_container_exec_and_attach(floe_container *container, const floe_exec_options *options,
                                    const floe_attach_streams *streams,
                                    floe_attachment **ret_attachment, floe_error **error)
{
    floe_exec_options known = FLOE_EXEC_OPTIONS_INIT;
    floe_attach_streams known_streams = FLOE_ATTACH_STREAMS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), GIVEN(ret_attachment), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             public_options(streams, &known_streams, sizeof(known_streams), &err) &&
                             container_exec_and_attach(container, &known, &known_streams,
                                                       ret_attachment, &err),
                         &err, error);
}

bool floe_container_exec(floe_container *container, const floe_exec_options *options,
                         const floe_attach_streams *streams, int *ret_exit_code, floe_error **error)
{
    floe_attachment *attachment = NULL;

    if (!floe_container_exec_and_attach(container, options, streams, &attachment, error))
        return false;

    bool ok = floe_attachment_wait(attachment, ret_exit_code, error);
    floe_attachment_free(attachment);
    return ok;
}

bool floe_container_exec_detached(floe_container *container, const floe_exec_options *options,
                                  char **ret_session_id, floe_error **error)
{
    floe_exec_options known = FLOE_EXEC_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             container_exec_detached(container, &known, ret_session_id, &err),
                         &err, error);
}

bool floe_container_exec_wait(floe_container *container, const char *session_id, int *ret_exit_code,
                              floe_error **error)
{
    g_autoptr(GError) err = NULL;
    int exit_code = 0;
    bool ok = public_given(&err, GIVEN(container), GIVEN(session_id), NULL) &&
              container_exec_wait(container, session_id, &exit_code, &err);

    if (ok && ret_exit_code != NULL)
        *ret_exit_code = exit_code;
    return public_result(ok, &err, error);
}

bool floe_container_exec_sessions(floe_container *container, char **ret_json, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), GIVEN(ret_json), NULL) &&
                             container_exec_sessions(container, ret_json, &err),
                         &err, error);
}

bool floe_container_exec_cleanup(floe_container *container, const char *session_id,
                                 floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), GIVEN(session_id), NULL) &&
                             container_exec_cleanup(container, session_id, &err),
                         &err, error);
}
