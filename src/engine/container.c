/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/fd.h"
#include "engine/cgroup-names.h"
#include "engine/container-processes.h"
#include "engine/public-error.h"

#include <errno.h>
#include <string.h>
#include <sys/pidfd.h>

#define COMMAND_TIMEOUT_MS 1000
#define COMMAND_POLL_US    300

/* --- handles -------------------------------------------------------------------------------- */

static void paths_init(ContainerPaths *paths, const floe_engine *engine,
                       const ContainerRecord *record)
{
    const char *id = record->id;

    paths->dir = g_build_filename(engine->root, "containers", id, NULL);
    paths->upper = g_build_filename(paths->dir, "upper", NULL);
    paths->work = g_build_filename(paths->dir, "work", NULL);
    paths->checkpoint = g_build_filename(paths->dir, "checkpoint", NULL);
    paths->checkpoint_new = g_build_filename(paths->dir, "checkpoint.new", NULL);
    paths->pre_checkpoint = g_build_filename(paths->dir, "pre-checkpoint", NULL);
    paths->criu_work = g_build_filename(paths->dir, "criu", NULL);
    paths->artifacts = g_build_filename(paths->dir, "artifacts", NULL);
    paths->secrets = g_build_filename(paths->dir, "secrets", NULL);
    paths->log = record->config.log_path != NULL ? g_strdup(record->config.log_path)
                                                 : g_build_filename(paths->dir, "ctr.log", NULL);
    paths->run = g_build_filename(engine->runroot, "containers", id, NULL);
    paths->merged = g_build_filename(paths->run, "merged", NULL);
    paths->bundle = g_build_filename(paths->run, "bundle", NULL);
    paths->notify_dir = g_build_filename(paths->bundle, "notify", NULL);
    paths->exit_dir = g_build_filename(paths->run, "exit", NULL);
    paths->shm = g_build_filename(paths->run, "shm", NULL);
    paths->exec = g_build_filename(paths->run, "exec", NULL);
    paths->secrets_mount = g_build_filename(paths->run, "secrets", NULL);
    paths->resolv_conf = g_build_filename(paths->run, "resolv.conf", NULL);
    paths->localtime = g_build_filename(paths->run, "localtime", NULL);
    paths->hosts = g_build_filename(paths->run, "hosts", NULL);
    paths->hostname = g_build_filename(paths->run, "hostname", NULL);
    paths->containerenv = g_build_filename(paths->run, "containerenv", NULL);
    paths->pid_file = g_build_filename(paths->run, "pidfile", NULL);
    paths->conmon_pid_file = g_build_filename(paths->run, "conmon.pid", NULL);
    paths->runtime_log = g_build_filename(paths->run, "runtime.log", NULL);
    paths->criu_config = g_build_filename(paths->run, "criu.conf", NULL);
    paths->netns = g_strdup_printf("/run/netns/floe%s-%.12s", engine->tag, id);
    cgroup_names_of(paths, engine, record);
    paths->restart = g_build_filename(engine->runroot, "restarts", id, NULL);
    paths->lock = container_lock_file(engine);
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
    ctr->lock = (Lock)LOCK_NONE;
    paths_init(&ctr->paths, engine, record);
    return ctr;
}

void container_free(floe_container *ctr)
{
    if (ctr == NULL)
        return;
    lock_release(&ctr->lock);
    container_record_free(ctr->record);
    paths_clear(&ctr->paths);
    g_free(ctr->preserved_fds);
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

/* By name, id or the beginning of an id. NOT_FOUND, AMBIGUOUS. */
static bool container_lookup(floe_engine *engine, const char *name_or_id, floe_container **ret_ctr,
                             GError **error)
{
    g_autofree char *id = NULL;

    return container_find(engine->db, name_or_id, &id, error) &&
           container_open(engine, id, ret_ctr, error);
}

char *container_lock_file(const floe_engine *engine)
{
    return g_build_filename(engine->runroot, "locks", "containers", NULL);
}

int64_t container_lock_offset(const char *id, ContainerLock which)
{
    return id_lock_offset(id) | ((int64_t)which << 60);
}

void record_runtime(const floe_engine *engine, const ContainerRecord *record, Runtime *ret_runtime)
{
    engine_runtime_at(engine, record->config.runtime, config_uses_systemd(&record->config),
                      ret_runtime);
    ret_runtime->no_cgroups = !config_has_cgroup(&record->config);
}

void container_runtime(const floe_container *ctr, Runtime *ret_runtime)
{
    record_runtime(ctr->engine, ctr->record, ret_runtime);
}

bool container_load_image(const floe_engine *engine, const ContainerConfig *config,
                          ImageRecord **ret_image, GError **error)
{
    if (config->image_id != NULL)
        return image_load(engine->db, config->image_id, ret_image, error);
    *ret_image = g_new0(ImageRecord, 1);
    (*ret_image)->names = g_new0(char *, 1);
    (*ret_image)->layers = g_new0(char *, 1);
    return true;
}

bool container_has_bare_root(const ContainerConfig *config)
{
    return config->rootfs != NULL && !config->rootfs_overlay;
}

/* --- the record ----------------------------------------------------------------------------- */

void container_set_state(floe_container *ctr, floe_container_state state)
{
    g_assert(state_may_become(ctr->record->status.state, state));
    ctr->record->status.state = state;
}

floe_container_state container_state_at_rest(const floe_container *ctr)
{
    return ctr->record->status.finished_unix_ns != 0 ? FLOE_STATE_EXITED : FLOE_STATE_CONFIGURED;
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

void container_take_config(floe_container *ctr, ContainerRecord *record)
{
    ContainerConfig config = ctr->record->config;

    ctr->record->config = record->config;
    record->config = config;
}

/* Another floe has changed it since. */
static bool reload_config(floe_container *ctr, GError **error)
{
    g_autoptr(ContainerRecord) fresh = NULL;

    if (!container_load(ctr->engine->db, ctr->record->id, &fresh, error))
        return false;
    container_take_config(ctr, fresh);
    return true;
}

bool container_reload(floe_container *ctr, GError **error)
{
    int config_revision = ctr->record->status.config_revision;
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
    cgroup_names_renew(ctr);
    return ctr->record->status.config_revision == config_revision || reload_config(ctr, error);
}

/* --- its process ---------------------------------------------------------------------------- */

bool container_open_process(floe_container *ctr, int *ret_pidfd, GError **error)
{
    autofd int pidfd = -1;

    if (!container_find_process(ctr, ctr->record->status.pid, &pidfd, error))
        return false;
    if (pidfd < 0)
        return err_set(error, FLOE_ERROR_STOPPED, "the process of container \"%s\" has ended",
                       ctr->record->name);
    *ret_pidfd = g_steal_fd(&pidfd);
    return true;
}

bool container_signal(floe_container *ctr, int signal, GError **error)
{
    autofd int pidfd = -1;

    if (!container_open_process(ctr, &pidfd, error))
        return false;
    if (pidfd_send_signal(pidfd, signal, NULL, 0) < 0 && errno != ESRCH)
        return err_set_errno(error, "send signal %d to container \"%s\"", signal, ctr->record->name);
    return true;
}

void container_wait_for_command(const floe_container *ctr)
{
    int64_t deadline_ms = clock_deadline_ms(COMMAND_TIMEOUT_MS);
    g_auto(Runtime) runtime = { 0 };

    container_runtime(ctr, &runtime);
    while (runtime_is_setting_up(&runtime, ctr->record->status.pid) &&
           clock_monotonic_ms() < deadline_ms)
        g_usleep(COMMAND_POLL_US);
}

/* --- the border ----------------------------------------------------------------------------- */

bool floe_container_lookup(floe_engine *engine, const char *name_or_id,
                           floe_container **ret_container, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name_or_id), GIVEN(ret_container),
                                      NULL) &&
                             container_lookup(engine, name_or_id, ret_container, &err),
                         &err, error);
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

    return public_result(public_given(&err, GIVEN(engine), GIVEN(ret_container), NULL) &&
                             container_latest(engine, ret_container, &err),
                         &err, error);
}

void floe_container_free(floe_container *container)
{
    container_free(container);
}

const char *floe_container_id(const floe_container *container)
{
    return container != NULL ? container->record->id : NULL;
}

const char *floe_container_name(const floe_container *container)
{
    return container != NULL ? container->record->name : NULL;
}
