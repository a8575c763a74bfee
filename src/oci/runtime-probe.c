/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trying a runtime. Versions and feature lists do not tell what counts: crun, for one, refuses some
 * hybrid cgroup hosts only when it puts a process into its cgroup. Both runtimes do that, and set
 * up the mounts, before they look for the command in the new root; so a container that fails for
 * want of its command has shown that everything before works, and no process of it was ever
 * started.
 */
#include "oci/runtime-probe.h"

#include "base/log.h"
#include "base/path.h"
#include "base/spawn-run.h"
#include "base/tree.h"
#include "oci/cgroup.h"
#include "oci/systemd.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROBE_COMMAND    "/floe-probe-command"
#define PROBE_TIMEOUT_MS 10000

/* A container like floe's own, as far as the host can object to it. */
static char *probe_config(const char *cgroup_path)
{
    /* clang-format off */
    g_autoptr(JsonValue) config = json_pack(
        "{s:s, s:{s:{s:i, s:i}, s:[s], s:s}, s:{s:s}, s:[{s:s, s:s, s:s}, {s:s, s:s, s:s}],"
        " s:{s:s, s:{s:[{s:b, s:s}], s:{s:i}}, s:[{s:s}, {s:s}, {s:s}, {s:s}, {s:s}]}}",
        "ociVersion", "1.0.2",
        "process", "user", "uid", 0, "gid", 0, "args", PROBE_COMMAND, "cwd", "/",
        "root", "path", "rootfs",
        "mounts", "destination", "/proc", "type", "proc", "source", "proc",
        "destination", "/dev", "type", "tmpfs", "source", "tmpfs",
        "linux", "cgroupsPath", cgroup_path,
        "resources", "devices", "allow", 0, "access", "rwm", "pids", "limit", 64,
        "namespaces", "type", "pid", "type", "mount", "type", "ipc", "type", "uts",
        "type", "network");
    /* clang-format on */

    g_assert(config != NULL);
    return json_to_text(config);
}

static bool make_bundle(const char *bundle, const char *cgroup_path, GError **error)
{
    g_autofree char *config = probe_config(cgroup_path);
    g_autofree char *config_path = g_build_filename(bundle, "config.json", NULL);
    g_autofree char *rootfs = g_build_filename(bundle, "rootfs", NULL);

    return dir_make(rootfs, 0755, error) &&
           file_write_atomic(config_path, config, strlen(config), 0600, error);
}

static bool try_create(const Runtime *runtime, const char *bundle, GError **error)
{
    g_autofree char *pid_file = g_build_filename(bundle, "pid", NULL);
    const char *words[] = { "--systemd-cgroup", "create", "--bundle", bundle,
                            "--pid-file",       pid_file, "probe",    NULL };
    const RuntimeCall call = { .arguments = runtime->uses_systemd ? words : words + 1,
                               .timeout_ms = PROBE_TIMEOUT_MS };
    g_auto(SpawnResult) result = { 0 };

    if (!runtime_check_cgroups(runtime, error) || !runtime_run(runtime, &call, &result, error))
        return false;
    if (strstr(result.err, PROBE_COMMAND) != NULL)
        return true;
    /* It made a container without a command? Then it can also take it down. */
    if (WIFEXITED(result.status) && WEXITSTATUS(result.status) == 0)
        return runtime_delete(runtime, "probe", error);
    return runtime_error(error, runtime->name, result.err);
}

/* The bundle, the runtime's own state of it, and its cgroup; with systemd its scope (else NULL). */
static void remove_leftovers(const char *directory, const char *cgroup_path, const char *scope)
{
    GError *failed = NULL;

    if (scope != NULL && !systemd_unit_stop(scope, &failed))
        log_ignored(g_steal_pointer(&failed), "cannot stop '%s'", scope);

    if (!cgroup_remove(cgroup_path, &failed))
        log_ignored(g_steal_pointer(&failed), "cannot remove the cgroup '%s'", cgroup_path);
    if (!tree_remove(directory, &failed))
        log_ignored(failed, "cannot remove '%s'", directory);
}

bool runtime_probe_create(const Runtime *runtime, GError **error)
{
    g_autofree char *directory = g_build_filename(runtime->root_dir, ".probe-XXXXXX", NULL);
    g_autofree char *cgroup_path = g_strdup_printf("/floe-probe-%d", (int)getpid());
    g_autofree char *cgroup_spec = g_strdup_printf("machine.slice:floe-probe:%d", (int)getpid());
    g_autofree char *scope = g_strdup_printf("floe-probe-%d.scope", (int)getpid());

    if (!dir_make(runtime->root_dir, 0700, error))
        return false;
    if (mkdtemp(directory) == NULL)
        return err_set_errno(error, "make '%s'", directory);

    Runtime in_directory = *runtime;
    g_autofree char *state = g_build_filename(directory, "state", NULL);
    in_directory.root_dir = state;

    bool works = make_bundle(directory, runtime->uses_systemd ? cgroup_spec : cgroup_path, error) &&
                 try_create(&in_directory, directory, error);

    remove_leftovers(directory, cgroup_path, runtime->uses_systemd ? scope : NULL);
    return works;
}

bool runtime_probe_checkpoint(const Runtime *runtime)
{
    const char *help[] = { "checkpoint", "--help", NULL };
    const RuntimeCall call = { .arguments = help, .timeout_ms = PROBE_TIMEOUT_MS };
    g_auto(SpawnResult) result = { 0 };

    return runtime_run(runtime, &call, &result, NULL) && WIFEXITED(result.status) &&
           WEXITSTATUS(result.status) == 0;
}
