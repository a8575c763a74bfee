/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library without a floe command to call: who waits for a container that is to run again starts it.
 */
#include "engine/policy-restart.h"

#include "base/clock.h"
#include "engine/place.h"

#include <string.h>

#define NS_PER_MS G_GINT64_CONSTANT(1000000)

/* Its runtime does not exist: one sees that it was to be started by the error. */
static Place *place_due_in(int64_t ms)
{
    Place *place = place_with(FLOE_STATE_EXITED);
    ContainerRecord *record = place->ctr->record;

    g_clear_pointer(&place->engine->program, g_free);
    record->status.restart_due_unix_ns = clock_unix_ns() + ms * NS_PER_MS;
    WORKS(container_save(place->ctr, &error));
    return place;
}

static floe_error *wait_fails(const Place *place, int timeout_ms)
{
    floe_error *error = NULL;
    int exit_code;

    g_assert_false(floe_container_wait(place->ctr, timeout_ms, &exit_code, &error));
    return error;
}

static void test_the_waiter_starts_it(void)
{
    g_autoptr(Place) place = place_due_in(100);
    floe_error *error = wait_fails(place, 30 * 1000);

    g_assert_nonnull(strstr(floe_error_get_message(error), "restart container \"web\""));
    g_assert_cmpint(place->ctr->record->status.restart_due_unix_ns, ==, 0);
    floe_error_free(error);
}

static void test_a_wait_ends_in_time(void)
{
    g_autoptr(Place) place = place_due_in(30 * 1000);
    int64_t begin_ms = clock_monotonic_ms();
    floe_error *error = wait_fails(place, 50);

    g_assert_cmpint(floe_error_get_code(error), ==, FLOE_ERROR_TIMEOUT);
    g_assert_cmpint(clock_monotonic_ms() - begin_ms, <, 20 * 1000);
    g_assert_cmpint(place->ctr->record->status.restart_due_unix_ns, !=, 0);
    floe_error_free(error);
}

#define ADD(name, function) g_test_add_func("/engine/policy-restart/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("the-waiter-starts-it", test_the_waiter_starts_it);
    ADD("a-wait-ends-in-time", test_a_wait_ends_in_time);
    return g_test_run();
}
