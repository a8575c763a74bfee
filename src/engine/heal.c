/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/heal.h"

#include "base/log.h"
#include "base/path.h"
#include "engine/checkpoint.h"
#include "engine/container-release.h"
#include "oci/cgroup.h"

static bool heal_init(floe_container *ctr, GError **error);
static bool heal_start(floe_container *ctr, GError **error);
static bool heal_pause(floe_container *ctr, GError **error);

static const struct {
    const char *intent;
    bool (*heal)(floe_container *ctr, GError **error);
} healers[] = {
    { INTENT_INIT, heal_init },
    { INTENT_START, heal_start },
    { INTENT_PAUSE, heal_pause },
    { INTENT_RESTORE, heal_init },
    { INTENT_CHECKPOINT, checkpoint_heal },
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

/* Made by half: all of it goes. A checkpoint that was being restored stays to be tried again. */
static bool heal_init(floe_container *ctr, GError **error)
{
    ContainerStatus *status = &ctr->record->status;

    if (!container_release(ctr, RELEASE_ALL, error))
        return false;
    container_set_state(ctr, status->finished_unix_ns != 0 || status->checkpointed
                                 ? FLOE_STATE_EXITED
                                 : FLOE_STATE_CONFIGURED);
    return true;
}

/* The runtime removes exec.fifo when the process has begun (runc and crun, "start"). */
static bool heal_start(floe_container *ctr, GError **error)
{
    g_auto(Runtime) runtime = { 0 };
    g_autofree char *fifo = NULL;

    container_runtime(ctr, &runtime);
    fifo = g_build_filename(runtime.root_dir, ctr->record->id, "exec.fifo", NULL);
    if (!path_exists(fifo))
        container_set_state(ctr, FLOE_STATE_RUNNING);
    return true;
}

static bool heal_pause(floe_container *ctr, GError **error)
{
    if (!cgroup_thaw(ctr->paths.cgroup, error))
        return false;
    if (ctr->record->status.state == FLOE_STATE_PAUSED)
        container_set_state(ctr, FLOE_STATE_RUNNING);
    return true;
}
