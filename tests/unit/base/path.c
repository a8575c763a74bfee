/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
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
