/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/reboot.h"

#include "base/clock.h"
#include "base/mount.h"
#include "base/tree.h"
#include "engine/container-mount.h"
#include "engine/container-network.h"
#include "engine/event.h"
#include "engine/exec-sessions.h"
#include "engine/image-mount.h"
#include "state/lease-record.h"
#include "state/port-record.h"

static int state_after(int state)
{
    switch (state) {
    case FLOE_STATE_RUNNING:
    case FLOE_STATE_PAUSED:
    case FLOE_STATE_STOPPING:
    case FLOE_STATE_STOPPED:
    case FLOE_STATE_EXITED: return FLOE_STATE_EXITED;
    case FLOE_STATE_REMOVING: return FLOE_STATE_REMOVING;
    default: return FLOE_STATE_CONFIGURED;
    }
}

/* A checkpoint survives, with the address that its connections need: `networks`. */
static void forget_boot(ContainerStatus *status)
{
    bool ran = status->state == FLOE_STATE_RUNNING || status->state == FLOE_STATE_PAUSED ||
               status->state == FLOE_STATE_STOPPING;

    if (ran || status->state == FLOE_STATE_CREATED)
        status->state_before_boot = status->state == FLOE_STATE_STOPPING ? 0 : status->state;
    if (ran) {
        status->exit_code = -1;
        status->exited = true;
        status->finished_unix_ns = clock_unix_ns();
    }
    status->state = state_after(status->state);
    status->pid = 0;
    status->conmon_pid = 0;
    status->mounted = false;
    status->restart_due_unix_ns = 0;
    status->restarting = false;
    container_forget_mounts(status);
    if (g_strcmp0(status->intent, INTENT_IMPORT) != 0)
        g_clear_pointer(&status->intent, g_free);
    g_clear_pointer(&status->netns_path, g_free);
    container_network_forget_run(status);
}

/* Memory images, in full size, of a checkpoint that the reboot cut off. */
static bool remove_half_checkpoint(floe_container *ctr, GError **error)
{
    if (g_strcmp0(ctr->record->status.intent, INTENT_CHECKPOINT) != 0)
        return true;
    return tree_remove(ctr->paths.checkpoint_new, error) && tree_remove(ctr->paths.criu_work, error);
}

static bool set_container_right(floe_engine *engine, const char *id, GError **error)
{
    g_autoptr(floe_container) ctr = NULL;
    bool had_process;

    if (!container_open(engine, id, &ctr, error) || !remove_half_checkpoint(ctr, error))
        return false;
    had_process = state_has_process(ctr->record->status.state);
    forget_boot(&ctr->record->status);
    if (!exec_sessions_forget_all(ctr, error) || !port_release(engine->db, id, error) ||
        (ctr->record->status.checkpoint_path == NULL && !lease_release(engine->db, id, error)) ||
        !container_save(ctr, error))
        return false;
    if (had_process)
        event_note_exit(ctr, FLOE_EVENT_DIED, ctr->record->status.exit_code);
    return true;
}

/*
 * The run directory is a tmpfs on most hosts; where it is not, what it holds is of the last boot.
 * But the locks: one is held now.
 */
static bool remove_run_files(floe_engine *engine, GError **error)
{
    static const char *const names[] = { "containers", "runtime", "network", "restarts",
                                         IMAGE_MOUNTS_DIR };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(engine->runroot, names[i], NULL);

        if (!unmount_below(path, error) || !tree_remove(path, error))
            return false;
    }
    return true;
}

bool reboot_set_right(floe_engine *engine, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    g_autoptr(GPtrArray) records = NULL;

    if (!remove_run_files(engine, error) ||
        !transaction_begin(engine->db, true, &transaction, error) ||
        !image_mounts_forget(engine, error) || !container_list(engine->db, &records, error))
        return false;
    for (guint i = 0; i < records->len; i++) {
        const ContainerRecord *record = g_ptr_array_index(records, i);

        if (!set_container_right(engine, record->id, error))
            return false;
    }
    if (!transaction_commit(&transaction, error))
        return false;
    event_note_system(engine, FLOE_EVENT_REFRESH);
    return true;
}
