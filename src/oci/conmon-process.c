/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a conmon as its starter sees it (conmon 2.1, src/conmon.c, src/parent_pipe_fd.c):
 *
 *   we                    first process             the one that stays
 *   spawn, cgroup         waits on STARTPIPE
 *   one byte          ->  forks, pid file, ends     sockets
 *                                                   exec: reports on ATTACHPIPE, waits for a byte
 *                                                   runs the runtime, reports on SYNCPIPE
 *
 * A report is one line of JSON, {"data": N, "message": "..."}: N is a pid, or negative with what
 * the runtime wrote to its standard error. conmon takes the end of STARTPIPE for a byte: to stop
 * one that waits it must be killed before our end is closed, and with it its child that waits for
 * the second.
 */
#include "oci/conmon-process.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BEGIN_TIMEOUT_MS (240 * 1000) /* as podman's: a loaded host, a large restore */
#define FORK_TIMEOUT_MS  (10 * 1000)
#define KILL_TIMEOUT_MS  (10 * 1000)
#define REPORT_MAX       ((size_t)64 * 1024) /* the message is at most 8 KiB before escaping */
#define LOG_MAX          ((size_t)1024 * 1024)
#define FIRST_CHILD_FD   3

/* --- starting --------------------------------------------------------------------------------- */

/* Conmon's ends; ours are in the ConmonProcess. */
typedef struct ChildEnds {
    int sync_fd, start_fd, attach_fd, stderr_fd;
} ChildEnds;

static void child_ends_clear(ChildEnds *ends)
{
    fd_cleanup(&ends->sync_fd);
    fd_cleanup(&ends->start_fd);
    fd_cleanup(&ends->attach_fd);
    fd_cleanup(&ends->stderr_fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ChildEnds, child_ends_clear)

static bool make_pipe(int *ret_read, int *ret_write, GError **error)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        return err_set_errno(error, "make a pipe");
    *ret_read = fds[0];
    *ret_write = fds[1];
    return true;
}

/*
 * A pipe on which conmon reports. Its end can also be read from: so a report finds a reader even
 * when we were killed. conmon takes EPIPE for the end of its work, and the container's output and
 * exit code would be lost with it.
 */
static bool make_report_pipe(int *ret_read, int *ret_write, GError **error)
{
    autofd int write_fd = -1;
    char path[64];

    if (!make_pipe(ret_read, &write_fd, error))
        return false;
    g_snprintf(path, sizeof(path), "/proc/self/fd/%d", write_fd);
    *ret_write = open(path, O_RDWR | O_CLOEXEC);
    return *ret_write >= 0 || err_set_errno(error, "open a pipe again");
}

static bool make_pipes(ConmonProcess *process, ChildEnds *ends, bool attach, GError **error)
{
    int start[2];

    if (!make_report_pipe(&process->sync_fd, &ends->sync_fd, error) ||
        !make_pipe(&process->stderr_fd, &ends->stderr_fd, error) ||
        (attach && !make_report_pipe(&process->attach_fd, &ends->attach_fd, error)))
        return false;
    /* A socket: send() can be told not to raise SIGPIPE when conmon is gone. */
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, start) < 0)
        return err_set_errno(error, "make a socket pair");
    process->start_fd = start[0];
    ends->start_fd = start[1];
    return true;
}

/* Conmon finds its pipes by their numbers in its environment. */
static void add_pipe(GArray *fds, GStrvBuilder *env, const char *variable, int fd)
{
    SpawnFd passed = { fd, FIRST_CHILD_FD + (int)fds->len };
    g_autofree char *text = g_strdup_printf("%s=%d", variable, passed.child);

    g_array_append_val(fds, passed);
    g_strv_builder_add(env, text);
}

static void add_fds(GArray *fds, const int *given, size_t n_given)
{
    for (size_t i = 0; i < n_given; i++) {
        SpawnFd passed = { given[i], FIRST_CHILD_FD + (int)fds->len };

        g_array_append_val(fds, passed);
    }
}

static bool spawn_conmon(const ConmonLaunch *launch, ConmonProcess *process, GError **error)
{
    g_auto(ChildEnds) ends = { -1, -1, -1, -1 };
    g_auto(GStrv) common = runtime_environment(launch->runtime, launch->criu_config);
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_autoptr(GArray) fds = g_array_new(FALSE, FALSE, sizeof(SpawnFd));
    SpawnOptions options = SPAWN_OPTIONS_INIT;

    if (!make_pipes(process, &ends, launch->attach, error))
        return false;
    g_strv_builder_addv(builder, (const char **)common);
    add_fds(fds, launch->preserved_fds, launch->n_preserved_fds);
    add_pipe(fds, builder, "_OCI_SYNCPIPE", ends.sync_fd);
    add_pipe(fds, builder, "_OCI_STARTPIPE", ends.start_fd);
    if (launch->attach)
        add_pipe(fds, builder, "_OCI_ATTACHPIPE", ends.attach_fd);
    add_fds(fds, launch->inherited_fds, launch->n_inherited_fds);

    g_auto(GStrv) env = g_strv_builder_end(builder);
    options.argv = launch->argv;
    options.env = (const char *const *)env;
    options.cwd = launch->directory;
    options.stderr_fd = ends.stderr_fd;
    if (launch->passes_streams) {
        options.stdin_fd = STDIN_FILENO;
        options.stdout_fd = STDOUT_FILENO;
        options.stderr_fd = STDERR_FILENO;
    }
    options.fds = (const SpawnFd *)(void *)fds->data;
    options.n_fds = fds->len;
    options.own_group = true;
    return spawn_start(&options, &process->child, error);
}

bool conmon_process_go_on(ConmonProcess *process, GError **error)
{
    if (send(process->start_fd, "", 1, MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET)
        return err_set_errno(error, "tell conmon to begin");
    return true; /* one that is gone left its reason, which the next wait finds */
}

bool conmon_process_start(const ConmonLaunch *launch, ConmonProcess *ret_process, GError **error)
{
    g_auto(ConmonProcess) process = CONMON_PROCESS_NONE;
    g_autoptr(GError) not_moved = NULL;

    if (!runtime_check_cgroups(launch->runtime, error))
        return false;
    process.reports = g_string_new(NULL);
    process.pid_file = g_strdup(launch->conmon_pid_file);
    process.runtime_log = g_strdup(launch->runtime_log);
    process.runtime_name = g_strdup(launch->runtime->name);
    if (unlink(process.pid_file) < 0 && errno != ENOENT)
        return err_set_errno(error, "remove the old '%s'", process.pid_file);
    if (!spawn_conmon(launch, &process, error))
        return err_prefix(error, "start conmon");
    if (launch->place != NULL && !cgroup_place_enter(launch->place, process.child.pid, &not_moved))
        log_ignored(g_steal_pointer(&not_moved), "conmon stays in this process's cgroup");
    if (!conmon_process_go_on(&process, error))
        return false;

    *ret_process = process;
    process = (ConmonProcess)CONMON_PROCESS_NONE;
    return true;
}

/* --- reports ---------------------------------------------------------------------------------- */

typedef struct Report {
    int64_t number;
    char *message; /* NULL: none */
} Report;

static void report_clear(Report *report)
{
    g_free(report->message);
    *report = (Report){ 0 };
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Report, report_clear)

static bool parse_report(const char *line, size_t length, Report *ret_report, GError **error)
{
    /* The message is the runtime's text, cut at 8 KiB: not always valid UTF-8. */
    g_autofree char *valid = g_utf8_make_valid(line, (gssize)length);
    g_autoptr(JsonValue) value = NULL;
    const char *message = NULL;
    int64_t number = 0;

    if (!json_parse(valid, strlen(valid), "conmon's report", &value, error) ||
        !json_get_int64(value, "data", &number, error) ||
        !json_get_string(value, "message", &message, error))
        return err_recode(error, FLOE_ERROR_CONMON);
    ret_report->number = number;
    ret_report->message = g_strdup(message);
    return true;
}

/* Read what there is. `*ret_end` when the other side has closed. */
static bool receive(int fd, GString *text, bool *ret_end, GError **error)
{
    char buffer[8192];
    ssize_t got = TEMP_FAILURE_RETRY(read(fd, buffer, sizeof(buffer)));

    if (got < 0)
        return err_set_errno(error, "read conmon's report");
    if (text->len + (size_t)got > REPORT_MAX)
        return err_set(error, FLOE_ERROR_CONMON, "conmon's report is too long");
    g_string_append_len(text, buffer, got);
    *ret_end = got == 0;
    return true;
}

static bool wait_readable(int fd, int64_t deadline_ms, GError **error)
{
    struct pollfd polled = { .fd = fd, .events = POLLIN };

    for (;;) {
        int ready = poll(&polled, 1, clock_ms_until(deadline_ms));

        if (ready > 0)
            return true;
        if (ready == 0)
            return err_set(error, FLOE_ERROR_TIMEOUT, "conmon did not answer in time");
        if (errno != EINTR)
            return err_set_errno(error, "wait for conmon");
    }
}

/*
 * The next report from a pipe; what came after it stays in `text`. `*ret_ended`: there is none, the
 * pipe was closed.
 */
static bool read_report(int fd, GString *text, int timeout_ms, Report *ret_report, bool *ret_ended,
                        GError **error)
{
    int64_t deadline_ms = clock_deadline_ms(timeout_ms);
    const char *newline;
    bool at_end = false;

    while ((newline = memchr(text->str, '\n', text->len)) == NULL) {
        if (at_end) {
            *ret_ended = true;
            return true;
        }
        if (!wait_readable(fd, deadline_ms, error) || !receive(fd, text, &at_end, error))
            return false;
    }

    size_t length = (size_t)(newline - text->str);
    bool parsed = parse_report(text->str, length, ret_report, error);

    g_string_erase(text, 0, (gssize)length + 1);
    *ret_ended = false;
    return parsed;
}

/* --- failures --------------------------------------------------------------------------------- */

/* What conmon itself said before it closed its standard error, in one line, without its mark. */
static char *own_words(ConmonProcess *process)
{
    static const char prefix[] = "[conmon:e]: ";
    g_autofree char *text = NULL;

    if (!fd_read_all(process->stderr_fd, REPORT_MAX, &text, NULL, NULL))
        return g_strdup("");

    g_autofree char *words = runtime_error_text(text);
    return g_strdup(g_str_has_prefix(words, prefix) ? words + strlen(prefix) : words);
}

/* Fail with what the runtime left in its log, if anything. */
static bool set_log_error(const ConmonProcess *process, GError **error)
{
    g_autofree char *log = NULL;
    g_autofree char *message = NULL;

    if (file_read(process->runtime_log, LOG_MAX, &log, NULL, NULL))
        message = runtime_error_text(log);
    if (message == NULL || *message == '\0')
        return false;
    runtime_error(error, process->runtime_name, message);
    return true;
}

/* conmon has gone without a report. Its first process tells why when it did not even begin. */
static bool set_ended_error(ConmonProcess *process, GError **error)
{
    int status = 0;

    if (process->child.pid > 0 &&
        child_wait(&process->child, part_timeout_ms(FORK_TIMEOUT_MS), &status, NULL) &&
        status != 0) {
        g_autofree char *words = own_words(process);
        g_autofree char *status_text = child_status_text(status);

        return err_set(error, FLOE_ERROR_CONMON, "conmon: %s", *words != '\0' ? words : status_text);
    }
    if (set_log_error(process, error))
        return false;
    return err_set(error, FLOE_ERROR_CONMON, "conmon ended without a report");
}

static bool set_report_error(ConmonProcess *process, const Report *report, GError **error)
{
    if (report->message != NULL && *report->message != '\0')
        return runtime_error(error, process->runtime_name, report->message);
    if (set_log_error(process, error))
        return false;
    return runtime_error(error, process->runtime_name, "");
}

/* --- waiting ---------------------------------------------------------------------------------- */

bool conmon_process_wait_socket(ConmonProcess *process, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_auto(Report) report = { 0 };
    bool ended = false;

    if (!read_report(process->attach_fd, text, part_timeout_ms(BEGIN_TIMEOUT_MS), &report, &ended,
                     error))
        return false;
    return !ended || set_ended_error(process, error);
}

/* The pid of the conmon that stays: its first process wrote it before it ended. */
static bool read_conmon_pid(ConmonProcess *process, int *ret_pid, GError **error)
{
    g_autofree char *text = NULL;
    guint64 pid = 0;
    int status = 0;

    if (process->child.pid > 0 &&
        !child_wait(&process->child, part_timeout_ms(FORK_TIMEOUT_MS), &status, error))
        return err_prefix(error, "conmon");
    if (!file_read(process->pid_file, 64, &text, NULL, error))
        return err_prefix(error, "read conmon's pid");
    if (!g_ascii_string_to_unsigned(g_strstrip(text), 10, 1, G_MAXINT, &pid, NULL))
        return err_set(error, FLOE_ERROR_CONMON, "'%s' does not hold a pid", process->pid_file);
    *ret_pid = (int)pid;
    return true;
}

bool conmon_process_wait_pid(ConmonProcess *process, int *ret_pid, int *ret_conmon_pid,
                             GError **error)
{
    g_auto(Report) report = { 0 };
    bool ended = false;
    int conmon_pid = 0;

    if (!read_report(process->sync_fd, process->reports, part_timeout_ms(BEGIN_TIMEOUT_MS), &report,
                     &ended, error))
        return err_prefix(error, "wait for %s", process->runtime_name);
    if (ended)
        return set_ended_error(process, error);
    if (report.number <= 0 || report.number > G_MAXINT)
        return set_report_error(process, &report, error);
    if (!read_conmon_pid(process, &conmon_pid, error))
        return false;
    process->is_settled = true;
    *ret_pid = (int)report.number;
    *ret_conmon_pid = conmon_pid;
    return true;
}

bool conmon_process_wait_exit(ConmonProcess *process, int *ret_exit_code, bool *ret_ended,
                              GError **error)
{
    g_auto(Report) report = { 0 };

    if (!read_report(process->sync_fd, process->reports, -1, &report, ret_ended, error))
        return false;
    *ret_exit_code = (int)CLAMP(report.number, G_MININT, G_MAXINT);
    return true;
}

/* --- the end ---------------------------------------------------------------------------------- */

/*
 * Wait until nobody holds the other end of the sync pipe: neither conmon nor a child of it that has
 * not become the runtime.
 */
static bool wait_gone(const ConmonProcess *process, int timeout_ms)
{
    struct pollfd polled = { .fd = process->sync_fd };

    return poll(&polled, 1, timeout_ms) != 0;
}

/*
 * conmon leads a session, so its pid names the group of it, its runtime, and the child that waits
 * for the second byte. As long as the pipe's other end is open, the pid in its file is its own. The
 * start pipe is closed only afterwards: its end would let the child go on.
 */
static void kill_conmon(ConmonProcess *process)
{
    int conmon_pid = 0;

    if (!read_conmon_pid(process, &conmon_pid, NULL))
        return;
    autofd int pidfd = pidfd_open(conmon_pid, 0);
    if (pidfd < 0 || wait_gone(process, 0))
        return;
    kill(-conmon_pid, SIGKILL);
    pidfd_send_signal(pidfd, SIGKILL, NULL, 0); /* one that had not made its session yet */
    if (!wait_gone(process, KILL_TIMEOUT_MS))
        log_warn("conmon (process %d) does not end, leaving it", conmon_pid);
}

void conmon_process_clear(ConmonProcess *process)
{
    int saved_errno = errno;

    if (!process->is_settled && process->sync_fd >= 0 && !wait_gone(process, 0))
        kill_conmon(process);
    child_kill(&process->child);
    fd_cleanup(&process->sync_fd);
    fd_cleanup(&process->start_fd);
    fd_cleanup(&process->attach_fd);
    fd_cleanup(&process->stderr_fd);
    if (process->reports != NULL)
        g_string_free(process->reports, TRUE);
    g_free(process->pid_file);
    g_free(process->runtime_name);
    g_free(process->runtime_log);
    *process = (ConmonProcess)CONMON_PROCESS_NONE;
    errno = saved_errno;
}
