/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer-changes.h"

#include "base/scratch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Layers of directories "0" (the lowest), "1", "2" below a scratch directory. */
static void make_dir(const char *root, const char *path)
{
    g_autofree char *full = g_build_filename(root, path, NULL);

    g_assert_cmpint(g_mkdir_with_parents(full, 0755), ==, 0);
}

/* The directory gets a time by its layer: made at the same moment, all would have one. */
static void make_file(const char *root, const char *path)
{
    g_autofree char *full = g_build_filename(root, path, NULL);
    g_autofree char *above = g_path_get_dirname(full);
    const struct timespec times[2] = { { .tv_sec = path[0] }, { .tv_sec = path[0] } };

    g_assert_cmpint(g_mkdir_with_parents(above, 0755), ==, 0);
    g_assert_true(g_file_set_contents(full, "x", 1, NULL));
    g_assert_cmpint(utimensat(AT_FDCWD, above, times, 0), ==, 0);
}

static void make_link(const char *root, const char *path, const char *target)
{
    g_autofree char *full = g_build_filename(root, path, NULL);

    g_assert_cmpint(symlink(target, full), ==, 0);
}

/* Whatever the time is, it is not the same directory then. */
static void make_private(const char *root, const char *path)
{
    g_autofree char *full = g_build_filename(root, path, NULL);

    g_assert_cmpint(chmod(full, 0700), ==, 0);
}

static void make_whiteout(const char *root, const char *path)
{
    g_autofree char *full = g_build_filename(root, path, NULL);

    g_assert_cmpint(mknod(full, S_IFCHR, 0), ==, 0);
}

static void make_opaque(const char *root, const char *path)
{
    g_autofree char *full = g_build_filename(root, path, NULL);

    g_assert_cmpint(setxattr(full, "trusted.overlay.opaque", "y", 1, 0), ==, 0);
}

/* "C/etc A/etc/x": what layer `top` changes of those below it. */
static char *changes_of(const char *root, int top)
{
    g_autoptr(GPtrArray) dirs = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) changes = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *layer = g_strdup_printf("%s/%d", root, top);
    GString *text = g_string_new(NULL);

    for (int i = 0; i < top; i++)
        g_ptr_array_add(dirs, g_strdup_printf("%s/%d", root, i));
    g_ptr_array_add(dirs, NULL);
    layer_changes(&(Layer){ layer, (const char *const *)dirs->pdata, false }, &changes, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < changes->len; i++) {
        const LayerChange *change = g_ptr_array_index(changes, i);

        g_string_append_printf(text, "%s%c%s", i > 0 ? " " : "", change->kind, change->path);
    }
    return g_string_free(text, FALSE);
}

static void assert_changes(const char *root, int top, const char *wanted)
{
    g_autofree char *got = changes_of(root, top);

    g_assert_cmpstr(got, ==, wanted);
}

static bool needs_root(void)
{
    if (geteuid() != 0)
        g_test_skip("overlayfs's marks need root");
    return geteuid() == 0;
}

static void test_of_one_layer_all_is_added(void)
{
    SCRATCH(root);

    make_file(root, "0/a-b");
    make_file(root, "0/a/x");
    assert_changes(root, 0, "A/a A/a-b A/a/x");
}

static void test_what_was_there_below_has_changed(void)
{
    SCRATCH(root);

    make_file(root, "0/dir/low");
    make_file(root, "1/dir/middle");
    make_file(root, "2/dir/low");
    make_file(root, "2/dir/middle");
    make_file(root, "2/dir/new");
    assert_changes(root, 2, "C/dir C/dir/low C/dir/middle A/dir/new");
}

static void test_a_directory_that_is_the_same_is_not_listed(void)
{
    SCRATCH(root);
    const struct timespec times[2] = { { 1, 2 }, { 3, 4 } };
    g_autofree char *below = g_build_filename(root, "0/dir", NULL);
    g_autofree char *above = g_build_filename(root, "1/dir", NULL);

    make_file(root, "0/dir/x");
    make_file(root, "1/dir/x");
    utimensat(AT_FDCWD, below, times, 0);
    utimensat(AT_FDCWD, above, times, 0);
    assert_changes(root, 1, "C/dir/x");
    g_assert_cmpint(chmod(above, 0700), ==, 0);
    assert_changes(root, 1, "C/dir C/dir/x");
}

static void test_a_whiteout_deletes_what_was_there(void)
{
    SCRATCH(root);

    if (!needs_root())
        return;
    make_file(root, "0/low");
    make_dir(root, "1");
    make_whiteout(root, "1/low");
    make_file(root, "2/new");
    make_whiteout(root, "2/never");
    make_whiteout(root, "2/low");
    assert_changes(root, 1, "D/low");
    assert_changes(root, 2, "A/new");
    make_file(root, "3/low");
    assert_changes(root, 3, "A/low");
}

static void test_an_opaque_directory_deletes_what_it_held(void)
{
    SCRATCH(root);

    if (!needs_root())
        return;
    make_file(root, "0/dir/gone");
    make_file(root, "0/dir/sub/gone");
    make_file(root, "0/dir/kept");
    make_file(root, "1/dir/kept");
    make_file(root, "1/dir/new");
    make_opaque(root, "1/dir");
    assert_changes(root, 1, "C/dir D/dir/gone C/dir/kept A/dir/new D/dir/sub");
    /* For the layer above, what it hides is not there. */
    make_file(root, "2/dir/gone");
    make_file(root, "2/dir/sub/gone");
    assert_changes(root, 2, "C/dir A/dir/gone A/dir/sub A/dir/sub/gone");
}

/* A directory made anew in one that was made anew is not marked itself. */
static void test_what_an_opaque_directory_hides_is_deleted_at_any_depth(void)
{
    SCRATCH(root);

    if (!needs_root())
        return;
    make_file(root, "0/dir/sub/gone");
    make_file(root, "0/dir/sub/kept");
    make_file(root, "0/dir/sub/deep/gone");
    make_file(root, "0/dir/marked");
    make_file(root, "1/dir/sub/kept");
    make_file(root, "1/dir/sub/deep/new");
    make_private(root, "1/dir/sub");
    make_private(root, "1/dir/sub/deep");
    make_whiteout(root, "1/dir/marked");
    make_opaque(root, "1/dir");
    assert_changes(root, 1,
                   "C/dir D/dir/marked C/dir/sub C/dir/sub/deep D/dir/sub/deep/gone "
                   "A/dir/sub/deep/new D/dir/sub/gone C/dir/sub/kept");
}

static void test_a_file_hides_the_directory_below(void)
{
    SCRATCH(root);

    make_file(root, "0/name/x");
    make_file(root, "1/name");
    make_file(root, "2/name/x");
    assert_changes(root, 1, "C/name");
    assert_changes(root, 2, "C/name A/name/x");
}

static void test_links_are_not_followed(void)
{
    SCRATCH(root);

    make_file(root, "0/usr/lib/x");
    make_link(root, "0/lib", "usr/lib");
    make_file(root, "1/lib/x");
    make_link(root, "1/out", "/etc");
    assert_changes(root, 1, "C/lib A/lib/x A/out");
}

static void test_a_missing_layer_is_an_error(void)
{
    SCRATCH(root);
    const char *const none[] = { "/no/such/layer", NULL };
    g_autoptr(GPtrArray) changes = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_false(layer_changes(&(Layer){ root, none, false }, &changes, &error));
    g_assert_true(err_is(error, FLOE_ERROR_NOT_FOUND));
    g_clear_error(&error);
    g_assert_false(layer_changes(&(Layer){ "/no/such/layer", none + 1, false }, &changes, &error));
    g_assert_true(err_is(error, FLOE_ERROR_NOT_FOUND));
}

#define ADD(name, function) g_test_add_func("/storage/layer-changes/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("of-one-layer-all-is-added", test_of_one_layer_all_is_added);
    ADD("what-was-there-below-has-changed", test_what_was_there_below_has_changed);
    ADD("a-directory-that-is-the-same-is-not-listed",
        test_a_directory_that_is_the_same_is_not_listed);
    ADD("a-whiteout-deletes-what-was-there", test_a_whiteout_deletes_what_was_there);
    ADD("an-opaque-directory-deletes-what-it-held", test_an_opaque_directory_deletes_what_it_held);
    ADD("what-an-opaque-directory-hides-is-deleted-at-any-depth",
        test_what_an_opaque_directory_hides_is_deleted_at_any_depth);
    ADD("a-file-hides-the-directory-below", test_a_file_hides_the_directory_below);
    ADD("links-are-not-followed", test_links_are_not_followed);
    ADD("a-missing-layer-is-an-error", test_a_missing_layer_is_an_error);
    return g_test_run();
}
