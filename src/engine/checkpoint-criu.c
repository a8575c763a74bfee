/* SPDX-License-Identifier: Apache-2.0 */
/* What CRIU is told of a container, and what it says. */
#include "base/fd.h"
#include "engine/checkpoint.h"
#include "oci/cgroup.h"
#include "oci/criu-log.h"
#include "oci/criu.h"

/*
 * On cgroup v2 runc (1.1, libcontainer's criuApplyCgroups()) does not tell CRIU where the container
 * is to be: another engine's, or one with another id, would go back to the cgroup that it was dumped
 * in, out of the scope that systemd has made for it.
 */
static void append_cgroup(GString *text, floe_container *ctr)
{
    g_auto(Runtime) runtime = { 0 };

    container_runtime(ctr, &runtime);
    if (cgroup_mode() == CGROUP_V2 && ctr->paths.cgroup != NULL && !runtime_is_crun(&runtime))
        g_string_append_printf(text, "cgroup-root %s\n", ctr->paths.cgroup);
}

bool checkpoint_write_criu_config(floe_container *ctr, bool tcp_close, const char *empty_directory,
                                  GError **error)
{
    /* iptables, CRIU's own choice, takes longer than the whole rest of a small dump. */
    g_autoptr(GString) text = g_string_new("network-lock nftables\n");

    if (tcp_close)
        g_string_append(text, "tcp-close\n");
    append_cgroup(text, ctr);
    if (empty_directory != NULL) {
        /* crun tells CRIU of the one of this host, by its path here. */
        g_auto(Runtime) runtime = { 0 };

        container_runtime(ctr, &runtime);
        g_string_append_printf(text, "external mnt[%s]:%s/.empty-directory\n", empty_directory,
                               runtime.root_dir);
    }
    return file_write_atomic(ctr->paths.criu_config, text->str, text->len, 0600, error);
}

void checkpoint_explain(floe_container *ctr, const char *log_dir, const char *log_name,
                        GError **error)
{
    g_autofree char *log = g_build_filename(log_dir, log_name, NULL);
    g_autofree char *kept = g_build_filename(ctr->paths.dir, log_name, NULL);
    g_autofree char *reason = criu_log_reason(log, ctr->record->status.pid);
    g_autofree char *text = NULL;
    size_t length = 0;

    if (reason == NULL || error == NULL)
        return;
    g_clear_error(error);
    if (file_read(log, CRIU_LOG_LIMIT, &text, &length, NULL) &&
        file_write_atomic(kept, text, length, 0600, NULL))
        err_set(error, FLOE_ERROR_CRIU, "%s (log: %s)", reason, kept);
    else
        err_set(error, FLOE_ERROR_CRIU, "%s", reason);
}
