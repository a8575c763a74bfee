/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls on systemd's own socket, where it answers root without a bus daemon between. A job that was
 * queued is over when "JobRemoved" tells so; whoever queued it hears that without a subscription.
 */
#include "oci/systemd.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/program.h"
#include "oci/cgroup.h"
#include "oci/systemd-names.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>
#include <systemd/sd-bus.h>

#define LIBRARY        "libsystemd.so.0"
#define BOOTED         "/run/systemd/system"
#define TRANSIENT      "/run/systemd/transient" /* a file for each transient unit that is loaded */
#define ADDRESS        "unix:path=/run/systemd/private"
#define SERVICE        "org.freedesktop.systemd1"
#define OBJECT         "/org/freedesktop/systemd1"
#define MANAGER        SERVICE ".Manager"
#define JOB_TIMEOUT_MS (30 * 1000)
#define GOING_SLEEP_US 5000 /* until a unit of that name has gone */
#define NANO_PER_USEC  1000

bool systemd_manages_cgroups(void)
{
    return cgroup_mode() == CGROUP_V2 && path_exists(BOOTED);
}

/* --- the library ------------------------------------------------------------------------------ */

typedef struct Library {
    __typeof__(sd_bus_new) *new;
    __typeof__(sd_bus_set_address) *set_address;
    __typeof__(sd_bus_start) *start;
    __typeof__(sd_bus_flush_close_unref) *flush_close_unref;
    __typeof__(sd_bus_message_new_method_call) *message_new_method_call;
    __typeof__(sd_bus_message_append) *append;
    __typeof__(sd_bus_message_append_array) *append_array;
    __typeof__(sd_bus_message_open_container) *open_container;
    __typeof__(sd_bus_message_close_container) *close_container;
    __typeof__(sd_bus_message_read) *read;
    __typeof__(sd_bus_message_is_signal) *is_signal;
    __typeof__(sd_bus_message_unref) *message_unref;
    __typeof__(sd_bus_call) *call;
    __typeof__(sd_bus_process) *process;
    __typeof__(sd_bus_wait) *wait;
    __typeof__(sd_bus_error_free) *error_free;
    __typeof__(sd_bus_error_has_name) *error_has_name;
} Library;

#define SYMBOL(member, name) \
    { \
        offsetof(Library, member), name \
    }

static const struct {
    size_t offset;
    const char *name;
} symbols[] = {
    SYMBOL(new, "sd_bus_new"),
    SYMBOL(set_address, "sd_bus_set_address"),
    SYMBOL(start, "sd_bus_start"),
    SYMBOL(flush_close_unref, "sd_bus_flush_close_unref"),
    SYMBOL(message_new_method_call, "sd_bus_message_new_method_call"),
    SYMBOL(append, "sd_bus_message_append"),
    SYMBOL(append_array, "sd_bus_message_append_array"),
    SYMBOL(open_container, "sd_bus_message_open_container"),
    SYMBOL(close_container, "sd_bus_message_close_container"),
    SYMBOL(read, "sd_bus_message_read"),
    SYMBOL(is_signal, "sd_bus_message_is_signal"),
    SYMBOL(message_unref, "sd_bus_message_unref"),
    SYMBOL(call, "sd_bus_call"),
    SYMBOL(process, "sd_bus_process"),
    SYMBOL(wait, "sd_bus_wait"),
    SYMBOL(error_free, "sd_bus_error_free"),
    SYMBOL(error_has_name, "sd_bus_error_has_name"),
};

/* It stays loaded. NULL: it is not installed. */
static const Library *load_library(void)
{
    static Library library;
    static gsize state; /* 1: there it is, 2: it is not */

    if (g_once_init_enter(&state)) {
        void *handle = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);
        bool is_whole = handle != NULL;

        for (size_t i = 0; is_whole && i < G_N_ELEMENTS(symbols); i++) {
            void *symbol = dlsym(handle, symbols[i].name);

            memcpy((char *)&library + symbols[i].offset, &symbol, sizeof(symbol));
            is_whole = symbol != NULL;
        }
        g_once_init_leave(&state, is_whole ? 1 : 2);
    }
    return state == 1 ? &library : NULL;
}

/* --- calls ------------------------------------------------------------------------------------ */

typedef struct Call {
    const Library *sd;
    sd_bus *bus;
    sd_bus_message *request;
    sd_bus_message *reply;
    sd_bus_error failure;
} Call;

static void call_clear(Call *call)
{
    if (call->sd == NULL)
        return;
    call->sd->message_unref(call->request);
    call->sd->message_unref(call->reply);
    call->sd->error_free(&call->failure);
    call->sd->flush_close_unref(call->bus);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Call, call_clear)

/* sd-bus gives negative error numbers. */
static bool check(int result, const char *what, GError **error)
{
    errno = -result;
    return result >= 0 || err_set_errno(error, "%s", what);
}

static bool call_new(const char *method, Call *ret_call, GError **error)
{
    g_auto(Call) call = { .sd = load_library(), .failure = SD_BUS_ERROR_NULL };

    if (call.sd == NULL)
        return err_set(error, FLOE_ERROR_MISSING_PART,
                       "the library " LIBRARY " is not installed (package libsystemd0), which the "
                       "cgroup manager systemd needs; or use --cgroup-manager cgroupfs");
    if (!check(call.sd->new (&call.bus), "make a bus", error) ||
        !check(call.sd->set_address(call.bus, ADDRESS), "name systemd's socket", error) ||
        !check(call.sd->start(call.bus), "connect to systemd at " ADDRESS, error) ||
        !check(call.sd->message_new_method_call(call.bus, &call.request, SERVICE, OBJECT, MANAGER,
                                                method),
               "make a call to systemd", error))
        return false;
    *ret_call = call;
    call.sd = NULL; /* taken over */
    return true;
}

/* "UnitExists" of "org.freedesktop.systemd1.UnitExists". */
static bool failed_with(const Call *call, const char *name)
{
    g_autofree char *whole = g_strconcat(SERVICE ".", name, NULL);

    return call->sd->error_has_name(&call->failure, whole);
}

static bool call_send(Call *call, const char *what, GError **error)
{
    uint64_t timeout_us = (uint64_t)part_timeout_ms(JOB_TIMEOUT_MS) * 1000;

    if (call->sd->call(call->bus, call->request, timeout_us, &call->failure, &call->reply) >= 0)
        return true;
    return err_set(error, FLOE_ERROR_IO, "systemd: %s: %s", what,
                   call->failure.message != NULL ? call->failure.message : "no answer");
}

/* --- jobs ------------------------------------------------------------------------------------- */

/* Is it the end of this job? "done", "failed", "canceled" ... */
static bool ends_job(const Call *call, sd_bus_message *message, const char *job, bool *ret_ends,
                     char **ret_result, GError **error)
{
    const char *path = NULL, *unit = NULL, *result = NULL;
    uint32_t id = 0;

    if (call->sd->is_signal(message, MANAGER, "JobRemoved") <= 0)
        return true;
    if (!check(call->sd->read(message, "uoss", &id, &path, &unit, &result), "read systemd's signal",
               error))
        return false;
    *ret_ends = g_str_equal(path, job);
    if (*ret_ends)
        *ret_result = g_strdup(result);
    return true;
}

/* Wait for the job that the reply names. */
static bool call_wait_job(Call *call, const char *what, GError **error)
{
    int64_t deadline_ms = clock_monotonic_ms() + part_timeout_ms(JOB_TIMEOUT_MS);
    const char *job = NULL;
    bool ends = false;
    g_autofree char *result = NULL;

    if (!check(call->sd->read(call->reply, "o", &job), "read systemd's answer", error))
        return false;
    while (!ends) {
        sd_bus_message *message = NULL;
        int64_t left_ms = deadline_ms - clock_monotonic_ms();
        int n = call->sd->process(call->bus, &message);
        bool ok = check(n, "hear from systemd", error) &&
                  (message == NULL || ends_job(call, message, job, &ends, &result, error));

        call->sd->message_unref(message);
        if (!ok)
            return false;
        if (left_ms <= 0)
            return err_set(error, FLOE_ERROR_TIMEOUT, "systemd: %s: its job does not end", what);
        if (n == 0 &&
            !check(call->sd->wait(call->bus, (uint64_t)left_ms * 1000), "wait for systemd", error))
            return false;
    }
    return g_str_equal(result, "done") ||
           err_set(error, FLOE_ERROR_IO, "systemd: %s: the job ended as '%s'", what, result);
}

/* --- scopes ----------------------------------------------------------------------------------- */

static bool begin_unit(Call *call, const char *unit, GError **error)
{
    const Library *sd = call->sd;

    return check(sd->append(call->request, "ss", unit, "replace"), "write a call", error) &&
           check(sd->open_container(call->request, 'a', "(sv)"), "write a call", error);
}

/* No units beside the one. */
static bool end_unit(Call *call, GError **error)
{
    const Library *sd = call->sd;

    return check(sd->close_container(call->request), "write a call", error) &&
           check(sd->append(call->request, "a(sa(sv))", 0), "write a call", error);
}

/* `*ret_exists`: there is a unit of this name, maybe about to go. */
static bool start_scope(const char *scope, const char *slice, pid_t pid, bool *ret_exists,
                        GError **error)
{
    g_auto(Call) call = { 0 };
    g_autofree char *what = g_strconcat("start ", scope, NULL);

    *ret_exists = false;
    /* As podman starts conmon's: common, pkg/cgroups/utils_linux.go, RunUnderSystemdScope(). */
    if (!call_new("StartTransientUnit", &call, error) || !begin_unit(&call, scope, error) ||
        !check(call.sd->append(call.request, "(sv)(sv)(sv)(sv)", "Slice", "s", slice, "PIDs", "au",
                               1, (uint32_t)pid, "Delegate", "b", 1, "DefaultDependencies", "b", 0),
               "write a call", error) ||
        !end_unit(&call, error))
        return false;
    if (call_send(&call, what, error))
        return call_wait_job(&call, what, error);
    *ret_exists = failed_with(&call, "UnitExists");
    return false;
}

static bool join_scope(const char *scope, const char *slice, pid_t pid, GError **error)
{
    g_autofree char *slice_cgroup = NULL;
    g_autofree char *file = NULL;
    g_autofree char *number = g_strdup_printf("%d", (int)pid);

    if (!systemd_slice_cgroup(slice, &slice_cgroup, error))
        return false;
    file = g_strdup_printf(CGROUP_ROOT "%s/%s/cgroup.procs", slice_cgroup, scope);
    return path_exists(file) && file_write_control(file, number, NULL);
}

bool systemd_scope_enter(const char *scope, const char *slice, pid_t pid, GError **error)
{
    int64_t deadline_ms = clock_monotonic_ms() + part_timeout_ms(JOB_TIMEOUT_MS);

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

/* --- slices ----------------------------------------------------------------------------------- */

static bool append_number(Call *call, const char *property, uint64_t value, GError **error)
{
    return check(call->sd->append(call->request, "(sv)", property, "t", value), "write a call",
                 error);
}

/* NULL and "": every one. */
static bool append_set(Call *call, const char *property, const char *list, GError **error)
{
    const Library *sd = call->sd;
    g_autoptr(GByteArray) mask = NULL;

    if (list == NULL || *list == '\0')
        return true;
    return systemd_cpu_mask(list, &mask, error) &&
           check(sd->open_container(call->request, 'r', "sv"), "write a call", error) &&
           check(sd->append(call->request, "s", property), "write a call", error) &&
           check(sd->open_container(call->request, 'v', "ay"), "write a call", error) &&
           check(sd->append_array(call->request, 'y', mask->data, mask->len), "write a call",
                 error) &&
           check(sd->close_container(call->request), "write a call", error) &&
           check(sd->close_container(call->request), "write a call", error);
}

/* systemd.resource-control(5); as cgroup-limits.c writes them. */
static bool append_limits(Call *call, const SpecLimits *limits, GError **error)
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
    g_auto(Call) call = { 0 };
    g_autofree char *what = g_strconcat("start ", slice, NULL);
    g_autoptr(GError) err = NULL;

    if (!call_new("StartTransientUnit", &call, error) || !begin_unit(&call, slice, error) ||
        !check(call.sd->append(call.request, "(sv)", "DefaultDependencies", "b", 0), "write a call",
               error) ||
        !append_limits(&call, limits, error) || !end_unit(&call, error))
        return false;
    if (call_send(&call, what, &err))
        return call_wait_job(&call, what, error);
    if (failed_with(&call, "UnitExists"))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

/* --- the end ---------------------------------------------------------------------------------- */

/* A method whose arguments are a unit's name and maybe a mode. A unit that is not there: false, no error. */
static bool tell_unit(Call *call, const char *unit, const char *mode, const char *what,
                      GError **error)
{
    g_autoptr(GError) err = NULL;

    if (!check(mode != NULL ? call->sd->append(call->request, "ss", unit, mode)
                            : call->sd->append(call->request, "s", unit),
               "write a call", error))
        return false;
    if (call_send(call, what, &err))
        return true;
    if (!failed_with(call, "NoSuchUnit"))
        g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

static bool reset_failed(const char *unit, GError **error)
{
    g_auto(Call) call = { 0 };
    g_autofree char *what = g_strconcat("reset ", unit, NULL);
    g_autoptr(GError) err = NULL;

    if (!call_new("ResetFailedUnit", &call, error))
        return false;
    if (tell_unit(&call, unit, NULL, what, &err) || err == NULL)
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

bool systemd_unit_stop(const char *unit, GError **error)
{
    g_auto(Call) call = { 0 };
    g_autofree char *file = g_build_filename(TRANSIENT, unit, NULL);
    g_autofree char *what = g_strconcat("stop ", unit, NULL);
    g_autoptr(GError) err = NULL;

    if (!path_exists(file))
        return true;
    if (!call_new("StopUnit", &call, error))
        return false;
    if (tell_unit(&call, unit, "replace", what, &err))
        return call_wait_job(&call, what, error) &&
               (!path_exists(file) || reset_failed(unit, error));
    if (err == NULL)
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}
