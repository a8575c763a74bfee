/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-files.h"

#include "base/mount.h"
#include "base/path.h"
#include "engine/container-network-plan.h"
#include "engine/dependencies.h"
#include "engine/timezone.h"
#include "network/resolver-files.h"
#include "storage/pack.h"
#include "storage/unpack.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define FILE_LIMIT    (1024 * 1024)
#define RESOLV_CONF   "/etc/resolv.conf"
#define RESOLVED_CONF "/run/systemd/resolve/resolv.conf"
#define SHM_ARCHIVE   "devshm-checkpoint.tar"

static bool write_text(const char *path, const char *text, GError **error)
{
    return file_write_atomic(path, text, strlen(text), 0644, error);
}

/* The text of a file of the host; "" when there is none. */
static bool host_text(const char *path, char **ret_text, GError **error)
{
    g_autoptr(GError) err = NULL;

    if (file_read(path, FILE_LIMIT, ret_text, NULL, &err))
        return true;
    if (err_is(err, FLOE_ERROR_NOT_FOUND)) {
        *ret_text = g_strdup("");
        return true;
    }
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

/*
 * systemd-resolved's stub listens on the host's loopback only: what it asks itself is in another file.
 */
static bool host_resolv_conf(bool shares_network, char **ret_text, GError **error)
{
    if (!host_text(RESOLV_CONF, ret_text, error))
        return false;
    if (!shares_network && strstr(*ret_text, "127.0.0.53") != NULL && path_exists(RESOLVED_CONF)) {
        g_clear_pointer(ret_text, g_free);
        return host_text(RESOLVED_CONF, ret_text, error);
    }
    return true;
}

static bool make_resolv_conf(floe_container *ctr, char **ret_text, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;
    bool shares_network = g_str_equal(config->network_mode, "host");
    g_autoptr(GPtrArray) network_servers = container_network_dns_servers(&ctr->record->status);
    g_autofree char *base = NULL;
    const char *network_search[] = { "dns.podman", NULL };
    bool has_names = network_servers->len > 1;

    if (!host_resolv_conf(shares_network, &base, error))
        return false;
    ResolvConf conf = {
        .host_text = base,
        .servers = (const char *const *)config->dns,
        .network_servers = (const char *const *)network_servers->pdata,
        .search = (const char *const *)config->dns_search,
        .network_search = has_names ? network_search : NULL,
        .options = (const char *const *)config->dns_options,
        .keeps_loopback = shares_network,
    };
    *ret_text = resolv_conf_text(&conf);
    return true;
}

static bool make_hosts(floe_container *ctr, char **ret_text, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;
    static const char *const loopback[] = { "127.0.0.1", NULL };
    g_auto(GStrv) addresses = container_network_addresses(&ctr->record->status);
    g_autofree char *base = NULL;
    HostsFile hosts = {
        .add_hosts = (const char *const *)config->add_hosts,
        .hostname = config->hostname,
        .name = ctr->record->name,
    };

    if (!host_text("/etc/hosts", &base, error))
        return false;
    hosts.base_text = base;
    hosts.addresses = g_str_equal(config->network_mode, "none") ? loopback
                                                                : (const char *const *)addresses;
    hosts.gateway = container_network_gateway(&ctr->record->status);
    *ret_text = hosts_text(&hosts);
    return true;
}

static bool overwrite_text(const char *path, const char *text, GError **error)
{
    autofd int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

    return (fd >= 0 || err_set_errno(error, "open '%s'", path)) &&
           fd_write_all(fd, text, strlen(text), error);
}

typedef bool (*WriteText)(const char *path, const char *text, GError **error);

static bool write_network_files(floe_container *ctr, WriteText write_file, GError **error)
{
    g_autofree char *resolv_conf = NULL;
    g_autofree char *hosts = NULL;

    return make_resolv_conf(ctr, &resolv_conf, error) && make_hosts(ctr, &hosts, error) &&
           write_file(ctr->paths.resolv_conf, resolv_conf, error) &&
           write_file(ctr->paths.hosts, hosts, error);
}

bool container_rewrite_files(floe_container *ctr, GError **error)
{
    return write_network_files(ctr, overwrite_text, error);
}

static char *containerenv_text(const ContainerRecord *record)
{
    if (!record->config.privileged)
        return g_strdup("");
    return g_strdup_printf("engine=\"floe-%s\"\nname=\"%s\"\nid=\"%s\"\nimage=\"%s\"\n"
                           "imageid=\"%s\"\nrootless=0\n",
                           FLOE_VERSION, record->name, record->id, record->config.image_name,
                           record->config.image_id != NULL ? record->config.image_id : "");
}

bool container_write_files(floe_container *ctr, GError **error)
{
    g_autofree char *containerenv = containerenv_text(ctr->record);
    const char *timezone = ctr->record->config.timezone;
    bool is_shared = g_str_equal(ctr->record->config.network_mode, "container");

    /* Who shares a network has the files of the other container, see container-spec.c. */
    if (!is_shared && !write_network_files(ctr, write_text, error))
        return false;
    if (timezone != NULL && !timezone_write(timezone, ctr->paths.localtime, error))
        return false;
    return write_text(ctr->paths.hostname, ctr->record->config.hostname, error) &&
           write_text(ctr->paths.containerenv, containerenv, error);
}

bool container_shm_source(floe_container *ctr, char **ret_directory, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;
    g_autoptr(floe_container) owner = NULL;

    *ret_directory = NULL;
    if (g_str_equal(config->ipc_mode, "private")) {
        *ret_directory = g_strdup(ctr->paths.shm);
        return true;
    }
    if (!container_namespace_owner(ctr->engine, ctr->record->id, "ipc", &owner, error))
        return false;
    if (owner == NULL)
        return true;
    if (!path_exists(owner->paths.shm))
        return err_set(error, FLOE_ERROR_BAD_STATE,
                       "container \"%s\", whose /dev/shm is shared, is not running",
                       owner->record->name);
    *ret_directory = g_strdup(owner->paths.shm);
    return true;
}

bool container_mount_shm(floe_container *ctr, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;
    g_autofree char *options = NULL;
    bool is_mounted = false;

    if (!g_str_equal(config->ipc_mode, "private"))
        return true;
    if (!dir_make(ctr->paths.shm, 0700, error) || !mount_is_at(ctr->paths.shm, &is_mounted, error))
        return false;
    options = g_strdup_printf("mode=1777,size=%" G_GINT64_FORMAT, config->shm_size_bytes);
    return is_mounted || mount_at("shm", ctr->paths.shm, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
                                  options, error);
}

static bool open_path(const char *path, int flags, int *ret_fd, GError **error)
{
    *ret_fd = open(path, flags | O_CLOEXEC, 0600);
    return *ret_fd >= 0 || err_set_errno(error, "open '%s'", path);
}

static bool pack_shm(floe_container *ctr, const char *path, GError **error)
{
    autofd int directory_fd = -1;
    autofd int fd = -1;

    return open_path(ctr->paths.shm, O_RDONLY | O_DIRECTORY, &directory_fd, error) &&
           open_path(path, O_WRONLY | O_CREAT | O_TRUNC, &fd, error) &&
           pack_tar(directory_fd, fd, NULL, error) && fd_close(&fd, path, error);
}

bool container_save_shm(floe_container *ctr, const char *checkpoint_dir, GError **error)
{
    g_autofree char *path = g_build_filename(checkpoint_dir, SHM_ARCHIVE, NULL);
    g_autofree char *aside = g_strconcat(path, ".tmp", NULL);
    bool is_mounted = false;

    if (path_exists(path))
        return true;
    if (!mount_is_at(ctr->paths.shm, &is_mounted, error))
        return false;
    if (!is_mounted)
        return true;
    if (!pack_shm(ctr, aside, error)) {
        unlink(aside);
        return err_prefix(error, "save /dev/shm");
    }
    return rename(aside, path) == 0 || err_set_errno(error, "rename '%s' to '%s'", aside, path);
}

bool container_restore_shm(floe_container *ctr, const char *checkpoint_dir, GError **error)
{
    static const UnpackOptions options = { 0 };
    g_autofree char *path = g_build_filename(checkpoint_dir, SHM_ARCHIVE, NULL);
    UnpackResult result = { 0 };
    autofd int directory_fd = -1;
    autofd int fd = -1;

    /* What others share is theirs, and as they have left it. */
    if (!path_exists(path) || !g_str_equal(ctr->record->config.ipc_mode, "private"))
        return true;
    return (open_path(path, O_RDONLY, &fd, error) &&
            open_path(ctr->paths.shm, O_RDONLY | O_DIRECTORY, &directory_fd, error) &&
            unpack_tar(fd, directory_fd, &options, &result, error)) ||
           err_prefix(error, "restore /dev/shm");
}
