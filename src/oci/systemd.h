/* SPDX-License-Identifier: Apache-2.0 */
/*
 * systemd as the manager of cgroups and of time: transient scopes, slices and timers, asked for
 * over D-Bus (org.freedesktop.systemd1(5)). libsystemd is loaded when the first of these is called,
 * so that commands that do without systemd do not pay for it; MISSING_PART where it is not
 * installed. All wait until systemd has done its job.
 */
#pragma once

#include "oci/spec-limits.h"

#include <sys/types.h>

/* Is systemd this host's first process (sd_booted(3))? */
bool systemd_is_booted(void);

/* And can its cgroups be used: cgroup v2? */
bool systemd_manages_cgroups(void);

/*
 * When the host goes down systemd stops this service before the scopes of containers, each of which is
 * ordered before it, for both to be: their slice goes with the host, and would take them all at once.
 * contrib/systemd has the service, which stops containers as `floe stop` does. The same as an
 * annotation for the container's own scope, which its runtime makes (crun, runc:
 * docs/systemd-properties.md).
 */
#define SYSTEMD_STOPPER        "floe-restart.service"
#define SYSTEMD_BEFORE_NAME    "org.systemd.property.Before"
#define SYSTEMD_BEFORE_STOPPER "['" SYSTEMD_STOPPER "']"

/* Does it answer? MISSING_PART: the library for that is not there; IO. */
bool systemd_answers(GError **error);

/*
 * Put a process into a scope, which is made in the slice if it is not there; it goes with its last
 * process. The scope's cgroup is the caller's to divide.
 */
bool systemd_scope_enter(const char *scope, const char *slice, pid_t pid, GError **error);

/*
 * Stop a scope in which no process is left, as systemd does by itself if it sees the last one's end: it
 * does not where a process ended before it looked. One that has processes, or is not there, stays so.
 */
bool systemd_scope_stop_empty(const char *scope, const char *slice, GError **error);

/* Make a slice with these limits. One that is there already stays as it is. */
bool systemd_slice_start(const char *slice, const SpecLimits *limits, GError **error);

/*
 * A timer that has systemd run a command: `interval_us` from now, and whenever that long has passed
 * since its end. The command's service has the timer's name; how it ends is nobody's concern. In this
 * process's $PATH. EXISTS: it is there, or of one that was stopped the command still runs.
 */
bool systemd_timer_start(const char *name, const char *const *argv, int64_t interval_us,
                         GError **error);

/* Is this transient unit there, "web.timer"? A look at the file system. */
bool systemd_unit_exists(const char *unit);

/*
 * Stop a transient unit, killing what is in it, and have systemd forget its failure. One that is not
 * there is success, and costs a look at the file system.
 */
bool systemd_unit_stop(const char *unit, GError **error);
