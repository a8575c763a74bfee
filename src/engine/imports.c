/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/imports.h"

#include "base/digest.h"
#include "base/log.h"
#include "base/path.h"
#include "engine/container-remove.h"
#include "engine/leftovers.h"
#include "engine/operation.h"
#include "engine/pod-remove.h"
#include "engine/volume.h"

#include <string.h>
#include <unistd.h>

#define MARK_LIMIT         ((size_t)16 * 1024 * 1024)
#define MARK_TRIES         100
#define RUNTIME_TIMEOUT_MS (10 * 60 * 1000)

static char *imports_directory(const floe_engine *engine)
{
    return g_build_filename(engine->root, "imports", NULL);
}

/* --- the marks -------------------------------------------------------------------------------- */

bool import_mark_set(floe_engine *engine, const char *id, const char *const *volumes,
                     ImportMark *ret_mark, GError **error)
{
    g_autofree char *directory = imports_directory(engine);
    g_autofree char *text = g_strjoinv("\n", (char **)volumes);
    g_auto(ImportMark) mark = IMPORT_MARK_NONE;

    mark.path = g_build_filename(directory, id, NULL);
    /* The last import to end removes the directory, perhaps just now. */
    for (int i = 1; mark.lock.fd < 0; i++) {
        g_autoptr(GError) err = NULL;

        if (dir_make(directory, 0700, &err) && lock_acquire(mark.path, &mark.lock, &err))
            break;
        if (i < MARK_TRIES && err_is(err, FLOE_ERROR_NOT_FOUND))
            continue;
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    if (pwrite(mark.lock.fd, text, strlen(text), 0) != (ssize_t)strlen(text))
        return err_set_errno(error, "write '%s'", mark.path);
    ret_mark->path = g_steal_pointer(&mark.path);
    ret_mark->lock = mark.lock;
    return true;
}

void import_mark_clear(ImportMark *mark)
{
    g_autofree char *directory = NULL;

    if (mark->path == NULL)
        return;
    unlink(mark->path);
    lock_release(&mark->lock);
    /* So that an engine without imports has nothing to look at; it fails while there are others. */
    directory = g_path_get_dirname(mark->path);
    rmdir(directory);
    g_clear_pointer(&mark->path, g_free);
}

/* --- undoing ---------------------------------------------------------------------------------- */

/* The runtime of a floe that was killed may still be about to bring the processes up. */
static bool remove_container(floe_engine *engine, const char *id, GError **error)
{
    g_autoptr(floe_container) ctr = NULL;
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(GError) err = NULL;

    if (!container_open(engine, id, &ctr, &err) || !operation_enter_broken(ctr, &op, &err)) {
        if (err_is(err, FLOE_ERROR_NOT_FOUND) || err_is(err, FLOE_ERROR_REMOVED))
            return true;
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    /* It was over but for its mark. */
    if (g_strcmp0(ctr->record->status.intent, INTENT_IMPORT) != 0 &&
        ctr->record->status.state != FLOE_STATE_REMOVING)
        return true;
    return leftover_runtime_wait(&ctr->paths, RUNTIME_TIMEOUT_MS, error) &&
           leftovers_end(&ctr->paths, error) && container_remove_locked(ctr, true, error);
}

/* The id may be a pod's. One that is whole is not being removed any more. */
static bool remove_pod(floe_engine *engine, const char *id, GError **error)
{
    floe_pod_options options = FLOE_POD_OPTIONS_INIT;
    g_autoptr(floe_pod) pod = NULL;
    g_autoptr(GError) err = NULL;

    options.force = true;
    options.timeout_s = 0;
    if (!pod_open(engine, id, &pod, &err)) {
        if (err_is(err, FLOE_ERROR_NOT_FOUND))
            return true;
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    return !pod->record->is_removing || pod_remove(pod, &options, error);
}

/* A volume that somebody uses meanwhile is his. */
static void remove_volumes(floe_engine *engine, const char *const *names)
{
    for (; names != NULL && *names != NULL; names++) {
        g_autoptr(GError) err = NULL;

        if (**names != '\0' && !volume_remove(engine, *names, &err) &&
            !err_is(err, FLOE_ERROR_NOT_FOUND) && !err_is(err, FLOE_ERROR_IN_USE))
            log_ignored(g_steal_pointer(&err), "remove volume '%s' of an import that failed",
                        *names);
    }
}

void import_undo(floe_engine *engine, const char *id, const char *const *volumes)
{
    g_autoptr(GError) err = NULL;

    if (!remove_container(engine, id, &err))
        log_ignored(g_steal_pointer(&err), "remove what was imported of container %.12s", id);
    g_clear_error(&err);
    if (!remove_pod(engine, id, &err))
        log_ignored(g_steal_pointer(&err), "remove what was imported of pod %.12s", id);
    remove_volumes(engine, volumes);
}

/* --- healing ---------------------------------------------------------------------------------- */

/* Did the import go through, so that only the mark is left of it? */
static bool is_complete(floe_engine *engine, const char *id)
{
    g_auto(ContainerStatus) status = { 0 };
    g_autoptr(PodRecord) pod = NULL;

    if (pod_load(engine->db, id, &pod, NULL))
        return !pod->is_removing;
    return container_load_status(engine->db, id, &status, NULL) &&
           g_strcmp0(status.intent, INTENT_IMPORT) != 0 && status.state != FLOE_STATE_REMOVING;
}

static bool heal_one(floe_engine *engine, const char *directory, const char *id, GError **error)
{
    g_auto(ImportMark) mark = IMPORT_MARK_NONE;
    g_autofree char *path = g_build_filename(directory, id, NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) volumes = NULL;
    bool is_left = false;

    if (!lock_try(path, &mark.lock, &is_left, error))
        return false;
    if (!is_left)
        return true;
    mark.path = g_steal_pointer(&path);
    if (is_complete(engine, id))
        return true;
    if (!file_read(mark.path, MARK_LIMIT, &text, NULL, error))
        return false;
    log_info("an earlier floe was ended while it imported container %.12s: removing it", id);
    volumes = g_strsplit(text, "\n", -1);
    import_undo(engine, id, (const char *const *)volumes);
    return true;
}

void imports_heal(floe_engine *engine)
{
    g_autofree char *directory = imports_directory(engine);
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    const char *id;

    while (dir != NULL && (id = g_dir_read_name(dir)) != NULL) {
        g_autoptr(GError) err = NULL;

        if (id_is_valid(id) && !heal_one(engine, directory, id, &err))
            log_ignored(g_steal_pointer(&err), "look after an interrupted import");
    }
}
