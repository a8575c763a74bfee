/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buildah builds in a store of its own, which is its cache, and on floe's images, which it sees without
 * a copy (storage/build-base.h). What it has made or pulled is then taken into floe's store, and loses
 * its names in buildah's, so that a name always means what floe says.
 */
#include "base/lock.h"
#include "base/log.h"
#include "base/path.h"
#include "base/spawn-run.h"
#include "base/tree.h"
#include "engine/build-import.h"
#include "engine/build-plan.h"
#include "engine/image-store.h"
#include "engine/manifest-entries.h"
#include "engine/manifest-list.h"
#include "engine/public-error.h"
#include "engine/storage-driver.h"
#include "oci/crun-guard.h"
#include "storage/build-base.h"
#include "storage/build-store.h"

#include <floe/image.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOCK_FD     3 /* the child's: a build whose floe was killed still has the lock */
#define ID_FILE_MAX 256

typedef struct Build {
    floe_engine *engine;
    BuildPlaces places;
    char *lock_path;
    char *id_file; /* where buildah writes the image's id */
    bool own_id_file;
    Lock lock; /* shared, as long as buildah works */
    Runtime runtime;
    BuildPlan plan;
    char *list;    /* full name; NULL: none */
    json_t *index; /* what the list gets */
} Build;

static void build_clear(Build *build)
{
    lock_release(&build->lock);
    if (build->own_id_file)
        unlink(build->id_file);
    g_free(build->places.store);
    g_free(build->places.runs);
    g_free(build->places.base);
    g_free(build->places.option);
    g_free(build->lock_path);
    g_free(build->id_file);
    runtime_clear(&build->runtime);
    build_plan_clear(&build->plan);
    g_free(build->list);
    json_decref(build->index);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Build, build_clear)

/* --- running buildah -------------------------------------------------------------------------- */

/* A command of buildah's on this store. */
static GPtrArray *command_new(const Build *build)
{
    const char *const words[] = { "buildah",   "--root",           build->places.store,
                                  "--runroot", build->places.runs, "--storage-driver",
                                  "overlay",   "--storage-opt",    build->places.option };
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        g_ptr_array_add(argv, g_strdup(words[i]));
    return argv;
}

static void add_word(GPtrArray *argv, const char *word)
{
    g_ptr_array_add(argv, word != NULL ? g_strdup(word) : NULL);
}

static bool say_package(GError **error)
{
    if (error != NULL && err_is(*error, FLOE_ERROR_MISSING_PART)) {
        g_clear_error(error);
        err_set(error, FLOE_ERROR_MISSING_PART,
                "buildah, which builds images, is not installed (Debian: apt install buildah)");
    }
    return false;
}

/* Containers of a build that was killed. */
static bool remove_containers(const Build *build, GError **error)
{
    g_autoptr(GPtrArray) argv = command_new(build);
    g_auto(SpawnResult) result = { 0 };
    SpawnOptions options = SPAWN_OPTIONS_INIT;

    add_word(argv, "rm");
    add_word(argv, "--all");
    add_word(argv, NULL);
    options.argv = (const char *const *)argv->pdata;
    options.own_mounts = true;
    options.dies_with_us = true;
    return spawn_run(&options, NULL, 0, -1, &result, error) || say_package(error);
}

/*
 * It is not killed with us: it comes to its end, and its cache is of use to the next. What it mounts
 * is for itself alone, and so nothing is left of that.
 */
static bool run_buildah(const Build *build, const char *platform, bool use_cache, int *ret_status,
                        GError **error)
{
    g_autoptr(GPtrArray) argv = command_new(build);
    g_auto(Child) child = CHILD_NONE;
    const SpawnFd lock = { build->lock.fd, LOCK_FD };
    SpawnOptions options = SPAWN_OPTIONS_INIT;

    add_word(argv, "build");
    add_word(argv, "--pull=false"); /* what is here is used, as podman does it */
    add_word(argv, "--layers");
    add_word(argv, "--runtime");
    add_word(argv, build->runtime.path);
    if (build->own_id_file) {
        add_word(argv, "--iidfile");
        add_word(argv, build->id_file);
    }
    if (!use_cache)
        add_word(argv, "--no-cache");
    if (platform != NULL) {
        add_word(argv, "--platform");
        add_word(argv, platform);
    }
    for (guint i = 0; i < build->plan.arguments->len; i++)
        add_word(argv, build->plan.arguments->pdata[i]);
    options.argv = (const char *const *)argv->pdata;
    options.stdin_fd = STDIN_FILENO;
    options.stdout_fd = STDOUT_FILENO;
    options.stderr_fd = STDERR_FILENO;
    options.fds = &lock;
    options.n_fds = 1;
    options.own_mounts = true;
    return (spawn_start(&options, &child, error) && child_wait(&child, -1, ret_status, error)) ||
           say_package(error);
}

/* --- the stores ------------------------------------------------------------------------------- */

static void base_image_add(GPtrArray *images, const ImageRecord *record)
{
    BaseImage *image = g_new(BaseImage, 1);

    *image = (BaseImage){
        .id = record->id,
        .manifest_digest = record->manifest_digest,
        .names = (const char *const *)record->names,
        .layers = (const char *const *)record->layers,
    };
    g_ptr_array_add(images, image);
}

static bool write_base(const Build *build, GError **error)
{
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(GPtrArray) images = g_ptr_array_new_with_free_func(g_free);
    const Layout *layout = NULL;

    if (!image_list(build->engine->db, &records, error) ||
        !engine_layout(build->engine, &layout, error))
        return false;
    for (guint i = 0; i < records->len; i++) {
        if (((const ImageRecord *)records->pdata[i])->list == NULL)
            base_image_add(images, records->pdata[i]);
    }
    return build_base_write(layout, build->places.base, images, error);
}

/* Else buildah looks for CNI's plugins first, and warns of each that it does not find. */
static bool choose_network(const Build *build, GError **error)
{
    static const char backend[] = "netavark";
    g_autofree char *path = g_build_filename(build->places.store, "defaultNetworkBackend", NULL);

    return path_exists(path) || file_write_atomic(path, backend, strlen(backend), 0600, error);
}

/* Nobody builds: put right what a build that was killed has left, and what has changed below. */
static bool tidy(const Build *build, GError **error)
{
    const BuildPlaces *places = &build->places;
    bool is_whole = true;

    if (!tree_remove(places->base, error) || !write_base(build, error))
        return false;
    if (build_store_is_whole(places->store, places->base, &is_whole, NULL) && is_whole)
        return (!build_store_has_containers(places->store) || remove_containers(build, error)) &&
               build_store_drop_names(places->store, error);
    log_info("an image that the build cache lies on has been removed: the cache goes, too");
    return tree_remove(places->store, error) && tree_remove(places->runs, error);
}

/* Before and after a build, if it is the only one. */
static bool tidy_if_alone(const Build *build, GError **error)
{
    g_auto(Lock) lock = LOCK_NONE;
    bool is_alone = false;

    return lock_try_byte(build->lock_path, 0, &lock, &is_alone, error) &&
           (!is_alone || tidy(build, error));
}

static bool find_places(Build *build, GError **error)
{
    g_autofree char *locks = g_build_filename(build->engine->runroot, "locks", NULL);

    build->places.store = g_build_filename(build->engine->root, "build", "store", NULL);
    build->places.base = g_build_filename(build->engine->root, "build", "base", NULL);
    build->places.runs = g_build_filename(build->engine->runroot, "build", NULL);
    build->places.option = g_strconcat("overlay.imagestore=", build->places.base, NULL);
    build->lock_path = g_build_filename(locks, "build", NULL);
    if (strpbrk(build->places.store, ",+[]") != NULL)
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "buildah cannot work in '%s': one of the characters , + [ ] is in it",
                       build->places.store);
    return dir_make(locks, 0700, error);
}

static bool open_stores(Build *build, GError **error)
{
    return find_places(build, error) && tidy_if_alone(build, error) &&
           lock_share_byte(build->lock_path, 0, &build->lock, error) &&
           dir_make(build->places.store, 0700, error) && choose_network(build, error) &&
           write_base(build, error);
}

/* --- what it made ----------------------------------------------------------------------------- */

/* --iidfile among the arguments: buildah writes to that one, the last. */
static void find_id_file(Build *build)
{
    const char *const *arguments = (const char *const *)build->plan.arguments->pdata;

    for (size_t i = 0; arguments[i] != NULL; i++) {
        const char *path = NULL;

        if (g_str_has_prefix(arguments[i], "--iidfile="))
            path = arguments[i] + strlen("--iidfile=");
        else if (g_str_equal(arguments[i], "--iidfile"))
            path = arguments[i + 1];
        if (path != NULL) {
            g_free(build->id_file);
            build->id_file = g_strdup(path);
        }
    }
    build->own_id_file = build->id_file == NULL;
    if (build->own_id_file)
        build->id_file = g_strdup_printf("%s/build-id-%d", build->engine->runroot, getpid());
}

/* The one that the build was for, which may have no name. */
static bool import_result(const Build *build, char **ret_id, GError **error)
{
    g_autofree char *text = NULL;
    const char *id;
    size_t length = 0;

    if (!file_read(build->id_file, ID_FILE_MAX, &text, &length, NULL))
        return true; /* it was for something else: --output */
    g_strstrip(text);
    id = g_str_has_prefix(text, "sha256:") ? text + strlen("sha256:") : text;
    if (*id == '\0')
        return true;
    if (!build_import(build->engine, &build->places, id, NULL, error))
        return false;
    *ret_id = g_strdup(id);
    return true;
}

/* All that has a name: what it tagged, and the base images that it had to pull. */
static bool import_named(const Build *build, GError **error)
{
    g_autoptr(GPtrArray) images = NULL;

    if (!build_store_list(build->places.store, &images, error))
        return false;
    for (guint i = 0; i < images->len; i++) {
        const BuiltImage *image = images->pdata[i];

        if (image->names[0] != NULL &&
            !build_import(build->engine, &build->places, image->id, image->names, error))
            return false;
    }
    return true;
}

/* --- platforms -------------------------------------------------------------------------------- */

static bool is_for_platform(const Build *build, const char *platform, const char *id,
                            bool *ret_fits, GError **error)
{
    g_autoptr(ImageRecord) image = NULL;

    *ret_fits = true;
    if (platform == NULL || id == NULL)
        return true;
    if (!image_load(build->engine->db, id, &image, error))
        return false;
    *ret_fits = build_platform_fits(platform, image->config);
    return true;
}

static bool build_once(const Build *build, const char *platform, bool use_cache, int *ret_status,
                       char **ret_id, GError **error)
{
    int status = 0;

    if (!run_buildah(build, platform, use_cache, &status, error))
        return false;
    *ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return *ret_status != 0 || import_result(build, ret_id, error);
}

/*
 * buildah 1.28 does not ask for which platform a cached step of a build FROM scratch was: the image of
 * another one is built again.
 */
static bool build_platform(const Build *build, const char *platform, int *ret_status, char **ret_id,
                           GError **error)
{
    g_autofree char *id = NULL;
    bool fits = true;

    if (!build_once(build, platform, true, ret_status, &id, error) ||
        !is_for_platform(build, platform, id, &fits, error))
        return false;
    if (!fits) {
        log_info("the build cache has %s for another platform: it is built anew", id);
        g_clear_pointer(&id, g_free);
        if (!build_once(build, platform, false, ret_status, &id, error))
            return false;
    }
    *ret_id = g_steal_pointer(&id);
    return true;
}

static bool note_for_list(const Build *build, const char *id, GError **error)
{
    static const floe_manifest_add_options as_it_is = FLOE_MANIFEST_ADD_OPTIONS_INIT;

    return build->list == NULL || id == NULL ||
           manifest_entries_find(build->engine, id, &as_it_is, build->index, error);
}

/* The list changes once all of them are there. */
static bool build_all(const Build *build, int *ret_status, char **ret_id, GError **error)
{
    const GPtrArray *platforms = build->plan.platforms;
    g_autofree char *list_id = NULL;

    for (guint i = 0; i < platforms->len; i++) {
        g_clear_pointer(ret_id, g_free);
        if (!build_platform(build, platforms->pdata[i], ret_status, ret_id, error) ||
            !note_for_list(build, *ret_id, error))
            return false;
        if (*ret_status != 0)
            return true;
    }
    return import_named(build, error) &&
           (build->list == NULL ||
            manifest_list_extend(build->engine, build->list, true, build->index, &list_id, error));
}

static bool read_plan(Build *build, const char *const *arguments, GError **error)
{
    if (!build_plan_read(arguments, &build->plan, error))
        return false;
    find_id_file(build);
    build->index = image_index_new();
    return build->plan.list == NULL ||
           manifest_list_name(build->engine, build->plan.list, &build->list, error);
}

static bool image_build(floe_engine *engine, const char *const *arguments, int *ret_status,
                        char **ret_id, GError **error)
{
    g_auto(Build) build = { .engine = engine, .lock = LOCK_NONE };
    g_autofree char *id = NULL;

    if (!read_plan(&build, arguments, error) || !engine_check_overlay(engine, error) ||
        !engine_choose_runtime(engine, &build.runtime, error) ||
        (g_str_equal(build.runtime.name, "crun") && !crun_guard_host(error)) ||
        !open_stores(&build, error) || !build_all(&build, ret_status, &id, error))
        return false;
    lock_release(&build.lock);
    if (!tidy_if_alone(&build, error))
        return false;
    *ret_id = g_steal_pointer(&id);
    return true;
}

static bool cache_prune(floe_engine *engine, bool all, GError **error)
{
    g_auto(Build) build = { .engine = engine, .lock = LOCK_NONE };
    g_auto(Lock) lock = LOCK_NONE;
    bool is_alone = false;

    if (!find_places(&build, error) || !path_exists(build.places.store))
        return error == NULL || *error == NULL;
    if (!all)
        return tidy_if_alone(&build, error);
    return lock_try_byte(build.lock_path, 0, &lock, &is_alone, error) &&
           (!is_alone ||
            (tree_remove(build.places.store, error) && tree_remove(build.places.base, error)));
}

bool floe_build_cache_prune(floe_engine *engine, bool all, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), NULL) && cache_prune(engine, all, &err),
                         &err, error);
}

bool floe_image_build(floe_engine *engine, const char *const *arguments, int *ret_status,
                      char **ret_id, floe_error **error)
{
    g_autoptr(GError) err = NULL;
    g_autofree char *id = NULL;
    bool ok = public_given(&err, GIVEN(engine), GIVEN(arguments), GIVEN(ret_status), NULL) &&
              image_build(engine, arguments, ret_status, &id, &err);

    if (ok && ret_id != NULL)
        *ret_id = g_steal_pointer(&id);
    return public_result(ok, &err, error);
}
