/* SPDX-License-Identifier: Apache-2.0 */
/* All in a mount namespace of this program's own: the host sees none of it. */
#include "base/mount.h"
#include "scratch.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static bool enter_own_namespace(void)
{
    if (geteuid() != 0) {
        g_test_skip("needs root");
        return false;
    }
    g_assert_cmpint(unshare(CLONE_NEWNS), ==, 0);
    g_assert_cmpint(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), ==, 0);
    return true;
}

static bool is_mounted(const char *path)
{
    g_autoptr(GError) error = NULL;
    bool mounted = false;

    mount_is_at(path, &mounted, &error);
    g_assert_no_error(error);
    return mounted;
}

static void mount_tmpfs(const char *path)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(dir_make(path, 0700, NULL));
    mount_at("tmpfs", path, "tmpfs", MS_NOSUID, "size=64k", &error);
    g_assert_no_error(error);
}

static void test_a_plain_directory_is_no_mount_point(void)
{
    SCRATCH(directory);
    IN(directory, missing, "missing");

    g_assert_false(is_mounted(directory));
    g_assert_false(is_mounted(missing));
    g_assert_true(is_mounted("/proc"));
    g_assert_true(unmount_below(missing, NULL));
    g_assert_true(unmount_below(directory, NULL));
}

static void test_unmounting_takes_all_that_is_stacked(void)
{
    SCRATCH(directory);
    IN(directory, path, "x");
    IN(directory, missing, "missing");

    if (!enter_own_namespace())
        return;
    mount_tmpfs(path);
    mount_tmpfs(path);
    g_assert_true(is_mounted(path));
    g_assert_true(unmount_at(path, NULL));
    g_assert_false(is_mounted(path));
    g_assert_true(unmount_at(path, NULL));
    g_assert_true(unmount_at(missing, NULL));
}

static void test_a_busy_mount_is_unmounted_lazily(void)
{
    SCRATCH(directory);
    IN(directory, path, "x");

    if (!enter_own_namespace())
        return;
    mount_tmpfs(path);
    autofd int user = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_assert_true(unmount_at(path, NULL));
    g_assert_cmpint(user, >=, 0);
    g_assert_false(is_mounted(path));
}

static void test_everything_below_goes_and_neighbours_stay(void)
{
    SCRATCH(directory);
    IN(directory, top, "run");
    IN(directory, hidden, "run/hidden");
    IN(directory, neighbour, "run-of-another");
    IN(directory, nested, "run/a/b");
    g_autoptr(GError) error = NULL;

    if (!enter_own_namespace())
        return;
    mount_tmpfs(neighbour);
    mount_tmpfs(hidden);
    mount_tmpfs(top); /* over the one before */
    mount_tmpfs(nested);
    unmount_below(top, &error);
    g_assert_no_error(error);
    g_assert_false(is_mounted(top));
    g_assert_false(is_mounted(hidden));
    g_assert_true(is_mounted(neighbour));
    g_assert_true(unmount_below(neighbour, NULL));
    g_assert_false(is_mounted(neighbour));
}

static void test_odd_names_are_found(void)
{
    SCRATCH(directory);
    IN(directory, top, "top");
    IN(directory, odd, "top/a b\tc\\134\nd");

    if (!enter_own_namespace())
        return;
    mount_tmpfs(odd);
    g_assert_true(unmount_below(top, NULL));
    g_assert_false(is_mounted(odd));
}

static void test_a_directory_becomes_a_mount_of_itself_once(void)
{
    SCRATCH(directory);
    IN(directory, path, "self");
    IN(directory, file, "self/file");

    if (!enter_own_namespace())
        return;
    g_assert_true(dir_make(path, 0700, NULL));
    g_assert_true(file_write_atomic(file, "x", 1, 0600, NULL));
    g_assert_true(mount_self(path, MS_SHARED, NULL));
    g_assert_true(mount_self(path, MS_PRIVATE, NULL));
    g_assert_true(is_mounted(path));
    g_assert_true(path_exists(file));
    g_assert_cmpint(umount2(path, 0), ==, 0);
    g_assert_false(is_mounted(path));
}

static void test_a_failed_mount_names_type_and_target(void)
{
    SCRATCH(directory);
    g_autoptr(GError) missing = NULL;
    g_autoptr(GError) unknown = NULL;

    if (!enter_own_namespace())
        return;
    g_assert_false(mount_at("x", "/nonexistent", "tmpfs", 0, NULL, &missing));
    g_assert_error(missing, FLOE_ERROR_DOMAIN, FLOE_ERROR_NOT_FOUND);
    g_assert_nonnull(strstr(missing->message, "mount tmpfs on '/nonexistent'"));
    g_assert_false(mount_at("x", directory, "no-such-fs", 0, NULL, &unknown));
    g_assert_error(unknown, FLOE_ERROR_DOMAIN, FLOE_ERROR_UNSUPPORTED);
}

#define CASE(name, function) g_test_add_func("/base/mount/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    CASE("a-plain-directory-is-no-mount-point", test_a_plain_directory_is_no_mount_point);
    CASE("unmounting-takes-all-that-is-stacked", test_unmounting_takes_all_that_is_stacked);
    CASE("a-busy-mount-is-unmounted-lazily", test_a_busy_mount_is_unmounted_lazily);
    CASE("everything-below-goes-and-neighbours-stay",
         test_everything_below_goes_and_neighbours_stay);
    CASE("odd-names-are-found", test_odd_names_are_found);
    CASE("a-directory-becomes-a-mount-of-itself-once",
         test_a_directory_becomes_a_mount_of_itself_once);
    CASE("a-failed-mount-names-type-and-target", test_a_failed_mount_names_type_and_target);
    return g_test_run();
}
