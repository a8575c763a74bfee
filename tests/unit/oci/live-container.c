/* SPDX-License-Identifier: Apache-2.0 */
#include "live-container.h"

#include "base/digest.h"
#include "base/path.h"
#include "base/tree.h"
#include "oci/cgroup-kill.h"
#include "oci/cgroup.h"
#include "oci/runtime-probe.h"
#include "oci/spec.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUSYBOX "/bin/busybox"

static const char *const environment[] = { "PATH=/bin", NULL };
static const char *const no_capabilities[] = { NULL };

/* --- a namespace for all of it ---------------------------------------------------------------- */

/* Process 1 there: reaps what is orphaned until the tests have ended. */
static int be_init(int argc, char **argv, int (*run)(int argc, char **argv))
{
    pid_t tests, ended;
    int status = 0;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("proc", "/proc", "proc", 0, NULL) < 0)
        g_error("cannot set up the namespaces: %s", g_strerror(errno));
    tests = fork();
    if (tests == 0)
        exit(run(argc, argv));
    do {
        ended = wait(&status);
    } while (ended >= 0 && ended != tests);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* Wait for a child; its exit code, 1 for any other end. */
static int exit_code_of(pid_t child)
{
    int status = 0;

    if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
        return 1;
    return WEXITSTATUS(status);
}

/*
 * The process that makes the namespaces cannot make another child once their process 1 has ended,
 * not even for the leak sanitizer at its exit: so it is one of its own, and leaves by _exit().
 */
int live_container_isolate(int argc, char **argv, int (*run)(int argc, char **argv))
{
    if (geteuid() != 0)
        return run(argc, argv);

    pid_t outside = fork();

    if (outside == 0) {
        if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0)
            g_error("cannot make namespaces: %s", g_strerror(errno));
        pid_t init = fork();
        if (init == 0)
            _exit(be_init(argc, argv, run));
        _exit(exit_code_of(init));
    }
    return exit_code_of(outside);
}

/* --- a container ------------------------------------------------------------------------------ */

static char *file_in(const LiveContainer *container, const char *name)
{
    return g_build_filename(container->directory, name, NULL);
}

static void make_rootfs(const LiveContainer *container)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *bin = file_in(container, "rootfs/bin");
    g_autofree char *tmp = file_in(container, "rootfs/tmp");
    g_autofree char *busybox = file_in(container, "rootfs/bin/busybox");
    g_autofree char *data = NULL;
    size_t length = 0;

    dir_make(bin, 0755, &error);
    g_assert_no_error(error);
    dir_make(tmp, 0755, &error);
    g_assert_no_error(error);
    file_read(BUSYBOX, 64 * 1024 * 1024, &data, &length, &error);
    g_assert_no_error(error);
    file_write_atomic(busybox, data, length, 0755, &error);
    g_assert_no_error(error);
    for (const char *const *applet =
             (const char *const[]){ "sh", "cat", "sleep", "head", "rm", NULL };
         *applet != NULL; applet++) {
        g_autofree char *link = g_build_filename(bin, *applet, NULL);
        g_assert_cmpint(symlink("busybox", link), ==, 0);
    }
}

LiveContainer *live_container_new(const char *runtime)
{
    g_autofree char *unique = id_random();
    g_autoptr(LiveContainer) container = g_new0(LiveContainer, 1);
    g_autoptr(GError) error = NULL;

    if (geteuid() != 0 || access(BUSYBOX, X_OK) < 0) {
        g_test_skip("needs root and " BUSYBOX);
        return NULL;
    }
    container->directory = g_dir_make_tmp("floe-oci-XXXXXX", &error);
    g_assert_no_error(error);

    g_autofree char *state = file_in(container, "state");

    if (!runtime_choose(runtime, state, false, &container->runtime, &error) ||
        !runtime_probe_create(&container->runtime, &error)) {
        g_test_skip(error->message);
        return NULL;
    }
    container->id = "box";
    container->bundle = file_in(container, "bundle");
    container->exit_dir = file_in(container, "exits");
    container->log_path = file_in(container, "log");
    container->cgroup_path = g_strdup_printf("/floe-oci-test-%.12s", unique);
    make_rootfs(container);
    dir_make(container->bundle, 0700, &error);
    g_assert_no_error(error);
    dir_make(container->exit_dir, 0700, &error);
    g_assert_no_error(error);
    return g_steal_pointer(&container);
}

void live_container_free(LiveContainer *container)
{
    g_autoptr(GError) error = NULL;

    if (container == NULL)
        return;
    if (container->runtime.path != NULL && container->cgroup_path != NULL) {
        bool gone;

        runtime_delete(&container->runtime, container->id, &error);
        g_assert_no_error(error);
        if (container->conmon_pid > 0)
            conmon_wait_exit(container->exit_dir, container->id, container->conmon_pid, 10000,
                             &gone, &error);
        g_assert_no_error(error);
        cgroup_kill(container->cgroup_path, &error);
        g_assert_no_error(error);
        cgroup_remove(container->cgroup_path, &error);
        g_assert_no_error(error);
    }
    if (container->directory != NULL)
        tree_remove(container->directory, &error);
    g_assert_no_error(error);
    runtime_clear(&container->runtime);
    g_free(container->directory);
    g_free(container->bundle);
    g_free(container->exit_dir);
    g_free(container->log_path);
    g_free(container->cgroup_path);
    g_free(container);
}

void live_container_configure(LiveContainer *container, const char *const *argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonValue) spec = NULL;
    g_autofree char *rootfs = file_in(container, "rootfs");
    g_autofree char *path = g_build_filename(container->bundle, "config.json", NULL);
    const SpecInput input = {
        .rootfs = rootfs,
        .argv = argv,
        .env = environment,
        .workdir = "/",
        .hostname = "box",
        .capabilities = no_capabilities,
        .cgroup_path = container->cgroup_path,
        .limits.pids_limit = 100,
    };

    spec_build(&input, &spec, &error);
    g_assert_no_error(error);

    g_autofree char *text = json_to_text(spec);
    file_write_atomic(path, text, strlen(text), 0600, &error);
    g_assert_no_error(error);
}

ConmonCall *live_container_call(LiveContainer *container)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *pid_file = file_in(container, "pid");
    g_autofree char *conmon_pid_file = file_in(container, "conmon.pid");
    g_autofree char *runtime_log = file_in(container, "oci-log");
    g_autofree char *log = g_strconcat("k8s-file:", container->log_path, NULL);
    ConmonCall *call = NULL;
    const ConmonStart start = {
        .runtime = &container->runtime,
        .id = container->id,
        .name = "box",
        .bundle = container->bundle,
        .exit_dir = container->exit_dir,
        .pid_file = pid_file,
        .conmon_pid_file = conmon_pid_file,
        .runtime_log = runtime_log,
        .log = log,
        .exit_command = container->exit_command,
        .open_stdin = container->open_stdin,
        .restore_dir = container->restore_dir,
    };

    conmon_start(&start, &call, &error);
    g_assert_no_error(error);
    return call;
}

bool live_container_create(LiveContainer *container, GError **error)
{
    g_autoptr(ConmonCall) call = live_container_call(container);

    return conmon_finish(call, &container->pid, &container->conmon_pid, error);
}

void live_container_run(LiveContainer *container, const char *script)
{
    g_autoptr(GError) error = NULL;
    const char *const argv[] = { "sh", "-c", script, NULL };

    live_container_configure(container, argv);
    live_container_create(container, &error);
    g_assert_no_error(error);
    runtime_start(&container->runtime, container->id, container->pid, 0, &error);
    g_assert_no_error(error);
}

int live_container_wait(LiveContainer *container)
{
    g_autoptr(GError) error = NULL;
    int64_t finished = 0;
    bool gone = true;
    bool oom = true;
    int code = -2;

    conmon_wait_exit(container->exit_dir, container->id, container->conmon_pid, 20000, &gone,
                     &error);
    g_assert_no_error(error);
    g_assert_false(gone);
    conmon_read_exit(container->exit_dir, container->id, container->bundle, &code, &finished, &oom,
                     &error);
    g_assert_no_error(error);
    g_assert_false(oom);
    g_assert_cmpint(ABS(finished / 1000 - g_get_real_time()), <, 60 * G_USEC_PER_SEC);
    return code;
}

json_t *live_container_process(const char *const *argv)
{
    g_autoptr(GError) error = NULL;
    json_t *process = NULL;
    const SpecInput input = {
        .argv = argv,
        .env = environment,
        .workdir = "/",
        .capabilities = no_capabilities,
    };

    spec_build_process(&input, &process, &error);
    g_assert_no_error(error);
    return process;
}

char *live_container_log(LiveContainer *container)
{
    char *text = NULL;

    if (!file_read(container->log_path, 1024 * 1024, &text, NULL, NULL))
        return g_strdup("");
    return text;
}

void live_container_wait_log(LiveContainer *container, const char *text)
{
    for (int i = 0; i < 500; i++) {
        g_autofree char *log = live_container_log(container);

        if (strstr(log, text) != NULL)
            return;
        g_usleep(20000);
    }
    g_error("the container never wrote '%s'", text);
}
