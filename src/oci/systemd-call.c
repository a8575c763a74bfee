/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls on systemd's own socket, where it answers root without a bus daemon between. A job that was
 * queued is over when "JobRemoved" tells so; whoever queued it hears that without a subscription.
 */
#include "oci/systemd-call.h"

#include "base/clock.h"
#include "base/program.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#define LIBRARY "libsystemd.so.0"
#define ADDRESS "unix:path=/run/systemd/private"
#define SERVICE "org.freedesktop.systemd1"
#define OBJECT  "/org/freedesktop/systemd1"
#define MANAGER SERVICE ".Manager"

/* --- the library ------------------------------------------------------------------------------ */

#define SYMBOL(member, name) \
    { \
        offsetof(SystemdLibrary, member), name \
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
static const SystemdLibrary *load_library(void)
{
    static SystemdLibrary library;
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

void systemd_call_clear(SystemdCall *call)
{
    if (call->sd == NULL)
        return;
    call->sd->message_unref(call->request);
    call->sd->message_unref(call->reply);
    call->sd->error_free(&call->failure);
    call->sd->flush_close_unref(call->bus);
}

bool systemd_check(int result, const char *what, GError **error)
{
    errno = -result;
    return result >= 0 || err_set_errno(error, "%s", what);
}

bool systemd_call_new(const char *method, SystemdCall *ret_call, GError **error)
{
    g_auto(SystemdCall) call = { .sd = load_library(), .failure = SD_BUS_ERROR_NULL };

    if (call.sd == NULL)
        return err_set(error, FLOE_ERROR_MISSING_PART,
                       "the library " LIBRARY " is not installed (package libsystemd0), which the "
                       "cgroup manager systemd needs; or use --cgroup-manager cgroupfs");
    if (!systemd_check(call.sd->new (&call.bus), "make a bus", error) ||
        !systemd_check(call.sd->set_address(call.bus, ADDRESS), "name systemd's socket", error) ||
        !systemd_check(call.sd->start(call.bus), "connect to systemd at " ADDRESS, error) ||
        !systemd_check(call.sd->message_new_method_call(call.bus, &call.request, SERVICE, OBJECT,
                                                        MANAGER, method),
                       "make a call to systemd", error))
        return false;
    *ret_call = call;
    call.sd = NULL; /* taken over */
    return true;
}

bool systemd_call_failed_with(const SystemdCall *call, const char *name)
{
    g_autofree char *whole = g_strconcat(SERVICE ".", name, NULL);

    return call->sd->error_has_name(&call->failure, whole);
}

bool systemd_call_send(SystemdCall *call, const char *what, GError **error)
{
    uint64_t timeout_us = (uint64_t)part_timeout_ms(SYSTEMD_TIMEOUT_MS) * 1000;

    if (call->sd->call(call->bus, call->request, timeout_us, &call->failure, &call->reply) >= 0)
        return true;
    return err_set(error, FLOE_ERROR_IO, "systemd: %s: %s", what,
                   call->failure.message != NULL ? call->failure.message : "no answer");
}

/* --- jobs ------------------------------------------------------------------------------------- */

/* Is it the end of this job? "done", "failed", "canceled" ... */
static bool ends_job(const SystemdCall *call, sd_bus_message *message, const char *job,
                     bool *ret_ends, char **ret_result, GError **error)
{
    const char *path = NULL, *unit = NULL, *result = NULL;
    uint32_t id = 0;

    if (call->sd->is_signal(message, MANAGER, "JobRemoved") <= 0)
        return true;
    if (!systemd_check(call->sd->read(message, "uoss", &id, &path, &unit, &result),
                       "read systemd's signal", error))
        return false;
    *ret_ends = g_str_equal(path, job);
    if (*ret_ends)
        *ret_result = g_strdup(result);
    return true;
}

bool systemd_call_wait_job(SystemdCall *call, const char *what, GError **error)
{
    int64_t deadline_ms = clock_monotonic_ms() + part_timeout_ms(SYSTEMD_TIMEOUT_MS);
    const char *job = NULL;
    bool ends = false;
    g_autofree char *result = NULL;

    if (!systemd_check(call->sd->read(call->reply, "o", &job), "read systemd's answer", error))
        return false;
    while (!ends) {
        sd_bus_message *message = NULL;
        int64_t left_ms = deadline_ms - clock_monotonic_ms();
        int n = call->sd->process(call->bus, &message);
        bool ok = systemd_check(n, "hear from systemd", error) &&
                  (message == NULL || ends_job(call, message, job, &ends, &result, error));

        call->sd->message_unref(message);
        if (!ok)
            return false;
        if (left_ms <= 0)
            return err_set(error, FLOE_ERROR_TIMEOUT, "systemd: %s: its job does not end", what);
        if (n == 0 && !systemd_check(call->sd->wait(call->bus, (uint64_t)left_ms * 1000),
                                     "wait for systemd", error))
            return false;
    }
    return g_str_equal(result, "done") ||
           err_set(error, FLOE_ERROR_IO, "systemd: %s: the job ended as '%s'", what, result);
}

/* --- units ------------------------------------------------------------------------------------ */

bool systemd_call_begin_unit(SystemdCall *call, const char *unit, GError **error)
{
    const SystemdLibrary *sd = call->sd;

    return systemd_check(sd->append(call->request, "ss", unit, "replace"), "write a call", error) &&
           systemd_check(sd->open_container(call->request, 'a', "(sv)"), "write a call", error);
}

bool systemd_call_end_unit(SystemdCall *call, GError **error)
{
    const SystemdLibrary *sd = call->sd;

    return systemd_check(sd->close_container(call->request), "write a call", error) &&
           systemd_check(sd->append(call->request, "a(sa(sv))", 0), "write a call", error);
}
