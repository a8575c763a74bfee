/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-stop.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/container-end.h"
#include "engine/container-processes.h"
#include "engine/container-remove.h"
#include "engine/dependencies.h"
#include "engine/event.h"
#include "engine/health-check.h"
#include "engine/pod.h"
#include "engine/policy-restart.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "oci/cgroup-freezer.h"
#include "state/exit-code.h"

#include <limits.h>
#include <signal.h>

/* How long the exit code may take to appear after SIGKILL: conmon drains the output first. */
#define KILL_TIMEOUT_MS 10000

/* Let others in, wait for the end, and take the container again. TIMEOUT is told by the state. */
static bool wait_suspended(Operation *op, int timeout_ms, GError **error)
{
    floe_container *ctr = op->ctr;
    g_autoptr(GError) err = NULL;
    bool ok;

    operation_suspend(op);
    ok = record_wait_end(ctr->engine, ctr->record, timeout_ms, &err) ||
         err_is(err, FLOE_ERROR_TIMEOUT);
    /* Whatever became of the wait: the caller goes on under the lock, or not at all. */
    if (!operation_resume(op, error))
        return false;
    if (!ok)
        g_propagate_error(error, g_steal_pointer(&err));
    return ok;
}

static bool send_stop_signal(floe_container *ctr, int signal, GError **error)
{
    g_autoptr(GError) err = NULL;

    if (signal == SIGKILL)
        return container_kill_processes(ctr, error);
    container_wait_for_command(ctr); /* the runtime's program would take it in its own way */
    if (container_signal(ctr, signal, &err) || err_is(err, FLOE_ERROR_STOPPED))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

static bool refuse_to_end(const floe_container *ctr, GError **error)
{
    return err_set(error, FLOE_ERROR_TIMEOUT, "container \"%s\" did not end within %d s of SIGKILL",
                   ctr->record->name, KILL_TIMEOUT_MS / 1000);
}

/* After each wait: a state other than "stopping" tells that the end was noted, if not by this floe. */
bool container_stop_in(Operation *op, int timeout_s, GError **error)
{
    floe_container *ctr = op->ctr;
    const ContainerConfig *config = &ctr->record->config;
    g_auto(Lock) stopping = LOCK_NONE;
    int64_t killed_ms;
    int timeout_ms;

    if (timeout_s == FLOE_STOP_TIMEOUT_DEFAULT)
        timeout_s = config->stop_timeout_s;
    timeout_ms = timeout_s < 0 ? -1 : timeout_s > INT_MAX / 1000 ? INT_MAX : timeout_s * 1000;

    /*
     * A container that has not begun has nothing to answer the signal. It ends before the record says
     * anything: who finds that half-done takes one that is alive for running.
     */
    if (ctr->record->status.state == FLOE_STATE_CREATED) {
        timeout_ms = 0;
        if (!send_stop_signal(ctr, SIGKILL, error))
            return false;
    }
    if (!lock_share_byte(ctr->paths.lock,
                         container_lock_offset(ctr->record->id, CONTAINER_LOCK_STOP), &stopping,
                         error))
        return false;
    ctr->record->status.stopped_by_user = true;
    container_set_state(ctr, FLOE_STATE_STOPPING);
    if (!container_save(ctr, error))
        return false;
    if (timeout_ms != 0) {
        if (!send_stop_signal(ctr, config->stop_signal, error) ||
            !wait_suspended(op, timeout_ms, error))
            return false;
        if (ctr->record->status.state != FLOE_STATE_STOPPING)
            return true;
        log_warn("container \"%s\" did not end within %d s of signal %d: sending SIGKILL",
                 ctr->record->name, timeout_s, config->stop_signal);
    }
    killed_ms = clock_monotonic_ms();
    if (!send_stop_signal(ctr, SIGKILL, error) || !wait_suspended(op, KILL_TIMEOUT_MS, error))
        return false;
    /* Sooner, it is another floe that has started it and is stopping it again. */
    if (ctr->record->status.state == FLOE_STATE_STOPPING &&
        clock_monotonic_ms() - killed_ms >= KILL_TIMEOUT_MS)
        return refuse_to_end(ctr, error);
    return true;
}

/* Another floe may have started it again by now. */
static bool clean_up_stopped(floe_container *ctr, GError **error)
{
    return state_has_process((floe_container_state)ctr->record->status.state) ||
           container_clean_up_locked(ctr, ctr->record->config.auto_remove, error);
}

/* It has ended by itself, and its restart policy was going to start it again. */
static bool stop_restarting(floe_container *ctr, bool *ret_stopped, GError **error)
{
    return restart_give_up(ctr, ret_stopped, error) &&
           (!*ret_stopped || clean_up_stopped(ctr, error));
}

/* On v2 a kill ends it frozen as it is, and systemd takes its cgroup away. */
static bool thaw_if_there(floe_container *ctr, GError **error)
{
    g_autoptr(GError) err = NULL;

    if (cgroup_thaw(ctr->paths.cgroup, &err) || err_is(err, FLOE_ERROR_NOT_FOUND))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

/* Its processes could not answer the signal, and the host would wait for them until it kills them. */
static bool end_pause(floe_container *ctr, GError **error)
{
    if (ctr->record->status.state != FLOE_STATE_PAUSED)
        return true;
    if (!cgroup_thaw(ctr->paths.cgroup, error))
        return false;
    container_set_state(ctr, FLOE_STATE_RUNNING);
    return container_save(ctr, error);
}

/*
 * It was the host's end: until the next start of the host it stays stopped, and then it counts as
 * running.
 */
static bool take_back_wish(floe_container *ctr, GError **error)
{
    if (state_has_process((floe_container_state)ctr->record->status.state) ||
        ctr->record->config.auto_remove)
        return true;
    ctr->record->status.stopped_by_user = false;
    return container_save(ctr, error);
}

bool container_stop(floe_container *ctr, const floe_stop_options *options, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(GError) err = NULL;
    bool is_stopped = false;

    if (options->host_shutdown)
        dependents_stop(ctr, options);
    if (!operation_enter_any(ctr, &op, error) || !stop_restarting(ctr, &is_stopped, error))
        return false;
    if (is_stopped)
        return !options->host_shutdown || take_back_wish(ctr, error);
    if (options->host_shutdown && !end_pause(ctr, error))
        return false;
    if (!operation_is_allowed(OPERATION_STOP, ctr->record->status.state))
        return operation_refuse(OPERATION_STOP, ctr->record->status.state, ctr->record->name, error);
    /*
     * With --rm conmon's exit command removes it as soon as it has ended: it is stopped all the same.
     */
    if (!container_stop_in(&op, options->timeout_s, &err) && !err_is(err, FLOE_ERROR_REMOVED)) {
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    event_note(ctr, FLOE_EVENT_STOP);
    if (err == NULL &&
        (!clean_up_stopped(ctr, error) || (options->host_shutdown && !take_back_wish(ctr, error))))
        return false;
    operation_leave(&op);
    if (!ctr->in_batch)
        pod_note_member_end(ctr->engine, &ctr->record->config);
    return true;
}

/* --- kill ----------------------------------------------------------------------------------- */

bool container_kill(floe_container *ctr, int signal, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(GError) err = NULL;
    bool is_stopped = false;
    int pid;

    if (signal < 1 || signal > SIGRTMAX)
        return err_set(error, FLOE_ERROR_INVALID, "%d is not a signal", signal);
    if (!operation_enter_any(ctr, &op, error) ||
        (signal == SIGKILL && !stop_restarting(ctr, &is_stopped, error)))
        return false;
    if (is_stopped)
        return true;
    if (!operation_is_allowed(OPERATION_KILL, ctr->record->status.state))
        return operation_refuse(OPERATION_KILL, ctr->record->status.state, ctr->record->name, error);
    pid = ctr->record->status.pid;
    if (signal == SIGKILL) {
        ctr->record->status.stopped_by_user = true;
        if (!container_save(ctr, error))
            return false;
    } else {
        container_wait_for_command(ctr);
    }
    if (!container_signal(ctr, signal, error))
        return false;
    event_note(ctr, FLOE_EVENT_KILL);
    if (signal != SIGKILL)
        return true;
    /* On cgroup v1 a frozen process dies only when it is thawed. */
    if (ctr->record->status.state == FLOE_STATE_PAUSED && !thaw_if_there(ctr, error))
        return false;
    if (!wait_suspended(&op, KILL_TIMEOUT_MS, &err)) {
        if (err_is(err, FLOE_ERROR_REMOVED))
            return true;
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    /* Another pid is another run, by another floe. */
    return ctr->record->status.pid != pid || refuse_to_end(ctr, error);
}

/* --- wait ----------------------------------------------------------------------------------- */

#define ENDED ((1u << FLOE_STATE_STOPPED) | (1u << FLOE_STATE_EXITED))

static bool has(unsigned states, floe_container_state state)
{
    return (states & (1u << state)) != 0;
}

static bool health_is_wanted(const ContainerStatus *status, const floe_wait_options *options)
{
    return status->state == FLOE_STATE_RUNNING &&
           ((options->healthy && g_strcmp0(status->health, HEALTH_HEALTHY) == 0) ||
            (options->unhealthy && g_strcmp0(status->health, HEALTH_UNHEALTHY) == 0));
}

/* One that never ran counts as ended. */
static bool wait_is_over(const ContainerStatus *status, const floe_wait_options *options,
                         int *ret_exit_code)
{
    unsigned states = options->states;
    floe_container_state state = (floe_container_state)status->state;
    bool has_ended = !state_has_process(state) || state == FLOE_STATE_CREATED;

    /* One that its restart policy is about to start again has not come to its end. */
    has_ended = has_ended && status->restart_due_unix_ns == 0;
    if (has_ended && (states & ENDED) != 0) {
        *ret_exit_code = status->exit_code;
        return true;
    }
    *ret_exit_code = -1;
    return (has(states, state) && status->restart_due_unix_ns == 0) ||
           health_is_wanted(status, options);
}

/* What is known of a container that has been removed. */
static bool wait_removed(floe_container *ctr, unsigned states, GError *removed, int *ret_exit_code,
                         GError **error)
{
    g_autoptr(GError) err = removed;

    *ret_exit_code = -1;
    if (has(states, FLOE_STATE_REMOVING) ||
        ((states & ENDED) != 0 &&
         exit_code_load(ctr->engine->db, ctr->record->id, ret_exit_code, NULL)))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

static bool wait_look(floe_container *ctr, const floe_wait_options *options, bool *ret_over,
                      int *ret_exit_code, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(GError) err = NULL;

    if (operation_enter_fresh(ctr, &op, &err) && restart_heal(ctr, &err)) {
        *ret_over = wait_is_over(&ctr->record->status, options, ret_exit_code);
        return true;
    }
    *ret_over = true;
    if (err_is(err, FLOE_ERROR_REMOVED))
        return wait_removed(ctr, options->states, g_steal_pointer(&err), ret_exit_code, error);
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

/*
 * Where no floe command comes to start it again (restart_heal), who waits for it does, unless the
 * wait is over before.
 */
static bool restart_here(floe_container *ctr, int timeout_ms, GError **error)
{
    floe_cleanup_options options = FLOE_CLEANUP_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    options.after_end = true;
    if (timeout_ms >= 0 && timeout_ms < restart_ms_left(ctr)) {
        g_usleep((gulong)timeout_ms * 1000);
        return true;
    }
    /* Others may have had a hand in it: then it is looked at again. */
    if (!container_cleanup(ctr, &options, &err) && !err_is(err, FLOE_ERROR_BAD_STATE) &&
        !err_is(err, FLOE_ERROR_REMOVED)) {
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    return ctr->record->status.restart_due_unix_ns == 0 || restart_wait(ctr, timeout_ms, error);
}

/* Until the process ends; of other changes nobody is told, so they are looked for every interval. */
static bool wait_pause(floe_container *ctr, const floe_wait_options *options, int left_ms,
                       GError **error)
{
    g_autoptr(GError) err = NULL;
    bool looks = (options->states & ~ENDED) != 0 || options->healthy || options->unhealthy;
    int pause_ms = !looks        ? left_ms
                   : left_ms < 0 ? options->interval_ms
                                 : MIN(options->interval_ms, left_ms);

    if (ctr->record->status.restart_due_unix_ns != 0)
        return ctr->engine->program == NULL ? restart_here(ctr, pause_ms, error)
                                            : restart_wait(ctr, pause_ms, error);
    if (!state_has_process((floe_container_state)ctr->record->status.state)) {
        g_usleep((gulong)pause_ms * 1000);
        return true;
    }
    if (record_wait_end(ctr->engine, ctr->record, pause_ms, &err) ||
        (looks && err_is(err, FLOE_ERROR_TIMEOUT)))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

bool container_wait_for(floe_container *ctr, const floe_wait_options *options, int *ret_exit_code,
                        GError **error)
{
    int64_t deadline_ms = clock_deadline_ms(options->timeout_ms);
    bool wants_health = options->healthy || options->unhealthy;

    if ((options->states == 0 && !wants_health) || options->interval_ms <= 0)
        return err_set(error, FLOE_ERROR_INVALID, "a wait needs states and an interval");
    if (wants_health && !health_check_is_set(&ctr->record->config))
        return err_set(error, FLOE_ERROR_INVALID, "container \"%s\" has no health check",
                       ctr->record->name);
    for (;;) {
        int left_ms;
        bool is_over = false;

        if (!wait_look(ctr, options, &is_over, ret_exit_code, error))
            return false;
        if (is_over)
            return true;
        left_ms = clock_ms_until(deadline_ms);
        if (left_ms == 0)
            return err_set(error, FLOE_ERROR_TIMEOUT,
                           "container \"%s\" did not come into the state in time",
                           ctr->record->name);
        if (!wait_pause(ctr, options, left_ms, error))
            return false;
    }
}

bool container_wait(floe_container *ctr, int timeout_ms, int *ret_exit_code, GError **error)
{
    floe_wait_options options = FLOE_WAIT_OPTIONS_INIT;

    options.timeout_ms = timeout_ms;
    return container_wait_for(ctr, &options, ret_exit_code, error);
}

/* --- the border ----------------------------------------------------------------------------- */

bool floe_container_stop(floe_container *container, const floe_stop_options *options,
                         floe_error **error)
{
    floe_stop_options known = FLOE_STOP_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             container_stop(container, &known, &err),
                         &err, error);
}

bool floe_container_kill(floe_container *container, int signal, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(container), NULL) &&
                             container_kill(container, signal, &err),
                         &err, error);
}

bool floe_container_wait(floe_container *container, int timeout_ms, int *ret_exit_code,
                         floe_error **error)
{
    g_autoptr(GError) err = NULL;
    int exit_code = 0;
    bool ok = public_given(&err, GIVEN(container), NULL) &&
              container_wait(container, timeout_ms, &exit_code, &err);

    if (ok && ret_exit_code != NULL)
        *ret_exit_code = exit_code;
    return public_result(ok, &err, error);
}

bool floe_container_wait_for(floe_container *container, const floe_wait_options *options,
                             int *ret_exit_code, floe_error **error)
{
    floe_wait_options known = FLOE_WAIT_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;
    int exit_code = 0;
    bool ok = public_given(&err, GIVEN(container), NULL) &&
              public_options(options, &known, sizeof(known), &err) &&
              container_wait_for(container, &known, &exit_code, &err);

    if (ok && ret_exit_code != NULL)
        *ret_exit_code = exit_code;
    return public_result(ok, &err, error);
}
