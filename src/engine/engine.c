/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/path.h"
#include "base/program.h"
#include "engine/background.h"
#include "engine/cgroup-names.h"
#include "engine/engine-config.h"
#include "engine/imports.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "engine/reboot.h"
#include "engine/storage-driver.h"
#include "oci/systemd.h"

#include <string.h>
#include <unistd.h>

#define DEFAULT_ROOT        "/var/lib/floe"
#define DEFAULT_RUNROOT     "/run/floe"
#define FACT_BOOT           "boot"
#define FACT_RUNROOT        "runroot"
#define FACT_RUNTIME        "runtime"
#define FACT_RUNTIME_BOOT   "runtime-boot"
#define FACT_CGROUP_MANAGER "cgroup-manager"

static bool check_runroot(floe_engine *engine, GError **error);
static bool set_right_after_reboot(floe_engine *engine, GError **error);
static char *program_path(const char *wanted);

static bool is_manager(const char *name)
{
    return g_str_equal(name, CGROUP_MANAGER_SYSTEMD) || g_str_equal(name, CGROUP_MANAGER_CGROUPFS);
}

static bool is_storage_driver(const char *name)
{
    return g_str_equal(name, STORAGE_OVERLAY) || g_str_equal(name, STORAGE_VFS);
}

static bool engine_open(const floe_engine_options *options, floe_engine **ret_engine, GError **error)
{
    g_autoptr(floe_engine) engine = g_new0(floe_engine, 1);
    g_autofree char *db_path = NULL;

    if (!engine_directories(options, &engine->root, &engine->runroot, error))
        return false;
    if (options->cgroup_manager != NULL && !is_manager(options->cgroup_manager))
        return err_set(error, FLOE_ERROR_INVALID,
                       "the cgroup manager '%s' is neither systemd nor cgroupfs",
                       options->cgroup_manager);
    if (options->storage_driver != NULL && !is_storage_driver(options->storage_driver))
        return err_set(error, FLOE_ERROR_INVALID,
                       "the storage driver '%s' is neither overlay nor vfs",
                       options->storage_driver);
    engine->wanted_cgroup_manager = g_strdup(options->cgroup_manager);
    engine->wanted_storage_driver = g_strdup(options->storage_driver);
    if (g_str_equal(engine->runroot, DEFAULT_RUNROOT)) {
        engine->tag = g_strdup("");
    } else {
        g_autofree char *digest = sha256_hex(engine->runroot, strlen(engine->runroot));

        engine->tag = g_strdup_printf("-%.8s", digest);
    }
    engine->wanted_runtime = g_strdup(options->runtime);
    engine->program = program_path(options->program);
    engine->as_service = options->as_service;
    if (engine->as_service)
        service_manager_read(&engine->service);

    if (!dir_make(engine->root, 0700, error) || !dir_make(engine->runroot, 0711, error))
        return err_prefix(error, "open engine");
    db_path = g_build_filename(engine->root, "floe.db", NULL);
    if (!database_open(db_path, &engine->db, error) || !check_runroot(engine, error) ||
        !set_right_after_reboot(engine, error))
        return false;
    imports_heal(engine);
    *ret_engine = g_steal_pointer(&engine);
    return true;
}

bool engine_open_again(const floe_engine *engine, floe_engine **ret_engine, GError **error)
{
    floe_engine_options options = FLOE_ENGINE_OPTIONS_INIT;

    options.root = engine->root;
    options.runroot = engine->runroot;
    options.runtime = engine->wanted_runtime;
    options.cgroup_manager = engine->wanted_cgroup_manager;
    options.storage_driver = engine->wanted_storage_driver;
    options.program = engine->program;
    options.as_service = engine->as_service;
    return engine_open(&options, ret_engine, error);
}

static bool directory_option(const char *name, const char *value, const char *fallback,
                             char **ret_path, GError **error)
{
    const char *path = value != NULL ? value : fallback;

    if (!g_path_is_absolute(path))
        return err_set(error, FLOE_ERROR_INVALID, "%s '%s' is not an absolute path", name, path);
    *ret_path = g_canonicalize_filename(path, NULL);
    return true;
}

bool engine_directories(const floe_engine_options *options, char **ret_root, char **ret_runroot,
                        GError **error)
{
    g_autofree char *root = NULL;

    if (!directory_option("root", options->root, DEFAULT_ROOT, &root, error) ||
        !directory_option("runroot", options->runroot, DEFAULT_RUNROOT, ret_runroot, error))
        return false;
    *ret_root = g_steal_pointer(&root);
    return true;
}

/* conmon runs it as root with few variables set, so it must be a whole path. */
static char *program_path(const char *wanted)
{
    char self[4096];
    ssize_t length;

    if (wanted != NULL)
        return g_strdup(wanted);
    length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (length > 0) {
        self[length] = '\0';
        if (g_str_has_suffix(self, "/floe"))
            return g_strdup(self);
    }
    return program_find("floe", NULL);
}

/*
 * Locks, mounts and cgroups hang on the run directory: with another one the containers would be
 * taken for dead.
 */
static bool check_runroot(floe_engine *engine, GError **error)
{
    g_autofree char *recorded = NULL;

    if (!database_get_fact(engine->db, FACT_RUNROOT, &recorded, error))
        return false;
    if (recorded == NULL)
        return database_set_fact(engine->db, FACT_RUNROOT, engine->runroot, error);
    if (g_str_equal(recorded, engine->runroot))
        return true;
    return err_set(error, FLOE_ERROR_INVALID,
                   "the containers below root '%s' belong to runroot '%s', not to '%s'",
                   engine->root, recorded, engine->runroot);
}

/* Of the floes that start at boot one does it, and the others wait for it. */
static bool set_right_after_reboot(floe_engine *engine, GError **error)
{
    g_autofree char *locks = g_build_filename(engine->runroot, "locks", NULL);
    g_autofree char *lock_path = g_build_filename(locks, "boot", NULL);
    g_autofree char *now = NULL;
    g_autofree char *recorded = NULL;
    g_auto(Lock) lock = LOCK_NONE;

    if (!boot_id_read(&now, error) || !database_get_fact(engine->db, FACT_BOOT, &recorded, error))
        return false;
    if (g_strcmp0(now, recorded) == 0)
        return true;
    g_clear_pointer(&recorded, g_free);
    if (!dir_make(locks, 0700, error) || !lock_acquire(lock_path, &lock, error) ||
        !database_get_fact(engine->db, FACT_BOOT, &recorded, error))
        return false;
    if (g_strcmp0(now, recorded) == 0)
        return true;
    if (recorded != NULL && !reboot_set_right(engine, error))
        return err_prefix(error, "set the state right after a reboot");
    return database_set_fact(engine->db, FACT_BOOT, now, error);
}

void engine_free(floe_engine *engine)
{
    if (engine == NULL)
        return;
    database_close(engine->db);
    layout_clear(&engine->layout);
    service_manager_clear(&engine->service);
    g_free(engine->root);
    g_free(engine->runroot);
    g_free(engine->program);
    g_free(engine->tag);
    g_free(engine->wanted_runtime);
    g_free(engine->wanted_cgroup_manager);
    g_free(engine->wanted_storage_driver);
    g_free(engine);
}

bool engine_layout(floe_engine *engine, const Layout **ret_layout, GError **error)
{
    if (engine->layout.images_dir == NULL && !layout_open(engine->root, &engine->layout, error))
        return false;
    *ret_layout = &engine->layout;
    return true;
}

static char *runtime_state_dir(const floe_engine *engine)
{
    return g_build_filename(engine->runroot, "runtime", NULL);
}

/* --- the OCI runtime and its cgroup manager --------------------------------------------------- */

/* A choice that somebody asked for is kept beside the one that nobody did. */
static char *choice_key(const char *fact, const char *wanted_manager)
{
    return wanted_manager == NULL ? g_strdup(fact) : g_strconcat(fact, "-", wanted_manager, NULL);
}

/* The choice of a floe since this boot. */
static bool load_choice(floe_engine *engine, const char *boot, const char *wanted_manager,
                        Runtime *ret_runtime, GError **error)
{
    g_autofree char *runtime_key = choice_key(FACT_RUNTIME, wanted_manager);
    g_autofree char *boot_key = choice_key(FACT_RUNTIME_BOOT, wanted_manager);
    g_autofree char *manager_key = choice_key(FACT_CGROUP_MANAGER, wanted_manager);
    g_autofree char *state_dir = runtime_state_dir(engine);
    g_autofree char *path = NULL;
    g_autofree char *path_boot = NULL;
    g_autofree char *manager = NULL;

    if (!database_get_fact(engine->db, boot_key, &path_boot, error) ||
        !database_get_fact(engine->db, runtime_key, &path, error) ||
        !database_get_fact(engine->db, manager_key, &manager, error))
        return false;
    if (path != NULL && manager != NULL && g_strcmp0(boot, path_boot) == 0 &&
        access(path, X_OK) == 0)
        runtime_from_path(path, state_dir, g_str_equal(manager, CGROUP_MANAGER_SYSTEMD),
                          ret_runtime);
    return true;
}

static bool save_choice(floe_engine *engine, const char *boot, const char *wanted_manager,
                        const Runtime *runtime, GError **error)
{
    g_autofree char *runtime_key = choice_key(FACT_RUNTIME, wanted_manager);
    g_autofree char *boot_key = choice_key(FACT_RUNTIME_BOOT, wanted_manager);
    g_autofree char *manager_key = choice_key(FACT_CGROUP_MANAGER, wanted_manager);
    const char *manager = runtime->uses_systemd ? CGROUP_MANAGER_SYSTEMD : CGROUP_MANAGER_CGROUPFS;

    return database_set_fact(engine->db, runtime_key, runtime->path, error) &&
           database_set_fact(engine->db, manager_key, manager, error) &&
           database_set_fact(engine->db, boot_key, boot, error);
}

bool engine_choose_runtime(floe_engine *engine, Runtime *ret_runtime, GError **error)
{
    g_autofree char *state_dir = runtime_state_dir(engine);
    g_autofree char *boot = NULL;
    g_autofree char *manager = NULL;
    g_autofree char *wanted = NULL;
    g_auto(Runtime) known = { 0 };
    g_autoptr(GError) refusal = NULL;
    bool use_systemd;

    if (!choose_cgroup_manager(engine->wanted_cgroup_manager, &manager, error) ||
        !choose_runtime_name(engine->wanted_runtime, &wanted, error))
        return false;
    use_systemd = manager != NULL ? g_str_equal(manager, CGROUP_MANAGER_SYSTEMD)
                                  : systemd_manages_cgroups();
    if (wanted != NULL)
        return runtime_choose(wanted, state_dir, use_systemd, ret_runtime, error);
    if (!boot_id_read(&boot, error) || !load_choice(engine, boot, manager, &known, error))
        return false;
    if (known.path != NULL) {
        *ret_runtime = known;
        known = (Runtime){ 0 };
        return true;
    }
    if (!runtime_choose(NULL, state_dir, use_systemd, ret_runtime, &refusal)) {
        /* One that was built without systemd still does for cgroups by hand. */
        if (manager != NULL || !use_systemd ||
            !runtime_choose(NULL, state_dir, false, ret_runtime, NULL)) {
            g_propagate_error(error, g_steal_pointer(&refusal));
            return false;
        }
    }
    log_debug("chose the OCI runtime %s, cgroups by %s", ret_runtime->path,
              ret_runtime->uses_systemd ? "systemd" : "floe and the runtime");
    return save_choice(engine, boot, manager, ret_runtime, error);
}

bool engine_find_runtime(floe_engine *engine, const char *name, Runtime *ret_runtime, GError **error)
{
    g_autofree char *state_dir = runtime_state_dir(engine);

    return runtime_choose(name, state_dir, false, ret_runtime, error);
}

void engine_runtime_at(const floe_engine *engine, const char *path, bool use_systemd,
                       Runtime *ret_runtime)
{
    g_autofree char *state_dir = runtime_state_dir(engine);

    runtime_from_path(path, state_dir, use_systemd, ret_runtime);
}

/* --- the border ----------------------------------------------------------------------------- */

bool floe_engine_open(const floe_engine_options *options, floe_engine **ret_engine,
                      floe_error **error)
{
    floe_engine_options known = FLOE_ENGINE_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    if (!public_given(&err, GIVEN(ret_engine), NULL) ||
        !public_options(options, &known, sizeof(known), &err))
        return public_result(false, &err, error);
    log_set_handler(known.log, known.log_data, known.log_level);
    return public_result(engine_open(&known, ret_engine, &err), &err, error);
}

void floe_engine_close(floe_engine *engine)
{
    if (engine != NULL)
        background_end(engine);
    engine_free(engine);
}

const char *floe_version(void)
{
    return FLOE_VERSION;
}

void floe_free(void *memory)
{
    g_free(memory);
}

void floe_strv_free(char **strings)
{
    g_strfreev(strings);
}
