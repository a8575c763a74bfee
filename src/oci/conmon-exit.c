/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conmon writes EXIT_DIR/ID aside and renames it into place when the container has ended and its
 * output is drained (conmon 2.1, src/conmon.c): decimal, without a newline. A conmon that is killed
 * writes none, ever. BUNDLE/oom, empty, is there when the kernel's memory killer has been at work.
 */
#include "oci/conmon-exit.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/path.h"
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXIT_FILE_MAX ((size_t)32)

#define SOON_MS      10
#define SOON_STEP_US 300

/* --- the files -------------------------------------------------------------------------------- */

static bool parse_exit_code(const char *text, int *ret_exit_code)
{
    gint64 code = 0;

    /* -1: conmon does not know (its own timeout). */
    if (!g_ascii_string_to_signed(text, 10, -1, 255, &code, NULL))
        return false;
    *ret_exit_code = (int)code;
    return true;
}

/* It is not conmon's, which writes aside and renames: as good as none. */
static bool refuse_exit(const char *path, GError **error)
{
    log_warn("ignoring '%s', which does not hold an exit code", path);
    return err_set(error, FLOE_ERROR_NOT_FOUND, "'%s' does not hold an exit code", path);
}

static bool exit_is_told(const char *path)
{
    g_autofree char *text = NULL;
    int exit_code = 0;

    return file_read(path, EXIT_FILE_MAX, &text, NULL, NULL) &&
           parse_exit_code(g_strstrip(text), &exit_code);
}

bool conmon_read_exit(const char *exit_dir, const char *id, const char *bundle, int *ret_exit_code,
                      int64_t *ret_finished_unix_ns, bool *ret_oom, GError **error)
{
    g_autofree char *path = g_build_filename(exit_dir, id, NULL);
    g_autofree char *oom_path = g_build_filename(bundle, "oom", NULL);
    g_autofree char *text = NULL;
    autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat stat;

    if (fd < 0)
        return err_set_errno(error, "open the exit file '%s'", path);
    if (fstat(fd, &stat) < 0)
        return err_set_errno(error, "read the time of '%s'", path);
    if (!fd_read_all(fd, EXIT_FILE_MAX, &text, NULL, NULL) ||
        !parse_exit_code(g_strstrip(text), ret_exit_code))
        return refuse_exit(path, error);
    *ret_finished_unix_ns = (int64_t)stat.st_mtim.tv_sec * G_GINT64_CONSTANT(1000000000) +
                            stat.st_mtim.tv_nsec;
    *ret_oom = path_exists(oom_path);
    return true;
}

/* --- waiting ---------------------------------------------------------------------------------- */

static bool watch_directory(const char *directory, int *ret_fd, GError **error)
{
    autofd int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

    if (fd < 0)
        return err_set_errno(error, "make an inotify descriptor");
    if (inotify_add_watch(fd, directory, IN_MOVED_TO | IN_ONLYDIR) < 0)
        return err_set_errno(error, "watch '%s'", directory);
    *ret_fd = g_steal_fd(&fd);
    return true;
}

/* A pid from a record may be another process's by now. */
static bool is_conmon(int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/comm", pid);
    g_autofree char *name = NULL;

    return file_read(path, 64, &name, NULL, NULL) && g_str_equal(g_strstrip(name), "conmon");
}

/* -1 when conmon is not there any more. */
static bool open_conmon(int pid, int *ret_pidfd, GError **error)
{
    autofd int pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;

    if (pidfd < 0 && pid > 0 && errno != ESRCH && errno != EINVAL)
        return err_set_errno(error, "watch the process %d", pid);
    *ret_pidfd = pidfd >= 0 && is_conmon(pid) ? g_steal_fd(&pidfd) : -1;
    return true;
}

bool conmon_wait_end(int conmon_pid, int timeout_ms, GError **error)
{
    autofd int pidfd = -1;

    if (!open_conmon(conmon_pid, &pidfd, error))
        return false;
    return pidfd < 0 || pidfd_wait(pidfd, timeout_ms) ||
           err_set(error, FLOE_ERROR_TIMEOUT, "conmon did not end in time");
}

bool conmon_is_alive(int conmon_pid)
{
    return !conmon_wait_end(conmon_pid, 0, NULL);
}

/* What happened does not matter: the caller looks for the file. */
static void drain_events(int inotify_fd)
{
    char buffer[4096];

    while (read(inotify_fd, buffer, sizeof(buffer)) > 0)
        continue;
}

/* Sleep until a file came into the directory or the process ended: `*ret_ended`. */
static bool wait_event(int inotify_fd, int pidfd, int64_t deadline_ms, bool *ret_ended,
                       GError **error)
{
    struct pollfd polled[] = {
        { .fd = inotify_fd, .events = POLLIN },
        { .fd = pidfd, .events = POLLIN },
    };
    int ready = poll(polled, G_N_ELEMENTS(polled), clock_ms_until(deadline_ms));

    if (ready < 0 && errno != EINTR)
        return err_set_errno(error, "wait for the exit file");
    if (ready == 0)
        return err_set(error, FLOE_ERROR_TIMEOUT, "the container did not end in time");
    if (ready > 0 && polled[0].revents != 0)
        drain_events(inotify_fd);
    *ret_ended = ready > 0 && polled[1].revents != 0;
    return true;
}

/*
 * After a SIGKILL or a dump the file comes within a few milliseconds, and to close an inotify watch
 * takes the kernel longer than that (6 to 19 ms, a grace period): so the first look is without one.
 */
static bool comes_soon(const char *path, int timeout_ms)
{
    int64_t deadline_ms = clock_deadline_ms(timeout_ms < 0 ? SOON_MS : MIN(timeout_ms, SOON_MS));

    while (!exit_is_told(path)) {
        if (clock_ms_until(deadline_ms) == 0)
            return false;
        g_usleep(SOON_STEP_US);
    }
    return true;
}

bool conmon_wait_exit(const char *exit_dir, const char *id, int conmon_pid, int timeout_ms,
                      bool *ret_gone, GError **error)
{
    g_autofree char *path = g_build_filename(exit_dir, id, NULL);
    int64_t deadline_ms = clock_deadline_ms(timeout_ms);
    autofd int inotify_fd = -1;
    autofd int pidfd = -1;

    if (path_exists(exit_dir) && comes_soon(path, timeout_ms)) {
        *ret_gone = false;
        return true;
    }
    /* First watch, then look: what happens in between is not missed. */
    if (!watch_directory(exit_dir, &inotify_fd, error) || !open_conmon(conmon_pid, &pidfd, error))
        return false;
    for (bool ended = pidfd < 0;;) {
        /* An ended conmon has done all it ever will: the file's absence is then final. */
        bool is_there = exit_is_told(path);

        if (is_there || ended) {
            *ret_gone = !is_there;
            return true;
        }
        if (!wait_event(inotify_fd, pidfd, deadline_ms, &ended, error))
            return false;
    }
}
