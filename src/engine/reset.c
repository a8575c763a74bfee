/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of an engine. Everything that is on record goes in the ways in which users remove it, so that
 * a floe that is killed here leaves a whole engine that has less; then the files, by their names,
 * for the directories may be the user's own and hold other things; and the database last.
 */
#include "base/log.h"
#include "base/mount.h"
#include "base/tree.h"
#include "engine/container-remove.h"
#include "engine/image-remove.h"
#include "engine/network-leftovers.h"
#include "engine/network.h"
#include "engine/pod-remove.h"
#include "engine/public-error.h"
#include "engine/volume.h"
#include "oci/conmon-exit.h"

#include <unistd.h>

#define CONMON_TIMEOUT_MS 10000

static bool is_gone(GError *why, GError **error)
{
    if (err_is(why, FLOE_ERROR_NOT_FOUND) || err_is(why, FLOE_ERROR_REMOVED)) {
        g_error_free(why);
        return true;
    }
    g_propagate_error(error, why);
    return false;
}

/* --- what is on record ------------------------------------------------------------------------ */

static bool remove_pod(floe_engine *engine, const PodRecord *record, GError **error)
{
    floe_pod_options options = FLOE_POD_OPTIONS_INIT;
    g_autoptr(floe_pod) pod = NULL;
    g_autoptr(GError) why = NULL;

    options.force = true;
    options.timeout_s = 0;
    if (pod_open(engine, record->id, &pod, &why) && pod_remove(pod, &options, &why))
        return true;
    return is_gone(g_steal_pointer(&why), error);
}

static bool remove_pods(floe_engine *engine, GError **error)
{
    g_autoptr(GPtrArray) records = NULL;

    if (!pod_list(engine->db, &records, error))
        return false;
    for (guint i = 0; i < records->len; i++) {
        if (!remove_pod(engine, g_ptr_array_index(records, i), error))
            return false;
    }
    return true;
}

static bool remove_container(floe_engine *engine, const ContainerRecord *record, GError **error)
{
    floe_remove_options options = FLOE_REMOVE_OPTIONS_INIT;
    g_autoptr(floe_container) ctr = NULL;
    g_autoptr(GError) why = NULL;

    options.force = true;
    options.timeout_s = 0;
    options.dependents = true;
    if (container_open(engine, record->id, &ctr, &why) && container_remove(ctr, &options, &why)) {
        /* Its exit command would make the engine's files anew. */
        if (!conmon_wait_end(record->status.conmon_pid, CONMON_TIMEOUT_MS, &why))
            log_ignored(g_steal_pointer(&why), "container \"%s\"", record->name);
        return true;
    }
    return is_gone(g_steal_pointer(&why), error);
}

static bool remove_containers(floe_engine *engine, GError **error)
{
    g_autoptr(GPtrArray) records = NULL;

    if (!container_list(engine->db, &records, error))
        return false;
    for (guint i = 0; i < records->len; i++) {
        if (!remove_container(engine, g_ptr_array_index(records, i), error))
            return false;
    }
    return true;
}

static bool remove_volumes(floe_engine *engine, GError **error)
{
    g_autoptr(GPtrArray) records = NULL;

    if (!volume_list(engine->db, &records, error))
        return false;
    for (guint i = 0; i < records->len; i++) {
        const VolumeRecord *record = g_ptr_array_index(records, i);
        g_autoptr(GError) why = NULL;

        if (!volume_remove(engine, record->name, &why) && !is_gone(g_steal_pointer(&why), error))
            return false;
    }
    return true;
}

static bool remove_networks(floe_engine *engine, GError **error)
{
    g_autoptr(GPtrArray) networks = NULL;

    if (!engine_networks(engine, &networks, error))
        return false;
    for (guint i = 0; i < networks->len; i++) {
        if (!network_remove_leftovers(engine, g_ptr_array_index(networks, i), error))
            return false;
    }
    return true;
}

/* --- files ------------------------------------------------------------------------------------ */

static bool remove_named(const char *directory, const char *const *names, GError **error)
{
    for (; *names != NULL; names++) {
        g_autofree char *path = g_build_filename(directory, *names, NULL);

        if (!unmount_below(path, error) || !tree_remove(path, error))
            return false;
    }
    /* Not empty, or a mount of its own: it is not floe's alone. */
    rmdir(directory);
    return true;
}

static bool remove_files(floe_engine *engine, GError **error)
{
    static const char *const of_run[] = { "containers", "runtime", "network", "restarts", "events",
                                          "images",     "build",   "locks",   NULL };
    static const char *const of_root[] = { "containers",  "imports", "build",       "volumes",
                                           "secrets",     "layers",  "images",      "floe.db-wal",
                                           "floe.db-shm", "floe.db", "floe.db.new", NULL };

    return remove_named(engine->runroot, of_run, error) &&
           remove_named(engine->root, of_root, error);
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool refuse_new(floe_engine *engine, GError **error)
{
    g_autoptr(GPtrArray) records = NULL;

    return container_list(engine->db, &records, error) &&
           (records->len == 0 ||
            err_set(error, FLOE_ERROR_IN_USE, "containers have been made meanwhile"));
}

static bool engine_reset(floe_engine *engine, GError **error)
{
    if (!remove_pods(engine, error) || !remove_containers(engine, error) ||
        !remove_volumes(engine, error) || !images_remove_all(engine, error) ||
        !remove_networks(engine, error) || !engine_remove_unused_cgroups(engine, error) ||
        !refuse_new(engine, error))
        return err_prefix(error, "reset");
    database_close(engine->db);
    engine->db = NULL;
    return remove_files(engine, error) || err_prefix(error, "reset");
}

bool floe_engine_reset(floe_engine *engine, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), NULL) && engine_reset(engine, &err),
                         &err, error);
}
