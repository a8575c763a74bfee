/* SPDX-License-Identifier: Apache-2.0 */
/*
 * That overlayfs works is found out once a boot, when the first container is made. That it does not is
 * not remembered: a module may be loaded at any time, and beside a copy the trial is nothing.
 */
#include "engine/storage-driver.h"

#include "base/clock.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/path.h"
#include "base/tree.h"
#include "engine/engine-config.h"
#include "storage/overlay-trial.h"

#define FACT_OVERLAY_BOOT "overlay-boot" /* in which it was seen to work */
#define TRIAL_DIR         "overlay-trial"

/* Under a lock, so that a killed floe's directory is nobody else's and can go. */
static bool overlay_works(const floe_engine *engine, GError **error)
{
    g_autofree char *locks = g_build_filename(engine->runroot, "locks", NULL);
    g_autofree char *lock_path = g_build_filename(locks, "storage", NULL);
    g_autofree char *scratch = g_build_filename(engine->root, TRIAL_DIR, NULL);
    g_auto(Lock) lock = LOCK_NONE;
    bool works;

    if (!dir_make(locks, 0700, error) || !lock_acquire(lock_path, &lock, error) ||
        !tree_remove(scratch, error) || !dir_make(scratch, 0700, error))
        return false;
    works = overlay_try(scratch, error);
    return tree_remove(scratch, works ? error : NULL) && works;
}

bool engine_check_overlay(floe_engine *engine, GError **error)
{
    g_autofree char *boot = NULL;
    g_autofree char *seen = NULL;

    if (!boot_id_read(&boot, error) ||
        !database_get_fact(engine->db, FACT_OVERLAY_BOOT, &seen, error))
        return false;
    if (g_strcmp0(boot, seen) == 0)
        return true;
    if (!overlay_works(engine, error)) {
        err_recode(error, FLOE_ERROR_UNSUPPORTED);
        return err_prefix(error, "overlayfs does not work on '%s'", engine->root);
    }
    return database_set_fact(engine->db, FACT_OVERLAY_BOOT, boot, error);
}

bool engine_choose_storage(floe_engine *engine, const char **ret_driver, GError **error)
{
    g_autofree char *wanted = NULL;
    g_autoptr(GError) why = NULL;

    if (!choose_storage_driver(engine->wanted_storage_driver, &wanted, error))
        return false;
    if (wanted != NULL) {
        *ret_driver = g_str_equal(wanted, STORAGE_VFS) ? STORAGE_VFS : STORAGE_OVERLAY;
        return true;
    }
    *ret_driver = engine_check_overlay(engine, &why) ? STORAGE_OVERLAY : STORAGE_VFS;
    if (why != NULL && !err_is(why, FLOE_ERROR_UNSUPPORTED)) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    if (why != NULL)
        log_debug("%s: containers get copies of their images' files", why->message);
    return true;
}

bool storage_driver_take(floe_engine *engine, ContainerConfig *config, GError **error)
{
    const char *driver = NULL;

    if (!engine_choose_storage(engine, &driver, error))
        return false;
    g_free(config->storage_driver);
    config->storage_driver = g_strdup(driver);
    return true;
}

const char *storage_driver_name(const ContainerConfig *config)
{
    return config->storage_driver != NULL ? config->storage_driver : STORAGE_OVERLAY;
}

bool config_has_copied_root(const ContainerConfig *config)
{
    return g_strcmp0(config->storage_driver, STORAGE_VFS) == 0;
}
