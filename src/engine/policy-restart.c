/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/policy-restart.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "engine/background.h"
#include "engine/container-ports.h"
#include "engine/container-start.h"
#include "engine/dependencies.h"
#include "engine/exit-command.h"
#include "engine/operation.h"
#include "engine/restart-policy.h"
#include "oci/conmon-exit.h"

#include <errno.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#define NS_PER_MS G_GINT64_CONSTANT(1000000)
/* No pause is longer; the clock may have been set back. */
#define LONGEST_MS (60 * 1000)
/* How long a waiter gives the sleeper, beyond the moment, to start the container. */
#define START_MS 50
/* How often a waiter looks whether conmon's exit command has come. */
#define ARRIVAL_US 2000

/* --- the record ------------------------------------------------------------------------------- */

void restart_note_end(floe_container *ctr)
{
    ContainerStatus *status = &ctr->record->status;

    if (restart_policy_wants(&ctr->record->config, status))
        restart_policy_schedule(status);
}

void restart_cancel(floe_container *ctr)
{
    ContainerStatus *status = &ctr->record->status;

    if (status->restart_due_unix_ns != 0 && unlink(ctr->paths.restart) < 0 && errno != ENOENT)
        log_warn("cannot remove '%s', ignoring: %s", ctr->paths.restart, g_strerror(errno));
    status->restart_due_unix_ns = 0;
    status->restarting = false;
}

bool restart_give_up(floe_container *ctr, bool *ret_given_up, GError **error)
{
    *ret_given_up = ctr->record->status.restart_due_unix_ns != 0;
    if (!*ret_given_up)
        return true;
    restart_cancel(ctr);
    ctr->record->status.stopped_by_user = true;
    return container_save(ctr, error);
}

/* --- sleeping --------------------------------------------------------------------------------- */

int restart_ms_left(const floe_container *ctr)
{
    int64_t left_ns = ctr->record->status.restart_due_unix_ns - clock_unix_ns();

    return (int)CLAMP((left_ns + NS_PER_MS - 1) / NS_PER_MS, 0, LONGEST_MS);
}

/* Until the sleeper's file has gone, which may be so already, or the time is over. */
static bool wait_for_file(const char *path, int timeout_ms, bool *ret_gone, GError **error)
{
    autofd int fd = inotify_init1(IN_CLOEXEC);
    struct pollfd polled = { .fd = fd, .events = POLLIN };

    if (fd < 0)
        return err_set_errno(error, "make an inotify descriptor");
    /* The holder of its lock has it open: when its name goes, only its attributes change. */
    if (inotify_add_watch(fd, path, IN_ATTRIB | IN_DELETE_SELF) < 0 && errno != ENOENT)
        return err_set_errno(error, "watch '%s'", path);
    if (path_exists(path) && poll(&polled, 1, timeout_ms) < 0 && errno != EINTR)
        return err_set_errno(error, "wait for '%s'", path);
    *ret_gone = !path_exists(path);
    return true;
}

bool restart_wait(const floe_container *ctr, int timeout_ms, GError **error)
{
    int longest_ms = restart_ms_left(ctr) + START_MS;
    bool is_gone = false;

    if (timeout_ms == 0)
        return err_set(error, FLOE_ERROR_TIMEOUT, "the container did not end in time");
    if (!path_exists(ctr->paths.restart)) {
        g_usleep(ARRIVAL_US);
        return true;
    }
    return wait_for_file(ctr->paths.restart,
                         timeout_ms < 0 ? longest_ms : MIN(timeout_ms, longest_ms), &is_gone, error);
}

/* --- starting it again ------------------------------------------------------------------------ */

bool restart_claim(floe_container *ctr, Lock *ret_claim, bool *ret_claimed, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(ctr->paths.restart);

    return dir_make(directory, 0700, error) &&
           lock_try(ctr->paths.restart, ret_claim, ret_claimed, error);
}

static bool start_again(floe_container *ctr, GError **error)
{
    ContainerStatus *status = &ctr->record->status;
    g_autoptr(GError) err = NULL;
    g_autoptr(GError) unsaved = NULL;

    status->restart_count++;
    status->restarting = true;
    if (container_start_locked(ctr, NULL, NULL, &err))
        return true;
    /* As docker: what cannot even be started is not tried again. The record says why. */
    restart_cancel(ctr);
    if (!container_save(ctr, &unsaved))
        log_ignored(g_steal_pointer(&unsaved), "record the failed restart of container \"%s\"",
                    ctr->record->name);
    g_propagate_error(error, g_steal_pointer(&err));
    return err_prefix(error, "restart container \"%s\"", ctr->record->name);
}

static bool restart_if_due(floe_container *ctr, int64_t due_unix_ns, GError **error)
{
    g_auto(Operation) op = OPERATION_NONE;
    g_autoptr(GError) err = NULL;

    if (!operation_enter_any(ctr, &op, &err)) {
        if (err_is(err, FLOE_ERROR_REMOVED))
            return true;
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    /* Another moment, or none: somebody else had a hand in it. */
    return ctr->record->status.restart_due_unix_ns != due_unix_ns || start_again(ctr, error);
}

bool restart_when_due(floe_container *ctr, GError **error)
{
    int64_t due_unix_ns = ctr->record->status.restart_due_unix_ns;
    g_autoptr(GError) err = NULL;
    bool is_gone = false;

    if (!wait_for_file(ctr->paths.restart, restart_ms_left(ctr), &is_gone, error))
        return false;
    if (is_gone)
        return true;
    /* What others have to do with it comes first; if that does not help, the start itself says so. */
    if (!dependencies_start(ctr, OPERATION_START, &err) || !container_ports_settle(ctr, &err))
        log_ignored(g_steal_pointer(&err), "restart container \"%s\"", ctr->record->name);
    return restart_if_due(ctr, due_unix_ns, error);
}

bool restart_heal(floe_container *ctr, GError **error)
{
    const ContainerStatus *status = &ctr->record->status;
    g_auto(GStrv) command = NULL;
    g_auto(Lock) claim = LOCK_NONE;
    bool is_free = false;

    /* While conmon is there its exit command is yet to come, or at it. */
    if (status->restart_due_unix_ns == 0 || conmon_is_alive(status->conmon_pid))
        return true;
    if (!restart_claim(ctr, &claim, &is_free, error))
        return false;
    if (!is_free)
        return true;
    lock_release(&claim);
    command = exit_command_cleanup(ctr);
    return command == NULL || background_start(ctr, (const char *const *)command, error);
}
