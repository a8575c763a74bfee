/* SPDX-License-Identifier: Apache-2.0 */
/* As root, in a mount namespace of its own with an empty /run: the machine sees nothing of it. */
#include "network/netns.h"

#include "base/fd.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool have_own_run(void)
{
    if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0) {
        g_test_skip("needs root");
        return false;
    }
    g_assert_cmpint(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), ==, 0);
    umount2(NETNS_DIRECTORY, MNT_DETACH); /* the machine's: it would be listed below ours */
    g_assert_cmpint(mount("run", "/run", "tmpfs", 0, NULL), ==, 0);
    return true;
}

static ino_t netns_of(const char *path)
{
    struct stat st;

    g_assert_cmpint(stat(path, &st), ==, 0);
    return st.st_ino;
}

static char *create(const char *directory)
{
    g_autoptr(GError) err = NULL;
    char *path = NULL;

    netns_create(directory, &path, &err);
    g_assert_no_error(err);
    return path;
}

/* In a child, which may go into the namespace for good. */
static bool lo_is_up(const char *path)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        struct ifreq request = { .ifr_name = "lo" };
        int netns = open(path, O_RDONLY | O_CLOEXEC);

        if (setns(netns, CLONE_NEWNET) < 0 ||
            ioctl(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), SIOCGIFFLAGS, &request) < 0)
            _exit(2);
        _exit(request.ifr_flags & IFF_UP ? 0 : 1);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    return status == 0;
}

static void test_create(void)
{
    ino_t ours = netns_of("/proc/self/ns/net");
    g_autofree char *path = NULL;
    g_autoptr(GError) err = NULL;

    if (!have_own_run())
        return;
    path = create("/run/elsewhere");
    g_assert_true(g_regex_match_simple("^/run/elsewhere/netns-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-"
                                       "[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
                                       path, 0, 0));
    g_assert_true(netns_exists(path));
    g_assert_true(netns_of(path) != ours);
    g_assert_true(netns_of("/proc/thread-self/ns/net") == ours);
    g_assert_true(lo_is_up(path));

    netns_remove(path, &err);
    g_assert_no_error(err);
    g_assert_false(netns_exists(path));
    g_assert_cmpint(access(path, F_OK), ==, -1);
    netns_remove(path, &err);
    g_assert_no_error(err);
}

static void test_left_by_a_reboot(void)
{
    g_autoptr(GError) err = NULL;

    if (!have_own_run())
        return;
    g_assert_true(g_file_set_contents("/run/netns-old", "", 0, NULL));
    g_assert_false(netns_exists("/run/netns-old"));
    netns_remove("/run/netns-old", &err);
    g_assert_no_error(err);
    g_assert_cmpint(access("/run/netns-old", F_OK), ==, -1);
}

static void test_open_elsewhere(void)
{
    g_autofree char *path = NULL;
    g_autoptr(GError) err = NULL;

    if (!have_own_run())
        return;
    path = create("/run/elsewhere");
    autofd int user = open(path, O_RDONLY | O_CLOEXEC);
    g_assert_cmpint(user, >=, 0);
    netns_remove(path, &err);
    g_assert_no_error(err);
    g_assert_cmpint(access(path, F_OK), ==, -1);
}

static void test_failure_leaves_nothing(void)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(GDir) dir = NULL;
    char *path = NULL;

    if (!have_own_run())
        return;
    g_assert_cmpint(g_mkdir("/run/full", 0755), ==, 0);
    g_assert_cmpint(mount("full", "/run/full", "tmpfs", MS_RDONLY, NULL), ==, 0);
    g_assert_false(netns_create("/run/full", &path, &err));
    g_assert_error(err, FLOE_ERROR_DOMAIN, FLOE_ERROR_IO);
    g_assert_nonnull(strstr(err->message, "/run/full/netns-"));
    dir = g_dir_open("/run/full", 0, NULL);
    g_assert_null(g_dir_read_name(dir));
}

/* The mountinfo lines of a mount point; `is_shared`: all of them are. */
static int mounts_at(const char *path, bool *ret_shared)
{
    g_autofree char *text = NULL;
    int found = 0;

    *ret_shared = true;
    g_assert_true(g_file_get_contents("/proc/self/mountinfo", &text, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line && **line; line++) {
        g_auto(GStrv) words = g_strsplit(*line, " ", -1);

        if (g_str_equal(words[4], path)) {
            found++;
            *ret_shared = *ret_shared && strstr(*line, " shared:");
        }
    }
    return found;
}

#define MAKERS 8
#define ROUNDS 10

/* All of them start when the pipe is closed. */
static void make_at_once(void)
{
    int start[2];

    g_assert_cmpint(pipe2(start, O_CLOEXEC), ==, 0);
    for (int i = 0; i < MAKERS; i++) {
        if (fork() == 0) {
            char *path = NULL;
            char byte;

            close(start[1]);
            if (read(start[0], &byte, 1) != 0)
                _exit(2);
            _exit(netns_create(NETNS_DIRECTORY, &path, NULL) && netns_exists(path) ? 0 : 1);
        }
    }
    close(start[0]);
    close(start[1]);
    for (int i = 0; i < MAKERS; i++) {
        int status;

        g_assert_cmpint(wait(&status), >, 0);
        g_assert_cmpint(status, ==, 0);
    }
}

/* Remove them all, each of which must be to be seen, and tell how many there were. */
static int remove_all(void)
{
    g_autoptr(GDir) dir = g_dir_open(NETNS_DIRECTORY, 0, NULL);
    const char *name;
    int removed = 0;

    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(NETNS_DIRECTORY, name, NULL);

        g_assert_true(netns_exists(path));
        g_assert_true(netns_remove(path, NULL));
        removed++;
    }
    return removed;
}

static void test_shared_directory(void)
{
    if (!have_own_run())
        return;
    for (int round = 0; round < ROUNDS; round++) {
        bool is_shared = false;

        make_at_once();
        int mounts = mounts_at(NETNS_DIRECTORY, &is_shared);
        g_assert_cmpint(mounts, ==, 1);
        g_assert_true(is_shared);
        g_assert_cmpint(remove_all(), ==, MAKERS);
        g_assert_cmpint(umount2(NETNS_DIRECTORY, MNT_DETACH), ==, 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/network/netns/is-made-apart-with-lo-up", test_create);
    g_test_add_func("/network/netns/a-file-left-by-a-reboot-is-none", test_left_by_a_reboot);
    g_test_add_func("/network/netns/goes-though-somebody-has-it-open", test_open_elsewhere);
    g_test_add_func("/network/netns/a-failure-leaves-nothing", test_failure_leaves_nothing);
    g_test_add_func("/network/netns/many-at-once-share-one-directory", test_shared_directory);
    return g_test_run();
}
