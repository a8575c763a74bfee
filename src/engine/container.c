/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "base/process.h"
#include "engine/container-mount.h"
#include "engine/event.h"
#include "engine/heal.h"
#include "engine/public-error.h"
#include "oci/conmon.h"

#include <errno.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define CGROUP_FILE_LIMIT 65536
#define END_GRACE_MS      200

static bool container_sync(floe_container *ctr, bool heal, GError **error);

/* --- handles -------------------------------------------------------------------------------- */

static void paths_init(ContainerPaths *paths, const floe_engine *engine, const char *id)
{
    g_autofree char *cgroup_parent = engine_cgroup_parent(engine);

    paths->dir = g_build_filename(engine->root, "containers", id, NULL);
    paths->upper = g_build_filename(paths->dir, "upper", NULL);
    paths->work = g_build_filename(paths->dir, "work", NULL);
    paths->checkpoint = g_build_filename(paths->dir, "checkpoint", NULL);
    paths->checkpoint_new = g_build_filename(paths->dir, "checkpoint.new", NULL);
    paths->criu_work = g_build_filename(paths->dir, "criu", NULL);
    paths->log = g_build_filename(paths->dir, "ctr.log", NULL);
    paths->run = g_build_filename(engine->runroot, "containers", id, NULL);
    paths->merged = g_build_filename(paths->run, "merged", NULL);
    paths->bundle = g_build_filename(paths->run, "bundle", NULL);
    paths->exit_dir = g_build_filename(paths->run, "exit", NULL);
    paths->shm = g_build_filename(paths->run, "shm", NULL);
    paths->exec = g_build_filename(paths->run, "exec", NULL);
    paths->resolv_conf = g_build_filename(paths->run, "resolv.conf", NULL);
    paths->hosts = g_build_filename(paths->run, "hosts", NULL);
    paths->hostname = g_build_filename(paths->run, "hostname", NULL);
    paths->containerenv = g_build_filename(paths->run, "containerenv", NULL);
    paths->pid_file = g_build_filename(paths->run, "pidfile", NULL);
    paths->conmon_pid_file = g_build_filename(paths->run, "conmon.pid", NULL);
    paths->runtime_log = g_build_filename(paths->run, "runtime.log", NULL);
    paths->criu_config = g_build_filename(paths->run, "criu.conf", NULL);
    paths->netns = g_strdup_printf("/run/netns/floe%s-%.12s", engine->tag, id);
    paths->cgroup = g_build_filename(cgroup_parent, id, NULL);
    paths->lock = g_build_filename(engine->runroot, "locks", "containers", NULL);
}

static void paths_clear(ContainerPaths *paths)
{
    char **all = (char **)paths;

    for (size_t i = 0; i < sizeof(*paths) / sizeof(*all); i++)
        g_free(all[i]);
}

floe_container *container_for_record(floe_engine *engine, ContainerRecord *record)
{
    floe_container *ctr = g_new0(floe_container, 1);

    ctr->engine = engine;
    ctr->record = record;
    paths_init(&ctr->paths, engine, record->id);
    return ctr;
}

void container_free(floe_container *ctr)
{
    if (ctr == NULL)
        return;
    container_record_free(ctr->record);
    paths_clear(&ctr->paths);
    g_free(ctr);
}

bool container_open(floe_engine *engine, const char *id, floe_container **ret_ctr, GError **error)
{
    g_autoptr(ContainerRecord) record = NULL;

    if (!container_load(engine->db, id, &record, error))
        return false;
    *ret_ctr = container_for_record(engine, g_steal_pointer(&record));
    return true;
}

bool container_lookup(floe_engine *engine, const char *name_or_id, floe_container **ret_ctr,
                      GError **error)
{
    g_autofree char *id = NULL;

    return container_find(engine->db, name_or_id, &id, error) &&
           container_open(engine, id, ret_ctr, error);
}

void container_runtime(floe_container *ctr, Runtime *ret_runtime)
{
    engine_runtime_at(ctr->engine, ctr->record->config.runtime, ret_runtime);
}

/* --- operations ----------------------------------------------------------------------------- */

bool operation_enter(floe_container *ctr, OperationKind kind, Operation *ret_op, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;

    if (!operation_enter_any(ctr, &op, error))
        return false;
    if (!operation_is_allowed(kind, ctr->record->status.state))
        return operation_refuse(kind, ctr->record->status.state, ctr->record->name, error);
    *ret_op = op;
    op = (Operation)OPERATION_NONE;
    return true;
}

static bool enter(Operation *begun, Operation *ret_op, GError **error)
{
    g_auto(Operation) op = *begun;

    if (!operation_resume(&op, error))
        return false;
    *ret_op = op;
    op = (Operation)OPERATION_NONE;
    return true;
}

bool operation_enter_any(floe_container *ctr, Operation *ret_op, GError **error)
{
    return enter(&(Operation){ ctr, LOCK_NONE, false }, ret_op, error);
}

bool operation_enter_broken(floe_container *ctr, Operation *ret_op, GError **error)
{
    return enter(&(Operation){ ctr, LOCK_NONE, true }, ret_op, error);
}

void operation_suspend(Operation *op)
{
    lock_release(&op->lock);
}

/* The first 60 bits of the id: locks are bytes of one file, so that none is left when a container goes. */
static int64_t lock_offset(const char *id)
{
    g_autofree char *digits = g_strndup(id, 15);

    return (int64_t)g_ascii_strtoull(digits, NULL, 16);
}

bool operation_resume(Operation *op, GError **error)
{
    g_autofree char *locks = g_path_get_dirname(op->ctr->paths.lock);

    if (!dir_make(locks, 0700, error) ||
        !lock_acquire_byte(op->ctr->paths.lock, lock_offset(op->ctr->record->id), &op->lock, error))
        return false;
    return container_sync(op->ctr, !op->leaves_broken, error);
}

void operation_leave(Operation *op)
{
    lock_release(&op->lock);
    op->ctr = NULL;
}

/* --- the record ----------------------------------------------------------------------------- */

void container_set_state(floe_container *ctr, floe_container_state state)
{
    g_assert(state_may_become(ctr->record->status.state, state));
    ctr->record->status.state = state;
}

bool container_save(floe_container *ctr, GError **error)
{
    return container_save_status(ctr->engine->db, ctr->record->id, &ctr->record->status, error);
}

bool container_save_intent(floe_container *ctr, const char *intent, GError **error)
{
    g_free(ctr->record->status.intent);
    ctr->record->status.intent = g_strdup(intent);
    return container_save(ctr, error);
}

bool container_reload(floe_container *ctr, GError **error)
{
    g_autoptr(GError) err = NULL;
    g_auto(ContainerStatus) fresh = { 0 };

    if (!container_load_status(ctr->engine->db, ctr->record->id, &fresh, &err)) {
        if (err_is(err, FLOE_ERROR_NOT_FOUND))
            return err_set(error, FLOE_ERROR_REMOVED, "container \"%s\" was removed meanwhile",
                           ctr->record->name);
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    container_status_clear(&ctr->record->status);
    ctr->record->status = fresh;
    memset(&fresh, 0, sizeof(fresh));
    return true;
}

/* Reload, and bring the record in line with what happened while no floe was looking. */
static bool container_sync(floe_container *ctr, bool heal, GError **error)
{
    bool changed = false, holds_changed = false;

    if (!container_reload(ctr, error))
        return false;
    if (heal && ctr->record->status.intent != NULL && !container_heal(ctr, error))
        return err_prefix(error, "put container \"%s\" right after an interrupted %s",
                          ctr->record->name, ctr->record->status.intent);
    if (!container_drop_dead_holds(ctr, &holds_changed, error) ||
        !container_note_exit(ctr, &changed, error) ||
        ((changed || holds_changed) && !container_save(ctr, error)))
        return false;
    if (changed)
        event_note_exit(ctr, FLOE_EVENT_DIED, ctr->record->status.exit_code);
    return true;
}

bool container_note_exit(floe_container *ctr, bool *ret_changed, GError **error)
{
    ContainerStatus *status = &ctr->record->status;
    g_autoptr(GError) err = NULL;
    int64_t finished = 0;
    int exit_code = -1;
    bool oom = false;

    *ret_changed = false;
    if (!state_has_process(status->state))
        return true;
    if (!conmon_read_exit(ctr->paths.exit_dir, ctr->record->id, ctr->paths.bundle, &exit_code,
                          &finished, &oom, &err)) {
        if (!err_is(err, FLOE_ERROR_NOT_FOUND)) {
            g_propagate_error(error, g_steal_pointer(&err));
            return false;
        }
        if (!process_has_ended(status->pid) || !process_has_ended(status->conmon_pid))
            return true;
        log_warn("conmon of container \"%s\" died without leaving an exit code", ctr->record->name);
        finished = clock_unix_ns();
    }
    container_set_state(ctr, FLOE_STATE_STOPPED);
    status->exit_code = exit_code;
    status->exited = true;
    status->oom_killed = oom;
    /* A file's time is that of the kernel's last tick, which may lie before the start. */
    status->finished_unix_ns = MAX(finished, status->started_unix_ns + 1);
    status->pid = 0;
    *ret_changed = true;
    return exit_code_save(ctr->engine->db, ctr->record->id, exit_code, error);
}

bool container_signal(floe_container *ctr, int signal, GError **error)
{
    int pid = ctr->record->status.pid;
    g_autofree char *path = g_strdup_printf("/proc/%d/cgroup", pid);
    g_autofree char *cgroups = NULL;
    autofd int pidfd = -1;

    /* Only when the descriptor is open the check is about the process that the signal will reach. */
    pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;
    if (pidfd < 0 || pidfd_wait(pidfd, 0) ||
        !file_read(path, CGROUP_FILE_LIMIT, &cgroups, NULL, NULL) ||
        strstr(cgroups, ctr->paths.cgroup) == NULL)
        return err_set(error, FLOE_ERROR_STOPPED, "the process of container \"%s\" has ended",
                       ctr->record->name);
    if (pidfd_send_signal(pidfd, signal, NULL, 0) < 0 && errno != ESRCH)
        return err_set_errno(error, "send signal %d to container \"%s\"", signal, ctr->record->name);
    return true;
}

bool operation_blame_end(floe_container *ctr, OperationKind kind, GError **error)
{
    int pid = ctr->record->status.pid;
    autofd int pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;

    /* On its way out a process has lost its root and its cgroup before it counts as ended. */
    if (pidfd >= 0)
        pidfd_wait(pidfd, END_GRACE_MS);
    if (container_signal(ctr, 0, NULL))
        return false;
    g_clear_error(error);
    return err_set(error, FLOE_ERROR_BAD_STATE,
                   "cannot %s container \"%s\": it is not running any more", operation_name(kind),
                   ctr->record->name);
}

/* --- the border ----------------------------------------------------------------------------- */

bool floe_container_lookup(floe_engine *engine, const char *name_or_id,
                           floe_container **ret_container, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(container_lookup(engine, name_or_id, ret_container, &err), &err, error);
}

static bool container_latest(floe_engine *engine, floe_container **ret_ctr, GError **error)
{
    g_autofree char *id = NULL;

    if (!container_find_latest(engine->db, &id, error))
        return false;
    if (id == NULL)
        return err_set(error, FLOE_ERROR_NOT_FOUND, "there are no containers");
    return container_open(engine, id, ret_ctr, error);
}

bool floe_container_latest(floe_engine *engine, floe_container **ret_container, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(container_latest(engine, ret_container, &err), &err, error);
}

static bool container_get_state(floe_container *ctr, floe_container_state *ret_state, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;

    if (!operation_enter(ctr, OPERATION_LOOK, &op, error))
        return false;
    *ret_state = (floe_container_state)ctr->record->status.state;
    return true;
}

bool floe_container_get_state(floe_container *container, floe_container_state *ret_state,
                              floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(container_get_state(container, ret_state, &err), &err, error);
}

void floe_container_free(floe_container *container)
{
    container_free(container);
}

const char *floe_container_id(const floe_container *container)
{
    return container->record->id;
}

const char *floe_container_name(const floe_container *container)
{
    return container->record->name;
}
