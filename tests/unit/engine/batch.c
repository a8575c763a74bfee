/* SPDX-License-Identifier: Apache-2.0 */
/* Batches on a container that is only recorded; no process runs. */
#include "base/path.h"
#include "engine/place.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static bool is_locked(const floe_container *ctr)
{
    g_auto(Lock) lock = LOCK_NONE;
    bool is_free = true;

    WORKS(lock_try_byte(ctr->paths.lock,
                        container_lock_offset(ctr->record->id, CONTAINER_LOCK_OPERATION), &lock,
                        &is_free, &error));
    return !is_free;
}

static bool look(floe_container *ctr, void *data, floe_error **ret_why)
{
    int *n_looks = data;

    for (int i = 0; i < 10; i++) {
        floe_container_state state = FLOE_STATE_UNKNOWN;

        DONE(floe_container_get_state(ctr, &state, &error));
        g_assert_cmpint(state, ==, FLOE_STATE_CONFIGURED);
        g_assert_true(is_locked(ctr));
        *n_looks += 1;
    }
    return true;
}

static bool look_within(floe_container *ctr, void *data, floe_error **ret_why)
{
    DONE(floe_container_batch(ctr, look, data, &error));
    return look(ctr, data, ret_why);
}

static void test_the_lock_is_held_from_begin_to_end(void)
{
    g_autoptr(Place) place = place_with(FLOE_STATE_CONFIGURED);
    int n_looks = 0;

    DONE(floe_container_batch(place->ctr, look, &n_looks, &error));
    DONE(floe_container_batch(place->ctr, look_within, &n_looks, &error));
    g_assert_cmpint(n_looks, ==, 30);
    g_assert_false(is_locked(place->ctr));
    DONE(floe_container_sync(place->ctr, &error));
    g_assert_false(is_locked(place->ctr));
}

static bool fail(floe_container *ctr, void *data, floe_error **ret_why)
{
    floe_error **given = data;

    g_assert_false(floe_container_pause(ctr, ret_why));
    *given = *ret_why;
    return false;
}

static bool fail_silently(floe_container *ctr, void *data, floe_error **ret_why)
{
    return false;
}

static void test_the_error_comes_back_unchanged(void)
{
    g_autoptr(Place) place = place_with(FLOE_STATE_CONFIGURED);
    floe_error *given = NULL;
    floe_error *got = NULL;

    g_assert_false(floe_container_batch(place->ctr, fail, &given, &got));
    g_assert_true(given != NULL && given == got);
    g_assert_cmpint(floe_error_get_code(got), ==, FLOE_ERROR_BAD_STATE);
    floe_error_free(got);
    got = NULL;
    g_assert_false(floe_container_batch(place->ctr, fail_silently, NULL, &got));
    g_assert_null(got);
    g_assert_false(is_locked(place->ctr));
}

static bool remove_it(floe_container *ctr, void *data, floe_error **ret_why)
{
    return floe_container_remove(ctr, NULL, ret_why);
}

static void test_it_cannot_be_removed_meanwhile(void)
{
    g_autoptr(Place) place = place_with(FLOE_STATE_CONFIGURED);
    floe_error *why = NULL;

    g_assert_false(floe_container_batch(place->ctr, remove_it, NULL, &why));
    g_assert_cmpint(floe_error_get_code(why), ==, FLOE_ERROR_BAD_STATE);
    g_assert_nonnull(strstr(floe_error_get_message(why), "within a batch"));
    floe_error_free(why);
}

static floe_container_state state_of(floe_container *ctr)
{
    floe_container_state state = FLOE_STATE_UNKNOWN;

    DONE(floe_container_get_state(ctr, &state, &error));
    return state;
}

/* conmon leaves its exit file in the middle of the batch. */
static bool end_and_sync(floe_container *ctr, void *data, floe_error **ret_why)
{
    g_autofree char *file = g_build_filename(ctr->paths.exit_dir, ctr->record->id, NULL);
    int exit_code = 0;

    g_assert_cmpint(state_of(ctr), ==, FLOE_STATE_STOPPED);
    /* Again as it was before. */
    ctr->record->status.state = FLOE_STATE_RUNNING;
    WORKS(container_save(ctr, &error));
    WORKS(dir_make(ctr->paths.exit_dir, 0700, &error));
    WORKS(file_write_atomic(file, "9", 1, 0600, &error));
    g_assert_cmpint(state_of(ctr), ==, FLOE_STATE_RUNNING);
    DONE(floe_container_sync(ctr, &error));
    g_assert_cmpint(state_of(ctr), ==, FLOE_STATE_STOPPED);
    DONE(floe_container_wait(ctr, -1, &exit_code, &error));
    g_assert_cmpint(exit_code, ==, 9);
    return true;
}

static void test_only_sync_looks_within_a_batch(void)
{
    g_autoptr(Place) place = place_with(FLOE_STATE_RUNNING);

    DONE(floe_container_batch(place->ctr, end_and_sync, NULL, &error));
}

/* --- waiting for states ----------------------------------------------------------------------- */

static int expect_wait(floe_container *ctr, unsigned states, floe_error_code wanted)
{
    floe_wait_options options = FLOE_WAIT_OPTIONS_INIT;
    floe_error *why = NULL;
    int exit_code = 77;

    options.states = states;
    options.timeout_ms = 20;
    options.interval_ms = 5;
    g_assert_true(floe_container_wait_for(ctr, &options, &exit_code, &why) == (wanted == 0));
    g_assert_cmpint(floe_error_get_code(why), ==, wanted);
    floe_error_free(why);
    return exit_code;
}

static void test_a_state_is_waited_for(void)
{
    g_autoptr(Place) place = place_with(FLOE_STATE_CONFIGURED);

    /* What never ran counts as ended. */
    g_assert_cmpint(expect_wait(place->ctr, 1U << FLOE_STATE_EXITED, 0), ==, 0);
    g_assert_cmpint(expect_wait(place->ctr, 1U << FLOE_STATE_CONFIGURED, 0), ==, -1);
    expect_wait(place->ctr, 1U << FLOE_STATE_RUNNING, FLOE_ERROR_TIMEOUT);
    expect_wait(place->ctr, 0, FLOE_ERROR_INVALID);
    WORKS(container_delete(place->engine->db, place->ctr->record->id, &error));
    expect_wait(place->ctr, 1U << FLOE_STATE_RUNNING, FLOE_ERROR_REMOVED);
    g_assert_cmpint(expect_wait(place->ctr, 1U << FLOE_STATE_REMOVING, 0), ==, -1);
}

static bool kill_myself(floe_container *ctr, void *data, floe_error **ret_why)
{
    raise(SIGKILL);
    return true;
}

/* Another process: with an engine handle of its own. */
static void batch_and_die(const Place *place)
{
    floe_engine_options options = FLOE_ENGINE_OPTIONS_INIT;
    floe_engine *engine = NULL;
    floe_container *ctr = NULL;

    options.root = place->engine->root;
    options.runroot = place->engine->runroot;
    DONE(floe_engine_open(&options, &engine, &error));
    DONE(floe_container_lookup(engine, "web", &ctr, &error));
    floe_container_batch(ctr, kill_myself, NULL, NULL);
}

static void test_who_is_killed_in_it_leaves_no_lock(void)
{
    g_autoptr(Place) place = place_with(FLOE_STATE_CONFIGURED);
    int n_looks = 0;
    pid_t pid = fork();

    if (pid == 0) {
        batch_and_die(place);
        _exit(0);
    }
    g_assert_cmpint(wait_for(pid), ==, -SIGKILL);
    g_assert_false(is_locked(place->ctr));
    DONE(floe_container_batch(place->ctr, look, &n_looks, &error));
    g_assert_cmpint(n_looks, ==, 10);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/batch/the-lock-is-held-from-begin-to-end",
                    test_the_lock_is_held_from_begin_to_end);
    g_test_add_func("/engine/batch/the-error-comes-back-unchanged",
                    test_the_error_comes_back_unchanged);
    g_test_add_func("/engine/batch/it-cannot-be-removed-meanwhile",
                    test_it_cannot_be_removed_meanwhile);
    g_test_add_func("/engine/batch/only-sync-looks-within-a-batch",
                    test_only_sync_looks_within_a_batch);
    g_test_add_func("/engine/batch/who-is-killed-in-it-leaves-no-lock",
                    test_who_is_killed_in_it_leaves_no_lock);
    g_test_add_func("/engine/batch/a-state-is-waited-for", test_a_state_is_waited_for);
    return g_test_run();
}
