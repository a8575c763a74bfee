/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Against the kernel's own cgroups, as root: each test in a cgroup of its own, /floe-test-PID. First
 * as this host has them, and where that is v1 then once more with nothing but a v2 tree, whose core
 * files (freeze, kill, events, procs) need no controllers.
 */
#include "oci/cgroup.h"
#include "oci/cgroup-freezer.h"
#include "oci/cgroup-kill.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "oci/cgroup-hierarchy.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

static const char mountinfo[] =
    "22 1 0:20 / /sys rw,relatime - sysfs sysfs rw\n"
    "30 22 0:26 / /sys/fs/cgroup rw shared:9 - tmpfs cgroup rw,mode=755\n"
    "23 22 0:28 /box /srv/box/freezer rw - cgroup cgroup rw,freezer\n"
    "31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:10 master:1 - cgroup cgroup "
    "rw,cpu,cpuacct\n"
    "32 30 0:28 / /sys/fs/cgroup/ice\\040box rw,relatime - cgroup cgroup rw,freezer\n"
    "33 30 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
    "34 30 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate\n"
    "90 80 0:28 / /var/criu/.criu.cgyard.x/freezer rw - cgroup cgroup rw,freezer\n"
    "91 80 0:99 / /mnt rw - fuse.cgroupish x rw\n"
    "garbage - cgroup\n";

static void test_hierarchies_are_read_from_the_mount_table(void)
{
    g_autoptr(GPtrArray) hierarchies = cgroup_hierarchies_parse(mountinfo);
    const char *const expected[] = {
        "/sys/fs/cgroup/cpu,cpuacct",
        "/sys/fs/cgroup/ice box",
        "/sys/fs/cgroup/systemd",
        "/sys/fs/cgroup/unified",
    };

    g_assert_cmpuint(hierarchies->len, ==, G_N_ELEMENTS(expected));
    for (guint i = 0; i < hierarchies->len; i++) {
        const CgroupHierarchy *hierarchy = g_ptr_array_index(hierarchies, i);

        g_assert_cmpstr(hierarchy->mount_point, ==, expected[i]);
        g_assert_true(hierarchy->is_v2 == (i == 3));
        g_assert_true(cgroup_hierarchy_has(hierarchy, "cpuacct") == (i == 0));
        g_assert_true(cgroup_hierarchy_has(hierarchy, "freezer") == (i == 1));
        g_assert_true(cgroup_hierarchy_has(hierarchy, "name=systemd") == (i == 2));
        g_assert_false(cgroup_hierarchy_has(hierarchy, "free"));
    }
}

static void test_only_paths_below_the_root_are_accepted(void)
{
    const char *const bad[] = { "",      "/",           "floe",      "//floe",  "/floe/",
                                "/../x", "/floe/../..", "/floe/./x", "/floe//x" };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) freeze = NULL;
        g_autoptr(GError) kill = NULL;
        g_autoptr(GError) removal = NULL;

        g_assert_false(cgroup_freeze(bad[i], 0, &freeze));
        g_assert_error(freeze, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
        g_assert_false(cgroup_kill(bad[i], &kill));
        g_assert_error(kill, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
        g_assert_false(cgroup_remove(bad[i], &removal));
        g_assert_error(removal, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
    }
}

/* --- with a kernel ---------------------------------------------------------------------------- */

/* A cgroup in every hierarchy, and a process that spins in the freezer's. */
typedef struct Fixture {
    char *path;
    char *directory; /* in the hierarchy that freezes */
    char *other;     /* in another one, by which a session is told; NULL with v2 alone */
    pid_t pid;
} Fixture;

static bool skips(void)
{
    if (geteuid() == 0 && access(CGROUP_ROOT, W_OK) == 0)
        return false;
    g_test_skip("needs root and a writable " CGROUP_ROOT);
    return true;
}

static void must(bool ok, GError *error)
{
    g_assert_no_error(error);
    g_assert_true(ok);
}

static void put_into(const char *directory, pid_t pid)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *file = g_build_filename(directory, "cgroup.procs", NULL);
    g_autofree char *text = g_strdup_printf("%d", pid);

    must(file_write_control(file, text, &error), error);
}

static pid_t start_process(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        for (;;)
            pause();
    }
    g_assert_cmpint(pid, >, 0);
    return pid;
}

/* For good: from here on this process sees a v2 host. */
static void enter_v2_host(void)
{
    g_assert_cmpint(unshare(CLONE_NEWNS), ==, 0);
    g_assert_cmpint(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), ==, 0);
    g_assert_cmpint(mount("cgroup2", CGROUP_ROOT, "cgroup2", 0, NULL), ==, 0);
    g_assert_cmpint(cgroup_mode(), ==, CGROUP_V2);
}

static void setup(Fixture *fixture, gconstpointer on_v2)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) hierarchies = NULL;

    if (geteuid() != 0 || access(CGROUP_ROOT, W_OK) < 0)
        return;
    if (on_v2 != NULL && cgroup_mode() == CGROUP_V1)
        enter_v2_host();
    fixture->path = g_strdup_printf("/floe-test-%d", getpid());
    must(cgroup_hierarchies_load(&hierarchies, &error), error);
    for (guint i = 0; i < hierarchies->len; i++) {
        const CgroupHierarchy *hierarchy = g_ptr_array_index(hierarchies, i);
        g_autofree char *directory = g_strconcat(hierarchy->mount_point, fixture->path, NULL);
        bool freezes = cgroup_hierarchy_has(hierarchy, "freezer") || hierarchies->len == 1;
        bool tells_session = cgroup_hierarchy_has(hierarchy, "name=systemd") || hierarchy->is_v2;

        must(dir_make(directory, 0755, &error), error);
        if (freezes)
            fixture->directory = g_strdup(directory);
        else if (tells_session && fixture->other == NULL)
            fixture->other = g_strdup(directory);
    }
    fixture->pid = start_process();
    put_into(fixture->directory, fixture->pid);
}

static void teardown(Fixture *fixture, gconstpointer data)
{
    if (fixture->path != NULL) {
        g_autoptr(GError) error = NULL;

        cgroup_thaw(fixture->path, NULL);
        if (fixture->pid > 0) {
            kill(fixture->pid, SIGKILL);
            waitpid(fixture->pid, NULL, 0);
        }
        must(cgroup_remove(fixture->path, &error), error);
    }
    g_free(fixture->path);
    g_free(fixture->directory);
    g_free(fixture->other);
}

static void test_frozen_is_frozen_when_it_returns(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    if (skips())
        return;
    must(cgroup_freeze(fixture->path, 5000, &error), error);

    /* A stop signal takes effect only once it runs again. */
    kill(fixture->pid, SIGSTOP);
    g_usleep(20000);
    g_assert_cmpint(waitpid(fixture->pid, NULL, WUNTRACED | WNOHANG), ==, 0);
    must(cgroup_freeze(fixture->path, 5000, &error), error); /* again is no error */
    must(cgroup_thaw(fixture->path, &error), error);
    g_assert_cmpint(waitpid(fixture->pid, NULL, WUNTRACED), ==, fixture->pid);
}

static void test_kill_ends_also_frozen_processes_and_those_of_children(Fixture *fixture,
                                                                       gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    if (skips())
        return;

    g_autofree char *child = g_build_filename(fixture->directory, "inner", NULL);
    pid_t inner = start_process();
    int status = 0;

    must(dir_make(child, 0755, &error), error);
    put_into(child, inner);
    must(cgroup_freeze(fixture->path, 5000, &error), error);

    int64_t start_ms = clock_monotonic_ms();

    must(cgroup_kill(fixture->path, &error), error);
    g_assert_cmpint(clock_monotonic_ms() - start_ms, <, 5000);
    g_assert_cmpint(waitpid(inner, &status, WNOHANG), ==, inner);
    g_assert_cmpint(WTERMSIG(status), ==, SIGKILL);
    g_assert_cmpint(waitpid(fixture->pid, &status, WNOHANG), ==, fixture->pid);
    g_assert_cmpint(WTERMSIG(status), ==, SIGKILL);
    fixture->pid = 0;
    must(cgroup_kill(fixture->path, &error), error); /* there is nothing left, which is fine */
}

static void test_remove_takes_children_in_every_hierarchy(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    if (skips())
        return;

    g_autofree char *child = g_build_filename(fixture->directory, "a/b/c", NULL);
    g_autofree char *hidden = g_build_filename(fixture->directory, "a/.proxy-crun", NULL);

    must(dir_make(child, 0755, &error), error);
    must(dir_make(hidden, 0755, &error), error);
    must(cgroup_kill(fixture->path, &error), error);
    must(cgroup_remove(fixture->path, &error), error);
    g_assert_false(path_exists(fixture->directory));
    g_assert_true(fixture->other == NULL || !path_exists(fixture->other));
}

static void test_what_is_in_use_is_not_removed(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    if (skips())
        return;
    must(cgroup_remove_if_empty(fixture->path, &error), error);
    g_assert_true(path_exists(fixture->directory));
    g_assert_false(cgroup_remove(fixture->path, &error));
    g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_IN_USE);
    g_assert_true(path_exists(fixture->directory));
}

static void test_a_missing_cgroup_is_killed_and_removed_but_not_frozen(Fixture *fixture,
                                                                       gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    if (skips())
        return;
    must(cgroup_kill("/floe-test-missing", &error), error);
    must(cgroup_remove("/floe-test-missing/deep", &error), error);
    must(cgroup_remove_if_empty("/floe-test-missing/deep", &error), error);
    g_assert_false(cgroup_freeze("/floe-test-missing", 100, &error));
    g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_NOT_FOUND);
}

static bool is_in(pid_t pid, const char *cgroup_path)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *file = g_strdup_printf("/proc/%d/cgroup", pid);
    g_autofree char *line_end = g_strdup_printf(":%s\n", cgroup_path);
    g_autofree char *text = NULL;

    must(file_read(file, 65536, &text, NULL, &error), error);
    return strstr(text, line_end) != NULL;
}

static void test_enter_moves_a_process_out_of_a_session_only(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    if (skips())
        return;

    g_autofree char *path = g_strconcat(fixture->path, "-entered", NULL);

    if (fixture->other != NULL) { /* so far it is in the root there, which is no session */
        must(cgroup_enter(path, fixture->pid, &error), error);
        g_assert_false(is_in(fixture->pid, path));
        put_into(fixture->other, fixture->pid);
    }
    must(cgroup_enter(path, fixture->pid, &error), error);
    g_assert_true(is_in(fixture->pid, path));
    kill(fixture->pid, SIGKILL);
    waitpid(fixture->pid, NULL, 0);
    fixture->pid = 0;
    must(cgroup_remove(path, &error), error);
}

static void add(const char *prefix, const void *on_v2)
{
    static const struct {
        const char *name;
        void (*function)(Fixture *fixture, gconstpointer data);
    } tests[] = {
        { "frozen-is-frozen-when-it-returns", test_frozen_is_frozen_when_it_returns },
        { "kill-ends-also-frozen-processes-and-those-of-children",
          test_kill_ends_also_frozen_processes_and_those_of_children },
        { "remove-takes-children-in-every-hierarchy",
          test_remove_takes_children_in_every_hierarchy },
        { "what-is-in-use-is-not-removed", test_what_is_in_use_is_not_removed },
        { "a-missing-cgroup-is-killed-and-removed-but-not-frozen",
          test_a_missing_cgroup_is_killed_and_removed_but_not_frozen },
        { "enter-moves-a-process-out-of-a-session-only",
          test_enter_moves_a_process_out_of_a_session_only },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat(prefix, tests[i].name, NULL);

        g_test_add(path, Fixture, on_v2, setup, tests[i].function, teardown);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/oci/cgroup/hierarchies-are-read-from-the-mount-table",
                    test_hierarchies_are_read_from_the_mount_table);
    g_test_add_func("/oci/cgroup/only-paths-below-the-root-are-accepted",
                    test_only_paths_below_the_root_are_accepted);
    add("/oci/cgroup/", NULL);
    add("/oci/cgroup/v2/", "");
    return g_test_run();
}
