/* SPDX-License-Identifier: Apache-2.0 */
/* All of this mounts: in a mount namespace of the test's own, and only for root. */
#include "storage/rootfs.h"

#include "base/mount.h"
#include "base/scratch.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define N_LAYERS 150

static bool can_mount;

static bool skip_without_mounts(void)
{
    if (!can_mount)
        g_test_skip("mounting needs root and a mount namespace");
    return !can_mount;
}

/* A directory with layers, each with a file of its name, and where to mount them. */
typedef struct Place {
    char *scratch, *base; /* base: below scratch, on a file system that takes an upper directory */
    char *layers_dir, *upper, *work, *target;
    char *layers[N_LAYERS + 1];
} Place;

static void place_layers(Place *place, size_t n_layers)
{
    for (size_t i = 0; i < n_layers; i++) {
        place->layers[i] = g_strdup_printf("%064zx", i);
        g_autofree char *diff = g_build_filename(place->layers_dir, place->layers[i], "diff", NULL);
        g_autofree char *file = g_build_filename(diff, place->layers[i] + 60, NULL);
        g_autofree char *common = g_build_filename(diff, "common", NULL);

        g_assert_true(dir_make(diff, 0755, NULL));
        g_assert_true(file_write_atomic(file, "x", 1, 0644, NULL));
        g_assert_true(
            file_write_atomic(common, place->layers[i], strlen(place->layers[i]), 0644, NULL));
    }
}

static void place_make(Place *place, const char *name, size_t n_layers)
{
    place->scratch = scratch_make();
    g_assert_true(mount_at("tmpfs", place->scratch, "tmpfs", 0, NULL, NULL));
    place->base = g_build_filename(place->scratch, name, NULL);
    place->layers_dir = g_build_filename(place->base, "layers", NULL);
    place->upper = g_build_filename(place->base, "container/upper", NULL);
    place->work = g_build_filename(place->base, "container/work", NULL);
    place->target = g_build_filename(place->base, "container/merged", NULL);
    place_layers(place, n_layers);
}

static void place_clear(Place *place)
{
    if (place->scratch == NULL)
        return;
    g_assert_true(unmount_below(place->scratch, NULL));
    scratch_remove(&place->scratch);
    g_free(place->base);
    g_free(place->layers_dir);
    g_free(place->upper);
    g_free(place->work);
    g_free(place->target);
    for (size_t i = 0; place->layers[i] != NULL; i++)
        g_free(place->layers[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

static RootfsMount mount_of(const Place *place)
{
    return (RootfsMount){
        .layers_dir = place->layers_dir,
        .layers = (const char *const *)place->layers,
        .upper_dir = place->upper,
        .work_dir = place->work,
        .target = place->target,
    };
}

static void mount_well(const RootfsMount *mount)
{
    g_autoptr(GError) error = NULL;
    bool is_mounted = false;

    rootfs_mount(mount, &error);
    g_assert_no_error(error);
    g_assert_true(mount_is_at(mount->target, &is_mounted, NULL));
    g_assert_true(is_mounted);
}

static void unmount_well(const Place *place)
{
    g_autoptr(GError) error = NULL;
    bool is_mounted = true;

    rootfs_unmount(place->target, &error);
    g_assert_no_error(error);
    g_assert_true(mount_is_at(place->target, &is_mounted, NULL));
    g_assert_false(is_mounted);
}

static void assert_common(const Place *place, const char *expected)
{
    IN(place->target, path, "common");
    g_autofree char *text = NULL;

    g_assert_true(file_read(path, 100, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, expected);
}

static void mount_and_look(const char *name, size_t n_layers)
{
    g_auto(Place) place = { 0 };

    place_make(&place, name, n_layers);

    RootfsMount mount = mount_of(&place);
    g_autofree char *lowest = g_build_filename(place.target, place.layers[0] + 60, NULL);
    IN(place.target, new_file, "new");
    IN(place.upper, new_in_upper, "new");

    mount_well(&mount);
    g_assert_true(path_exists(lowest));
    assert_common(&place, place.layers[n_layers - 1]); /* the topmost layer's */
    g_assert_true(file_write_atomic(new_file, "x", 1, 0644, NULL));
    g_assert_true(path_exists(new_in_upper));
    mount_well(&mount); /* again: success */
    unmount_well(&place);
    unmount_well(&place); /* again: success */
}

static void test_layers_are_stacked_in_order(void)
{
    if (!skip_without_mounts())
        mount_and_look("plain", 3);
}

static void test_many_layers_fit(void)
{
    if (!skip_without_mounts())
        mount_and_look("plain", N_LAYERS);
}

static void test_odd_paths_fit(void)
{
    g_autofree char *long_name = g_strnfill(250, 'l');

    if (skip_without_mounts())
        return;
    mount_and_look("with:colon,comma\\and backslash", 3);
    mount_and_look(long_name, 3);
}

static void test_nothing_propagates(void)
{
    g_auto(Place) place = { 0 };
    g_autofree char *mountinfo = NULL;

    if (skip_without_mounts())
        return;
    place_make(&place, "plain", 1);
    g_assert_cmpint(mount(NULL, place.scratch, NULL, MS_SHARED, NULL), ==, 0);

    RootfsMount mount = mount_of(&place);

    mount_well(&mount);
    g_assert_true(file_read("/proc/self/mountinfo", 1 << 20, &mountinfo, NULL, NULL));

    char *line = strstr(mountinfo, "/container/merged ");

    g_assert_nonnull(line);
    *strchr(line, '\n') = '\0';
    g_assert_null(strstr(line, "shared:"));
    g_assert_nonnull(strstr(line, " - overlay "));
}

static void test_a_volatile_root_can_be_mounted_again(void)
{
    g_auto(Place) place = { 0 };

    if (skip_without_mounts())
        return;
    place_make(&place, "plain", 1);

    RootfsMount mount = mount_of(&place);
    IN(place.work, mark, "work/incompat/volatile");

    mount.is_volatile = true;
    mount_well(&mount);
    g_assert_true(path_exists(mark));
    g_assert_cmpint(umount2(place.target, MNT_DETACH), ==, 0); /* the mark stays, as in a crash */
    mount_well(&mount);
    unmount_well(&place);
}

static void test_an_overlay_on_an_overlay_is_explained(void)
{
    g_auto(Place) place = { 0 };
    g_autoptr(GError) error = NULL;

    if (skip_without_mounts())
        return;
    place_make(&place, "plain", 1);

    RootfsMount mount = mount_of(&place);
    IN(place.target, upper, "upper");
    IN(place.target, work, "work");
    IN(place.base, target, "second");

    mount_well(&mount);
    mount.upper_dir = upper;
    mount.work_dir = work;
    mount.target = target;
    g_assert_false(rootfs_mount(&mount, &error));
    g_assert_true(err_is(error, FLOE_ERROR_UNSUPPORTED));
    g_assert_nonnull(strstr(error->message, "--root"));
}

static void test_a_missing_layer_is_an_error(void)
{
    g_auto(Place) place = { 0 };
    g_autoptr(GError) error = NULL;

    if (skip_without_mounts())
        return;
    place_make(&place, "plain", 1);
    g_assert_true(tree_remove(place.layers_dir, NULL));

    RootfsMount mount = mount_of(&place);

    g_assert_false(rootfs_mount(&mount, &error));
    g_assert_nonnull(strstr(error->message, place.layers[0]));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    can_mount = geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
                mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;

    g_test_add_func("/storage/rootfs/layers-are-stacked-in-order", test_layers_are_stacked_in_order);
    g_test_add_func("/storage/rootfs/many-layers-fit", test_many_layers_fit);
    g_test_add_func("/storage/rootfs/odd-paths-fit", test_odd_paths_fit);
    g_test_add_func("/storage/rootfs/nothing-propagates", test_nothing_propagates);
    g_test_add_func("/storage/rootfs/a-volatile-root-can-be-mounted-again",
                    test_a_volatile_root_can_be_mounted_again);
    g_test_add_func("/storage/rootfs/an-overlay-on-an-overlay-is-explained",
                    test_an_overlay_on_an_overlay_is_explained);
    g_test_add_func("/storage/rootfs/a-missing-layer-is-an-error", test_a_missing_layer_is_an_error);
    return g_test_run();
}
