/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

static void write_file(const char *path, const char *text)
{
    g_assert_true(file_write_atomic(path, text, strlen(text), 0644, NULL));
}

/* --- directories ------------------------------------------------------------------------------ */

static void test_directories_are_made_with_the_mode_asked_for(void)
{
    SCRATCH(directory);
    IN(directory, path, "a/b//c/");
    IN(directory, a, "a");
    g_autoptr(GError) error = NULL;
    struct stat st;
    mode_t umask_before = umask(077);

    dir_make(path, 0751, &error);
    umask(umask_before);
    g_assert_no_error(error);
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpuint(st.st_mode & 07777, ==, 0751);
    g_assert_true(dir_make(a, 0700, NULL));
    g_assert_cmpint(stat(a, &st), ==, 0);
    g_assert_cmpuint(st.st_mode & 07777, ==, 0751); /* it keeps its mode */
}

static void test_a_file_in_the_way_of_a_directory_is_told(void)
{
    SCRATCH(directory);
    IN(directory, file, "file");
    IN(directory, below, "file/below");
    g_autoptr(GError) error = NULL;

    write_file(file, "");
    g_assert_false(dir_make(file, 0700, &error));
    g_assert_nonnull(strstr(error->message, g_strerror(ENOTDIR)));
    g_assert_false(dir_make(below, 0700, NULL));
    g_assert_false(dir_make("", 0700, NULL));
}

/* --- trees ------------------------------------------------------------------------------------ */

static void test_a_tree_is_removed_but_not_what_its_links_point_to(void)
{
    SCRATCH(directory);
    IN(directory, tree, "tree");
    IN(directory, sub, "tree/sub/sub");
    IN(directory, outside, "outside");
    IN(directory, treasure, "outside/treasure");
    IN(directory, link, "tree/sub/link");
    IN(directory, file_link, "tree/file-link");
    g_autoptr(GError) error = NULL;

    g_assert_true(dir_make(sub, 0700, NULL));
    g_assert_true(dir_make(outside, 0700, NULL));
    write_file(treasure, "gold");
    g_assert_cmpint(symlink(outside, link), ==, 0);
    g_assert_cmpint(symlink(treasure, file_link), ==, 0);
    tree_remove(tree, &error);
    g_assert_no_error(error);
    g_assert_false(path_exists(tree));
    g_assert_true(path_exists(treasure));
}

static void test_removing_a_link_leaves_its_target(void)
{
    SCRATCH(directory);
    IN(directory, target, "target");
    IN(directory, link, "link");

    g_assert_true(dir_make(target, 0700, NULL));
    g_assert_cmpint(symlink(target, link), ==, 0);
    g_assert_true(tree_remove(link, NULL));
    g_assert_false(path_exists(link));
    g_assert_true(path_exists(target));
}

static void test_a_missing_tree_is_removed_already(void)
{
    g_assert_true(tree_remove("/nonexistent/tree", NULL));
    g_assert_true(tree_remove("/tmp/nonexistent-tree-of-floe", NULL));
}

static void test_what_names_no_entry_is_not_removed(void)
{
    static const char *const paths[] = { "", "/", "//", ".", "..", "/tmp/..", "/tmp/.", "./" };

    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(tree_remove(paths[i], &error));
        g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
    }
}

/*
 * A directory of so many levels, with a file of one byte beside each; longer than any path can be.
 */
static void make_deep(const char *top, int n_levels)
{
    autofd int fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    for (int i = 0; i < n_levels; i++) {
        autofd int file = openat(fd, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

        g_assert_cmpint(write(file, "x", 1), ==, 1);
        g_assert_cmpint(mkdirat(fd, "directory", 0700), ==, 0);
        int next = openat(fd, "directory", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        g_assert_cmpint(next, >=, 0);
        fd_cleanup(&fd);
        fd = next;
    }
}

static void test_a_deep_tree_needs_few_descriptors(void)
{
    SCRATCH(directory);
    IN(directory, tree, "tree");
    g_autoptr(GError) error = NULL;
    struct rlimit before, few;
    int64_t bytes = 0;

    g_assert_true(dir_make(tree, 0700, NULL));
    make_deep(tree, 5000);
    getrlimit(RLIMIT_NOFILE, &before);
    few = before;
    few.rlim_cur = 128;
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &few), ==, 0);
    tree_size(tree, &bytes, &error);
    g_assert_no_error(error);
    g_assert_cmpint(bytes, ==, 5000);
    tree_remove(tree, &error);
    g_assert_no_error(error);
    setrlimit(RLIMIT_NOFILE, &before);
    g_assert_false(path_exists(tree));
}

static void test_a_wide_and_deep_tree_is_removed_whole(void)
{
    SCRATCH(directory);
    IN(directory, tree, "tree");
    g_autoptr(GError) error = NULL;

    g_assert_true(dir_make(tree, 0700, NULL));
    for (int i = 0; i < 300; i++) {
        g_autofree char *sub = g_strdup_printf("%s/%d", tree, i);

        g_assert_true(dir_make(sub, 0700, NULL));
        if (i % 50 == 0)
            make_deep(sub, 150);
    }
    tree_remove(tree, &error);
    g_assert_no_error(error);
    g_assert_false(path_exists(tree));
}

static void test_the_size_counts_hard_links_once(void)
{
    SCRATCH(directory);
    IN(directory, first, "first");
    IN(directory, second, "second");
    IN(directory, other, "other");
    IN(directory, sparse_one, "sparse-1");
    int64_t bytes = 0;

    write_file(first, "12345");
    write_file(other, "123");
    g_assert_cmpint(link(first, second), ==, 0);
    g_assert_true(tree_size(directory, &bytes, NULL));
    g_assert_cmpint(bytes, ==, 8);
    g_assert_true(tree_size(other, &bytes, NULL));
    g_assert_cmpint(bytes, ==, 3);

    write_file(sparse_one, "");
    g_assert_cmpint(truncate(sparse_one, 1000000000), ==, 0);
    g_assert_true(tree_size(directory, &bytes, NULL));
    g_assert_cmpint(bytes, ==, 1000000008);
}

static void test_what_is_mounted_in_a_tree_stays_whole(void)
{
    SCRATCH(directory);
    IN(directory, tree, "tree");
    IN(directory, target, "tree/a/mounted");
    IN(directory, source, "source");
    IN(directory, file, "source/file");
    g_autoptr(GError) below = NULL;
    g_autoptr(GError) at = NULL;
    int64_t bytes = -1;

    if (geteuid() != 0) {
        g_test_skip("needs root");
        return;
    }
    g_assert_cmpint(unshare(CLONE_NEWNS), ==, 0);
    g_assert_cmpint(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), ==, 0);
    g_assert_true(dir_make(target, 0700, NULL));
    g_assert_true(dir_make(source, 0700, NULL));
    write_file(file, "12345");
    /* A bind mount on the same filesystem: the device number does not give it away. */
    g_assert_cmpint(mount(source, target, NULL, MS_BIND, NULL), ==, 0);

    g_assert_true(tree_size(tree, &bytes, NULL));
    g_assert_cmpint(bytes, ==, 0);
    g_assert_false(tree_remove(tree, &below));
    g_assert_error(below, FLOE_ERROR_DOMAIN, FLOE_ERROR_IN_USE);
    g_assert_nonnull(strstr(below->message, "'mounted'"));
    g_assert_false(tree_remove(target, &at));
    g_assert_error(at, FLOE_ERROR_DOMAIN, FLOE_ERROR_IN_USE);
    g_assert_true(path_exists(file));
    g_assert_cmpint(umount2(target, 0), ==, 0);
    g_assert_true(tree_remove(tree, NULL));
}

/* --- inside a root ---------------------------------------------------------------------------- */

/*
 * <directory>/secret, and beside it <directory>/root with links that try to reach it:
 * out -> ../../../../<directory>, absolute -> <directory>, etc -> /real-etc (which is in the root).
 */
static char *make_hostile_root(const char *directory, int *ret_fd)
{
    char *root = g_build_filename(directory, "root", NULL);
    IN(directory, secret, "secret");
    IN(root, out, "out");
    IN(root, absolute, "absolute");
    IN(root, real_etc, "real-etc");
    IN(root, passwd, "real-etc/passwd");
    IN(root, etc, "etc");
    g_autofree char *climbing = g_strdup_printf("../../../../../..%s", directory);

    write_file(secret, "outside");
    g_assert_true(dir_make(real_etc, 0755, NULL));
    write_file(passwd, "inside");
    g_assert_cmpint(symlink(climbing, out), ==, 0);
    g_assert_cmpint(symlink(directory, absolute), ==, 0);
    g_assert_cmpint(symlink("/real-etc", etc), ==, 0);
    g_assert_true(root_open(root, ret_fd, NULL));
    return root;
}

static void test_links_and_dots_do_not_lead_out_of_a_root(void)
{
    SCRATCH(directory);
    autofd int root_fd = -1;
    g_autofree char *root = make_hostile_root(directory, &root_fd);
    static const char *const paths[] = {
        "out/secret", "absolute/secret", "../secret", "/../secret", "real-etc/../../secret",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(GError) error = NULL;
        char *data = NULL;

        g_assert_false(root_read_file(root_fd, paths[i], 100, &data, NULL, &error));
        g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_NOT_FOUND);
    }
}

static void test_links_inside_a_root_are_followed(void)
{
    SCRATCH(directory);
    autofd int root_fd = -1;
    g_autofree char *root = make_hostile_root(directory, &root_fd);
    static const char *const paths[] = { "/etc/passwd", "etc/passwd", "/../etc/../etc/passwd" };

    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *data = NULL;
        g_autoptr(GError) error = NULL;

        root_read_file(root_fd, paths[i], 100, &data, NULL, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(data, ==, "inside");
    }
}

static void test_directories_made_in_a_root_stay_in_it(void)
{
    SCRATCH(directory);
    autofd int root_fd = -1;
    g_autofree char *root = make_hostile_root(directory, &root_fd);
    g_autofree char *mirrored = g_strconcat(root, directory, "/made/deep", NULL);
    IN(directory, outside, "made");
    IN(root, climbed, "up");
    g_autoptr(GError) error = NULL;

    /* As seen from inside the link points to nothing: what it names is made, inside. */
    root_make_dir(root_fd, "/out/made/deep", getuid(), getgid(), &error);
    g_assert_no_error(error);
    g_assert_true(path_exists(mirrored));
    g_assert_false(path_exists(outside));
    g_assert_true(root_make_dir(root_fd, "../../up", getuid(), getgid(), NULL));
    g_assert_true(path_exists(climbed));
}

static void test_files_made_in_a_root_stay_in_it(void)
{
    SCRATCH(directory);
    autofd int root_fd = -1;
    g_autofree char *root = make_hostile_root(directory, &root_fd);
    g_autofree char *mirrored = g_strconcat(root, directory, "/other/file", NULL);
    IN(directory, outside, "other");
    g_autoptr(GError) error = NULL;

    if (geteuid() != 0) {
        g_test_skip("needs root: the file is root's");
        return;
    }
    root_make_file(root_fd, "absolute/other/file", &error);
    g_assert_no_error(error);
    g_assert_true(path_exists(mirrored));
    g_assert_false(path_exists(outside));
}

static void test_a_directory_is_made_once_with_its_owner_and_mode(void)
{
    SCRATCH(directory);
    autofd int root_fd = -1;
    g_autofree char *root = make_hostile_root(directory, &root_fd);
    IN(root, made, "real-etc/a/b");
    uid_t owner = geteuid() == 0 ? 1234 : getuid();
    struct stat st;
    mode_t umask_before = umask(077);

    g_assert_true(root_make_dir(root_fd, "/etc/a//b/", owner, getgid(), NULL));
    umask(umask_before);
    g_assert_cmpint(stat(made, &st), ==, 0);
    g_assert_cmpuint(st.st_mode & 07777, ==, 0755);
    g_assert_cmpuint(st.st_uid, ==, owner);
    g_assert_true(root_make_dir(root_fd, "/etc/a/b", 0, 0, NULL));
    g_assert_true(root_make_dir(root_fd, "/", 0, 0, NULL));
    g_assert_cmpint(stat(made, &st), ==, 0);
    g_assert_cmpuint(st.st_uid, ==, owner);
}

static void test_a_file_is_made_where_a_link_to_nothing_points(void)
{
    SCRATCH(directory);
    autofd int root_fd = -1;
    g_autofree char *root = make_hostile_root(directory, &root_fd);
    IN(root, link, "real-etc/resolv.conf");
    IN(root, made, "run/resolve/stub.conf");

    if (geteuid() != 0) {
        g_test_skip("needs root: the file is root's");
        return;
    }
    g_assert_cmpint(symlink("../run/resolve/stub.conf", link), ==, 0);
    g_assert_true(root_make_file(root_fd, "/etc/resolv.conf", NULL));
    g_assert_true(path_exists(made));
    g_assert_true(root_make_file(root_fd, "/etc/resolv.conf", NULL));
}

static void test_links_in_a_circle_end(void)
{
    SCRATCH(directory);
    autofd int root_fd = -1;
    g_autofree char *root = make_hostile_root(directory, &root_fd);
    IN(root, first, "first");
    IN(root, grows, "grows");
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(symlink("first", first), ==, 0);
    g_assert_cmpint(symlink("grows/x", grows), ==, 0);
    g_assert_false(root_make_dir(root_fd, "first/x", 0, 0, &error));
    g_assert_nonnull(strstr(error->message, g_strerror(ELOOP)));
    g_assert_false(root_make_file(root_fd, "grows/x", NULL));
}

static void test_a_file_in_the_way_inside_a_root_is_told(void)
{
    SCRATCH(directory);
    autofd int root_fd = -1;
    g_autofree char *root = make_hostile_root(directory, &root_fd);
    g_autoptr(GError) error = NULL;

    g_assert_false(root_make_dir(root_fd, "/etc/passwd/x", 0, 0, &error));
    g_assert_nonnull(strstr(error->message, g_strerror(ENOTDIR)));
    g_assert_nonnull(strstr(error->message, "/etc/passwd/x"));
}

static void test_only_regular_files_are_read(void)
{
    SCRATCH(directory);
    autofd int root_fd = -1;
    g_autofree char *root = make_hostile_root(directory, &root_fd);
    IN(root, fifo, "fifo");
    static const char *const paths[] = { "fifo", "real-etc" };

    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0); /* reading it would block for ever */
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(GError) error = NULL;
        char *data = NULL;

        g_assert_false(root_read_file(root_fd, paths[i], 100, &data, NULL, &error));
        g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
    }
}

static void test_a_file_can_be_created_in_a_root(void)
{
    SCRATCH(directory);
    autofd int root_fd = -1;
    autofd int fd = -1;
    g_autofree char *root = make_hostile_root(directory, &root_fd);
    IN(root, made, "real-etc/hostname");
    g_autoptr(GError) error = NULL;

    root_open_file(root_fd, "/etc/hostname", O_WRONLY | O_CREAT | O_EXCL, 0644, &fd, &error);
    g_assert_no_error(error);
    g_assert_cmpint(fcntl(fd, F_GETFD) & FD_CLOEXEC, !=, 0);
    g_assert_true(path_exists(made));
}

#define CASE(name, function) g_test_add_func("/base/path/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    CASE("directories-are-made-with-the-mode-asked-for",
         test_directories_are_made_with_the_mode_asked_for);
    CASE("a-file-in-the-way-of-a-directory-is-told", test_a_file_in_the_way_of_a_directory_is_told);
    CASE("a-tree-is-removed-but-not-what-its-links-point-to",
         test_a_tree_is_removed_but_not_what_its_links_point_to);
    CASE("removing-a-link-leaves-its-target", test_removing_a_link_leaves_its_target);
    CASE("a-missing-tree-is-removed-already", test_a_missing_tree_is_removed_already);
    CASE("what-names-no-entry-is-not-removed", test_what_names_no_entry_is_not_removed);
    CASE("a-deep-tree-needs-few-descriptors", test_a_deep_tree_needs_few_descriptors);
    CASE("a-wide-and-deep-tree-is-removed-whole", test_a_wide_and_deep_tree_is_removed_whole);
    CASE("the-size-counts-hard-links-once", test_the_size_counts_hard_links_once);
    CASE("what-is-mounted-in-a-tree-stays-whole", test_what_is_mounted_in_a_tree_stays_whole);
    CASE("links-and-dots-do-not-lead-out-of-a-root", test_links_and_dots_do_not_lead_out_of_a_root);
    CASE("links-inside-a-root-are-followed", test_links_inside_a_root_are_followed);
    CASE("directories-made-in-a-root-stay-in-it", test_directories_made_in_a_root_stay_in_it);
    CASE("files-made-in-a-root-stay-in-it", test_files_made_in_a_root_stay_in_it);
    CASE("a-directory-is-made-once-with-its-owner-and-mode",
         test_a_directory_is_made_once_with_its_owner_and_mode);
    CASE("a-file-is-made-where-a-link-to-nothing-points",
         test_a_file_is_made_where_a_link_to_nothing_points);
    CASE("links-in-a-circle-end", test_links_in_a_circle_end);
    CASE("a-file-in-the-way-inside-a-root-is-told", test_a_file_in_the_way_inside_a_root_is_told);
    CASE("only-regular-files-are-read", test_only_regular_files_are_read);
    CASE("a-file-can-be-created-in-a-root", test_a_file_can_be_created_in_a_root);
    return g_test_run();
}
