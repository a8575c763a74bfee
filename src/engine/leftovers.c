/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/leftovers.h"

#include "base/clock.h"
#include "base/process.h"
#include "oci/cgroup.h"
#include "oci/crun-process.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>

#define PROC_FILE_LIMIT 65536
#define END_TIMEOUT_MS  5000

typedef bool (*Visit)(pid_t pid, int pidfd, void *data, GError **error);

/* Is it "PROGRAM ... --bundle BUNDLE ..."? `program` NULL: any. */
static bool works_for(pid_t pid, const char *program, const char *bundle)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/cmdline", pid);
    g_autofree char *line = NULL;
    const char *before = "";
    size_t length = 0;

    if (!file_read(path, PROC_FILE_LIMIT, &line, &length, NULL) || length == 0 ||
        (program != NULL && !g_str_has_suffix(line, program)))
        return false;
    for (const char *word = line; word < line + length; word += strlen(word) + 1) {
        if (g_str_equal(before, "--bundle") && g_str_equal(word, bundle))
            return true;
        before = word;
    }
    return false;
}

/* Asked again with the descriptor open, it cannot be another process of the same number. */
static bool each_worker(const char *program, const char *bundle, Visit visit, void *data,
                        GError **error)
{
    g_autoptr(GDir) proc = g_dir_open("/proc", 0, error);
    const char *name;

    if (proc == NULL)
        return false;
    while ((name = g_dir_read_name(proc)) != NULL) {
        pid_t pid = (pid_t)atoi(name);
        autofd int pidfd = -1;

        if (pid <= 0 || !works_for(pid, program, bundle))
            continue;
        pidfd = pidfd_open(pid, 0);
        if (pidfd >= 0 && works_for(pid, program, bundle) && !visit(pid, pidfd, data, error))
            return false;
    }
    return true;
}

static bool wait_end(int pidfd, int timeout_ms, const char *what, GError **error)
{
    return pidfd_wait(pidfd, timeout_ms) ||
           err_set(error, FLOE_ERROR_TIMEOUT, "%s that an earlier floe started does not end", what);
}

/* --- waiting -------------------------------------------------------------------------------- */

typedef struct RuntimeWait {
    const char *bundle;
    const char *cgroup;
    int64_t deadline_ms;
} RuntimeWait;

/*
 * Of conmon's children the runtime names the bundle, not the exit command, which waits for us. The
 * container's process does too until it is started (crun's is a fork of it), but it is in the
 * container's cgroup, or without one in a PID namespace of its own. A conmon that is just going
 * into the background is its own child.
 */
static bool wait_runtime(pid_t pid, int pidfd, void *data, GError **error)
{
    const RuntimeWait *wait = data;
    g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", pid, pid);
    g_autofree char *text = NULL;
    g_auto(GStrv) children = NULL;

    if (!file_read(path, PROC_FILE_LIMIT, &text, NULL, NULL))
        return true;
    children = g_strsplit(g_strstrip(text), " ", -1);
    for (size_t i = 0; children[i] != NULL && children[i][0] != '\0'; i++) {
        pid_t child = (pid_t)atoi(children[i]);
        autofd int child_fd = pidfd_open(child, 0);

        if (child_fd < 0 || !works_for(child, NULL, wait->bundle) ||
            cgroup_has_process(wait->cgroup, child) || !pid_namespace_is_shared(getpid(), child))
            continue;
        if (works_for(child, "conmon", wait->bundle)
                ? !wait_runtime(child, child_fd, data, error)
                : !wait_end(child_fd, clock_ms_until(wait->deadline_ms), "the runtime", error))
            return false;
    }
    return true;
}

bool leftover_runtime_wait(const ContainerPaths *paths, int timeout_ms, GError **error)
{
    RuntimeWait wait = { paths->bundle, paths->cgroup, clock_deadline_ms(timeout_ms) };

    return each_worker("conmon", paths->bundle, wait_runtime, &wait, error);
}

/* --- ending --------------------------------------------------------------------------------- */

static bool kill_worker(pid_t pid, int pidfd, void *data, GError **error)
{
    bool *found = data;

    *found = true;
    return pidfd_send_signal(pidfd, SIGKILL, NULL, 0) < 0 ||
           wait_end(pidfd, END_TIMEOUT_MS, "a process", error);
}

/* Again for those that were forked meanwhile. */
static bool kill_all(const char *program, const char *bundle, GError **error)
{
    bool found;

    do {
        found = false;
        if (!each_worker(program, bundle, kill_worker, &found, error))
            return false;
    } while (found);
    return true;
}

bool leftovers_end(const ContainerPaths *paths, GError **error)
{
    /* conmon first: it would start the runtime, or take its end for the container's. */
    return kill_all("conmon", paths->bundle, error) && kill_all(NULL, paths->bundle, error);
}
