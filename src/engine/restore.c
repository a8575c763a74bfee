/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thawing a checkpointed container. It comes up as a new one does, but that the runtime restores
 * instead of creating.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "base/tree.h"
#include "engine/checkpoint.h"
#include "engine/container-network-plan.h"
#include "engine/container-network.h"
#include "engine/container-ports.h"
#include "engine/container-release.h"
#include "engine/container-remove.h"
#include "engine/container-start.h"
#include "engine/dependencies.h"
#include "engine/event.h"
#include "engine/health-monitor.h"
#include "engine/operation.h"
#include "engine/policy-restart.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "engine/service.h"
#include "oci/criu.h"

#include <floe/checkpoint.h>

static bool check_checkpoint(floe_container *ctr, const floe_restore_options *options,
                             GError **error)
{
    const ContainerStatus *status = &ctr->record->status;
    g_auto(Runtime) runtime = { 0 };
    g_autofree char *criu = NULL;

    if (!checkpoint_is_in(ctr->paths.checkpoint))
        return err_set(error, FLOE_ERROR_NOT_FOUND,
                       "container \"%s\" has no checkpoint to restore from", ctr->record->name);
    if (status->checkpoint_tcp && !options->tcp_established && !options->tcp_close)
        return err_set(error, FLOE_ERROR_INVALID,
                       "the checkpoint of container \"%s\" was made with --tcp-established and may "
                       "hold connections; use --tcp-established to restore it, or --tcp-close to "
                       "drop them",
                       ctr->record->name);
    if (status->checkpoint_locks && !options->file_locks)
        return err_set(error, FLOE_ERROR_INVALID,
                       "the checkpoint of container \"%s\" was made with --file-locks and may hold "
                       "file locks; use --file-locks to restore it",
                       ctr->record->name);
    container_runtime(ctr, &runtime);
    return criu_find(&runtime, &criu, NULL, error) && dependencies_check(ctr, error);
}

/* CRIU does without them if it must: then they are 0. */
void restore_read_stats(const floe_container *ctr, int64_t runtime_us, floe_restore_stats *ret_stats)
{
    g_autofree char *path = g_build_filename(ctr->paths.bundle, "stats-restore", NULL);
    g_autoptr(GError) err = NULL;
    CriuRestoreStats criu = { 0 };

    if (!criu_read_restore_stats(path, &criu, &err))
        log_ignored(g_steal_pointer(&err), "read the statistics of the restore");
    *ret_stats = (floe_restore_stats){
        .runtime_us = runtime_us,
        .forking_us = criu.forking_us,
        .restore_us = criu.restore_us,
        .pages_compared = criu.pages_compared,
        .pages_skipped_cow = criu.pages_skipped_cow,
        .pages_restored = criu.pages_restored,
    };
}

/* The checkpoint stays, with the address it needs, to be tried again. */
static void undo(floe_container *ctr, bool had_network)
{
    g_autoptr(GError) err = NULL;

    if (!container_release(ctr, had_network ? RELEASE_FOR_RESTORE : RELEASE_ALL, &err) ||
        !container_save_intent(ctr, NULL, &err))
        log_ignored(g_steal_pointer(&err), "clean up after a failed restore of container \"%s\"",
                    ctr->record->name);
}

static bool bring_back(floe_container *ctr, const floe_restore_options *options,
                       int64_t *ret_runtime_us, GError **error)
{
    RestoreRequest request = {
        .tcp_established = options->tcp_established,
        .file_locks = options->file_locks,
    };
    bool is_moved = options->ignore_static_ip || options->ignore_static_mac;
    bool had_network = container_network_is_up(ctr) && !is_moved;

    /* The namespace that the checkpoint kept may be gone: then a new one gets the same address. */
    if (ctr->record->status.netns_path != NULL && !had_network &&
        !container_release(ctr, RELEASE_ALL, error))
        return false;
    container_network_forget(ctr, options->ignore_static_ip, options->ignore_static_mac);
    if (!dir_make(ctr->paths.run, 0711, error) ||
        !checkpoint_write_criu_config(ctr, options->tcp_close, NULL, error))
        return false;
    if (container_bring_up(ctr, INTENT_RESTORE, &request, error)) {
        *ret_runtime_us = request.runtime_us;
        return true;
    }
    checkpoint_explain(ctr, ctr->paths.bundle, RESTORE_LOG, error);
    undo(ctr, had_network);
    return err_prefix(error, "restore container \"%s\"", ctr->record->name);
}

void restore_note_running(floe_container *ctr)
{
    ContainerStatus *status = &ctr->record->status;

    status->restored = true;
    status->restored_unix_ns = clock_unix_ns();
    status->checkpointed = false;
    status->exited = false;
    status->stopped_by_user = false;
    g_clear_pointer(&status->error, g_free);
    container_set_state(ctr, FLOE_STATE_RUNNING);
    restart_cancel(ctr);
    health_monitor_begin(ctr);
    service_tell_restored(ctr);
}

/* With --keep CRIU's log stays beside that of the checkpoint; the run directory goes with the run. */
static void keep_log(floe_container *ctr)
{
    g_autofree char *log = g_build_filename(ctr->paths.bundle, RESTORE_LOG, NULL);
    g_autofree char *kept = g_build_filename(ctr->paths.criu_work, RESTORE_LOG, NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) err = NULL;
    size_t length = 0;

    if (!file_read(log, CRIU_LOG_LIMIT, &text, &length, &err) ||
        !dir_make(ctr->paths.criu_work, 0700, &err) ||
        !file_write_atomic(kept, text, length, 0600, &err)) {
        log_ignored(g_steal_pointer(&err), "keep the log of the restore");
        return;
    }
    g_free(ctr->record->status.restore_log);
    ctr->record->status.restore_log = g_steal_pointer(&kept);
}

bool restore_finish(floe_container *ctr, bool keep, GError **error)
{
    ContainerStatus *status = &ctr->record->status;
    g_autoptr(GError) err = NULL;

    restore_note_running(ctr);
    if (keep)
        keep_log(ctr);
    if (!container_save_intent(ctr, NULL, error))
        return false;
    event_note(ctr, FLOE_EVENT_RESTORE);
    if (keep)
        return true;
    status->checkpoint_tcp = false;
    status->checkpoint_locks = false;
    g_clear_pointer(&status->checkpoint_path, g_free);
    g_clear_pointer(&status->checkpoint_log, g_free);
    g_clear_pointer(&status->restore_log, g_free);
    if (!tree_remove(ctr->paths.checkpoint, &err) ||
        !tree_remove(ctr->paths.pre_checkpoint, &err) || !tree_remove(ctr->paths.criu_work, &err))
        log_ignored(g_steal_pointer(&err), "remove the checkpoint of container \"%s\"",
                    ctr->record->name);
    return container_save(ctr, error);
}

bool restore_check_connections(bool established, bool close, bool new_address, GError **error)
{
    if (established && close)
        return err_set(error, FLOE_ERROR_INVALID,
                       "--tcp-established and --tcp-close exclude each other");
    if (established && new_address)
        return err_set(error, FLOE_ERROR_INVALID,
                       "--ignore-static-ip excludes --tcp-established: connections belong to an "
                       "address");
    return true;
}

/* With a checkpoint that was kept; conmon's exit command may not have come to it yet. */
static bool end_last_run(floe_container *ctr, GError **error)
{
    return ctr->record->status.state != FLOE_STATE_STOPPED ||
           container_clean_up_locked(ctr, false, error);
}

static bool container_restore(floe_container *ctr, const floe_restore_options *options,
                              floe_restore_stats *ret_stats, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    int64_t runtime_us = 0;

    if (!restore_check_connections(options->tcp_established, options->tcp_close,
                                   options->ignore_static_ip, error) ||
        (ctr->record->config.pod_id != NULL && !dependencies_start(ctr, OPERATION_RESTORE, error)) ||
        !container_ports_settle(ctr, error) ||
        !operation_enter(ctr, OPERATION_RESTORE, &op, error) ||
        !check_checkpoint(ctr, options, error) || !end_last_run(ctr, error) ||
        !bring_back(ctr, options, &runtime_us, error) || !restore_finish(ctr, options->keep, error))
        return false;
    if (ret_stats != NULL)
        restore_read_stats(ctr, runtime_us, ret_stats);
    return true;
}

static bool restore_as_service(floe_container *ctr, const floe_restore_options *options,
                               floe_restore_stats *ret_stats, GError **error)
{
    ctr->is_service = ctr->engine->as_service;
    return container_restore(ctr, options, ret_stats, error);
}

bool floe_container_restore(floe_container *container, const floe_restore_options *options,
                            floe_restore_stats *ret_stats, floe_error **error)
{
    floe_restore_options known = FLOE_RESTORE_OPTIONS_INIT;
    floe_restore_stats stats = { 0 };
    g_autoptr(GError) err = NULL;
    bool ok = public_given(&err, GIVEN(container), NULL) &&
              public_options(options, &known, sizeof(known), &err) &&
              public_result_check(ret_stats, &err) &&
              restore_as_service(container, &known, ret_stats != NULL ? &stats : NULL, &err);

    if (ok)
        public_result_write(ret_stats, &stats, sizeof(stats));
    return public_result(ok, &err, error);
}
