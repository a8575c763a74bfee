/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/pod-ipc.h"

#include "base/fd.h"
#include "engine/container-processes.h"
#include "engine/process-list.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MAPS_LIMIT ((size_t)64 * 1024 * 1024)

/* "7f12...-7f13... rw-s 00000000 00:01 5  /SYSV00001234 (deleted)" in proc(5)'s maps */
#define SYSV_MAPPING " /SYSV"

static bool has_attached(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/maps", pid);
    g_autofree char *text = NULL;

    return file_read(path, MAPS_LIMIT, &text, NULL, NULL) && strstr(text, SYSV_MAPPING) != NULL;
}

static bool container_has_attached(const floe_container *ctr, bool *ret_has, GError **error)
{
    g_autoptr(GPtrArray) processes = NULL;

    if (!container_list_processes(ctr, &processes, error))
        return false;
    *ret_has = false;
    for (guint i = 0; i < processes->len && !*ret_has; i++) {
        const ProcessEntry *process = g_ptr_array_index(processes, i);

        *ret_has = has_attached(process->host_pid);
    }
    return true;
}

bool pod_ipc_find_owner(const GPtrArray *containers, PodIpc *ret_ipc, GError **error)
{
    const floe_container *infra = NULL, *owner = NULL;

    for (guint i = 0; i < containers->len; i++) {
        const floe_container *ctr = g_ptr_array_index(containers, i);
        bool has = false;

        if (!container_has_attached(ctr, &has, error))
            return false;
        if (ctr->record->config.is_infra)
            infra = ctr;
        if (!has)
            continue;
        if (owner != NULL)
            return err_set(error, FLOE_ERROR_UNSUPPORTED,
                           "containers \"%s\" and \"%s\" both have System V shared memory attached, "
                           "which CRIU cannot restore; POSIX shared memory (/dev/shm) can be",
                           owner->record->name, ctr->record->name);
        owner = ctr;
    }
    g_assert(infra != NULL);
    ret_ipc->owner = (owner != NULL ? owner : infra)->record->id;
    return true;
}

bool pod_ipc_refuse_attached(const floe_container *ctr, GError **error)
{
    bool has = false;

    if (!container_has_attached(ctr, &has, error))
        return false;
    return !has || err_set(error, FLOE_ERROR_UNSUPPORTED,
                           "cannot checkpoint container \"%s\": it has System V shared memory of a "
                           "namespace attached that is another container's, which CRIU cannot "
                           "restore",
                           ctr->record->name);
}

bool pod_ipc_drop(const PodIpc *ipc, const floe_container *ctr, GError **error)
{
    static const char *const prefixes[] = { "ipcns-shm-", "ipcns-sem-", "ipcns-msg-" };
    g_autoptr(GDir) dir = NULL;
    const char *name;

    if (ipc != NULL && g_str_equal(ipc->owner, ctr->record->id))
        return true;
    dir = g_dir_open(ctr->paths.checkpoint_new, 0, NULL);
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++) {
            g_autofree char *path = g_build_filename(ctr->paths.checkpoint_new, name, NULL);

            if (g_str_has_prefix(name, prefixes[i]) && unlink(path) < 0 && errno != ENOENT)
                return err_set_errno(error, "remove '%s'", path);
        }
    }
    return true;
}
