/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-start.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "engine/cgroup-names.h"
#include "engine/container-files.h"
#include "engine/container-mount.h"
#include "engine/container-network-plan.h"
#include "engine/container-network.h"
#include "engine/container-overlays.h"
#include "engine/container-ports.h"
#include "engine/container-release.h"
#include "engine/container-secrets.h"
#include "engine/container-spec.h"
#include "engine/container-volumes.h"
#include "engine/dependencies.h"
#include "engine/event.h"
#include "engine/exit-command.h"
#include "engine/health-check.h"
#include "engine/health-monitor.h"
#include "engine/log-source.h"
#include "engine/operation.h"
#include "engine/pod.h"
#include "engine/policy-restart.h"
#include "engine/public-error.h"
#include "engine/service.h"
#include "oci/conmon.h"

#include <string.h>

/* What the record says of the run before the one that failed to begin. */
typedef struct LastRun {
    int state;
    int exit_code;
    bool exited;
    bool oom_killed;
} LastRun;

static bool record_plan(floe_container *ctr, const char *intent, bool has_network, GError **error);
static bool make_places(floe_container *ctr, GError **error);
static bool create_in_runtime(floe_container *ctr, RestoreRequest *restore, bool has_network,
                              GError **error);
static LastRun last_run(const floe_container *ctr);
static void forget_last_run(floe_container *ctr);
static void undo(floe_container *ctr, const LastRun *before, const GError *cause);

/* --- init ----------------------------------------------------------------------------------- */

bool container_init_locked(floe_container *ctr, GError **error)
{
    ContainerStatus *status = &ctr->record->status;
    g_autoptr(GError) err = NULL;
    LastRun before;

    if (!dependencies_check(ctr, error))
        return false;
    /* What the last run left, or the network that a checkpoint kept, makes room for a fresh one. */
    if ((status->state == FLOE_STATE_STOPPED || status->netns_path != NULL) &&
        !container_release(ctr, RELEASE_ALL, error))
        return false;
    if (status->state == FLOE_STATE_STOPPED)
        container_set_state(ctr, FLOE_STATE_EXITED);
    before = last_run(ctr);
    forget_last_run(ctr);
    status->has_notify = service_notify_socket(ctr) != NULL;

    if (container_bring_up(ctr, INTENT_INIT, NULL, &err)) {
        container_set_state(ctr, FLOE_STATE_CREATED);
        event_note(ctr, FLOE_EVENT_INIT);
        return true;
    }
    undo(ctr, &before, err);
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

static LastRun last_run(const floe_container *ctr)
{
    const ContainerStatus *status = &ctr->record->status;

    return (LastRun){ status->state, status->exit_code, status->exited, status->oom_killed };
}

/* Called when an init or a start failed; the error that is reported stays theirs. */
static void undo(floe_container *ctr, const LastRun *before, const GError *cause)
{
    ContainerStatus *status = &ctr->record->status;
    g_autoptr(GError) err = NULL;

    if (!container_release(ctr, RELEASE_ALL, &err))
        log_ignored(g_steal_pointer(&err), "clean up after a failed start of container \"%s\"",
                    ctr->record->name);
    status->state = before->state;
    status->exit_code = before->exit_code;
    status->exited = before->exited;
    status->oom_killed = before->oom_killed;
    g_free(status->error);
    status->error = g_strdup(cause->message);
    if (!container_save_intent(ctr, NULL, &err))
        log_ignored(g_steal_pointer(&err), "record the failed start of container \"%s\"",
                    ctr->record->name);
}

/*
 * A new run is not the continuation of a checkpoint, whose files stay, with the address that they
 * need.
 */
static void forget_last_run(floe_container *ctr)
{
    ContainerStatus *status = &ctr->record->status;

    status->exit_code = 0;
    status->state_before_boot = 0;
    status->exited = false;
    status->oom_killed = false;
    status->stopped_by_user = false;
    status->checkpointed = false;
    status->restored = false;
    status->restored_unix_ns = 0;
    g_clear_pointer(&status->restore_log, g_free);
    g_clear_pointer(&status->error, g_free);
    if (status->restarting)
        return;
    /* A user's start: what the restart policy did before does not count any more. */
    restart_cancel(ctr);
    status->restart_count = 0;
    status->quick_ends = 0;
}

bool container_bring_up(floe_container *ctr, const char *intent, RestoreRequest *restore,
                        GError **error)
{
    bool has_network = ctr->record->status.netns_path != NULL;

    return cgroup_names_split(ctr, error) && record_plan(ctr, intent, has_network, error) &&
           make_places(ctr, error) && container_mount_root(ctr, error) &&
           (restore == NULL || restore->fill_root == NULL ||
            restore->fill_root(ctr, restore->data, error)) &&
           container_mount_volumes(ctr, error) && container_secrets_prepare(ctr, error) &&
           container_mount_overlays(ctr, restore == NULL, error) &&
           container_mount_shm(ctr, error) &&
           (restore == NULL || container_restore_shm(ctr, ctr->paths.checkpoint, error)) &&
           create_in_runtime(ctr, restore, has_network, error);
}

/*
 * Address and intent are on record before anything is made, so that a later floe finds what this one
 * leaves if it is killed.
 */
static bool record_plan(floe_container *ctr, const char *intent, bool has_network, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    return transaction_begin(ctr->engine->db, false, &transaction, error) &&
           (has_network || container_network_plan(ctr, error)) &&
           container_save_intent(ctr, intent, error) && transaction_commit(&transaction, error);
}

static bool make_places(floe_container *ctr, GError **error)
{
    const char *pod_id = ctr->record->config.pod_id;

    return (pod_id == NULL || pod_prepare_cgroup(ctr->engine, pod_id, error)) &&
           dir_make(ctr->paths.run, 0711, error) && dir_make(ctr->paths.bundle, 0700, error) &&
           (!ctr->record->status.has_notify || dir_make(ctr->paths.notify_dir, 0755, error)) &&
           dir_make(ctr->paths.exit_dir, 0700, error);
}

/* Where the user wants it; what is there is replaced. */
static bool write_pid(const char *path, int pid, GError **error)
{
    g_autofree char *text = g_strdup_printf("%d", pid);

    if (path == NULL || file_write_atomic(path, text, strlen(text), 0644, error))
        return true;
    err_prefix(error, "process id");
    return err_recode(error, FLOE_ERROR_IO);
}

/* netavark works while the runtime makes the container: only the namespace must be there before. */
static bool create_in_runtime(floe_container *ctr, RestoreRequest *restore, bool has_network,
                              GError **error)
{
    const ContainerConfig *config = &ctr->record->config;
    ContainerStatus *status = &ctr->record->status;
    const ContainerPaths *paths = &ctr->paths;
    CgroupPlace place;
    g_auto(GStrv) exit_command = exit_command_cleanup(ctr);
    g_autofree char *log = log_driver_target(ctr);
    g_autoptr(NetworkCall) network = NULL;
    g_autoptr(ConmonCall) conmon = NULL;
    g_autoptr(GArray) port_fds = NULL;
    g_auto(Runtime) runtime = { 0 };
    bool is_silent = restore != NULL && restore->tcp_established;
    int64_t begun_us;

    container_runtime(ctr, &runtime);
    if (!container_ports_hold(ctr, &port_fds, error))
        return false;
    if (!has_network && !container_network_setup_begin(ctr, is_silent, &network, error))
        return false;
    if (has_network && restore != NULL && !container_network_reopen(ctr, &is_silent, error))
        return false;
    if (!container_write_bundle(ctr, error))
        return false;

    ConmonStart start = {
        .runtime = &runtime,
        .id = ctr->record->id,
        .name = ctr->record->name,
        .bundle = paths->bundle,
        .exit_dir = paths->exit_dir,
        .pid_file = paths->pid_file,
        .conmon_pid_file = paths->conmon_pid_file,
        .runtime_log = paths->runtime_log,
        .log = log,
        .log_max_bytes = config->log_max_bytes,
        .log_tag = config->log_tag,
        .timeout_s = config->timeout_s,
        .passes_streams = log_driver_is(config, LOG_DRIVER_PASSTHROUGH),
        .exit_command = (const char *const *)exit_command,
        .tty = config->tty,
        .open_stdin = config->open_stdin,
        .notify_socket = status->has_notify ? service_notify_socket(ctr) : NULL,
        .inherited_fds = port_fds != NULL ? (const int *)port_fds->data : NULL,
        .n_inherited_fds = port_fds != NULL ? port_fds->len : 0,
        .place = container_conmon_place(ctr, &place),
        .restore_dir = restore != NULL ? paths->checkpoint : NULL,
        .criu_config = restore != NULL ? paths->criu_config : NULL,
        .tcp_established = restore != NULL && restore->tcp_established,
        .file_locks = restore != NULL && restore->file_locks,
    };
    if (restore == NULL)
        service_fds(ctr, &start.preserved_fds, &start.n_preserved_fds);
    begun_us = g_get_monotonic_time();
    if (!conmon_start(&start, &conmon, error))
        return false;
    if (network != NULL && !container_network_setup_end(ctr, network, error))
        return err_prefix(error, "network");
    if (!conmon_finish(conmon, &status->pid, &status->conmon_pid, error))
        return false;
    if (!write_pid(config->pid_file, status->pid, error) ||
        !write_pid(config->conmon_pid_file, status->conmon_pid, error))
        return false;
    if (is_silent)
        container_network_listen(ctr);
    if (restore != NULL)
        restore->runtime_us = g_get_monotonic_time() - begun_us;
    return true;
}

/* --- start ---------------------------------------------------------------------------------- */

static bool start_created(floe_container *ctr, GError **error)
{
    g_auto(Runtime) runtime = { 0 };

    container_runtime(ctr, &runtime);
    ctr->record->status.started_unix_ns = clock_unix_ns();
    if (!container_save_intent(ctr, INTENT_START, error) ||
        !runtime_start(&runtime, ctr->record->id, ctr->record->status.pid, ctr->lock.fd, error))
        return false;
    container_set_state(ctr, FLOE_STATE_RUNNING);
    restart_cancel(ctr);
    health_begin(&ctr->record->config, &ctr->record->status);
    if (!container_save_intent(ctr, NULL, error))
        return false;
    event_note(ctr, FLOE_EVENT_START);
    health_monitor_begin(ctr);
    service_tell_started(ctr);
    return true;
}

bool container_start_locked(floe_container *ctr, BeforeStart before, void *data, GError **error)
{
    LastRun last = last_run(ctr);
    g_autoptr(GError) err = NULL;

    if (ctr->record->status.state != FLOE_STATE_CREATED && !container_init_locked(ctr, error))
        return false;
    if ((before == NULL || before(ctr, data, &err)) && start_created(ctr, &err))
        return true;
    last.state = container_state_at_rest(ctr);
    undo(ctr, &last, err);
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

/* --- operations ----------------------------------------------------------------------------- */

static bool container_init(floe_container *ctr, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;

    return (ctr->record->config.pod_id == NULL || dependencies_start(ctr, OPERATION_INIT, error)) &&
           container_ports_settle(ctr, error) && operation_enter(ctr, OPERATION_INIT, &op, error) &&
           container_init_locked(ctr, error) && container_save_intent(ctr, NULL, error);
}

bool container_start(floe_container *ctr, BeforeStart before, void *data, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;

    return dependencies_start(ctr, OPERATION_START, error) && container_ports_settle(ctr, error) &&
           operation_enter(ctr, OPERATION_START, &op, error) &&
           container_start_locked(ctr, before, data, error);
}

bool container_start_as_service(floe_container *ctr, BeforeStart before, void *data, GError **error)
{
    ctr->is_service = ctr->engine->as_service;
    return container_start(ctr, before, data, error) && service_await_healthy(ctr, error);
}

bool floe_container_init(floe_container *container, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             container_init(container, &err),
                         &err, error);
}

bool floe_container_start(floe_container *container, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             container_start_as_service(container, NULL, NULL, &err),
                         &err, error);
}
