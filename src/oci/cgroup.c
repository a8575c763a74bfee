/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What floe itself does with control groups; their limits and the processes in them are the OCI
 * runtime's business. v2 tells of every change by an event (POLLPRI on cgroup.events). v1 does not:
 * there, states are read again after short sleeps.
 */
#include "oci/cgroup.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/process.h"
#include "oci/cgroup-hierarchy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define KILL_TIMEOUT_MS   10000
#define REMOVE_TIMEOUT_MS 1000
#define SLEEP_FIRST_US    100
#define SLEEP_LONGEST_US  10000
#define MAX_DEPTH         32
#define CONTROL_LIMIT     (4 * 1024 * 1024) /* cgroup.procs of half a million processes */

CgroupMode cgroup_mode(void)
{
    struct statfs fs;

    return statfs(CGROUP_ROOT, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC ? CGROUP_V2 : CGROUP_V1;
}

bool cgroup_limits_swap(void)
{
    g_autoptr(GPtrArray) hierarchies = NULL;

    /* v2's memory.swap.max is there if the kernel has swap at all, as this file is. */
    if (cgroup_mode() == CGROUP_V2)
        return path_exists("/proc/swaps");
    if (!cgroup_hierarchies_load(&hierarchies, NULL))
        return false;
    for (guint i = 0; i < hierarchies->len; i++) {
        const CgroupHierarchy *hierarchy = g_ptr_array_index(hierarchies, i);

        if (cgroup_hierarchy_has(hierarchy, "memory")) {
            g_autofree char *file = g_build_filename(hierarchy->mount_point,
                                                     "memory.memsw.limit_in_bytes", NULL);
            return path_exists(file);
        }
    }
    return false;
}

bool cgroup_is_mixed(void)
{
    g_autofree char *controllers = NULL;
    size_t length = 0;

    return cgroup_mode() == CGROUP_V1 &&
           file_read(CGROUP_ROOT "/unified/cgroup.controllers", CONTROL_LIMIT, &controllers,
                     &length, NULL) &&
           g_strstrip(controllers)[0] != '\0';
}

bool cgroup_path_check(const char *cgroup_path, GError **error)
{
    bool is_good = cgroup_path[0] == '/' && cgroup_path[1] != '\0';
    g_auto(GStrv) parts = g_strsplit(is_good ? cgroup_path + 1 : "", "/", -1);

    for (char **part = parts; *part != NULL; part++)
        is_good = is_good && **part != '\0' && strcmp(*part, ".") != 0 && strcmp(*part, "..") != 0;
    return is_good ||
           err_set(error, FLOE_ERROR_INVALID, "'%s' is not the path of a cgroup", cgroup_path);
}

/* --- waiting ---------------------------------------------------------------------------------- */

/* How long is left, for poll(2); 0 when the time is over. */
static int ms_until(int64_t deadline_ms)
{
    return (int)CLAMP(deadline_ms - clock_monotonic_ms(), 0, G_MAXINT);
}

/* Sleep where there is no event to wait for, each time longer. False when the time is over. */
static bool sleep_until(int64_t deadline_ms, unsigned *sleep_us)
{
    if (ms_until(deadline_ms) == 0)
        return false;
    g_usleep(*sleep_us);
    *sleep_us = MIN(*sleep_us * 2, SLEEP_LONGEST_US);
    return true;
}

/* Has cgroup.events this line, "frozen 1"? */
static bool events_has(int fd, const char *line, bool *ret_has, GError **error)
{
    char text[512];
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

    if (n < 0 && errno == ENODEV)
        errno = ENOENT; /* the cgroup has been removed */
    if (n < 0)
        return err_set_errno(error, "read cgroup.events");
    text[n] = '\0';
    *ret_has = strstr(text, line) != NULL;
    return true;
}

/* Wait until a v2 cgroup's open cgroup.events has a line. */
static bool events_wait(int fd, const char *line, int64_t deadline_ms, GError **error)
{
    for (;;) {
        struct pollfd event = { .fd = fd, .events = POLLPRI };
        bool has = false;

        if (!events_has(fd, line, &has, error))
            return false;
        if (has)
            return true;
        if (ms_until(deadline_ms) == 0)
            return err_set(error, FLOE_ERROR_TIMEOUT, "the cgroup does not become '%s'", line);
        if (poll(&event, 1, ms_until(deadline_ms)) < 0 && errno != EINTR)
            return err_set_errno(error, "wait for cgroup.events");
    }
}

static bool events_open(const char *directory, int *ret_fd, GError **error)
{
    g_autofree char *file = g_build_filename(directory, "cgroup.events", NULL);

    *ret_fd = open(file, O_RDONLY | O_CLOEXEC);
    return *ret_fd >= 0 || err_set_errno(error, "open '%s'", file);
}

/* --- freezing --------------------------------------------------------------------------------- */

/* A cgroup's directory in the hierarchy that can freeze it. */
typedef struct Freezer {
    char *directory;
    bool is_v2;
} Freezer;

static void freezer_clear(Freezer *freezer)
{
    g_clear_pointer(&freezer->directory, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Freezer, freezer_clear)

/* v1's freezer where it is mounted, else the v2 tree: a cgroup is used in one of them only. */
static bool freezer_find(const char *cgroup_path, Freezer *ret_freezer, GError **error)
{
    g_autoptr(GPtrArray) hierarchies = NULL;
    const CgroupHierarchy *found = NULL;

    if (!cgroup_path_check(cgroup_path, error) || !cgroup_hierarchies_load(&hierarchies, error))
        return false;
    for (guint i = 0; i < hierarchies->len; i++) {
        const CgroupHierarchy *hierarchy = g_ptr_array_index(hierarchies, i);

        if (cgroup_hierarchy_has(hierarchy, "freezer") || (hierarchy->is_v2 && found == NULL))
            found = hierarchy;
    }
    if (found == NULL)
        return err_set(error, FLOE_ERROR_UNSUPPORTED, "this host has no freezer cgroup");
    ret_freezer->directory = g_strconcat(found->mount_point, cgroup_path, NULL);
    ret_freezer->is_v2 = found->is_v2;
    return true;
}

/*
 * crun has the processes of a scope in a cgroup of that name in it (libcrun/cgroup-systemd.c,
 * find_systemd_subgroup()), which it and CRIU freeze and thaw. What is frozen above they cannot thaw: CRIU
 * would wait for ever. So that is where floe freezes, too.
 */
#define SCOPE_INNER "container"

static bool freezer_find_inner(const char *cgroup_path, Freezer *ret_freezer, GError **error)
{
    g_auto(Freezer) freezer = { NULL };

    if (!freezer_find(cgroup_path, &freezer, error))
        return false;
    if (freezer.is_v2 && g_str_has_suffix(cgroup_path, ".scope")) {
        g_autofree char *inner = g_build_filename(freezer.directory, SCOPE_INNER, NULL);

        if (path_exists(inner)) {
            g_free(freezer.directory);
            freezer.directory = g_steal_pointer(&inner);
        }
    }
    *ret_freezer = freezer;
    freezer.directory = NULL;
    return true;
}

static bool freezer_write(const Freezer *freezer, bool frozen, GError **error)
{
    g_autofree char *file = g_build_filename(freezer->directory,
                                             freezer->is_v2 ? "cgroup.freeze" : "freezer.state",
                                             NULL);

    if (freezer->is_v2)
        return file_write_control(file, frozen ? "1" : "0", error);
    return file_write_control(file, frozen ? "FROZEN" : "THAWED", error);
}

static bool freeze_v2(const Freezer *freezer, int64_t deadline_ms, GError **error)
{
    autofd int events = -1;

    return events_open(freezer->directory, &events, error) && freezer_write(freezer, true, error) &&
           events_wait(events, "frozen 1", deadline_ms, error);
}

/*
 * A process that executes a new program waits for its other threads in a way that cannot be frozen,
 * and they may be frozen already: then it stays FREEZING for ever. So let them go for a moment and
 * try again, as runc does (libcontainer/cgroups/fs/freezer.go).
 */
#define REFREEZE_AFTER_MS 20
#define THAW_PAUSE_US     1000

static bool refreeze(const Freezer *freezer, GError **error)
{
    if (!freezer_write(freezer, false, error))
        return false;
    g_usleep(THAW_PAUSE_US);
    return freezer_write(freezer, true, error);
}

/*
 * It reads FREEZING until the last process has come to a halt; to read it makes the kernel look
 * again.
 */
static bool freeze_v1(const Freezer *freezer, int64_t deadline_ms, GError **error)
{
    g_autofree char *file = g_build_filename(freezer->directory, "freezer.state", NULL);
    unsigned sleep_us = SLEEP_FIRST_US;
    int64_t refreeze_ms = clock_monotonic_ms() + REFREEZE_AFTER_MS;

    if (!freezer_write(freezer, true, error))
        return false;
    do {
        g_autofree char *state = NULL;

        if (clock_monotonic_ms() >= refreeze_ms) {
            if (!refreeze(freezer, error))
                return false;
            refreeze_ms = clock_monotonic_ms() + REFREEZE_AFTER_MS;
            sleep_us = SLEEP_FIRST_US;
        }

        if (!file_read(file, CONTROL_LIMIT, &state, NULL, error))
            return false;
        if (g_str_has_prefix(state, "FROZEN"))
            return true;
    } while (sleep_until(deadline_ms, &sleep_us));
    return err_set(error, FLOE_ERROR_TIMEOUT, "a process does not come to a halt");
}

bool cgroup_freeze(const char *cgroup_path, int timeout_ms, GError **error)
{
    g_auto(Freezer) freezer = { NULL };
    int64_t deadline_ms = clock_monotonic_ms() + timeout_ms;

    if (!freezer_find_inner(cgroup_path, &freezer, error))
        return false;
    if (freezer.is_v2 ? freeze_v2(&freezer, deadline_ms, error)
                      : freeze_v1(&freezer, deadline_ms, error))
        return true;
    freezer_write(&freezer, false, NULL);
    return err_prefix(error, "freeze cgroup '%s'", cgroup_path);
}

bool cgroup_thaw(const char *cgroup_path, GError **error)
{
    g_auto(Freezer) freezer = { NULL };

    if (!freezer_find_inner(cgroup_path, &freezer, error))
        return false;
    return freezer_write(&freezer, false, error) ||
           err_prefix(error, "thaw cgroup '%s'", cgroup_path);
}

/* --- trees ------------------------------------------------------------------------------------ */

typedef bool (*Visit)(const char *directory, void *data, GError **error);

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/*
 * Call for each cgroup below a directory and then for itself: children first. A missing one is
 * none.
 */
static bool tree_visit(const char *directory, unsigned depth, Visit visit, void *data,
                       GError **error)
{
    DIR *dir = opendir(directory);
    bool ok = true;

    if (dir == NULL)
        return errno == ENOENT || err_set_errno(error, "open '%s'", directory);
    for (struct dirent *entry; ok && (entry = readdir(dir)) != NULL;) {
        if (entry->d_type != DT_DIR || is_dots(entry->d_name) || depth == MAX_DEPTH)
            continue;

        g_autofree char *child = g_build_filename(directory, entry->d_name, NULL);

        ok = tree_visit(child, depth + 1, visit, data, error);
    }
    closedir(dir);
    return ok && visit(directory, data, error);
}

/* The processes of one cgroup; none where it has gone meanwhile: ENOENT, or ENODEV from the read. */
static bool read_processes(const char *directory, GArray **ret_pids, GError **error)
{
    g_autofree char *file = g_build_filename(directory, "cgroup.procs", NULL);
    g_autoptr(GArray) pids = g_array_new(FALSE, FALSE, sizeof(pid_t));
    g_autofree char *text = NULL;
    g_autoptr(GError) err = NULL;

    if (!file_read(file, CONTROL_LIMIT, &text, NULL, &err) && path_exists(directory)) {
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    for (char *next = text, *end = text; text != NULL; next = end) {
        pid_t pid = (pid_t)strtol(next, &end, 10);

        if (end == next)
            break;
        if (pid != 0) /* of another pid namespace: nothing that can be named here */
            g_array_append_val(pids, pid);
    }
    *ret_pids = g_steal_pointer(&pids);
    return true;
}

/* Visit: `data` is the first one found. */
static bool find_stopped(const char *directory, void *data, GError **error)
{
    pid_t *stopped = data;
    g_autoptr(GArray) pids = NULL;

    if (!read_processes(directory, &pids, error))
        return false;
    for (guint i = 0; i < pids->len && *stopped == 0; i++) {
        if (process_is_stopped(g_array_index(pids, pid_t, i)))
            *stopped = g_array_index(pids, pid_t, i);
    }
    return true;
}

bool cgroup_find_untraceable(const char *cgroup_path, pid_t *ret_pid, GError **error)
{
    g_auto(Freezer) freezer = { NULL };

    *ret_pid = 0;
    return freezer_find(cgroup_path, &freezer, error) &&
           (freezer.is_v2 || tree_visit(freezer.directory, 0, find_stopped, ret_pid, error));
}

/* --- killing ---------------------------------------------------------------------------------- */

typedef struct KillRound {
    const char *cgroup_path;
    GArray *pidfds; /* of what was killed */
    bool found;     /* was there anything? */
} KillRound;

/* Visit: kill a cgroup's processes. What was read may be another process's number already. */
static bool kill_processes(const char *directory, void *data, GError **error)
{
    KillRound *round = data;
    g_autoptr(GArray) pids = NULL;

    if (!read_processes(directory, &pids, error))
        return false;
    for (guint i = 0; i < pids->len; i++) {
        pid_t pid = g_array_index(pids, pid_t, i);
        int pidfd = -1;

        round->found = true;
        if (!cgroup_open_process(round->cgroup_path, pid, &pidfd, error))
            return false;
        if (pidfd < 0)
            continue;
        g_array_append_val(round->pidfds, pidfd);
        if (pidfd_send_signal(pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
            return err_set_errno(error, "kill process %d", pid);
    }
    return true;
}

/* Visit: let v1's frozen processes run into their SIGKILL. Not every cgroup has the file. */
static bool thaw_directory(const char *directory, void *data, GError **error)
{
    const Freezer freezer = { (char *)directory, false };

    freezer_write(&freezer, false, NULL);
    return true;
}

static void close_pidfd(void *pidfd)
{
    fd_cleanup(pidfd);
}

/* Kill what is there now and wait for its end. `*ret_found` tells if there was anything. */
static bool kill_round(const Freezer *freezer, const char *cgroup_path, int64_t deadline_ms,
                       bool *ret_found, GError **error)
{
    g_autoptr(GArray) pidfds = g_array_new(FALSE, FALSE, sizeof(int));
    KillRound round = { cgroup_path, pidfds, false };

    g_array_set_clear_func(pidfds, close_pidfd);
    if (!tree_visit(freezer->directory, 0, kill_processes, &round, error))
        return false;
    *ret_found = round.found;
    if (!freezer->is_v2 && !tree_visit(freezer->directory, 0, thaw_directory, NULL, error))
        return false;
    for (guint i = 0; i < pidfds->len; i++) {
        struct pollfd exited = { .fd = g_array_index(pidfds, int, i), .events = POLLIN };

        if (poll(&exited, 1, ms_until(deadline_ms)) < 0 && errno != EINTR)
            return err_set_errno(error, "wait for a killed process");
    }
    return true;
}

/* One by one, and again for those that were forked meanwhile. */
static bool kill_each(const Freezer *freezer, const char *cgroup_path, int64_t deadline_ms,
                      GError **error)
{
    unsigned sleep_us = SLEEP_FIRST_US;

    for (;;) {
        bool found = false;

        if (!kill_round(freezer, cgroup_path, deadline_ms, &found, error))
            return false;
        if (!found)
            return true;
        if (!sleep_until(deadline_ms, &sleep_us))
            return err_set(error, FLOE_ERROR_TIMEOUT, "a killed process does not end");
    }
}

/*
 * v2: all at once, also what is frozen or forks. NOT_FOUND: there is no such cgroup, or the kernel
 * is older than 5.14.
 */
static bool kill_at_once(const Freezer *freezer, int64_t deadline_ms, GError **error)
{
    autofd int events = -1;
    g_autofree char *file = g_build_filename(freezer->directory, "cgroup.kill", NULL);

    return events_open(freezer->directory, &events, error) &&
           file_write_control(file, "1", error) &&
           events_wait(events, "populated 0", deadline_ms, error);
}

bool cgroup_kill(const char *cgroup_path, GError **error)
{
    g_auto(Freezer) freezer = { NULL };
    g_autoptr(GError) err = NULL;
    int64_t deadline_ms = clock_monotonic_ms() + KILL_TIMEOUT_MS;

    if (!freezer_find(cgroup_path, &freezer, error))
        return false;
    if (freezer.is_v2) {
        if (kill_at_once(&freezer, deadline_ms, &err))
            return true;
        if (!err_is(err, FLOE_ERROR_NOT_FOUND)) {
            g_propagate_prefixed_error(error, g_steal_pointer(&err),
                                       "kill cgroup '%s': ", cgroup_path);
            return false;
        }
    }
    return kill_each(&freezer, cgroup_path, deadline_ms, error) ||
           err_prefix(error, "kill cgroup '%s'", cgroup_path);
}

/* --- removing --------------------------------------------------------------------------------- */

/*
 * Visit: remove one cgroup. Its last processes may still be on their way out, which is EBUSY for a
 * moment.
 */
static bool remove_directory(const char *directory, void *data, GError **error)
{
    const int64_t *deadline_ms = data;
    unsigned sleep_us = SLEEP_FIRST_US;

    do {
        if (rmdir(directory) == 0 || errno == ENOENT)
            return true;
    } while (errno == EBUSY && sleep_until(*deadline_ms, &sleep_us));
    return err_set_errno(error, "remove cgroup '%s'", directory);
}

bool cgroup_remove(const char *cgroup_path, GError **error)
{
    g_autoptr(GPtrArray) hierarchies = NULL;
    int64_t deadline_ms = clock_monotonic_ms() + REMOVE_TIMEOUT_MS;

    if (!cgroup_path_check(cgroup_path, error) || !cgroup_hierarchies_load(&hierarchies, error))
        return false;
    for (guint i = 0; i < hierarchies->len; i++) {
        const CgroupHierarchy *hierarchy = g_ptr_array_index(hierarchies, i);
        g_autofree char *directory = g_strconcat(hierarchy->mount_point, cgroup_path, NULL);

        /* Nearly always it is gone or empty: then this is all. */
        if (rmdir(directory) == 0 || errno == ENOENT)
            continue;
        if (!tree_visit(directory, 0, remove_directory, &deadline_ms, error))
            return false;
    }
    return true;
}

bool cgroup_remove_if_empty(const char *cgroup_path, GError **error)
{
    g_autoptr(GPtrArray) hierarchies = NULL;

    if (!cgroup_path_check(cgroup_path, error) || !cgroup_hierarchies_load(&hierarchies, error))
        return false;
    for (guint i = 0; i < hierarchies->len; i++) {
        const CgroupHierarchy *hierarchy = g_ptr_array_index(hierarchies, i);
        g_autofree char *directory = g_strconcat(hierarchy->mount_point, cgroup_path, NULL);

        if (rmdir(directory) < 0 && errno != ENOENT && errno != EBUSY && errno != ENOTEMPTY)
            return err_set_errno(error, "remove cgroup '%s'", directory);
    }
    return true;
}

/* --- processes -------------------------------------------------------------------------------- */

bool cgroup_has_process(const char *cgroup_path, pid_t pid)
{
    g_autofree char *file = g_strdup_printf("/proc/%d/cgroup", pid);
    g_autofree char *text = NULL;

    return file_read(file, CONTROL_LIMIT, &text, NULL, NULL) && strstr(text, cgroup_path) != NULL;
}

bool cgroup_open_process(const char *cgroup_path, pid_t pid, int *ret_pidfd, GError **error)
{
    autofd int pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;

    if (pidfd < 0 && pid > 0 && errno != ESRCH && errno != EINVAL)
        return err_set_errno(error, "open process %d", pid);
    /* Only when the descriptor is open the check is about the process that it stands for. */
    if (pidfd < 0 || pidfd_wait(pidfd, 0) || !cgroup_has_process(cgroup_path, pid))
        *ret_pidfd = -1;
    else
        *ret_pidfd = g_steal_fd(&pidfd);
    return true;
}

/* --- entering --------------------------------------------------------------------------------- */

/*
 * Does a /proc/PID/cgroup's text ("9:name=systemd:/" a line; v2 is "0::/") say that it is in a
 * hierarchy's root?
 */
static bool is_in_root(const char *text, const CgroupHierarchy *hierarchy)
{
    const char *root = hierarchy->is_v2 ? "0::/" : ":name=systemd:/";
    const char *found = strstr(text, root);

    return found != NULL && (found[strlen(root)] == '\n' || found[strlen(root)] == '\0');
}

static bool enter_hierarchy(const CgroupHierarchy *hierarchy, const char *cgroup_path, pid_t pid,
                            GError **error)
{
    g_autofree char *directory = g_strconcat(hierarchy->mount_point, cgroup_path, NULL);
    g_autofree char *file = g_build_filename(directory, "cgroup.procs", NULL);
    g_autofree char *number = g_strdup_printf("%d", pid);

    return dir_make(directory, 0755, error) && file_write_control(file, number, error);
}

bool cgroup_enter(const char *cgroup_path, pid_t pid, GError **error)
{
    g_autoptr(GPtrArray) hierarchies = NULL;
    g_autofree char *file = g_strdup_printf("/proc/%d/cgroup", pid);
    g_autofree char *text = NULL;

    if (!cgroup_path_check(cgroup_path, error) || !cgroup_hierarchies_load(&hierarchies, error) ||
        !file_read(file, CONTROL_LIMIT, &text, NULL, error))
        return false;
    for (guint i = 0; i < hierarchies->len; i++) {
        const CgroupHierarchy *hierarchy = g_ptr_array_index(hierarchies, i);

        if (!hierarchy->is_v2 && !cgroup_hierarchy_has(hierarchy, "name=systemd"))
            continue;
        if (!is_in_root(text, hierarchy) && !enter_hierarchy(hierarchy, cgroup_path, pid, error))
            return err_prefix(error, "move process %d to cgroup '%s'", pid, cgroup_path);
    }
    return true;
}

/* --- splitting -------------------------------------------------------------------------------- */

static bool move_all(const char *cgroup, const char *to, GError **error)
{
    g_autofree char *from = g_strconcat(CGROUP_ROOT, cgroup, NULL);
    g_autofree char *directory = g_strconcat(CGROUP_ROOT, to, NULL);
    g_autofree char *file = g_build_filename(directory, "cgroup.procs", NULL);
    g_autoptr(GArray) pids = NULL;

    if (!dir_make(directory, 0755, error) || !read_processes(from, &pids, error))
        return false;
    for (guint i = 0; i < pids->len; i++) {
        pid_t pid = g_array_index(pids, pid_t, i);
        g_autofree char *number = g_strdup_printf("%d", pid);

        /* One that has ended meanwhile needs no place. */
        if (!file_write_control(file, number, error) && !process_has_ended(pid))
            return false;
        g_clear_error(error);
    }
    return true;
}

bool cgroup_split_own(char **ret_cgroup, GError **error)
{
    g_autofree char *text = NULL;
    g_autofree char *runtime = NULL;

    if (!file_read("/proc/self/cgroup", CONTROL_LIMIT, &text, NULL, error))
        return false;

    /* v2 has this line alone: "0::/system.slice/web.service". */
    const char *own = g_str_has_prefix(text, "0::/") ? g_strchomp(text) + strlen("0::") : "/";

    if (strcmp(own, "/") == 0)
        return err_set(error, FLOE_ERROR_INVALID,
                       "the root cgroup cannot be split: run it in a service or a scope");
    if (g_str_has_suffix(own, "/runtime")) {
        *ret_cgroup = g_path_get_dirname(own);
        return true;
    }
    runtime = g_strconcat(own, "/runtime", NULL);
    if (!move_all(own, runtime, error))
        return err_prefix(error, "split cgroup '%s'", own);
    *ret_cgroup = g_strdup(own);
    return true;
}
