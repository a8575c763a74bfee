/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/tree-copy.h"

#include "base/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void make_file(const char *root, const char *path, const char *content)
{
    g_autofree char *full = g_build_filename(root, path, NULL);
    g_autofree char *above = g_path_get_dirname(full);

    g_assert_cmpint(g_mkdir_with_parents(above, 0755), ==, 0);
    g_assert_true(g_file_set_contents(full, content, -1, NULL));
}

static void assert_content(const char *root, const char *path, const char *wanted)
{
    g_autofree char *full = g_build_filename(root, path, NULL);
    g_autofree char *got = NULL;

    g_assert_true(g_file_get_contents(full, &got, NULL, NULL));
    g_assert_cmpstr(got, ==, wanted);
}

/* From "from" in the scratch directory to "to/NAME". */
static bool copy(const char *root, const char *name, bool overwrite, const TreeOwner *owner,
                 GError **error)
{
    g_autofree char *from_path = g_build_filename(root, "from", NULL);
    g_autofree char *to_path = g_build_filename(root, "to", NULL);
    autofd int from = open(from_path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    autofd int to = -1;

    g_assert_cmpint(g_mkdir_with_parents(to_path, 0755), ==, 0);
    g_assert_true(root_open(to_path, &to, NULL));
    return tree_copy(&(TreeCopy){ from, to, name, owner, overwrite }, error);
}

static void assert_copied(const char *root, const char *name, bool overwrite)
{
    g_autoptr(GError) error = NULL;

    copy(root, name, overwrite, NULL, &error);
    g_assert_no_error(error);
}

static void assert_refused(const char *root, const char *name, floe_error_code code)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(copy(root, name, false, NULL, &error));
    g_assert_true(err_is(error, code));
}

static void test_a_file_gets_a_name(void)
{
    SCRATCH(root);

    make_file(root, "from", "content");
    assert_copied(root, "name", false);
    assert_content(root, "to/name", "content");
    make_file(root, "from", "other");
    assert_copied(root, "name", false);
    assert_content(root, "to/name", "other");
}

static void test_directories_of_one_name_become_one(void)
{
    SCRATCH(root);

    make_file(root, "from/sub/new", "new");
    make_file(root, "from/both", "new");
    make_file(root, "to/name/sub/old", "old");
    make_file(root, "to/name/both", "old");
    assert_copied(root, "name", false);
    assert_content(root, "to/name/sub/new", "new");
    assert_content(root, "to/name/sub/old", "old");
    assert_content(root, "to/name/both", "new");
}

static void test_without_a_name_the_content_is_copied(void)
{
    SCRATCH(root);
    g_autofree char *to = g_build_filename(root, "to", NULL);
    g_autofree char *from = g_build_filename(root, "from", NULL);
    struct stat st;

    make_file(root, "from/sub/file", "content");
    g_assert_cmpint(chmod(from, 0700), ==, 0);
    assert_copied(root, "", false);
    assert_content(root, "to/sub/file", "content");
    g_assert_cmpint(stat(to, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 07777, ==, 0755);
}

static void test_a_directory_and_a_file_are_in_each_others_way(void)
{
    SCRATCH(root);

    make_file(root, "from/a/x", "new");
    make_file(root, "from/b", "new");
    make_file(root, "to/name/a", "old");
    assert_refused(root, "name", FLOE_ERROR_INVALID);
    assert_content(root, "to/name/a", "old");
    make_file(root, "to/name/b/full/y", "old");
    assert_copied(root, "name", true);
    assert_content(root, "to/name/a/x", "new");
    assert_content(root, "to/name/b", "new");
}

/* What stands in the target is not followed, whatever it points to. */
static void test_links_in_the_target_lead_nowhere(void)
{
    SCRATCH(root);
    g_autofree char *outside = g_build_filename(root, "outside", NULL);
    g_autofree char *link = g_build_filename(root, "to/name/file", NULL);
    g_autofree char *dir_link = g_build_filename(root, "to/name/dir", NULL);

    make_file(root, "outside/file", "safe");
    make_file(root, "to/name/other", "");
    g_assert_cmpint(symlink("../../outside/file", link), ==, 0);
    make_file(root, "from/file", "evil");
    assert_copied(root, "name", false);
    assert_content(root, "outside/file", "safe");
    assert_content(root, "to/name/file", "evil");

    g_assert_cmpint(symlink(outside, dir_link), ==, 0);
    make_file(root, "from/dir/file", "evil");
    assert_refused(root, "name", FLOE_ERROR_INVALID);
    assert_copied(root, "name", true);
    assert_content(root, "outside/file", "safe");
    assert_content(root, "to/name/dir/file", "evil");
}

static void test_hard_links_and_holes_are_kept(void)
{
    SCRATCH(root);
    g_autofree char *one = g_build_filename(root, "from/one", NULL);
    g_autofree char *two = g_build_filename(root, "from/two", NULL);
    g_autofree char *copied_one = g_build_filename(root, "to/name/one", NULL);
    g_autofree char *copied_two = g_build_filename(root, "to/name/two", NULL);
    struct stat first, second;

    make_file(root, "from/one", "data");
    g_assert_cmpint(truncate(one, 64 << 20), ==, 0);
    g_assert_cmpint(link(one, two), ==, 0);
    assert_copied(root, "name", false);
    g_assert_cmpint(stat(copied_one, &first), ==, 0);
    g_assert_cmpint(stat(copied_two, &second), ==, 0);
    g_assert_cmpuint(first.st_ino, ==, second.st_ino);
    g_assert_cmpint(first.st_size, ==, 64 << 20);
    g_assert_cmpint(first.st_blocks, <, 1000);
    assert_content(root, "to/name/one", "data");
}

static void test_the_owner_can_be_another(void)
{
    SCRATCH(root);
    const TreeOwner owner = { 1234, 5678 };
    g_autofree char *path = g_build_filename(root, "to/name/link", NULL);
    g_autofree char *target = g_build_filename(root, "from/link", NULL);
    g_autoptr(GError) error = NULL;
    struct stat st;

    if (geteuid() != 0) {
        g_test_skip("only root gives files away");
        return;
    }
    make_file(root, "from/file", "");
    g_assert_cmpint(symlink("file", target), ==, 0);
    copy(root, "name", false, &owner, &error);
    g_assert_no_error(error);
    g_assert_cmpint(lstat(path, &st), ==, 0);
    g_assert_cmpuint(st.st_uid, ==, 1234);
    g_assert_cmpuint(st.st_gid, ==, 5678);
}

/* What is copied by hand, as between two file systems, is the same: no holes are filled. */
static void test_data_between_holes_is_copied_as_it_is(void)
{
    SCRATCH(root);
    g_autofree char *from = g_build_filename(root, "from/file", NULL);
    g_autofree char *to = g_strdup("/dev/shm/floe-tree-copy-XXXXXX");
    autofd int to_dir = g_mkdtemp(to) != NULL ? open(to, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    g_autofree char *from_path = g_build_filename(root, "from", NULL);
    autofd int from_dir = -1;
    g_autoptr(GError) error = NULL;
    g_autofree char *copied = g_build_filename(to, "name/file", NULL);
    g_autofree char *copied_dir = g_build_filename(to, "name", NULL);
    g_autofree char *got = NULL;
    gsize length = 0;
    struct stat st;

    make_file(root, "from/file", "first");
    autofd int fd = open(from, O_WRONLY | O_CLOEXEC);

    g_assert_cmpint(pwrite(fd, "second", 6, 8 << 20), ==, 6);
    g_assert_cmpint(pwrite(fd, "third", 5, 16 << 20), ==, 5);
    g_assert_cmpint(ftruncate(fd, 24 << 20), ==, 0);
    from_dir = open(from_path, O_PATH | O_CLOEXEC);
    tree_copy(&(TreeCopy){ from_dir, to_dir, "name", NULL, false }, &error);
    g_assert_no_error(error);
    g_assert_cmpint(stat(copied, &st), ==, 0);
    g_assert_cmpint(st.st_blocks, <, 1000);
    g_assert_true(g_file_get_contents(copied, &got, &length, NULL));
    g_assert_cmpuint(length, ==, 24 << 20);
    g_assert_cmpstr(got, ==, "first");
    g_assert_cmpstr(got + (8 << 20), ==, "second");
    g_assert_cmpstr(got + (16 << 20), ==, "third");
    unlink(copied);
    rmdir(copied_dir);
    rmdir(to);
}

static void test_a_directory_does_not_go_into_itself(void)
{
    SCRATCH(root);
    g_autofree char *from_path = g_build_filename(root, "from", NULL);
    g_autofree char *deeper = g_build_filename(root, "from/z/z", NULL);
    autofd int from = -1;

    make_file(root, "from/file", "content");
    from = open(from_path, O_PATH | O_CLOEXEC);

    for (int below = 0; below <= 1; below++) {
        g_autofree char *to_path = g_build_filename(root, below ? "from/sub" : "from", NULL);
        autofd int to = -1;
        g_autoptr(GError) error = NULL;

        g_assert_cmpint(g_mkdir_with_parents(to_path, 0755), ==, 0);
        g_assert_true(root_open(to_path, &to, NULL));
        g_assert_false(tree_copy(&(TreeCopy){ from, to, below ? "" : "z", NULL, false }, &error));
        g_assert_true(err_is(error, FLOE_ERROR_INVALID));
    }
    g_assert_false(g_file_test(deeper, G_FILE_TEST_EXISTS));
}

static void test_a_pipe_gets_the_content_only(void)
{
    SCRATCH(root);
    g_autofree char *path = g_build_filename(root, "file", NULL);
    const TreeOwner owner = { geteuid(), getegid() };
    g_autoptr(GError) error = NULL;
    autofd int place = -1;
    TreeNode node = { .path = "file" };
    char got[16] = "";
    struct stat before, after;
    int fds[2];

    make_file(root, "file", "content");
    g_assert_cmpint(chmod(path, 0741), ==, 0);
    place = open(path, O_PATH | O_CLOEXEC);
    node.place = place;
    g_assert_cmpint(fstat(place, &node.stat), ==, 0);
    g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
    g_assert_cmpint(fstat(fds[0], &before), ==, 0);
    tree_copy_into(&node, &owner, &fds[1], &error);
    g_assert_no_error(error);
    g_assert_cmpint(fds[1], ==, -1);
    g_assert_cmpint(read(fds[0], got, sizeof(got) - 1), ==, 7);
    g_assert_cmpstr(got, ==, "content");
    g_assert_cmpint(fstat(fds[0], &after), ==, 0);
    g_assert_cmpuint(after.st_mode, ==, before.st_mode);
    close(fds[0]);
}

#define ADD(name, function) g_test_add_func("/storage/tree-copy/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("a-file-gets-a-name", test_a_file_gets_a_name);
    ADD("directories-of-one-name-become-one", test_directories_of_one_name_become_one);
    ADD("without-a-name-the-content-is-copied", test_without_a_name_the_content_is_copied);
    ADD("a-directory-and-a-file-are-in-each-others-way",
        test_a_directory_and_a_file_are_in_each_others_way);
    ADD("links-in-the-target-lead-nowhere", test_links_in_the_target_lead_nowhere);
    ADD("hard-links-and-holes-are-kept", test_hard_links_and_holes_are_kept);
    ADD("data-between-holes-is-copied-as-it-is", test_data_between_holes_is_copied_as_it_is);
    ADD("a-directory-does-not-go-into-itself", test_a_directory_does_not_go_into_itself);
    ADD("a-pipe-gets-the-content-only", test_a_pipe_gets_the_content_only);
    ADD("the-owner-can-be-another", test_the_owner_can_be_another);
    return g_test_run();
}
