/* SPDX-License-Identifier: Apache-2.0 */
/* Its files as netavark 1.4 writes them, and what a rename makes of them. */
#include "network/aardvark.h"

#include <glib/gstdio.h>
#include <unistd.h>

#define ID_A "1111111111111111111111111111111111111111111111111111111111111111"
#define ID_B "2222222222222222222222222222222222222222222222222222222222222222"

typedef struct Fixture {
    char *config_dir;
    char *directory;
    json_t *request;
} Fixture;

static void set_up(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->config_dir = g_dir_make_tmp("floe-aardvark-XXXXXX", NULL);
    fixture->directory = g_build_filename(fixture->config_dir, "aardvark-dns", NULL);
    g_assert_cmpint(g_mkdir(fixture->directory, 0700), ==, 0);
    fixture->request = json_pack("{s:s, s:{s:{s:s, s:s}}}", "container_id", ID_B, "network_info",
                                 "lan", "driver", "bridge", "network_interface", "floe1");
}

static void remove_in(Fixture *fixture, const char *name)
{
    g_autofree char *path = g_build_filename(fixture->directory, name, NULL);

    g_unlink(path);
}

static void tear_down(Fixture *fixture, const void *data)
{
    (void)data;
    remove_in(fixture, "floe1");
    remove_in(fixture, "floe1%int");
    remove_in(fixture, "aardvark.pid");
    g_assert_cmpint(g_rmdir(fixture->directory), ==, 0);
    g_assert_cmpint(g_rmdir(fixture->config_dir), ==, 0);
    json_decref(fixture->request);
    g_free(fixture->directory);
    g_free(fixture->config_dir);
}

static void write_in(Fixture *fixture, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(fixture->directory, name, NULL);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void assert_in(Fixture *fixture, const char *name, const char *wanted)
{
    g_autofree char *path = g_build_filename(fixture->directory, name, NULL);
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, wanted);
}

static void rename_to(Fixture *fixture, const char *name)
{
    g_autoptr(GError) error = NULL;

    aardvark_rename(fixture->config_dir, fixture->request, name, &error);
    g_assert_no_error(error);
}

/* The other line has the old name as an alias, which is its own. */
static void test_rename(Fixture *fixture, const void *data)
{
    (void)data;
    write_in(fixture, "floe1",
             "10.89.1.1,fd00::1\n" ID_A " 10.89.1.2 fd00::2 a,b,111111111111\n" ID_B
             " 10.89.1.3  b,db,222222222222 192.0.2.9\n");
    rename_to(fixture, "c");
    assert_in(fixture, "floe1",
              "10.89.1.1,fd00::1\n" ID_A " 10.89.1.2 fd00::2 a,b,111111111111\n" ID_B
              " 10.89.1.3  c,db,222222222222 192.0.2.9\n");
}

static void test_internal(Fixture *fixture, const void *data)
{
    (void)data;
    write_in(fixture, "floe1%int", "10.89.1.1\n" ID_B " 10.89.1.3  b\n");
    rename_to(fixture, "c");
    assert_in(fixture, "floe1%int", "10.89.1.1\n" ID_B " 10.89.1.3  c\n");
}

static void test_no_names(Fixture *fixture, const void *data)
{
    (void)data;
    rename_to(fixture, "c"); /* there is no file */
    write_in(fixture, "floe1", "10.89.1.1\n" ID_B "\nnonsense");
    rename_to(fixture, "c");
    assert_in(fixture, "floe1", "10.89.1.1\n" ID_B "\nnonsense");
}

/* Whoever has the number now is no aardvark-dns: it is not signalled, and netavark is not to do so. */
static void test_dead(Fixture *fixture, const void *data)
{
    g_autofree char *pid_file = g_build_filename(fixture->directory, "aardvark.pid", NULL);
    g_autofree char *own_pid = g_strdup_printf("%d", getpid());

    (void)data;
    write_in(fixture, "aardvark.pid", own_pid);
    write_in(fixture, "floe1", "10.89.1.1\n" ID_B " 10.89.1.3  b\n");
    rename_to(fixture, "c"); /* SIGHUP would end the test */
    aardvark_forget_dead(fixture->config_dir);
    g_assert_false(g_file_test(pid_file, G_FILE_TEST_EXISTS));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/aardvark/rename", Fixture, NULL, set_up, test_rename, tear_down);
    g_test_add("/aardvark/internal", Fixture, NULL, set_up, test_internal, tear_down);
    g_test_add("/aardvark/no-names", Fixture, NULL, set_up, test_no_names, tear_down);
    g_test_add("/aardvark/dead", Fixture, NULL, set_up, test_dead, tear_down);
    return g_test_run();
}
