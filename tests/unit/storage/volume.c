/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/volume.h"

#include "base/scratch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static const TreeOwner nobody_else = { 0, 0 };

static char *make_volume(const char *root)
{
    char *directory = g_build_filename(root, "volumes", "data", NULL);
    TreeOwner self = { getuid(), getgid() };
    g_autoptr(GError) error = NULL;

    volume_make(directory, &self, &error);
    g_assert_no_error(error);
    return directory;
}

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

static void assert_missing(const char *root, const char *path)
{
    g_autofree char *full = g_build_filename(root, path, NULL);

    g_assert_false(g_file_test(full, G_FILE_TEST_EXISTS));
}

static struct stat stat_of(const char *root, const char *path)
{
    g_autofree char *full = g_build_filename(root, path, NULL);
    struct stat st;

    g_assert_cmpint(lstat(full, &st), ==, 0);
    return st;
}

static void copy_up(const char *directory, const char *root)
{
    g_autofree char *image = g_build_filename(root, "image", NULL);
    autofd int from = open(image, O_PATH | O_CLOEXEC);
    g_autoptr(GError) error = NULL;

    volume_copy_up(directory, from, &error);
    g_assert_no_error(error);
}

static void test_making_one_twice_keeps_it(void)
{
    SCRATCH(root);
    g_autofree char *directory = make_volume(root);

    g_assert_cmpuint(stat_of(directory, "").st_mode & 07777, ==, 0700);
    g_assert_cmpuint(stat_of(directory, "_data").st_mode & 07777, ==, 0755);
    make_file(directory, "_data/file", "mine");
    g_free(make_volume(root));
    assert_content(directory, "_data/file", "mine");
}

static void test_what_a_killed_making_left_is_in_no_ones_way(void)
{
    SCRATCH(root);
    g_autofree char *directory = NULL;

    make_file(root, "volumes/data/_copy/half", "half");
    directory = make_volume(root);
    assert_missing(directory, "_data/half");
    assert_missing(directory, "_copy");
}

static void test_an_empty_one_gets_what_the_image_has(void)
{
    SCRATCH(root);
    g_autofree char *directory = make_volume(root);
    g_autofree char *first = g_build_filename(root, "image/sub/first", NULL);
    g_autofree char *second = g_build_filename(root, "image/second", NULL);
    g_autofree char *image = g_build_filename(root, "image", NULL);

    make_file(root, "image/sub/first", "content");
    g_assert_cmpint(link(first, second), ==, 0);
    g_assert_cmpint(chmod(first, 04750), ==, 0);
    g_assert_cmpint(chmod(image, 02775), ==, 0);
    copy_up(directory, root);

    assert_content(directory, "_data/sub/first", "content");
    g_assert_cmpuint(stat_of(directory, "_data").st_mode & 07777, ==, 02775);
    g_assert_cmpuint(stat_of(directory, "_data/sub/first").st_mode & 07777, ==, 04750);
    g_assert_cmpuint(stat_of(directory, "_data/sub/first").st_ino, ==,
                     stat_of(directory, "_data/second").st_ino);
    assert_missing(directory, "_copy");
}

static void test_one_that_is_not_empty_stays(void)
{
    SCRATCH(root);
    g_autofree char *directory = make_volume(root);

    make_file(root, "image/file", "image's");
    make_file(directory, "_data/mine", "mine");
    copy_up(directory, root);
    assert_content(directory, "_data/mine", "mine");
    assert_missing(directory, "_data/file");
    assert_missing(directory, "_copy");
}

static void test_half_a_copy_is_none(void)
{
    SCRATCH(root);
    g_autofree char *directory = make_volume(root);

    make_file(root, "image/file", "whole");
    make_file(directory, "_copy/half", "half");
    copy_up(directory, root);
    assert_content(directory, "_data/file", "whole");
    assert_missing(directory, "_data/half");
}

static void test_looks_are_of_the_volume_only(void)
{
    SCRATCH(root);
    g_autofree char *directory = make_volume(root);
    TreeOwner owner = { 1234, 5678 };
    g_autoptr(GError) error = NULL;

    if (getuid() != 0) {
        g_test_skip("needs root");
        return;
    }
    make_file(directory, "_data/file", "mine");
    volume_set_looks(directory, &owner, 0, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(stat_of(directory, "_data").st_uid, ==, 1234);
    g_assert_cmpuint(stat_of(directory, "_data").st_gid, ==, 5678);
    g_assert_cmpuint(stat_of(directory, "_data").st_mode & 07777, ==, 0755);
    g_assert_cmpuint(stat_of(directory, "_data/file").st_uid, ==, 0);
    volume_set_looks(directory, &nobody_else, S_IFDIR | 01777, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(stat_of(directory, "_data").st_uid, ==, 0);
    g_assert_cmpuint(stat_of(directory, "_data").st_mode & 07777, ==, 01777);
}

static void test_a_link_instead_of_the_data_is_refused(void)
{
    SCRATCH(root);
    g_autofree char *directory = g_build_filename(root, "volume", NULL);
    g_autofree char *data = volume_data_path(directory);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(mkdir(directory, 0700), ==, 0);
    g_assert_cmpint(symlink(root, data), ==, 0);
    g_assert_false(volume_pack(directory, STDOUT_FILENO, &error));
    g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_IO);
}

/* From one volume to another by way of a tar. */
static void move(const char *from, const char *to, bool *ret_has_top)
{
    g_autofree char *path = g_build_filename(from, "tar", NULL);
    autofd int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    g_autoptr(GError) error = NULL;

    volume_pack(from, fd, &error);
    g_assert_no_error(error);
    g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
    volume_unpack(to, fd, ret_has_top, &error);
    g_assert_no_error(error);
}

static void test_a_tar_carries_all_of_it(void)
{
    SCRATCH(root);
    SCRATCH(other);
    g_autofree char *from = make_volume(root);
    g_autofree char *to = make_volume(other);
    g_autofree char *data = volume_data_path(from);
    g_autofree char *file = g_build_filename(data, "sub/file", NULL);
    g_autofree char *twin = g_build_filename(data, "twin", NULL);
    g_autofree char *copy = g_build_filename(to, "_data/sub/file", NULL);
    char value[8] = "";
    bool has_top = false;

    make_file(from, "_data/sub/file", "content");
    g_assert_cmpint(link(file, twin), ==, 0);
    g_assert_cmpint(chmod(data, 01770), ==, 0);
    bool has_xattrs = setxattr(file, "user.colour", "blue", 4, 0) == 0;
    move(from, to, &has_top);

    g_assert_true(has_top);
    assert_content(to, "_data/sub/file", "content");
    g_assert_cmpuint(stat_of(to, "_data").st_mode & 07777, ==, 01770);
    g_assert_cmpuint(stat_of(to, "_data/sub/file").st_ino, ==, stat_of(to, "_data/twin").st_ino);
    if (has_xattrs)
        g_assert_cmpint(getxattr(copy, "user.colour", value, sizeof(value)), ==, 4);
}

#define ADD(name, function) g_test_add_func("/storage/volume/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("making-one-twice-keeps-it", test_making_one_twice_keeps_it);
    ADD("what-a-killed-making-left-is-in-no-ones-way",
        test_what_a_killed_making_left_is_in_no_ones_way);
    ADD("an-empty-one-gets-what-the-image-has", test_an_empty_one_gets_what_the_image_has);
    ADD("one-that-is-not-empty-stays", test_one_that_is_not_empty_stays);
    ADD("half-a-copy-is-none", test_half_a_copy_is_none);
    ADD("looks-are-of-the-volume-only", test_looks_are_of_the_volume_only);
    ADD("a-link-instead-of-the-data-is-refused", test_a_link_instead_of_the_data_is_refused);
    ADD("a-tar-carries-all-of-it", test_a_tar_carries_all_of_it);
    return g_test_run();
}
