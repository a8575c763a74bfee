/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-clone.h"

#include "base/clock.h"
#include "base/digest.h"
#include "engine/container-secrets.h"
#include "engine/container-update.h"
#include "engine/event.h"
#include "engine/image-choice.h"
#include "engine/name-generator.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "engine/storage-driver.h"

#include <string.h>

/* Of two containers that write to one file neither could tell what is in it. */
static void drop_own_files(ContainerConfig *config)
{
    g_clear_pointer(&config->log_path, g_free);
    g_clear_pointer(&config->pid_file, g_free);
    g_clear_pointer(&config->conmon_pid_file, g_free);
}

bool container_record_clone(floe_engine *engine, const char *id, const char *name,
                            ContainerRecord **ret_record, GError **error)
{
    g_autoptr(ContainerRecord) first = NULL;
    g_autoptr(ContainerRecord) record = NULL;

    if (!container_load(engine->db, id, &first, error))
        return false;
    record = container_record_new();
    record->id = id_random();
    record->name = name != NULL ? g_strdup(name) : g_strconcat(first->name, CLONE_SUFFIX, NULL);
    record->config = first->config;
    memset(&first->config, 0, sizeof(first->config));
    record->config.created_unix_ns = clock_unix_ns();
    record->status.state = FLOE_STATE_CONFIGURED;
    drop_own_files(&record->config);
    if (!storage_driver_take(engine, &record->config, error))
        return false;
    *ret_record = g_steal_pointer(&record);
    return true;
}

static bool take_image(floe_engine *engine, const char *name, ContainerConfig *config,
                       GError **error)
{
    g_autoptr(ImageRecord) chosen = NULL;
    char *full_name = NULL;

    if (name == NULL)
        return true;
    if (!image_choose(engine, name, &chosen, &full_name, error))
        return false;
    g_free(config->image_id);
    g_free(config->image_name);
    g_clear_pointer(&config->rootfs, g_free);
    config->rootfs_overlay = false;
    config->image_id = g_strdup(chosen->id);
    config->image_name = full_name != NULL ? full_name : g_strdup(chosen->id);
    return true;
}

static bool take_limits(const floe_update_options *limits, ContainerConfig *config, GError **error)
{
    floe_update_options known = FLOE_UPDATE_OPTIONS_INIT;

    return public_options(limits, &known, sizeof(known), error) &&
           container_update_config(&known, config, error);
}

static bool container_clone(floe_container *first, const floe_clone_options *options,
                            floe_container **ret_clone, GError **error)
{
    const char *name = options->name;
    g_autoptr(ContainerRecord) record = NULL;
    g_autoptr(floe_container) clone = NULL;

    if (first->record->config.is_infra)
        return err_set(error, FLOE_ERROR_INVALID,
                       "it is the infra container of a pod: clone the pod");
    if ((name != NULL && !container_name_check(name, error)) ||
        !container_record_clone(first->engine, first->record->id, name, &record, error) ||
        !take_image(first->engine, options->image, &record->config, error) ||
        !take_limits(options->limits, &record->config, error) ||
        !container_insert(first->engine->db, record, error))
        return false;
    clone = container_for_record(first->engine, g_steal_pointer(&record));
    event_note(clone, FLOE_EVENT_CREATE);
    if (!container_secrets_take(clone, error))
        return false;
    *ret_clone = g_steal_pointer(&clone);
    return true;
}

bool floe_container_clone(floe_container *container, const floe_clone_options *options,
                          floe_container **ret_clone, floe_error **error)
{
    floe_clone_options known = FLOE_CLONE_OPTIONS_INIT;
    g_autoptr(floe_container) clone = NULL;
    g_autoptr(GError) err = NULL;
    bool ok = public_given(&err, GIVEN(container), NULL) &&
              public_options(options, &known, sizeof(known), &err) &&
              (container_clone(container, &known, &clone, &err) ||
               err_prefix(&err, "clone container \"%s\"", container->record->name));

    if (ok && ret_clone != NULL)
        *ret_clone = g_steal_pointer(&clone);
    return public_result(ok, &err, error);
}
