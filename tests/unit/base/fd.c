/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static guint n_entries(const char *directory)
{
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    guint n = 0;

    while (g_dir_read_name(dir) != NULL)
        n++;
    return n;
}

static void test_what_is_written_is_read_back(void)
{
    SCRATCH(directory);
    IN(directory, path, "file");
    g_autoptr(GError) error = NULL;
    g_autofree char *big = g_strnfill(100000, 'x');
    g_autofree char *back = NULL;
    size_t length = 0;

    file_write_durable(path, big, 100000, 0600, &error);
    g_assert_no_error(error);
    file_read(path, 100000, &back, &length, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(length, ==, 100000);
    g_assert_cmpstr(back, ==, big);
}

static void test_longer_than_the_limit_is_refused(void)
{
    SCRATCH(directory);
    IN(directory, path, "file");
    g_autoptr(GError) error = NULL;
    char *data = NULL;

    g_assert_true(file_write_atomic(path, "12345", 5, 0600, NULL));
    g_assert_false(file_read(path, 4, &data, NULL, &error));
    g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, path));
    g_assert_null(data);
    g_assert_true(file_read(path, 5, &data, NULL, NULL));
    g_free(data);
}

static void test_an_endless_stream_stops_at_the_limit(void)
{
    g_autoptr(GError) error = NULL;
    char *data = NULL;

    g_assert_false(file_read("/dev/zero", 1 << 20, &data, NULL, &error));
    g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
}

static void test_a_missing_file_is_not_found(void)
{
    g_autoptr(GError) error = NULL;
    char *data = NULL;

    g_assert_false(file_read("/nonexistent/file", 10, &data, NULL, &error));
    g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_NOT_FOUND);
}

static void test_an_empty_file_is_an_empty_text(void)
{
    g_autofree char *data = NULL;
    size_t length = 1;

    g_assert_true(file_read("/dev/null", 0, &data, &length, NULL));
    g_assert_cmpuint(length, ==, 0);
    g_assert_cmpstr(data, ==, "");
}

static void test_a_file_is_replaced_with_the_mode_asked_for(void)
{
    SCRATCH(directory);
    IN(directory, path, "file");
    struct stat st;
    mode_t umask_before = umask(077);

    g_assert_true(file_write_atomic(path, "old", 3, 0600, NULL));
    g_assert_true(file_write_atomic(path, "new", 3, 0644, NULL));
    umask(umask_before);
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpuint(st.st_mode & 07777, ==, 0644);
    g_assert_cmpuint(n_entries(directory), ==, 1);
}

static void test_a_failed_write_leaves_nothing_behind(void)
{
    SCRATCH(directory);
    IN(directory, path, "taken");
    g_autoptr(GError) error = NULL;

    /* A directory in the way makes the rename fail, after the file was written aside. */
    g_assert_cmpint(mkdir(path, 0700), ==, 0);
    g_assert_false(file_write_atomic(path, "x", 1, 0600, &error));
    g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_IO);
    g_assert_cmpuint(n_entries(directory), ==, 1);
}

static void test_a_full_disk_is_told(void)
{
    autofd int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    g_autoptr(GError) error = NULL;

    g_assert_false(fd_write_all(fd, "x", 1, &error));
    g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_IO);
    g_assert_nonnull(strstr(error->message, g_strerror(ENOSPC)));
}

static void test_a_control_file_keeps_its_inode(void)
{
    SCRATCH(directory);
    IN(directory, path, "control");
    g_autofree char *data = NULL;
    struct stat before, after;

    g_assert_false(file_write_control(path, "1", NULL));
    g_assert_false(path_exists(path));
    g_assert_true(file_write_atomic(path, "0", 1, 0600, NULL));
    g_assert_cmpint(stat(path, &before), ==, 0);
    g_assert_true(file_write_control(path, "1", NULL));
    g_assert_cmpint(stat(path, &after), ==, 0);
    g_assert_cmpuint(before.st_ino, ==, after.st_ino);
    g_assert_true(file_read(path, 10, &data, NULL, NULL));
    g_assert_cmpstr(data, ==, "1");
}

static void test_closing_forgets_the_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int number = fd;
    g_autoptr(GError) error = NULL;

    g_assert_true(fd_close(&fd, "null", NULL));
    g_assert_cmpint(fd, ==, -1);
    g_assert_cmpint(fcntl(number, F_GETFD), ==, -1);
    g_assert_false(fd_close(&fd, "null", &error));
    g_assert_nonnull(strstr(error->message, "'null'"));
    fd_cleanup(&fd);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/fd/what-is-written-is-read-back", test_what_is_written_is_read_back);
    g_test_add_func("/base/fd/longer-than-the-limit-is-refused",
                    test_longer_than_the_limit_is_refused);
    g_test_add_func("/base/fd/an-endless-stream-stops-at-the-limit",
                    test_an_endless_stream_stops_at_the_limit);
    g_test_add_func("/base/fd/a-missing-file-is-not-found", test_a_missing_file_is_not_found);
    g_test_add_func("/base/fd/an-empty-file-is-an-empty-text", test_an_empty_file_is_an_empty_text);
    g_test_add_func("/base/fd/a-file-is-replaced-with-the-mode-asked-for",
                    test_a_file_is_replaced_with_the_mode_asked_for);
    g_test_add_func("/base/fd/a-failed-write-leaves-nothing-behind",
                    test_a_failed_write_leaves_nothing_behind);
    g_test_add_func("/base/fd/a-full-disk-is-told", test_a_full_disk_is_told);
    g_test_add_func("/base/fd/a-control-file-keeps-its-inode", test_a_control_file_keeps_its_inode);
    g_test_add_func("/base/fd/closing-forgets-the-descriptor", test_closing_forgets_the_descriptor);
    return g_test_run();
}
