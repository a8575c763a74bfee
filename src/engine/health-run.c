/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/health-run.h"

#include "base/clock.h"
#include "base/path.h"
#include "base/spawn-run.h"
#include "engine/cgroup-names.h"
#include "engine/container-processes.h"
#include "engine/container-restart.h"
#include "engine/container-spec.h"
#include "engine/container-stop.h"
#include "engine/health-monitor.h"
#include "engine/health-startup.h"
#include "engine/operation.h"
#include "engine/public-error.h"

#include <floe/health.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#define NS_PER_MS       G_GINT64_CONSTANT(1000000)
#define HALT_TIMEOUT_MS 5000
#define HALT_STEP_US    2000

/* One check at work: what it needs while the container's lock is not held. */
typedef struct HealthRun {
    char *process_file;
    char *pid_file;
    int container_pid; /* the run that it is about */
    bool is_startup;   /* the check that comes before the health check */
    Lock lock;
} HealthRun;

#define HEALTH_RUN_NONE \
    { \
        NULL, NULL, 0, false, LOCK_NONE \
    }

static void health_run_clear(HealthRun *run)
{
    g_free(run->process_file);
    g_free(run->pid_file);
    lock_release(&run->lock);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HealthRun, health_run_clear)

static int64_t check_offset(const floe_container *ctr)
{
    return container_lock_offset(ctr->record->id, CONTAINER_LOCK_HEALTH);
}

static char *health_file(const floe_container *ctr, const char *name)
{
    return g_build_filename(ctr->paths.run, "health", name, NULL);
}

/* --- the command ------------------------------------------------------------------------------ */

static bool write_process(floe_container *ctr, const HealthRun *run, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;
    g_auto(GStrv) command = health_test_command(run->is_startup ? config->health_startup_test
                                                                : config->health_test);
    g_autofree char *directory = health_file(ctr, NULL);
    ProcessWish wish = { .argv = (const char *const *)command };
    g_autoptr(JsonValue) process = NULL;
    g_autofree char *text = NULL;

    if (!container_exec_process(ctr, &wish, &process, error) || !dir_make(directory, 0700, error))
        return false;
    text = json_to_text(process);
    return file_write_atomic(run->process_file, text, strlen(text), 0600, error) &&
           file_write_atomic(run->pid_file, "", 0, 0600, error);
}

static bool begin(floe_container *ctr, HealthRun *run, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    bool is_free = false;

    if (!health_check_is_set(&ctr->record->config))
        return err_set(error, FLOE_ERROR_INVALID, "container %s has no defined healthcheck",
                       ctr->record->id);
    if (!operation_enter_any(ctr, &op, error))
        return false;
    if (ctr->record->status.state != FLOE_STATE_RUNNING)
        return err_set(error, FLOE_ERROR_BAD_STATE, "container %s is not running", ctr->record->id);
    if (!lock_try_byte(ctr->paths.lock, check_offset(ctr), &run->lock, &is_free, error))
        return false;
    if (!is_free)
        return err_set(error, FLOE_ERROR_IN_USE,
                       "a health check of container \"%s\" is running already", ctr->record->name);
    run->process_file = health_file(ctr, "process.json");
    run->pid_file = health_file(ctr, "pid");
    run->container_pid = ctr->record->status.pid;
    run->is_startup = health_startup_is_due(&ctr->record->config, &ctr->record->status);
    return write_process(ctr, run, error);
}

static bool kill_command(floe_container *ctr, const char *pid_file, GError **error)
{
    g_autofree char *text = NULL;
    autofd int pidfd = -1;

    /* It is empty as long as the command has not begun. */
    if (!file_read(pid_file, 64, &text, NULL, NULL) || atoi(text) <= 0)
        return true;
    if (!container_find_process(ctr, atoi(text), &pidfd, error))
        return false;
    if (pidfd >= 0)
        pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
    return true;
}

/* Its exit code and output; false only when not even that much is known. */
static bool run_command(floe_container *ctr, const HealthRun *run, HealthResult *ret_result,
                        char **ret_output, GError **error)
{
    const char *arguments[] = { "exec",       "--process",   run->process_file,
                                "--pid-file", run->pid_file, ctr->record->id,
                                NULL };
    const ContainerConfig *config = &ctr->record->config;
    int64_t timeout_ns = run->is_startup ? config->health_startup_timeout_ns
                                         : config->health_timeout_ns;
    int64_t timeout_ms = MAX(timeout_ns / NS_PER_MS, 1);
    RuntimeCall call = { .arguments = arguments,
                         .held_fd = run->lock.fd,
                         .timeout_ms = (int)MIN(timeout_ms, G_MAXINT),
                         .is_private = true };
    g_auto(Runtime) runtime = { 0 };
    g_auto(SpawnResult) result = { 0 };
    g_autoptr(GError) err = NULL;

    container_runtime(ctr, &runtime);
    if (runtime_run(&runtime, &call, &result, &err)) {
        ret_result->exit_code = WIFEXITED(result.status) ? WEXITSTATUS(result.status) : -1;
        *ret_output = g_strconcat(result.out, result.err, NULL);
        return true;
    }
    if (!err_is(err, FLOE_ERROR_TIMEOUT) && !err_is(err, FLOE_ERROR_INVALID)) {
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    ret_result->exit_code = -1;
    *ret_output = err_is(err, FLOE_ERROR_TIMEOUT)
                      ? g_strdup_printf("the health check did not end within %" G_GINT64_FORMAT
                                        " ms",
                                        timeout_ms)
                      : g_strdup(err->message);
    return kill_command(ctr, run->pid_file, error);
}

bool health_halt(floe_container *ctr, Lock *ret_lock, GError **error)
{
    g_autofree char *pid_file = health_file(ctr, "pid");
    int64_t deadline_ms = clock_deadline_ms(HALT_TIMEOUT_MS);
    bool is_free = false;

    for (;;) {
        if (!lock_try_byte(ctr->paths.lock, check_offset(ctr), ret_lock, &is_free, error))
            return false;
        if (is_free)
            return true;
        if (clock_monotonic_ms() >= deadline_ms)
            return err_set(error, FLOE_ERROR_IN_USE,
                           "a health check of container \"%s\" does not end", ctr->record->name);
        if (!kill_command(ctr, pid_file, error))
            return false;
        g_usleep(HALT_STEP_US);
    }
}

/* --- its result ------------------------------------------------------------------------------- */

/*
 * What a run that has ended meanwhile left does not count. *ret_action is what is to be done about
 * it, as health_on_failure has it, or NULL.
 */
static bool record(floe_container *ctr, const HealthRun *run, const HealthResult *result,
                   const char **ret_action, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    const ContainerConfig *config = &ctr->record->config;
    ContainerStatus *status = &ctr->record->status;
    HealthStartup startup = HEALTH_STARTUP_GOES_ON;

    *ret_action = NULL;
    if (!operation_enter_any(ctr, &op, error))
        return false;
    if (status->state != FLOE_STATE_RUNNING || status->pid != run->container_pid)
        return err_set(error, FLOE_ERROR_BAD_STATE, "container %s is not running", ctr->record->id);
    if (run->is_startup)
        startup = health_startup_note(config, status, result);
    else if (health_note(config, status, result))
        *ret_action = config->health_on_failure;
    if (startup == HEALTH_STARTUP_FAILED)
        *ret_action = "restart";
    if (!container_save(ctr, error))
        return false;
    if (startup == HEALTH_STARTUP_PASSED)
        health_monitor_begin(ctr);
    return true;
}

/* The policy of a container that is killed for this goes on: it was no user's wish. */
static bool kill_unhealthy(floe_container *ctr, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;

    return operation_enter(ctr, OPERATION_KILL, &op, error) && container_kill_processes(ctr, error);
}

/*
 * One in the cgroup of its service is started anew by whoever is there: here it would be in the
 * check's.
 */
static bool restart_unhealthy(floe_container *ctr, GError **error)
{
    floe_stop_options stop = FLOE_STOP_OPTIONS_INIT;

    return config_splits_cgroup(&ctr->record->config) ? kill_unhealthy(ctr, error)
                                                      : container_restart(ctr, &stop, error);
}

static bool act(floe_container *ctr, const char *action, GError **error)
{
    floe_stop_options stop = FLOE_STOP_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;
    bool ok = true;

    if (g_str_equal(action, "kill"))
        ok = kill_unhealthy(ctr, &err);
    else if (g_str_equal(action, "stop"))
        ok = container_stop(ctr, &stop, &err);
    else if (g_str_equal(action, "restart"))
        ok = restart_unhealthy(ctr, &err);
    if (ok || err_is(err, FLOE_ERROR_STOPPED) || err_is(err, FLOE_ERROR_BAD_STATE))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return err_prefix(error, "%s the unhealthy container \"%s\"", action, ctr->record->name);
}

bool container_check_health(floe_container *ctr, bool *ret_healthy, GError **error)
{
    g_auto(HealthRun) run = HEALTH_RUN_NONE;
    HealthResult result = { .begun_unix_ns = clock_unix_ns() };
    g_autofree char *output = NULL;
    const char *action = NULL;

    if (!begin(ctr, &run, error) || !run_command(ctr, &run, &result, &output, error))
        return false;
    /* Before the container's lock is waited for: who has that one may be waiting for this one. */
    lock_release(&run.lock);
    result.ended_unix_ns = clock_unix_ns();
    result.output = output;
    if (!record(ctr, &run, &result, &action, error) || (action != NULL && !act(ctr, action, error)))
        return false;
    *ret_healthy = result.exit_code == 0;
    return true;
}

/* --- the border ------------------------------------------------------------------------------- */

bool floe_container_check_health(floe_container *container, bool *ret_healthy, floe_error **error)
{
    g_autoptr(GError) err = NULL;
    bool is_healthy = false;
    bool ok = public_given(&err, GIVEN(container), NULL) &&
              container_check_health(container, &is_healthy, &err);

    if (ok && ret_healthy != NULL)
        *ret_healthy = is_healthy;
    return public_result(ok, &err, error);
}
