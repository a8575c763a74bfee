/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call of org.freedesktop.systemd1(5)'s manager, with sd-bus out of a library that is loaded at the
 * first of them. For the files of this folder that have systemd make and stop units.
 */
#pragma once

#include "base/error.h"

#include <systemd/sd-bus.h>

#define SYSTEMD_BOOTED     "/run/systemd/system"
#define SYSTEMD_TRANSIENT  "/run/systemd/transient" /* has a file for each one that is loaded */
#define SYSTEMD_TIMEOUT_MS (30 * 1000)

typedef struct SystemdLibrary {
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
} SystemdLibrary;

typedef struct SystemdCall {
    const SystemdLibrary *sd;
    sd_bus *bus;
    sd_bus_message *request; /* to be filled in */
    sd_bus_message *reply;
    sd_bus_error failure;
} SystemdCall;

void systemd_call_clear(SystemdCall *call);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SystemdCall, systemd_call_clear)

/* Connect, and begin a request. MISSING_PART: the library is not installed. */
bool systemd_call_new(const char *method, SystemdCall *ret_call, GError **error);

/* Of what sd-bus gives back: a negative error number is an error. `what` failed, then. */
bool systemd_check(int result, const char *what, GError **error);

/* StartTransientUnit's arguments: the unit, and its properties to come; then no units beside it. */
bool systemd_call_begin_unit(SystemdCall *call, const char *unit, GError **error);
bool systemd_call_end_unit(SystemdCall *call, GError **error);

bool systemd_call_send(SystemdCall *call, const char *what, GError **error);

/* Did it fail with systemd's error "UnitExists", say? */
bool systemd_call_failed_with(const SystemdCall *call, const char *name);

/* Wait for the job that the reply names. */
bool systemd_call_wait_job(SystemdCall *call, const char *what, GError **error);
