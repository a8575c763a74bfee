/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-end.h"

#include "base/clock.h"
#include "base/process.h"
#include "engine/cgroup-names.h"
#include "engine/container-processes.h"
#include "oci/conmon-exit.h"
#include "oci/journal.h"

/* Where to look. Of the many paths of a container these are all that a list of many looks at. */
typedef struct EndPaths {
    char *exit_dir;
    char *bundle;
    char *cgroup;
} EndPaths;

static void end_paths_clear(EndPaths *paths)
{
    g_free(paths->exit_dir);
    g_free(paths->bundle);
    g_free(paths->cgroup);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(EndPaths, end_paths_clear)

static EndPaths end_paths(const floe_engine *engine, const ContainerRecord *record)
{
    const char *id = record->id;

    return (EndPaths){
        .exit_dir = g_build_filename(engine->runroot, "containers", id, "exit", NULL),
        .bundle = g_build_filename(engine->runroot, "containers", id, "bundle", NULL),
        .cgroup = container_cgroup(engine, record),
    };
}

static bool read_exit(const EndPaths *paths, const char *id, ContainerStatus *status,
                      bool *ret_found, GError **error)
{
    g_autoptr(GError) err = NULL;

    *ret_found = conmon_read_exit(paths->exit_dir, id, paths->bundle, &status->exit_code,
                                  &status->finished_unix_ns, &status->oom_killed, &err);
    if (*ret_found || err_is(err, FLOE_ERROR_NOT_FOUND))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

static bool is_alive(const floe_engine *engine, const ContainerRecord *record,
                     const EndPaths *paths, bool *ret_alive, GError **error)
{
    const ContainerStatus *status = &record->status;
    autofd int pidfd = -1;

    *ret_alive = true;
    if (conmon_is_alive(status->conmon_pid))
        return true;
    if (!record_find_process(engine, record, paths->cgroup, status->pid, &pidfd, error))
        return false;
    *ret_alive = pidfd >= 0;
    return true;
}

/* Asked before the look at the process: who stops it lets go only when that has ended. */
static bool stop_is_abandoned(const floe_engine *engine, const char *id,
                              const ContainerStatus *status, bool *ret_abandoned, GError **error)
{
    g_autofree char *locks = container_lock_file(engine);
    bool is_held = false;

    *ret_abandoned = false;
    if (status->state != FLOE_STATE_STOPPING)
        return true;
    if (!lock_byte_is_held(locks, container_lock_offset(id, CONTAINER_LOCK_STOP), &is_held, error))
        return false;
    *ret_abandoned = !is_held;
    return true;
}

/*
 * systemd removes a scope's cgroup with its last process, often before conmon has read there why that
 * ended (github.com/containers/conmon/issues/426); but systemd has read it, too.
 */
static bool was_oom_killed(const ContainerRecord *record, const char *cgroup)
{
    const ContainerStatus *status = &record->status;
    g_autofree char *scope = g_path_get_basename(cgroup);

    if (status->oom_killed)
        return true;
    return status->exit_code == EXIT_CODE_KILLED && status->state != FLOE_STATE_STOPPING &&
           record->config.memory_bytes > 0 && config_uses_systemd(&record->config) &&
           g_str_has_suffix(scope, ".scope") && journal_is_there() &&
           journal_tells_oom(scope, status->started_unix_ns);
}

bool record_note_end(const floe_engine *engine, ContainerRecord *record, EndNote *ret_note,
                     GError **error)
{
    ContainerStatus *status = &record->status;
    const char *id = record->id;
    g_auto(EndPaths) paths = { 0 };
    bool is_abandoned = false;
    bool is_told = false;
    bool alive = false;

    *ret_note = END_NONE;
    if (!state_has_process((floe_container_state)status->state))
        return true;
    paths = end_paths(engine, record);
    if (!stop_is_abandoned(engine, id, status, &is_abandoned, error) ||
        !read_exit(&paths, id, status, &is_told, error))
        return false;
    /* It may have come between the first look and conmon's end. */
    if (!is_told && (!is_alive(engine, record, &paths, &alive, error) ||
                     (!alive && !read_exit(&paths, id, status, &is_told, error))))
        return false;
    if (alive && is_abandoned) {
        status->state = FLOE_STATE_RUNNING;
        *ret_note = END_NOT_WAITED;
    }
    if (alive)
        return true;
    if (!is_told) {
        status->exit_code = -1;
        status->finished_unix_ns = clock_unix_ns();
    }
    status->oom_killed = was_oom_killed(record, paths.cgroup);
    /* The file's time is the kernel's coarse one: up to a tick behind. */
    status->finished_unix_ns = MAX(status->finished_unix_ns, status->started_unix_ns + 1);
    status->exited = true;
    status->pid = 0;
    status->state = FLOE_STATE_STOPPED;
    *ret_note = is_told ? END_TOLD : END_LOST;
    return true;
}

/* Without conmon nobody writes an exit file: what there is of the container is waited for. */
static bool wait_orphan(const floe_engine *engine, const ContainerRecord *record,
                        const EndPaths *paths, int timeout_ms, GError **error)
{
    autofd int pidfd = -1;

    if (!record_find_process(engine, record, paths->cgroup, record->status.pid, &pidfd, error))
        return false;
    if (pidfd < 0)
        return conmon_wait_end(record->status.conmon_pid, timeout_ms, error);
    return pidfd_wait(pidfd, timeout_ms) ||
           err_set(error, FLOE_ERROR_TIMEOUT, "the container did not end in time");
}

bool record_wait_end(const floe_engine *engine, const ContainerRecord *record, int timeout_ms,
                     GError **error)
{
    const ContainerStatus *status = &record->status;
    g_auto(EndPaths) paths = end_paths(engine, record);
    int64_t deadline_ms = clock_deadline_ms(timeout_ms);
    g_autoptr(GError) err = NULL;
    bool conmon_gone = false;

    if (conmon_wait_exit(paths.exit_dir, record->id, status->conmon_pid, timeout_ms, &conmon_gone,
                         &err)) {
        if (!conmon_gone)
            return true;
    } else if (!err_is(err, FLOE_ERROR_NOT_FOUND)) { /* the directory: it was cleaned up already */
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    return wait_orphan(engine, record, &paths, clock_ms_until(deadline_ms), error);
}
