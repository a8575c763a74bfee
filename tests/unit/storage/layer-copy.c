/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer-copy.h"

#include "storage/layer-changes.h"

#include "base/scratch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Layers "0" (the lowest) and "1", and their copy "c", below a scratch directory. */
static char *path_of(const char *root, const char *path)
{
    return g_build_filename(root, path, NULL);
}

static void make_file(const char *root, const char *path, const char *content)
{
    g_autofree char *full = path_of(root, path);
    g_autofree char *above = g_path_get_dirname(full);

    g_assert_cmpint(g_mkdir_with_parents(above, 0755), ==, 0);
    g_assert_true(g_file_set_contents(full, content, -1, NULL));
}

static void set_time(const char *root, const char *path, time_t seconds)
{
    const struct timespec times[2] = { { .tv_sec = seconds }, { .tv_sec = seconds } };
    g_autofree char *full = path_of(root, path);

    g_assert_cmpint(utimensat(AT_FDCWD, full, times, AT_SYMLINK_NOFOLLOW), ==, 0);
}

static void make_node(const char *root, const char *path, mode_t mode, dev_t device)
{
    g_autofree char *full = path_of(root, path);

    g_assert_cmpint(mknod(full, mode, device), ==, 0);
}

static void set_xattr(const char *root, const char *path, const char *name)
{
    g_autofree char *full = path_of(root, path);

    g_assert_cmpint(setxattr(full, name, "y", 1, 0), ==, 0);
}

static bool has_xattr(const char *root, const char *path, const char *name)
{
    g_autofree char *full = path_of(root, path);
    char value;

    return getxattr(full, name, &value, 1) == 1;
}

static void run(const char *root, const char *script)
{
    g_autofree char *line = g_strdup_printf("cd '%s' && %s", root, script);
    const char *argv[] = { "/bin/sh", "-ec", line, NULL };
    int status = -1;

    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, NULL, NULL, &status, NULL));
    g_assert_cmpint(status, ==, 0);
}

static struct stat look(const char *root, const char *path)
{
    g_autofree char *full = path_of(root, path);
    struct stat st;

    g_assert_cmpint(lstat(full, &st), ==, 0);
    return st;
}

/* Its time of change is then later than that of the copy's mark: the kernel's clock for it ticks. */
static void let_time_pass(void)
{
    g_usleep(20000);
}

static void copy(const char *root)
{
    g_autofree char *low = path_of(root, "0");
    g_autofree char *high = path_of(root, "1");
    g_autofree char *to = path_of(root, "c");
    const char *const dirs[] = { low, high, NULL };
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(g_mkdir_with_parents(high, 0755), ==, 0);
    layer_copy_make(dirs, to, true, &error);
    g_assert_no_error(error);
    let_time_pass();
}

static void assert_changes(const char *root, const char *wanted)
{
    g_autofree char *low = path_of(root, "0");
    g_autofree char *high = path_of(root, "1");
    g_autofree char *dir = path_of(root, "c");
    const char *const dirs[] = { low, high, NULL };
    const Layer layer = { dir, dirs, true };
    g_autoptr(GPtrArray) changes = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) text = g_string_new(NULL);

    layer_changes(&layer, &changes, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < changes->len; i++) {
        const LayerChange *change = g_ptr_array_index(changes, i);

        g_string_append_printf(text, "%s%c%s", i > 0 ? " " : "", change->kind, change->path);
    }
    g_assert_cmpstr(text->str, ==, wanted);
}

static bool needs_root(void)
{
    if (geteuid() != 0)
        g_test_skip("devices need root");
    return geteuid() == 0;
}

static void test_a_copy_is_what_the_layers_show(void)
{
    SCRATCH(root);

    if (!needs_root())
        return;
    make_file(root, "0/gone", "x");
    make_file(root, "0/below/x", "low");
    make_file(root, "0/hidden/low", "x");
    make_file(root, "0/dir/low", "low");
    make_file(root, "0/becomes-a-directory", "x");
    make_file(root, "1/becomes-a-directory/x", "x");
    make_file(root, "1/dir/high", "high");
    make_file(root, "1/hidden/high", "x");
    make_node(root, "1/gone", S_IFCHR, 0);
    make_node(root, "1/below", S_IFCHR, LAYER_WHITEOUT_NESTED);
    make_node(root, "0/null", S_IFCHR | 0600, makedev(1, 3));
    make_node(root, "0/fifo", S_IFIFO | 0600, 0);
    run(root, "ln 0/dir/low 0/linked; ln -s dir 0/link; truncate -s 10M 0/hole; chown 5:6 0/dir/low;"
              "chmod 1711 1");
    set_xattr(root, "1/hidden", LAYER_OPAQUE_XATTR);
    set_xattr(root, "0/dir/low", "user.x");
    set_time(root, "0/dir/low", 1000);
    set_time(root, "1/dir", 2000);
    set_time(root, "1", 3000);
    copy(root);
    run(root, "cd c; test \"$(find . | sort | tr '\\n' ' ')\" = '. ./becomes-a-directory "
              "./becomes-a-directory/x ./dir ./dir/high ./dir/low ./fifo ./hidden ./hidden/high "
              "./hole ./link ./linked ./null '; test -L link");
    g_assert_true(has_xattr(root, "c/dir/low", "user.x"));
    g_assert_cmpint(look(root, "c/dir/low").st_mtim.tv_sec, ==, 1000);
    g_assert_cmpint(look(root, "c/dir").st_mtim.tv_sec, ==, 2000);
    g_assert_cmpint(look(root, "c").st_mtim.tv_sec, ==, 3000);
    g_assert_cmpint(look(root, "c").st_mode & 07777, ==, 01711);
    g_assert_cmpint(look(root, "c/dir/low").st_uid, ==, 5);
    g_assert_cmpuint(look(root, "c/dir/low").st_ino, ==, look(root, "c/linked").st_ino);
    g_assert_cmpuint(look(root, "c/null").st_rdev, ==, makedev(1, 3));
    g_assert_cmpint(look(root, "c/hole").st_blocks, ==, 0);
    assert_changes(root, "");
}

static void test_each_kind_of_change_is_told(void)
{
    SCRATCH(root);

    if (!needs_root())
        return;
    for (const char *const *name = (const char *const[]){ "grown", "kept", "mode", "owner", "type",
                                                          "gone", "same-looks", "xattr", NULL };
         *name != NULL; name++) {
        g_autofree char *path = g_strconcat("0/d/", *name, NULL);

        make_file(root, path, "text");
    }
    make_file(root, "0/gone-dir/x/y", "x");
    make_file(root, "0/was-dir/x", "x");
    make_file(root, "0/deep/er/x", "x");
    make_node(root, "0/d/device", S_IFCHR | 0600, makedev(1, 3));
    run(root, "ln -s a 0/d/link");
    copy(root);
    assert_changes(root, "");
    run(root,
        "cd c/d; echo more >>grown; chmod 600 mode; chown 7 owner; rm type; mkdir type; rm gone;"
        "echo TEXT | head -c 4 >new; touch -r same-looks new; mv new same-looks;"
        "rm device; mknod -m 600 device c 1 5; ln -sf b link;"
        "rm -r ../gone-dir; rm -r ../was-dir; echo x >../was-dir; echo x >added; ln kept hard;"
        "echo x >>../deep/er/x; mknod hole c 0 0; touch -r ../../0/d .");
    set_xattr(root, "c/d/xattr", "user.x");
    assert_changes(root,
                   "A/d/added C/d/device D/d/gone C/d/grown A/d/hard C/d/kept C/d/link C/d/mode "
                   "C/d/owner C/d/same-looks C/d/type C/d/xattr C/deep/er/x D/gone-dir "
                   "C/was-dir");
}

static void test_half_a_copy_is_made_anew(void)
{
    SCRATCH(root);
    g_autofree char *aside = path_of(root, "c.new");

    make_file(root, "0/x", "x");
    make_file(root, "c.new/half", "x");
    make_file(root, "c.copied", "x");
    copy(root);
    g_assert_false(g_file_test(aside, G_FILE_TEST_EXISTS));
    assert_changes(root, "");
}

/* cp -a of a whole root directory, with the mark: all is newer than the copy. */
static void test_the_moment_of_a_copy_that_moved_is_not_believed(void)
{
    SCRATCH(root);

    make_file(root, "0/x", "x");
    make_file(root, "0/y", "x");
    copy(root);
    run(root,
        "cp -a c d; cp -a c.copied d.copied; rm -r c c.copied; cp -a d c; cp -a d.copied c.copied;"
        "echo more >>c/y");
    assert_changes(root, "C/y");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/storage/layer-copy/a-copy-is-what-the-layers-show",
                    test_a_copy_is_what_the_layers_show);
    g_test_add_func("/storage/layer-copy/each-kind-of-change-is-told",
                    test_each_kind_of_change_is_told);
    g_test_add_func("/storage/layer-copy/half-a-copy-is-made-anew", test_half_a_copy_is_made_anew);
    g_test_add_func("/storage/layer-copy/the-moment-of-a-copy-that-moved-is-not-believed",
                    test_the_moment_of_a_copy_that_moved_is_not_believed);
    return g_test_run();
}
