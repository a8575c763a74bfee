/* SPDX-License-Identifier: Apache-2.0 */
#include "base/new-file.h"

#include "scratch.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void assert_text(const char *path, const char *wanted)
{
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, wanted);
}

static size_t count_entries(const char *directory)
{
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    size_t count = 0;

    while (g_dir_read_name(dir) != NULL)
        count++;
    return count;
}

static void write_and_keep(const char *path, const char *text)
{
    g_auto(NewFile) file = NEW_FILE_NONE;
    g_autoptr(GError) error = NULL;

    new_file_open(path, 0600, "mark", &file, &error);
    g_assert_no_error(error);
    g_assert_true(fd_write_all(file.fd, text, strlen(text), NULL));
    new_file_keep(&file, true, &error);
    g_assert_no_error(error);
    g_assert_cmpint(file.fd, ==, -1);
}

static void test_it_has_its_name_when_it_is_kept(void)
{
    SCRATCH(directory);
    IN(directory, path, "file");
    mode_t umask_before = umask(0);
    struct stat st;

    write_and_keep(path, "whole");
    umask(umask_before);
    assert_text(path, "whole");
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 07777, ==, 0600);
    g_assert_cmpuint(count_entries(directory), ==, 1);
}

static void test_what_is_not_kept_leaves_the_old_one(void)
{
    SCRATCH(directory);
    IN(directory, path, "file");

    write_and_keep(path, "old");
    {
        g_auto(NewFile) file = NEW_FILE_NONE;

        g_assert_true(new_file_open(path, 0600, "mark", &file, NULL));
        g_assert_true(fd_write_all(file.fd, "half", 4, NULL));
    }
    assert_text(path, "old");
    g_assert_cmpuint(count_entries(directory), ==, 1);
}

static void test_it_takes_the_place_of_the_old_one(void)
{
    SCRATCH(directory);
    IN(directory, path, "file");
    IN(directory, link, "link");

    g_assert_cmpint(symlink("file", link), ==, 0);
    write_and_keep(path, "old");
    write_and_keep(link, "new");
    assert_text(path, "new");
    g_assert_true(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
    g_assert_cmpuint(count_entries(directory), ==, 2);
}

static void test_a_device_stays(void)
{
    struct stat st;

    write_and_keep("/dev/null", "gone");
    g_assert_cmpint(stat("/dev/null", &st), ==, 0);
    g_assert_true(S_ISCHR(st.st_mode));
}

static void test_a_place_that_is_not_there_is_named(void)
{
    g_auto(NewFile) file = NEW_FILE_NONE;
    g_autoptr(GError) error = NULL;

    g_assert_false(new_file_open("/no/such/place", 0600, "mark", &file, &error));
    g_assert_nonnull(strstr(error->message, "/no/such/place"));
}

#define ADD(name, function) g_test_add_func("/base/new-file/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("it-has-its-name-when-it-is-kept", test_it_has_its_name_when_it_is_kept);
    ADD("what-is-not-kept-leaves-the-old-one", test_what_is_not_kept_leaves_the_old_one);
    ADD("it-takes-the-place-of-the-old-one", test_it_takes_the_place_of_the_old_one);
    ADD("a-device-stays", test_a_device_stays);
    ADD("a-place-that-is-not-there-is-named", test_a_place_that_is_not_there_is_named);
    return g_test_run();
}
