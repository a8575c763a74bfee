/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of states and operations, against tables that are written here a second time, in another
 * form: a change of one alone is a failure.
 */
#include "engine/container-state.h"

#include "state/fixture.h"

#include <string.h>

#define N_STATES (FLOE_STATE_STOPPING + 1)

/* The states in the order of their numbers, one letter each. */
static const char letters[] = "ucirspxRS";

static const struct {
    floe_container_state state;
    char letter;
    const char *shown;
} states[] = {
    { FLOE_STATE_UNKNOWN, 'u', "unknown" },     { FLOE_STATE_CONFIGURED, 'c', "created" },
    { FLOE_STATE_CREATED, 'i', "initialized" }, { FLOE_STATE_RUNNING, 'r', "running" },
    { FLOE_STATE_STOPPED, 's', "stopped" },     { FLOE_STATE_PAUSED, 'p', "paused" },
    { FLOE_STATE_EXITED, 'x', "exited" },       { FLOE_STATE_REMOVING, 'R', "removing" },
    { FLOE_STATE_STOPPING, 'S', "stopping" },
};

/* From a state, the states that may follow, beside itself. */
static const char *const moves[N_STATES] = {
    "cirspxRS", /* unknown: whatever is found out */
    "irxR",     /* configured: init, start and restore, rm; exited when a start fails */
    "rcsxRS",   /* created: start, cleanup, its end, stop */
    "pSsxR",    /* running: pause, stop, its end, checkpoint, rm -f */
    "irxR",     /* stopped: init, start, cleanup, rm */
    "rsxR",     /* paused: unpause, its end, a reboot, rm -f */
    "irR",      /* exited: init, start and restore, rm */
    "",         /* removing: nothing else */
    "rsxR",     /* stopping: its end, a reboot, rm -f; running when the stop was cut short */
};

static const struct {
    OperationKind kind;
    const char *allowed;
} operations[] = {
    { OPERATION_INIT, "csx" },
    { OPERATION_START, "cisx" },
    { OPERATION_STOP, "irS" },
    { OPERATION_KILL, "rSp" },
    { OPERATION_EXEC, "r" },
    { OPERATION_PAUSE, "r" },
    { OPERATION_UNPAUSE, "p" },
    { OPERATION_CLEANUP, "cisSx" },
    { OPERATION_RESTART, "cirsx" },
    { OPERATION_REMOVE, "cisxRu" },
    { OPERATION_REFRESH, "ucirspx" },
    { OPERATION_CHECKPOINT, "r" },
    { OPERATION_RESTORE, "csx" },
    { OPERATION_MOUNT, "ucirspxS" },
    { OPERATION_UNMOUNT, "ucirspxS" },
    { OPERATION_EXPORT, "ucirspxS" },
    { OPERATION_COMMIT, "ucirspxS" },
    { OPERATION_DIFF, "ucirspxS" },
    { OPERATION_COPY, "ucirspxS" },
    { OPERATION_RENAME, "ucirspxS" },
    { OPERATION_TOP, "rpS" },
    { OPERATION_ARTIFACT, "ucirspxS" },
    { OPERATION_ATTACH, "r" },
    { OPERATION_RESIZE, "irp" },
    { OPERATION_UPDATE, "ucirspxS" },
    { OPERATION_CONNECT, "ucirspx" },
    { OPERATION_RELOAD_NETWORK, "irp" },
    { OPERATION_LOOK, "ucirspxRS" },
};

static void test_every_pair_of_states(void)
{
    for (int from = 0; from < N_STATES; from++) {
        for (int to = 0; to < N_STATES; to++) {
            bool wanted = from == to || strchr(moves[from], letters[to]) != NULL;

            if (state_may_become((floe_container_state)from, (floe_container_state)to) != wanted)
                g_error("%s to %s should %sbe possible", states[from].shown, states[to].shown,
                        wanted ? "" : "not ");
        }
    }
}

static void test_every_operation_in_every_state(void)
{
    g_assert_cmpint(G_N_ELEMENTS(operations), ==, OPERATION_N_KINDS);
    for (size_t i = 0; i < G_N_ELEMENTS(operations); i++) {
        for (int state = 0; state < N_STATES; state++) {
            bool wanted = strchr(operations[i].allowed, letters[state]) != NULL;

            if (operation_is_allowed(operations[i].kind, (floe_container_state)state) != wanted)
                g_error("%s in state %s should %sbe allowed", operation_name(operations[i].kind),
                        states[state].shown, wanted ? "" : "not ");
        }
    }
}

/* An allowed operation must lead somewhere: its target must be a state that may follow. */
static void test_operations_lead_to_possible_states(void)
{
    static const struct {
        OperationKind kind;
        floe_container_state target;
    } leads[] = {
        { OPERATION_INIT, FLOE_STATE_CREATED },    { OPERATION_START, FLOE_STATE_RUNNING },
        { OPERATION_PAUSE, FLOE_STATE_PAUSED },    { OPERATION_UNPAUSE, FLOE_STATE_RUNNING },
        { OPERATION_STOP, FLOE_STATE_STOPPING },   { OPERATION_CHECKPOINT, FLOE_STATE_EXITED },
        { OPERATION_RESTORE, FLOE_STATE_RUNNING }, { OPERATION_REMOVE, FLOE_STATE_REMOVING },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(leads); i++) {
        for (int state = 0; state < N_STATES; state++) {
            if (operation_is_allowed(leads[i].kind, (floe_container_state)state))
                g_assert_true(state_may_become((floe_container_state)state, leads[i].target));
        }
    }
}

static void test_names_are_podmans(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
        g_assert_cmpstr(floe_container_state_name(states[i].state), ==, states[i].shown);
    g_assert_cmpstr(floe_container_state_name((floe_container_state)N_STATES), ==, "unknown");
    g_assert_cmpstr(floe_container_state_name((floe_container_state)-1), ==, "unknown");
}

static void refuse(OperationKind kind, floe_container_state state, floe_error_code code,
                   const char *text)
{
    FAILS(operation_refuse(kind, state, "web", &error), code, text);
}

static void test_refusals_say_what_and_why(void)
{
    refuse(OPERATION_PAUSE, FLOE_STATE_EXITED, FLOE_ERROR_BAD_STATE,
           "cannot pause container \"web\": it is not running (state exited)");
    refuse(OPERATION_PAUSE, FLOE_STATE_PAUSED, FLOE_ERROR_BAD_STATE, "paused already");
    refuse(OPERATION_START, FLOE_STATE_RUNNING, FLOE_ERROR_RUNNING, "running already");
    refuse(OPERATION_START, FLOE_STATE_PAUSED, FLOE_ERROR_BAD_STATE, "in state paused");
    refuse(OPERATION_STOP, FLOE_STATE_EXITED, FLOE_ERROR_STOPPED, "stopped already");
    refuse(OPERATION_STOP, FLOE_STATE_STOPPED, FLOE_ERROR_STOPPED, "stopped already");
    refuse(OPERATION_STOP, FLOE_STATE_PAUSED, FLOE_ERROR_BAD_STATE, "in state paused");
    refuse(OPERATION_REMOVE, FLOE_STATE_RUNNING, FLOE_ERROR_BAD_STATE, "--force");
    refuse(OPERATION_EXEC, FLOE_STATE_CREATED, FLOE_ERROR_BAD_STATE, "cannot exec in container");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/container-state/every-pair-of-states", test_every_pair_of_states);
    g_test_add_func("/engine/container-state/every-operation-in-every-state",
                    test_every_operation_in_every_state);
    g_test_add_func("/engine/container-state/operations-lead-to-possible-states",
                    test_operations_lead_to_possible_states);
    g_test_add_func("/engine/container-state/names-are-podmans", test_names_are_podmans);
    g_test_add_func("/engine/container-state/refusals-say-what-and-why",
                    test_refusals_say_what_and_why);
    return g_test_run();
}
