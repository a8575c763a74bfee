/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/systemd.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/program.h"
#include "oci/cgroup.h"
#include "oci/systemd-call.h"
#include "oci/systemd-names.h"

#include <string.h>

#define GOING_SLEEP_US 5000 /* until a unit of that name has gone */
#define NANO_PER_USEC  1000
#define MOST_LATE_US   G_GUINT64_CONSTANT(1000000)
#define WRITE          "write a call"

bool systemd_is_booted(void)
{
    return path_exists(SYSTEMD_BOOTED);
}

bool systemd_manages_cgroups(void)
{
    return cgroup_mode() == CGROUP_V2 && systemd_is_booted();
}

bool systemd_answers(GError **error)
{
    g_auto(SystemdCall) call = { 0 };

    return systemd_call_new("GetUnitByPID", &call, error) &&
           systemd_check(call.sd->append(call.request, "u", (uint32_t)1), WRITE, error) &&
           systemd_call_send(&call, "find the unit of the first process", error);
}

/* --- scopes ----------------------------------------------------------------------------------- */

/* `*ret_exists`: there is a unit of this name, maybe about to go. */
static bool start_scope(const char *scope, const char *slice, pid_t pid, bool *ret_exists,
                        GError **error)
{
    g_auto(SystemdCall) call = { 0 };
    g_autofree char *what = g_strconcat("start ", scope, NULL);

    *ret_exists = false;
    /* As podman starts conmon's: common, pkg/cgroups/utils_linux.go, RunUnderSystemdScope(). */
    if (!systemd_call_new("StartTransientUnit", &call, error) ||
        !systemd_call_begin_unit(&call, scope, error) ||
        !systemd_check(call.sd->append(call.request, "(sv)(sv)(sv)(sv)(sv)", "Slice", "s", slice,
                                       "PIDs", "au", 1, (uint32_t)pid, "Delegate", "b", 1,
                                       "DefaultDependencies", "b", 0, "Before", "as", 1,
                                       SYSTEMD_STOPPER),
                       WRITE, error) ||
        !systemd_call_end_unit(&call, error))
        return false;
    if (systemd_call_send(&call, what, error))
        return systemd_call_wait_job(&call, what, error);
    *ret_exists = systemd_call_failed_with(&call, "UnitExists");
    return false;
}

/* The path of a file of its cgroup. */
static bool scope_file(const char *scope, const char *slice, const char *name, char **ret_file,
                       GError **error)
{
    g_autofree char *slice_cgroup = NULL;

    if (!systemd_slice_cgroup(slice, &slice_cgroup, error))
        return false;
    *ret_file = g_strdup_printf(CGROUP_ROOT "%s/%s/%s", slice_cgroup, scope, name);
    return true;
}

static bool join_scope(const char *scope, const char *slice, pid_t pid, GError **error)
{
    g_autofree char *file = NULL;
    g_autofree char *number = g_strdup_printf("%d", (int)pid);

    return scope_file(scope, slice, "cgroup.procs", &file, error) && path_exists(file) &&
           file_write_control(file, number, NULL);
}

bool systemd_scope_enter(const char *scope, const char *slice, pid_t pid, GError **error)
{
    int64_t deadline_ms = clock_monotonic_ms() + part_timeout_ms(SYSTEMD_TIMEOUT_MS);

    for (;;) {
        g_autoptr(GError) err = NULL;
        bool exists = false;

        if (join_scope(scope, slice, pid, &err))
            return true;
        if (err == NULL && start_scope(scope, slice, pid, &exists, &err))
            return true;
        if (!exists || clock_monotonic_ms() >= deadline_ms) {
            g_propagate_error(error, g_steal_pointer(&err));
            return false;
        }
        /* The last one's end is not done with. */
        g_usleep(GOING_SLEEP_US);
    }
}

bool systemd_scope_stop_empty(const char *scope, const char *slice, GError **error)
{
    g_autofree char *file = NULL;
    g_autofree char *events = NULL;

    if (!systemd_unit_exists(scope))
        return true;
    if (!scope_file(scope, slice, "cgroup.events", &file, error))
        return false;
    /* One that cannot be read has gone meanwhile. */
    return !file_read(file, CGROUP_CONTROL_LIMIT, &events, NULL, NULL) ||
           strstr(events, "populated 0") == NULL || systemd_unit_stop(scope, error);
}

/* --- slices ----------------------------------------------------------------------------------- */

static bool append_number(SystemdCall *call, const char *property, uint64_t value, GError **error)
{
    return systemd_check(call->sd->append(call->request, "(sv)", property, "t", value), WRITE,
                         error);
}

/* NULL and "": every one. */
static bool append_set(SystemdCall *call, const char *property, const char *list, GError **error)
{
    const SystemdLibrary *sd = call->sd;
    g_autoptr(GByteArray) mask = NULL;

    if (list == NULL || *list == '\0')
        return true;
    return systemd_cpu_mask(list, &mask, error) &&
           systemd_check(sd->open_container(call->request, 'r', "sv"), WRITE, error) &&
           systemd_check(sd->append(call->request, "s", property), WRITE, error) &&
           systemd_check(sd->open_container(call->request, 'v', "ay"), WRITE, error) &&
           systemd_check(sd->append_array(call->request, 'y', mask->data, mask->len), WRITE,
                         error) &&
           systemd_check(sd->close_container(call->request), WRITE, error) &&
           systemd_check(sd->close_container(call->request), WRITE, error);
}

/* systemd.resource-control(5); as cgroup-limits.c writes them. */
static bool append_limits(SystemdCall *call, const SpecLimits *limits, GError **error)
{
    int64_t memory = limits->memory_bytes;
    int64_t swap = limits->memory_swap_bytes != 0 ? limits->memory_swap_bytes : 2 * memory;

    return (memory == 0 || append_number(call, "MemoryMax", (uint64_t)memory, error)) &&
           (swap == 0 || append_number(call, "MemorySwapMax",
                                       swap < 0 ? UINT64_MAX : (uint64_t)(swap - memory), error)) &&
           (limits->nano_cpus == 0 ||
            append_number(call, "CPUQuotaPerSecUSec", (uint64_t)limits->nano_cpus / NANO_PER_USEC,
                          error)) &&
           (limits->cpu_shares == 0 ||
            append_number(call, "CPUWeight", spec_cpu_weight(limits->cpu_shares), error)) &&
           (limits->blkio_weight == 0 ||
            append_number(call, "IOWeight", spec_io_weight(limits->blkio_weight), error)) &&
           append_set(call, "AllowedCPUs", limits->cpuset_cpus, error) &&
           append_set(call, "AllowedMemoryNodes", limits->cpuset_mems, error);
}

bool systemd_slice_start(const char *slice, const SpecLimits *limits, GError **error)
{
    g_auto(SystemdCall) call = { 0 };
    g_autofree char *what = g_strconcat("start ", slice, NULL);
    g_autoptr(GError) err = NULL;

    if (!systemd_call_new("StartTransientUnit", &call, error) ||
        !systemd_call_begin_unit(&call, slice, error) ||
        !systemd_check(call.sd->append(call.request, "(sv)", "DefaultDependencies", "b", 0), WRITE,
                       error) ||
        !append_limits(&call, limits, error) || !systemd_call_end_unit(&call, error))
        return false;
    if (systemd_call_send(&call, what, &err))
        return systemd_call_wait_job(&call, what, error);
    if (systemd_call_failed_with(&call, "UnitExists"))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

/* --- timers ----------------------------------------------------------------------------------- */

/* ExecStart: program, arguments, and that an exit code other than 0 is no failure. */
static bool append_command(SystemdCall *call, const char *const *argv, GError **error)
{
    const SystemdLibrary *sd = call->sd;
    bool ok = systemd_check(sd->open_container(call->request, 'r', "sv"), WRITE, error) &&
              systemd_check(sd->append(call->request, "s", "ExecStart"), WRITE, error) &&
              systemd_check(sd->open_container(call->request, 'v', "a(sasb)"), WRITE, error) &&
              systemd_check(sd->open_container(call->request, 'a', "(sasb)"), WRITE, error) &&
              systemd_check(sd->open_container(call->request, 'r', "sasb"), WRITE, error) &&
              systemd_check(sd->append(call->request, "s", argv[0]), WRITE, error) &&
              systemd_check(sd->open_container(call->request, 'a', "s"), WRITE, error);

    for (size_t i = 0; ok && argv[i] != NULL; i++)
        ok = systemd_check(sd->append(call->request, "s", argv[i]), WRITE, error);
    ok = ok && systemd_check(sd->close_container(call->request), WRITE, error) &&
         systemd_check(sd->append(call->request, "b", 1), WRITE, error);
    for (int i = 0; ok && i < 4; i++)
        ok = systemd_check(sd->close_container(call->request), WRITE, error);
    return ok;
}

/*
 * The unit beside the timer, which it starts: as often as it wants to. What the command leaves
 * running is not systemd's to end.
 */
static bool append_service(SystemdCall *call, const char *service, const char *const *argv,
                           GError **error)
{
    const SystemdLibrary *sd = call->sd;
    const char *path = g_getenv("PATH");
    g_autofree char *variable = g_strconcat("PATH=", path != NULL ? path : "", NULL);

    return systemd_check(sd->close_container(call->request), WRITE, error) &&
           systemd_check(sd->open_container(call->request, 'a', "(sa(sv))"), WRITE, error) &&
           systemd_check(sd->open_container(call->request, 'r', "sa(sv)"), WRITE, error) &&
           systemd_check(sd->append(call->request, "s", service), WRITE, error) &&
           systemd_check(sd->open_container(call->request, 'a', "(sv)"), WRITE, error) &&
           append_command(call, argv, error) &&
           systemd_check(sd->append(call->request, "(sv)(sv)(sv)", "Environment", "as", 1, variable,
                                    "KillMode", "s", "process", "StartLimitIntervalUSec", "t",
                                    (uint64_t)0),
                         WRITE, error) &&
           systemd_check(sd->close_container(call->request), WRITE, error) &&
           systemd_check(sd->close_container(call->request), WRITE, error) &&
           systemd_check(sd->close_container(call->request), WRITE, error);
}

bool systemd_timer_start(const char *name, const char *const *argv, int64_t interval_us,
                         GError **error)
{
    g_auto(SystemdCall) call = { 0 };
    g_autofree char *timer = g_strconcat(name, ".timer", NULL);
    g_autofree char *service = g_strconcat(name, ".service", NULL);
    g_autofree char *what = g_strconcat("start ", timer, NULL);
    g_autoptr(GError) err = NULL;
    uint64_t interval = (uint64_t)interval_us;

    /* The bases as systemd.timer(5) names them. */
    if (!systemd_call_new("StartTransientUnit", &call, error) ||
        !systemd_call_begin_unit(&call, timer, error) ||
        !systemd_check(call.sd->append(call.request, "(sv)(sv)", "TimersMonotonic", "a(st)", 2,
                                       "OnActiveSec", interval, "OnUnitInactiveSec", interval,
                                       "AccuracyUSec", "t", MIN(interval / 10, MOST_LATE_US)),
                       WRITE, error) ||
        !append_service(&call, service, argv, error))
        return false;
    if (systemd_call_send(&call, what, &err))
        return systemd_call_wait_job(&call, what, error);
    if (systemd_call_failed_with(&call, "UnitExists"))
        return err_set(error, FLOE_ERROR_EXISTS, "there is a unit '%s' already", name);
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

/* --- the end ---------------------------------------------------------------------------------- */

/*
 * A method whose arguments are a unit's name and maybe a mode. A unit that is not there: false, no
 * error.
 */
static bool tell_unit(SystemdCall *call, const char *unit, const char *mode, const char *what,
                      GError **error)
{
    g_autoptr(GError) err = NULL;

    if (!systemd_check(mode != NULL ? call->sd->append(call->request, "ss", unit, mode)
                                    : call->sd->append(call->request, "s", unit),
                       WRITE, error))
        return false;
    if (systemd_call_send(call, what, &err))
        return true;
    if (!systemd_call_failed_with(call, "NoSuchUnit"))
        g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

static bool reset_failed(const char *unit, GError **error)
{
    g_auto(SystemdCall) call = { 0 };
    g_autofree char *what = g_strconcat("reset ", unit, NULL);
    g_autoptr(GError) err = NULL;

    if (!systemd_call_new("ResetFailedUnit", &call, error))
        return false;
    if (tell_unit(&call, unit, NULL, what, &err) || err == NULL)
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

bool systemd_unit_exists(const char *unit)
{
    g_autofree char *file = g_build_filename(SYSTEMD_TRANSIENT, unit, NULL);

    return path_exists(file);
}

bool systemd_unit_stop(const char *unit, GError **error)
{
    g_auto(SystemdCall) call = { 0 };
    g_autofree char *what = g_strconcat("stop ", unit, NULL);
    g_autoptr(GError) err = NULL;

    if (!systemd_unit_exists(unit))
        return true;
    if (!systemd_call_new("StopUnit", &call, error))
        return false;
    if (tell_unit(&call, unit, "replace", what, &err))
        return systemd_call_wait_job(&call, what, error) &&
               (!systemd_unit_exists(unit) || reset_failed(unit, error));
    if (err == NULL)
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}
