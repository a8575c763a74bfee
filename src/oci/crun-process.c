/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/crun-process.h"

#include "base/fd.h"
#include "base/json.h"
#include "base/process.h"

#include <errno.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/stat.h>

#define RECORD_MAX      ((size_t)1024 * 1024)
#define KILL_TIMEOUT_MS 10000

/* crun src/libcrun/status.c, libcrun_write_container_status(). */
pid_t crun_process_first(const char *state_dir, const char *id)
{
    g_autofree char *path = g_build_filename(state_dir, id, "status", NULL);
    g_autofree char *identity = NULL;
    g_autoptr(JsonValue) record = NULL;
    const json_t *began;
    pid_t pid;

    if (!json_read_file(path, RECORD_MAX, &record, NULL))
        return 0;
    pid = (pid_t)json_integer_value(json_object_get(record, "pid"));
    began = json_object_get(record, "process-start-time");
    if (pid <= 0 || !json_is_integer(began))
        return 0;
    identity = g_strdup_printf("%d %" JSON_INTEGER_FORMAT, (int)pid, json_integer_value(began));
    return process_is_alive(identity) ? pid : 0;
}

bool pid_namespace_is_shared(pid_t one, pid_t other)
{
    g_autofree char *one_path = g_strdup_printf("/proc/%d/ns/pid", (int)one);
    g_autofree char *other_path = g_strdup_printf("/proc/%d/ns/pid", (int)other);
    struct stat one_info, other_info;

    return stat(one_path, &one_info) == 0 && stat(other_path, &other_info) == 0 &&
           one_info.st_dev == other_info.st_dev && one_info.st_ino == other_info.st_ino;
}

bool crun_process_open(const char *state_dir, const char *id, pid_t pid, int *ret_pidfd,
                       GError **error)
{
    autofd int pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;
    pid_t first;

    if (pidfd < 0 && pid > 0 && errno != ESRCH && errno != EINVAL)
        return err_set_errno(error, "open process %d", pid);
    *ret_pidfd = -1;
    if (pidfd < 0 || pidfd_wait(pidfd, 0))
        return true;
    /* Only when the descriptor is open the check is about the process that it stands for. */
    first = crun_process_first(state_dir, id);
    if (first > 0 && (first == pid || pid_namespace_is_shared(first, pid)))
        *ret_pidfd = g_steal_fd(&pidfd);
    return true;
}

bool crun_process_kill(const char *state_dir, const char *id, GError **error)
{
    pid_t first = crun_process_first(state_dir, id);
    autofd int pidfd = -1;

    if (!crun_process_open(state_dir, id, first, &pidfd, error))
        return false;
    if (pidfd < 0)
        return true;
    if (pidfd_send_signal(pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
        return err_set_errno(error, "kill process %d", first);
    /* It ends after all others of its namespace: pid_namespaces(7). */
    return pidfd_wait(pidfd, KILL_TIMEOUT_MS) ||
           err_set(error, FLOE_ERROR_TIMEOUT, "a killed process does not end");
}
