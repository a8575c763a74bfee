/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/exec-sessions.h"

#include "base/path.h"
#include "base/process.h"
#include "engine/event.h"
#include "oci/conmon.h"
#include "state/exec-record.h"

#define REMOVE_TRIES    20
#define REMOVE_PAUSE_US 3000

static bool is_over(const ExecRecord *session)
{
    return session->ended || (session->pid > 0 && process_has_ended(session->pid)) ||
           (session->pid <= 0 && session->conmon_pid <= 0);
}

bool exec_sessions_active(floe_container *ctr, GPtrArray **ret_sessions, GError **error)
{
    g_autoptr(GPtrArray) sessions = NULL;

    if (!exec_list(ctr->engine->db, ctr->record->id, &sessions, error))
        return false;
    for (guint i = sessions->len; i > 0; i--) {
        const ExecRecord *session = g_ptr_array_index(sessions, i - 1);

        if (!is_over(session))
            continue;
        if (!exec_session_forget(ctr, session->id, error))
            return false;
        g_ptr_array_remove_index(sessions, i - 1);
    }
    *ret_sessions = g_steal_pointer(&sessions);
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

/* With the directory goes the exit file, so an end is noted once. */
static void note_end(const floe_container *ctr, const char *dir)
{
    int64_t finished_unix_ns;
    int exit_code;
    bool oom_killed;

    if (conmon_read_exit(dir, ctr->record->id, dir, &exit_code, &finished_unix_ns, &oom_killed,
                         NULL))
        event_note_exit(ctr, FLOE_EVENT_EXEC_DIED, exit_code);
}

bool exec_session_forget(floe_container *ctr, const char *session_id, GError **error)
{
    g_autofree char *dir = g_build_filename(ctr->paths.exec, session_id, NULL);

    note_end(ctr, dir);
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
