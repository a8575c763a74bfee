/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

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

#define CASE(name, function) g_test_add_func("/base/tree/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    CASE("a-tree-is-removed-but-not-what-its-links-point-to",
         test_a_tree_is_removed_but_not_what_its_links_point_to);
    CASE("removing-a-link-leaves-its-target", test_removing_a_link_leaves_its_target);
    CASE("a-missing-tree-is-removed-already", test_a_missing_tree_is_removed_already);
    CASE("what-names-no-entry-is-not-removed", test_what_names_no_entry_is_not_removed);
    CASE("a-deep-tree-needs-few-descriptors", test_a_deep_tree_needs_few_descriptors);
    CASE("a-wide-and-deep-tree-is-removed-whole", test_a_wide_and_deep_tree_is_removed_whole);
    CASE("the-size-counts-hard-links-once", test_the_size_counts_hard_links_once);
    CASE("what-is-mounted-in-a-tree-stays-whole", test_what_is_mounted_in_a_tree_stays_whole);
    return g_test_run();
}
