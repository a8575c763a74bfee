/* SPDX-License-Identifier: Apache-2.0 */
/*
 *                      init                 start
 *   configured ----------------> created ----------> running <------> paused
 *       |  ^  \____start, restore_______________________^ |   pause
 *       |  '-- cleanup --'  ^                           ' | stop
 *       |                   | init                      ' v
 *       |                   |        start, restore     ' stopping
 *       |               exited <------- stopped <---------'  process ended
 *       v                 |     cleanup
 *   removing <------------'   (with force from every state)
 */
#include "engine/container-state.h"

#define S(state) (1u << FLOE_STATE_##state)
#define ANY      (~0u)

static const struct {
    const char *name;
    unsigned next;
} states[] = {
    [FLOE_STATE_UNKNOWN] = { "unknown", ANY },
    [FLOE_STATE_CONFIGURED] = { "created", S(CREATED) | S(RUNNING) | S(EXITED) | S(REMOVING) },
    [FLOE_STATE_CREATED] = { "initialized", S(RUNNING) | S(CONFIGURED) | S(STOPPING) | S(STOPPED) |
                                                S(EXITED) | S(REMOVING) },
    [FLOE_STATE_RUNNING] = { "running",
                             S(PAUSED) | S(STOPPING) | S(STOPPED) | S(EXITED) | S(REMOVING) },
    [FLOE_STATE_STOPPED] = { "stopped", S(CREATED) | S(RUNNING) | S(EXITED) | S(REMOVING) },
    [FLOE_STATE_PAUSED] = { "paused", S(RUNNING) | S(STOPPED) | S(EXITED) | S(REMOVING) },
    [FLOE_STATE_EXITED] = { "exited", S(CREATED) | S(RUNNING) | S(REMOVING) },
    [FLOE_STATE_REMOVING] = { "removing", 0 },
    /* RUNNING: whoever was stopping it has not come to the end of it */
    [FLOE_STATE_STOPPING] = { "stopping", S(RUNNING) | S(STOPPED) | S(EXITED) | S(REMOVING) },
};

/* What podman's libpod allows in which state (libpod/container_api.go). */
static const struct {
    const char *name;
    unsigned allowed;
} operations[OPERATION_N_KINDS] = {
    [OPERATION_INIT] = { "init", S(CONFIGURED) | S(STOPPED) | S(EXITED) },
    [OPERATION_START] = { "start", S(CONFIGURED) | S(CREATED) | S(STOPPED) | S(EXITED) },
    [OPERATION_STOP] = { "stop", S(CREATED) | S(RUNNING) | S(STOPPING) },
    [OPERATION_KILL] = { "kill", S(RUNNING) | S(STOPPING) | S(PAUSED) },
    [OPERATION_EXEC] = { "exec in", S(RUNNING) },
    [OPERATION_ATTACH] = { "attach to", S(RUNNING) },
    [OPERATION_RESIZE] = { "resize the terminal of", S(CREATED) | S(RUNNING) | S(PAUSED) },
    [OPERATION_PAUSE] = { "pause", S(RUNNING) },
    [OPERATION_UNPAUSE] = { "unpause", S(PAUSED) },
    [OPERATION_CLEANUP] = { "clean up",
                            S(CONFIGURED) | S(CREATED) | S(STOPPED) | S(STOPPING) | S(EXITED) },
    [OPERATION_RESTART] = { "restart",
                            S(CONFIGURED) | S(CREATED) | S(RUNNING) | S(STOPPED) | S(EXITED) },
    [OPERATION_REFRESH] = { "refresh", ANY & ~(S(REMOVING) | S(STOPPING)) },
    [OPERATION_REMOVE] = { "remove", S(CONFIGURED) | S(CREATED) | S(STOPPED) | S(EXITED) |
                                         S(REMOVING) | S(UNKNOWN) },
    [OPERATION_CHECKPOINT] = { "checkpoint", S(RUNNING) },
    [OPERATION_RESTORE] = { "restore", S(CONFIGURED) | S(STOPPED) | S(EXITED) },
    [OPERATION_MOUNT] = { "mount", ANY & ~S(REMOVING) },
    [OPERATION_UNMOUNT] = { "unmount", ANY & ~S(REMOVING) },
    [OPERATION_EXPORT] = { "export", ANY & ~S(REMOVING) },
    [OPERATION_COMMIT] = { "commit", ANY & ~S(REMOVING) },
    [OPERATION_DIFF] = { "tell the changes of", ANY & ~S(REMOVING) },
    [OPERATION_COPY] = { "copy from or to", ANY & ~S(REMOVING) },
    [OPERATION_RENAME] = { "rename", ANY & ~S(REMOVING) },
    [OPERATION_TOP] = { "list the processes of", S(RUNNING) | S(PAUSED) | S(STOPPING) },
    [OPERATION_ARTIFACT] = { "reach the artifacts of", ANY & ~S(REMOVING) },
    [OPERATION_UPDATE] = { "update", ANY & ~S(REMOVING) },
    [OPERATION_CONNECT] = { "change the networks of", ANY & ~(S(REMOVING) | S(STOPPING)) },
    [OPERATION_RELOAD_NETWORK] = { "reload the network of", S(CREATED) | S(RUNNING) | S(PAUSED) },
    [OPERATION_LOOK] = { "look at", ANY },
};

/* Without a freezer CRIU has nothing that would hold the processes still while it looks at them. */
bool operation_needs_cgroup(OperationKind kind)
{
    return kind == OPERATION_PAUSE || kind == OPERATION_CHECKPOINT;
}

const char *operation_name(OperationKind kind)
{
    g_assert(kind < OPERATION_N_KINDS);
    return operations[kind].name;
}

bool operation_is_allowed(OperationKind kind, floe_container_state state)
{
    g_assert(kind < OPERATION_N_KINDS);
    return (operations[kind].allowed & (1u << state)) != 0;
}

bool operation_refuse(OperationKind kind, floe_container_state state, const char *container_name,
                      GError **error)
{
    unsigned allowed = operations[kind].allowed;
    bool has_ended = state == FLOE_STATE_STOPPED || state == FLOE_STATE_EXITED;
    const char *name = operations[kind].name;

    if (kind == OPERATION_STOP && has_ended)
        return err_set(error, FLOE_ERROR_STOPPED, "container \"%s\" is stopped already",
                       container_name);
    if (state == FLOE_STATE_RUNNING && kind == OPERATION_START)
        return err_set(error, FLOE_ERROR_RUNNING, "container \"%s\" is running already",
                       container_name);
    if (state == FLOE_STATE_PAUSED && kind == OPERATION_PAUSE)
        return err_set(error, FLOE_ERROR_BAD_STATE, "container \"%s\" is paused already",
                       container_name);
    if (kind == OPERATION_REMOVE)
        return err_set(error, FLOE_ERROR_BAD_STATE,
                       "cannot remove container \"%s\" as it is %s: stop it first, or use --force",
                       container_name, states[state].name);
    if (allowed == S(RUNNING))
        return err_set(error, FLOE_ERROR_BAD_STATE,
                       "cannot %s container \"%s\": it is not running (state %s)", name,
                       container_name, states[state].name);
    return err_set(error, FLOE_ERROR_BAD_STATE, "cannot %s container \"%s\" in state %s", name,
                   container_name, states[state].name);
}

bool state_may_become(floe_container_state from, floe_container_state to)
{
    g_assert(from < G_N_ELEMENTS(states) && to < G_N_ELEMENTS(states));
    return from == to || (states[from].next & (1u << to)) != 0;
}

bool state_has_process(floe_container_state state)
{
    return ((S(CREATED) | S(RUNNING) | S(PAUSED) | S(STOPPING)) & (1u << state)) != 0;
}

const char *floe_container_state_name(floe_container_state state)
{
    return (unsigned)state < G_N_ELEMENTS(states) ? states[state].name : "unknown";
}
