/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choosing an OCI runtime and calling it. Every call is `RUNTIME --root DIR --log-format json VERB
 * ...` in a small fixed environment; without --log both runc and crun write their JSON log to
 * standard error, where the reason of a failure is read. create, restore and exec are called by
 * conmon (oci/conmon.c).
 */
#include "oci/runtime.h"

#include "base/log.h"
#include "base/mount.h"
#include "base/path.h"
#include "base/process.h"
#include "base/program.h"
#include "base/spawn-run.h"
#include "base/tree.h"
#include "oci/crun-guard.h"
#include "oci/exec-fifo.h"
#include "oci/runtime-probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define VERB_TIMEOUT_MS (120 * 1000)
#define PAUSE_ATTEMPTS  10
#define PAUSE_AGAIN_US  (20 * 1000)
#define MORE_DIRS       "/usr/libexec:/usr/libexec/crio"
#define PACKAGES        "install the package crun or runc, or run floe's scripts/install-deps"

/* --- the object ------------------------------------------------------------------------------- */

void runtime_clear(Runtime *runtime)
{
    g_free(runtime->path);
    g_free(runtime->name);
    g_free(runtime->root_dir);
    g_free(runtime->path_env);
    *runtime = (Runtime){ 0 };
}

/*
 * Programs that only floe uses. The variable is for tests and for a floe run from its build
 * directory.
 */
static char *private_bin(void)
{
    const char *prefix = g_getenv("FLOE_PRIVATE_PREFIX");

    return g_build_filename(prefix != NULL && *prefix != '\0' ? prefix : PRIVATE_PREFIX, "bin",
                            NULL);
}

bool runtime_is_crun(const Runtime *runtime)
{
    return g_str_has_prefix(runtime->name, "crun");
}

bool runtime_is_familiar(const Runtime *runtime)
{
    return runtime_is_crun(runtime) || g_str_equal(runtime->name, "runc");
}

void runtime_from_path(const char *path, const char *root_dir, bool use_systemd,
                       Runtime *ret_runtime)
{
    g_autofree char *bin = private_bin();
    g_autofree char *resolved = realpath(path, NULL);
    g_autofree char *name = g_path_get_basename(resolved != NULL ? resolved : path);

    *ret_runtime = (Runtime){
        .path = g_strdup(path),
        .name = g_steal_pointer(&name),
        .path_env = g_strdup_printf("PATH=%s:%s", bin, PROGRAM_SYSTEM_PATH),
        .uses_systemd = use_systemd,
    };
    ret_runtime->root_dir = g_build_filename(root_dir,
                                             runtime_is_crun(ret_runtime) ? "crun"
                                                                          : ret_runtime->name,
                                             NULL);
}

char **runtime_environment(const Runtime *runtime, const char *criu_config)
{
    g_autoptr(GStrvBuilder) env = g_strv_builder_new();

    g_strv_builder_add(env, runtime->path_env);
    if (runtime_is_crun(runtime)) {
        /*
         * crun 1.24 to 1.28 forgets --root in a checkpoint: the masked directories are then known
         * to CRIU by another path than in the restore, which fails with "No mapping for" (crun pull
         * request 2239). Without --root the state is in $XDG_RUNTIME_DIR/crun, so that is where it
         * is kept.
         */
        g_autofree char *parent = g_path_get_dirname(runtime->root_dir);
        g_autofree char *setting = g_strconcat("XDG_RUNTIME_DIR=", parent, NULL);
        g_strv_builder_add(env, setting);
        /* A busy host may need more than libsystemd's 25 s: crun asks again for a scope that exists. */
        g_strv_builder_add(env, "SYSTEMD_BUS_TIMEOUT=120");
    }
    for (size_t i = 0; environ[i] != NULL; i++) {
        if (g_str_has_prefix(environ[i], "FLOE_"))
            g_strv_builder_add(env, environ[i]);
    }
    if (criu_config != NULL) {
        g_autofree char *setting = g_strconcat("CRIU_CONFIG_FILE=", criu_config, NULL);
        g_strv_builder_add(env, setting);
    }
    return g_strv_builder_end(env);
}

/* --- choosing --------------------------------------------------------------------------------- */

static char **search_directories(void)
{
    const char *path = g_getenv("PATH");
    g_autofree char *bin = private_bin();
    g_autofree char *all = g_strjoin(":", bin, path != NULL ? path : PROGRAM_SYSTEM_PATH,
                                     PROGRAM_SYSTEM_PATH, MORE_DIRS, NULL);

    return g_strsplit(all, ":", -1);
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat stat_a, stat_b;

    return stat(a, &stat_a) == 0 && stat(b, &stat_b) == 0 && stat_a.st_dev == stat_b.st_dev &&
           stat_a.st_ino == stat_b.st_ino;
}

/* Every program of this name, each once, in the order of the directories. */
static void add_candidates(GPtrArray *paths, const char *name)
{
    g_auto(GStrv) directories = search_directories();

    for (size_t i = 0; directories[i] != NULL; i++) {
        g_autofree char *path = program_find(name, directories[i]);
        bool is_known = path == NULL;

        for (guint k = 0; k < paths->len && !is_known; k++)
            is_known = is_same_file(path, paths->pdata[k]);
        if (!is_known)
            g_ptr_array_add(paths, g_steal_pointer(&path));
    }
}

static bool choose_wanted(const char *wanted, const char *root_dir, bool use_systemd,
                          Runtime *ret_runtime, GError **error)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

    if (strchr(wanted, '/') == NULL)
        add_candidates(paths, wanted);
    else if (access(wanted, X_OK) == 0)
        g_ptr_array_add(paths, g_canonicalize_filename(wanted, NULL));
    if (paths->len == 0)
        return err_set(error, FLOE_ERROR_MISSING_PART,
                       "the OCI runtime '%s' is not installed or not executable", wanted);
    runtime_from_path(paths->pdata[0], root_dir, use_systemd, ret_runtime);
    return true;
}

/* The first that can run and checkpoint; else the first that can run. */
static bool choose_by_trial(const GPtrArray *paths, const char *root_dir, bool use_systemd,
                            Runtime *ret_runtime, GError **error)
{
    g_autoptr(GString) refusals = g_string_new(NULL);
    g_auto(Runtime) second_best = { 0 };

    for (guint i = 0; i < paths->len; i++) {
        g_auto(Runtime) runtime = { 0 };
        g_autoptr(GError) refusal = NULL;

        runtime_from_path(paths->pdata[i], root_dir, use_systemd, &runtime);

        bool can_checkpoint = runtime_probe_checkpoint(&runtime);
        if (!can_checkpoint && second_best.path != NULL)
            continue;
        if (!runtime_probe_create(&runtime, &refusal)) {
            log_debug("the OCI runtime '%s' does not work here: %s", runtime.path, refusal->message);
            g_string_append_printf(refusals, "%s'%s': %s", refusals->len > 0 ? "; " : "",
                                   runtime.path, refusal->message);
            continue;
        }

        Runtime *place = can_checkpoint ? ret_runtime : &second_best;
        *place = runtime;
        runtime = (Runtime){ 0 };
        if (can_checkpoint)
            return true;
    }
    if (second_best.path == NULL)
        return err_set(error, FLOE_ERROR_UNSUPPORTED, "no OCI runtime works on this host: %s",
                       refusals->str);
    *ret_runtime = second_best;
    second_best = (Runtime){ 0 };
    return true;
}

bool runtime_choose(const char *wanted, const char *root_dir, bool use_systemd,
                    Runtime *ret_runtime, GError **error)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

    if (wanted != NULL)
        return choose_wanted(wanted, root_dir, use_systemd, ret_runtime, error);
    add_candidates(paths, "crun");
    add_candidates(paths, "runc");
    if (paths->len == 0)
        return err_set(error, FLOE_ERROR_MISSING_PART, "there is no OCI runtime: " PACKAGES);
    return choose_by_trial(paths, root_dir, use_systemd, ret_runtime, error);
}

bool runtime_check_cgroups(const Runtime *runtime, GError **error)
{
    return !runtime_is_crun(runtime) || crun_guard_host(error);
}

/* --- calling ---------------------------------------------------------------------------------- */

bool runtime_run(const Runtime *runtime, const RuntimeCall *call, SpawnResult *ret_result,
                 GError **error)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_auto(GStrv) env = runtime_environment(runtime, call->criu_config);
    SpawnFd held = { .fd = call->held_fd, .child = 3 };
    SpawnOptions options = SPAWN_OPTIONS_INIT;

    g_ptr_array_add(argv, runtime->path);
    g_ptr_array_add(argv, (char *)"--root");
    g_ptr_array_add(argv, runtime->root_dir);
    g_ptr_array_add(argv, (char *)"--log-format");
    g_ptr_array_add(argv, (char *)"json");
    if (runtime->no_cgroups)
        g_ptr_array_add(argv, (char *)RUNTIME_NO_CGROUPS);
    for (size_t i = 0; call->arguments[i] != NULL; i++)
        g_ptr_array_add(argv, (char *)call->arguments[i]);
    g_ptr_array_add(argv, NULL);

    options.argv = (const char *const *)argv->pdata;
    options.env = (const char *const *)env;
    options.own_group = true; /* Ctrl-C ends floe, not a runtime in the middle of its work */
    options.own_mounts = call->own_mounts;
    options.umask = call->is_private ? 077 : -1;
    options.fds = &held;
    options.n_fds = call->held_fd > 0 ? 1 : 0;
    return spawn_run(&options, call->input, call->input != NULL ? strlen(call->input) : 0,
                     call->timeout_ms, ret_result, error);
}

/* Run a verb whose output does not matter. */
static bool runtime_do(const Runtime *runtime, const RuntimeCall *call, GError **error)
{
    g_auto(SpawnResult) result = { 0 };

    if (!runtime_check_cgroups(runtime, error))
        return false;
    if (!runtime_run(runtime, call, &result, error))
        return err_prefix(error, "%s %s", runtime->name, call->arguments[0]);
    if (WIFEXITED(result.status) && WEXITSTATUS(result.status) == 0)
        return true;
    if (WIFEXITED(result.status))
        return runtime_error(error, runtime->name, result.err);

    g_autofree char *status = child_status_text(result.status);
    return err_set(error, FLOE_ERROR_RUNTIME, "%s %s was %s", runtime->name, call->arguments[0],
                   status);
}

bool runtime_version(const Runtime *runtime, char **ret_version, GError **error)
{
    const char *argv[] = { runtime->path, "--version", NULL };
    g_auto(GStrv) env = runtime_environment(runtime, NULL);
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_auto(SpawnResult) result = { 0 };

    options.argv = argv;
    options.env = (const char *const *)env;
    if (!spawn_run(&options, NULL, 0, part_timeout_ms(VERB_TIMEOUT_MS), &result, error))
        return false;
    if (!WIFEXITED(result.status) || WEXITSTATUS(result.status) != 0)
        return runtime_error(error, runtime->name, result.err);
    *ret_version = g_strndup(result.out, strcspn(result.out, "\n"));
    return true;
}

/* A verb whose only argument is the container. */
static bool runtime_tell(const Runtime *runtime, const char *verb, const char *id, int held_fd,
                         GError **error)
{
    const char *arguments[] = { verb, id, NULL };
    RuntimeCall call = {
        .arguments = arguments,
        .held_fd = held_fd,
        .timeout_ms = part_timeout_ms(VERB_TIMEOUT_MS),
    };

    return runtime_do(runtime, &call, error);
}

bool runtime_start(const Runtime *runtime, const char *id, pid_t pid, int held_fd, GError **error)
{
    if (exec_fifo_is_waiting(runtime, id, pid))
        return exec_fifo_release(runtime, id, pid, error);
    return runtime_tell(runtime, "start", id, held_fd, error);
}

/*
 * The status that the OCI runtime specification has in "state": creating, created, running or stopped.
 */
static bool ask_begun(const Runtime *runtime, const char *id, bool *ret_begun, GError **error)
{
    const char *arguments[] = { "state", id, NULL };
    RuntimeCall call = { .arguments = arguments, .timeout_ms = part_timeout_ms(VERB_TIMEOUT_MS) };
    g_auto(SpawnResult) result = { 0 };
    g_autoptr(JsonValue) state = NULL;
    const char *status = NULL;

    if (!runtime_run(runtime, &call, &result, error))
        return err_prefix(error, "%s state", runtime->name);
    if (!WIFEXITED(result.status) || WEXITSTATUS(result.status) != 0)
        return runtime_error(error, runtime->name, result.err);
    if (!json_parse(result.out, result.out_length, "the runtime's state", &state, error) ||
        !json_get_string(state, "status", &status, error))
        return err_recode(error, FLOE_ERROR_RUNTIME);
    *ret_begun = g_strcmp0(status, "creating") != 0 && g_strcmp0(status, "created") != 0;
    return true;
}

bool runtime_start_finish(const Runtime *runtime, const char *id, pid_t pid, bool *ret_begun,
                          GError **error)
{
    if (runtime_is_familiar(runtime))
        return exec_fifo_finish(runtime, id, pid, ret_begun, error);
    *ret_begun = process_has_ended(pid);
    return *ret_begun || ask_begun(runtime, id, ret_begun, error);
}

/*
 * runc waits for the freezer of cgroup v1 for some hundredths of a second (libcontainer/cgroups/fs,
 * freezer.go), in which a process of a loaded host need not have had a processor to stop on. It thaws
 * then, so that the next attempt is a whole one.
 */
bool runtime_pause(const Runtime *runtime, const char *id, int held_fd, GError **error)
{
    for (int attempt = 1;; attempt++) {
        g_autoptr(GError) err = NULL;

        if (runtime_tell(runtime, "pause", id, held_fd, &err))
            return true;
        if (attempt == PAUSE_ATTEMPTS || strstr(err->message, "unable to freeze") == NULL) {
            g_propagate_error(error, g_steal_pointer(&err));
            return false;
        }
        g_usleep(PAUSE_AGAIN_US);
    }
}

bool runtime_resume(const Runtime *runtime, const char *id, int held_fd, GError **error)
{
    return runtime_tell(runtime, "resume", id, held_fd, error);
}

bool runtime_update(const Runtime *runtime, const char *id, const json_t *resources, GError **error)
{
    const char *arguments[] = { "update", "--resources", "/dev/stdin", id, NULL };
    g_autofree char *text = json_to_text(resources);

    RuntimeCall call = {
        .arguments = arguments,
        .input = text,
        .timeout_ms = part_timeout_ms(VERB_TIMEOUT_MS),
    };

    return runtime_do(runtime, &call, error);
}

/*
 * Both run from a copy of themselves, "/memfd:runc_cloned:... (deleted)", or by their own name;
 * runc also from a mount of its file that is gone from the tree, which reads "/".
 */
bool runtime_is_setting_up(const Runtime *runtime, pid_t pid)
{
    g_autofree char *link = g_strdup_printf("/proc/%d/exe", (int)pid);
    g_autofree char *program = g_file_read_link(link, NULL);

    return program != NULL &&
           (g_str_has_prefix(program, "/memfd:") || g_str_has_suffix(program, runtime->name) ||
            g_str_equal(program, "/"));
}

bool runtime_knows(const Runtime *runtime, const char *id)
{
    g_autofree char *directory = g_build_filename(runtime->root_dir, id, NULL);

    return path_exists(directory);
}

/*
 * A `runc restore` that was killed leaves the container's root bound on its state directory
 * (criu-root; runc 1.1, libcontainer/container_linux.go, Restore()), and `runc delete` would empty
 * the root through it.
 */
static bool unmount_criu_root(const Runtime *runtime, const char *id, GError **error)
{
    g_autofree char *criu_root = g_build_filename(runtime->root_dir, id, "criu-root", NULL);

    return !path_exists(criu_root) || unmount_below(criu_root, error);
}

bool runtime_delete(const Runtime *runtime, const char *id, GError **error)
{
    const char *arguments[] = { "delete", "--force", id, NULL };

    if (!runtime_knows(runtime, id))
        return true;
    if (!unmount_criu_root(runtime, id, error) ||
        (runtime_is_crun(runtime) && !crun_guard_record(runtime->root_dir, id, error)))
        return false;

    RuntimeCall call = { .arguments = arguments, .timeout_ms = part_timeout_ms(VERB_TIMEOUT_MS) };

    return runtime_do(runtime, &call, error);
}

bool runtime_delete_ended(const Runtime *runtime, const char *id, GError **error)
{
    g_autofree char *directory = g_build_filename(runtime->root_dir, id, NULL);

    if (!runtime_is_familiar(runtime))
        return runtime_delete(runtime, id, error);
    return unmount_criu_root(runtime, id, error) && tree_remove(directory, error);
}

bool runtime_checkpoint(const Runtime *runtime, const RuntimeCheckpoint *checkpoint, GError **error)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

    g_strv_builder_add_many(builder, "checkpoint", "--image-path", checkpoint->image_dir,
                            "--work-path", checkpoint->work_dir, NULL);
    if (checkpoint->parent_dir != NULL)
        g_strv_builder_add_many(builder, "--parent-path", checkpoint->parent_dir, NULL);
    if (checkpoint->pre_dump)
        g_strv_builder_add(builder, "--pre-dump");
    else if (checkpoint->leave_running)
        g_strv_builder_add(builder, "--leave-running");
    if (checkpoint->tcp_established)
        g_strv_builder_add(builder, "--tcp-established");
    if (checkpoint->file_locks)
        g_strv_builder_add(builder, "--file-locks");
    g_strv_builder_add(builder, checkpoint->id);

    g_auto(GStrv) arguments = g_strv_builder_end(builder);

    /* No time limit: a large memory on a slow disk takes what it takes. */
    RuntimeCall call = {
        .arguments = (const char *const *)arguments,
        .criu_config = checkpoint->criu_config,
        .held_fd = checkpoint->held_fd,
        .timeout_ms = -1,
        .is_private = true, /* the images hold the container's memory */
        .own_mounts = true, /* CRIU tries the kernel out by mounts in /tmp */
    };
    return runtime_do(runtime, &call, error);
}
