/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two runtimes do, and take for their states:
 *
 *   runc (libcontainer/standard_init_linux.go, container_linux.go): the container's process opens
 *   the FIFO for writing, which blocks until there is a reader, and writes a byte. "start" reads it
 *   and removes the FIFO.
 *   crun (src/libcrun/status.c, container.c): the process holds the FIFO open for reading and waits
 *   for a byte. "start" removes the FIFO and writes it; it would also run poststart hooks, of which
 *   floe's config.json has none.
 *
 * Both hold the FIFO by a descriptor, so it may be renamed under them, and both call a container
 * with a living process "created" as long as there is the FIFO's name and "running" afterwards.
 * Renamed, then, it is the mark of a start that is not over.
 */
#include "oci/exec-fifo.h"

#include "base/clock.h"
#include "base/path.h"
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIFO_NAME     "exec.fifo"
#define ASIDE_NAME    "exec.fifo.floe"
#define TIMEOUT_MS    (120 * 1000)
#define LOOK_AGAIN_MS 100 /* as runc's own start does */

static char *fifo_path(const Runtime *runtime, const char *id, const char *name)
{
    return g_build_filename(runtime->root_dir, id, name, NULL);
}

bool exec_fifo_is_waiting(const Runtime *runtime, const char *id, pid_t pid)
{
    g_autofree char *path = fifo_path(runtime, id, FIFO_NAME);
    struct stat st;

    return runtime_is_familiar(runtime) && pid > 0 && lstat(path, &st) == 0 &&
           S_ISFIFO(st.st_mode) && runtime_is_setting_up(runtime, pid);
}

/* Wait for runc's byte. There is none when a start that was cut short has read it. */
static bool take_byte(const Runtime *runtime, int fifo, pid_t pid, int pidfd, GError **error)
{
    struct pollfd polled[] = {
        { .fd = fifo, .events = POLLIN },
        { .fd = pidfd, .events = POLLIN },
    };
    int64_t deadline_ms = clock_deadline_ms(TIMEOUT_MS);

    while (poll(polled, G_N_ELEMENTS(polled), LOOK_AGAIN_MS) <= 0) {
        if (!runtime_is_setting_up(runtime, pid))
            return true;
        if (clock_monotonic_ms() > deadline_ms)
            return err_set(error, FLOE_ERROR_TIMEOUT,
                           "process %d did not go on when it was started", (int)pid);
    }
    /* It may write and end at once: the byte counts. */
    return polled[0].revents != 0 ||
           err_set(error, FLOE_ERROR_RUNTIME,
                   "%s: the container's process ended before it was started", runtime->name);
}

static bool give_byte(int fifo, GError **error)
{
    return TEMP_FAILURE_RETRY(write(fifo, "", 1)) == 1 || err_set_errno(error, "write to the FIFO");
}

/* From the renamed FIFO to its removal. */
static bool go_on(const Runtime *runtime, const char *aside, pid_t pid, GError **error)
{
    /* First: runc's process goes on, and may end, as soon as the FIFO is open. */
    autofd int pidfd = pidfd_open(pid, 0);
    if (pidfd < 0)
        return err_set_errno(error, "watch process %d", (int)pid);

    /* For both directions, so that neither opening nor writing depends on the other side. */
    autofd int fifo = open(aside, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
    if (fifo < 0)
        return err_set_errno(error, "open '%s'", aside);

    if (!(runtime_is_crun(runtime) ? give_byte(fifo, error)
                                   : take_byte(runtime, fifo, pid, pidfd, error)))
        return false;
    return unlink(aside) == 0 || err_set_errno(error, "remove '%s'", aside);
}

bool exec_fifo_release(const Runtime *runtime, const char *id, pid_t pid, GError **error)
{
    g_autofree char *path = fifo_path(runtime, id, FIFO_NAME);
    g_autofree char *aside = fifo_path(runtime, id, ASIDE_NAME);

    if (rename(path, aside) < 0)
        return err_set_errno(error, "rename '%s'", path);
    return go_on(runtime, aside, pid, error);
}

bool exec_fifo_finish(const Runtime *runtime, const char *id, pid_t pid, bool *ret_begun,
                      GError **error)
{
    g_autofree char *path = fifo_path(runtime, id, FIFO_NAME);
    g_autofree char *aside = fifo_path(runtime, id, ASIDE_NAME);
    g_autoptr(GError) err = NULL;

    *ret_begun = !path_exists(path);
    if (!*ret_begun || !path_exists(aside) || go_on(runtime, aside, pid, &err) ||
        process_has_ended(pid))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}
