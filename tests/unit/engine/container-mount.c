/* SPDX-License-Identifier: Apache-2.0 */
/* Who may take which mount of a container that is only recorded: nothing is mounted. */
#include "engine/container-mount.h"

#include "base/process.h"
#include "engine/place.h"

#include <unistd.h>

static Place *place_mounted(floe_container_state state, bool mounted, int mount_count)
{
    Place *place = place_with(state);

    place->ctr->record->status.mounted = mounted;
    place->ctr->record->status.mount_count = mount_count;
    WORKS(container_save(place->ctr, &error));
    return place;
}

/* 0: it succeeds. */
static void assert_unmount(const Place *place, bool force, int code)
{
    floe_error *error = NULL;
    bool done = floe_container_unmount(place->ctr, force, &error);

    g_assert_cmpint(done ? 0 : (int)floe_error_get_code(error), ==, code);
    floe_error_free(error);
}

static void test_the_containers_own_mount_is_not_a_users(void)
{
    g_autoptr(Place) place = place_mounted(FLOE_STATE_STOPPED, true, 0);

    assert_unmount(place, false, FLOE_ERROR_IN_USE);
    assert_unmount(place, true, FLOE_ERROR_IN_USE);
}

static void test_users_mounts_are_taken_one_by_one(void)
{
    g_autoptr(Place) place = place_mounted(FLOE_STATE_STOPPED, true, 2);

    assert_unmount(place, false, 0);
    g_assert_cmpint(place->ctr->record->status.mount_count, ==, 1);
    assert_unmount(place, false, 0);
    assert_unmount(place, false, FLOE_ERROR_IN_USE);
    g_assert_true(place->ctr->record->status.mounted);
}

static void test_force_takes_all_of_the_users(void)
{
    g_autoptr(Place) place = place_mounted(FLOE_STATE_STOPPED, true, 5);

    assert_unmount(place, true, 0);
    g_assert_cmpint(place->ctr->record->status.mount_count, ==, 0);
    g_assert_true(place->ctr->record->status.mounted);
}

static void test_what_is_not_mounted_needs_no_unmount(void)
{
    g_autoptr(Place) configured = place_mounted(FLOE_STATE_CONFIGURED, false, 0);
    g_autoptr(Place) removing = place_mounted(FLOE_STATE_REMOVING, false, 1);
    char *path = NULL;

    assert_unmount(configured, false, 0);
    assert_unmount(configured, true, 0);
    assert_unmount(removing, false, FLOE_ERROR_BAD_STATE);
    g_assert_false(floe_container_mount(removing->ctr, &path, NULL));
}

static void test_the_hold_of_a_dead_process_ends(void)
{
    g_autoptr(Place) place = place_mounted(FLOE_STATE_CONFIGURED, false, 0);
    ContainerStatus *status = &place->ctr->record->status;
    g_autofree char *own = process_identity(getpid());
    floe_container_state state;

    status->mount_holds = g_new0(char *, 3);
    status->mount_holds[0] = g_strdup_printf("%d 1", getpid());
    status->mount_holds[1] = g_strdup(own);
    WORKS(container_save_status(place->engine->db, place->ctr->record->id, status, &error));
    g_assert_true(floe_container_get_state(place->ctr, &state, NULL));
    g_assert_cmpuint(g_strv_length(status->mount_holds), ==, 1);
    g_assert_cmpstr(status->mount_holds[0], ==, own);
    g_assert_true(container_root_is_wanted(status));
}

#define ADD(name, function) g_test_add_func("/engine/container-mount/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("the-containers-own-mount-is-not-a-users", test_the_containers_own_mount_is_not_a_users);
    ADD("users-mounts-are-taken-one-by-one", test_users_mounts_are_taken_one_by_one);
    ADD("force-takes-all-of-the-users", test_force_takes_all_of_the_users);
    ADD("what-is-not-mounted-needs-no-unmount", test_what_is_not_mounted_needs_no_unmount);
    ADD("the-hold-of-a-dead-process-ends", test_the_hold_of_a_dead_process_ends);
    return g_test_run();
}
