/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/heal.h"

#include "base/log.h"
#include "base/process.h"
#include "engine/archive-export.h"
#include "engine/checkpoint.h"
#include "engine/container-connect.h"
#include "engine/container-network.h"
#include "engine/container-release.h"
#include "engine/event.h"
#include "engine/health-check.h"
#include "engine/leftovers.h"
#include "engine/pod-checkpoint.h"
#include "engine/policy-restart.h"
#include "oci/cgroup-freezer.h"
#include "oci/conmon-exit.h"

/* A restore of many gigabytes from a slow disk takes its time. */
#define RESTORE_TIMEOUT_MS (10 * 60 * 1000)

static bool heal_init(floe_container *ctr, GError **error);
static bool heal_restore(floe_container *ctr, GError **error);
static bool heal_start(floe_container *ctr, GError **error);
static bool heal_pause(floe_container *ctr, GError **error);
static bool heal_export(floe_container *ctr, GError **error);
static bool heal_import(floe_container *ctr, GError **error);

static const struct {
    const char *intent;
    bool (*heal)(floe_container *ctr, GError **error);
} healers[] = {
    { INTENT_INIT, heal_init },
    { INTENT_START, heal_start },
    { INTENT_PAUSE, heal_pause },
    { INTENT_RESTORE, heal_restore },
    { INTENT_CHECKPOINT, checkpoint_heal },
    { INTENT_POD_END, pod_checkpoint_end_one },
    { INTENT_EXPORT, heal_export },
    { INTENT_IMPORT, heal_import },
    { INTENT_CONNECT, container_connect_heal },
    { INTENT_RELOAD_NETWORK, container_reload_network_heal },
};

bool container_heal(floe_container *ctr, GError **error)
{
    const char *intent = ctr->record->status.intent;

    log_info("an earlier floe was ended during the %s of container \"%s\": putting it right",
             intent, ctr->record->name);
    for (size_t i = 0; i < G_N_ELEMENTS(healers); i++) {
        if (g_str_equal(intent, healers[i].intent))
            return healers[i].heal(ctr, error) && container_save_intent(ctr, NULL, error);
    }
    return err_set(error, FLOE_ERROR_SCHEMA, "unknown operation '%s' in the database", intent);
}

/* Made by half: all of it goes. */
static bool heal_init(floe_container *ctr, GError **error)
{
    if (!leftovers_end(&ctr->paths, error) || !container_release(ctr, RELEASE_ALL, error))
        return false;
    ctr->record->status.restarting = false;
    container_set_state(ctr, container_state_at_rest(ctr));
    return true;
}

/*
 * The runtime goes on without floe. If its restore succeeded, the processes have gone on from where
 * the checkpoint was and perhaps answered somebody: they are kept, if conmon is there for their
 * output and exit code. If not, the checkpoint is there to be tried again.
 */
static bool heal_restore(floe_container *ctr, GError **error)
{
    ContainerStatus *status = &ctr->record->status;

    if (!leftover_runtime_wait(&ctr->paths, RESTORE_TIMEOUT_MS, error))
        return false;
    status->pid = pid_file_read(ctr->paths.pid_file);
    status->conmon_pid = pid_file_read(ctr->paths.conmon_pid_file);
    if (container_signal(ctr, 0, NULL) && conmon_is_alive(status->conmon_pid)) {
        restore_note_running(ctr);
        event_note(ctr, FLOE_EVENT_RESTORE);
        return true;
    }
    if (!leftovers_end(&ctr->paths, error) ||
        !container_release(ctr, container_network_is_up(ctr) ? RELEASE_FOR_RESTORE : RELEASE_ALL,
                           error))
        return false;
    container_set_state(ctr, FLOE_STATE_EXITED);
    return true;
}

static bool heal_start(floe_container *ctr, GError **error)
{
    g_auto(Runtime) runtime = { 0 };
    bool has_begun = false;

    container_runtime(ctr, &runtime);
    if (!runtime_start_finish(&runtime, ctr->record->id, ctr->record->status.pid, &has_begun, error))
        return false;
    if (has_begun) {
        container_set_state(ctr, FLOE_STATE_RUNNING);
        restart_cancel(ctr);
        health_begin(&ctr->record->config, &ctr->record->status);
        event_note(ctr, FLOE_EVENT_START);
    }
    return true;
}

static bool heal_pause(floe_container *ctr, GError **error)
{
    g_autoptr(GError) err = NULL;

    if (!cgroup_thaw(ctr->paths.cgroup, &err) && !err_is(err, FLOE_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    if (ctr->record->status.state == FLOE_STATE_PAUSED)
        container_set_state(ctr, FLOE_STATE_RUNNING);
    return true;
}

/* The container is checkpointed, as it would be without an archive. */
static bool heal_export(floe_container *ctr, GError **error)
{
    archive_export_heal(ctr);
    return true;
}

/* The next floe that opens the engine removes it. */
static bool heal_import(floe_container *ctr, GError **error)
{
    return err_set(error, FLOE_ERROR_BAD_STATE,
                   "container \"%s\" was not imported to the end and is about to be removed",
                   ctr->record->name);
}
