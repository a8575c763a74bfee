/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which file systems a container sees. Kernel file systems and their options are podman's;
 * everything bound from the host is private, for CRIU refuses mounts that share their events with
 * the host ("mnt[]:ms").
 */
#include "oci/spec-mounts.h"

#include <string.h>

/*
 * A mount on its way into the document. The rest of `mount` is borrowed; its destination is not
 * used.
 */
typedef struct Entry {
    char *destination; /* absolute, without "//", "." and ".." */
    SpecMount mount;
    unsigned depth; /* its number of components */
    guint order;    /* where it was added */
} Entry;

static void entry_free(Entry *entry)
{
    g_free(entry->destination);
    g_free(entry);
}

static char *clean_destination(const char *path)
{
    /*
     * g_canonicalize_filename() keeps two leading slashes, as POSIX lets a system give them a
     * meaning.
     */
    while (path[0] == '/' && path[1] == '/')
        path++;
    return g_canonicalize_filename(path, "/");
}

static unsigned count_components(const char *path)
{
    unsigned n = 0;

    for (; *path != '\0'; path++)
        n += path[0] == '/' && path[1] != '\0';
    return n;
}

static void add(GPtrArray *entries, const SpecMount *mount)
{
    Entry *entry = g_new0(Entry, 1);

    entry->destination = clean_destination(mount->destination);
    entry->mount = *mount;
    entry->depth = count_components(entry->destination);
    g_ptr_array_add(entries, entry);
}

/* --- the user's ------------------------------------------------------------------------------- */

/*
 * runc lets nothing be mounted inside /proc but these (libcontainer/rootfs_linux.go,
 * checkProcMount()).
 */
static const char *const allowed_in_proc[] = {
    "/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo",  "/proc/stat",    "/proc/swaps",
    "/proc/uptime",  "/proc/loadavg",   "/proc/slabinfo", "/proc/net/dev", NULL,
};

static bool check_mount(const SpecMount *mount, GError **error)
{
    if (mount->destination == NULL || !g_path_is_absolute(mount->destination))
        return err_set(error, FLOE_ERROR_INVALID, "mount destination '%s' is not absolute",
                       mount->destination != NULL ? mount->destination : "");

    g_autofree char *destination = clean_destination(mount->destination);

    if (strcmp(destination, "/") == 0)
        return err_set(error, FLOE_ERROR_INVALID,
                       "nothing can be mounted over the container's root");
    if (g_str_has_prefix(destination, "/proc/") && !g_strv_contains(allowed_in_proc, destination))
        return err_set(error, FLOE_ERROR_INVALID,
                       "mount at '%s': nothing can be mounted inside /proc", destination);
    if (mount->type == NULL || *mount->type == '\0')
        return err_set(error, FLOE_ERROR_INVALID, "mount at '%s' has no type", destination);
    if (strcmp(mount->type, "bind") == 0 &&
        (mount->source == NULL || !g_path_is_absolute(mount->source)))
        return err_set(error, FLOE_ERROR_INVALID, "mount at '%s': source '%s' is not absolute",
                       destination, mount->source != NULL ? mount->source : "");
    return true;
}

static int compare_destinations(const void *a, const void *b)
{
    const Entry *const *left = a, *const *right = b;

    return strcmp((*left)->destination, (*right)->destination);
}

static bool add_user_mounts(const SpecInput *input, GPtrArray *entries, GError **error)
{
    for (size_t i = 0; i < input->n_mounts; i++) {
        if (!check_mount(&input->mounts[i], error))
            return false;
        add(entries, &input->mounts[i]);
    }
    g_ptr_array_sort(entries, compare_destinations);
    for (guint i = 1; i < entries->len; i++) {
        const Entry *entry = g_ptr_array_index(entries, i);

        if (compare_destinations(&entries->pdata[i - 1], &entries->pdata[i]) == 0)
            return err_set(error, FLOE_ERROR_INVALID, "two mounts at '%s'", entry->destination);
    }
    return true;
}

/* A file of the engine's; below a read-only root it is read-only too. */
static SpecMount file_mount(const SpecInput *input, const char *source, const char *destination)
{
    static const char *const writable[] = { "bind", "rprivate", NULL };
    static const char *const read_only[] = { "bind",   "rprivate", "ro", "nosuid",
                                             "noexec", "nodev",    NULL };

    return (SpecMount){ "bind", source, destination,
                        input->rootfs_read_only ? read_only : writable };
}

static bool has_mount_at(const GPtrArray *entries, const char *destination)
{
    for (guint i = 0; i < entries->len; i++) {
        const Entry *entry = g_ptr_array_index(entries, i);

        if (strcmp(entry->destination, destination) == 0)
            return true;
    }
    return false;
}

/* The user asked for these, too: the defaults give way to them. */
static bool add_secrets(const SpecInput *input, GPtrArray *entries, GError **error)
{
    for (size_t i = 0; i < input->n_secrets; i++) {
        const SpecMount mount = file_mount(input, input->secrets[i].source,
                                           input->secrets[i].destination);

        if (!check_mount(&mount, error))
            return err_prefix(error, "secret");
        if (!has_mount_at(entries, mount.destination))
            add(entries, &mount);
    }
    return true;
}

/* --- the defaults ----------------------------------------------------------------------------- */

/* Where defaults go, and whose mounts they give way to. */
typedef struct Defaults {
    const SpecInput *input;
    GPtrArray *user;
    GPtrArray *entries;
} Defaults;

static void add_default(const Defaults *defaults, const char *type, const char *source,
                        const char *destination, const char *const *options)
{
    const SpecMount mount = { type, source, destination, options };

    if (!has_mount_at(defaults->user, destination))
        add(defaults->entries, &mount);
}

static void add_kernel_mounts(const Defaults *defaults)
{
    static const char *const proc[] = { "nosuid", "noexec", "nodev", NULL };
    static const char *const dev[] = { "nosuid",   "noexec",      "strictatime",
                                       "mode=755", "size=65536k", NULL };
    static const char *const sys[] = { "nosuid", "noexec", "nodev", "ro", NULL };
    static const char *const sys_privileged[] = { "rprivate", "nosuid", "noexec",
                                                  "nodev",    "rw",     NULL };
    static const char *const pts[] = { "nosuid",    "noexec", "newinstance", "ptmxmode=0666",
                                       "mode=0620", "gid=5",  NULL };

    add_default(defaults, "proc", "proc", "/proc", proc);
    add_default(defaults, "tmpfs", "tmpfs", "/dev", dev);
    add_default(defaults, "sysfs", "sysfs", "/sys",
                defaults->input->privileged ? sys_privileged : sys);
    /* A /dev of the user's has its own ptys and queues. */
    if (!has_mount_at(defaults->user, "/dev")) {
        add_default(defaults, "devpts", "devpts", "/dev/pts", pts);
        add_default(defaults, "mqueue", "mqueue", "/dev/mqueue", proc);
    }
}

static void add_file(const Defaults *defaults, const char *source, const char *destination)
{
    if (source != NULL && !has_mount_at(defaults->user, destination)) {
        const SpecMount mount = file_mount(defaults->input, source, destination);

        add(defaults->entries, &mount);
    }
}

static void add_shm(const Defaults *defaults)
{
    static const char *const bound[] = { "bind", "rprivate", "nosuid", "noexec", "nodev", NULL };
    static const char *const own[] = { "nosuid",    "noexec",        "nodev",
                                       "mode=1777", "size=65536000", NULL };
    const SpecInput *input = defaults->input;

    if (input->shm_dir != NULL)
        add_default(defaults, "bind", input->shm_dir, "/dev/shm", bound);
    else if (input->ipc_ns != NULL && *input->ipc_ns == '\0')
        add_default(defaults, "bind", "/dev/shm", "/dev/shm", bound);
    else
        add_default(defaults, "tmpfs", "shm", "/dev/shm", own);
}

static void add_cgroup(const Defaults *defaults)
{
    static const char *const read_only[] = { "rprivate", "nosuid", "noexec", "nodev",
                                             "relatime", "ro",     NULL };
    static const char *const writable[] = { "rprivate", "nosuid", "noexec", "nodev",
                                            "relatime", "rw",     NULL };

    add_default(defaults, "cgroup", "cgroup", "/sys/fs/cgroup",
                defaults->input->privileged || defaults->input->cgroup_writable ? writable
                                                                                : read_only);
}

static void add_defaults(const Defaults *defaults)
{
    static const char *const init[] = { "bind", "ro", "rprivate", NULL };
    const SpecInput *input = defaults->input;

    add_kernel_mounts(defaults);
    add_file(defaults, input->resolv_conf, "/etc/resolv.conf");
    add_file(defaults, input->hosts, "/etc/hosts");
    add_file(defaults, input->hostname_file, "/etc/hostname");
    add_file(defaults, input->localtime, "/etc/localtime");
    /* As podman: not into what is the user's, and a checkpoint is restored with these same mounts. */
    if (!has_mount_at(defaults->user, "/run"))
        add_file(defaults, input->containerenv, "/run/.containerenv");
    if (input->init_binary != NULL)
        add_default(defaults, "bind", input->init_binary, "/run/podman-init", init);
    add_shm(defaults);
    add_cgroup(defaults);
}

/* --- the list --------------------------------------------------------------------------------- */

static int compare_depths(const void *a, const void *b)
{
    const Entry *left = *(const Entry *const *)a, *right = *(const Entry *const *)b;

    if (left->depth != right->depth)
        return left->depth < right->depth ? -1 : 1;
    return left->order < right->order ? -1 : 1;
}

static bool has_any(const char *const *options, const char *const *wanted)
{
    for (size_t i = 0; options != NULL && options[i] != NULL; i++) {
        if (g_strv_contains(wanted, options[i]))
            return true;
    }
    return false;
}

static const char *const bind_options[] = { "bind", "rbind", NULL };
static const char *const shared_options[] = { "shared", "rshared", NULL };
static const char *const slave_options[] = { "slave", "rslave", NULL };
static const char *const propagation_options[] = {
    "private", "rprivate",   "shared",      "rshared", "slave",
    "rslave",  "unbindable", "runbindable", NULL,
};

/* A bind is told by its option, not its type, and is private unless it says otherwise. */
static json_t *options_to_json(const SpecMount *mount)
{
    json_t *options = json_from_strv(mount->options);

    if (strcmp(mount->type, "bind") == 0) {
        if (!has_any(mount->options, bind_options))
            json_array_append_new(options, json_string("rbind"));
        if (!has_any(mount->options, propagation_options))
            json_array_append_new(options, json_string("rprivate"));
    }
    return options;
}

static json_t *entry_to_json(const Entry *entry)
{
    const SpecMount *mount = &entry->mount;

    return json_pack("{s:o, s:s, s:o, s:o}", "destination", json_from_string(entry->destination),
                     "type", mount->type, "source",
                     json_from_string(mount->source != NULL ? mount->source : mount->type),
                     "options", options_to_json(mount));
}

bool spec_build_mounts(const SpecInput *input, json_t **ret_mounts, GError **error)
{
    g_autoptr(GPtrArray) user = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);

    if (!add_user_mounts(input, user, error) || !add_secrets(input, user, error))
        return false;
    add_defaults(&(const Defaults){ input, user, entries });
    g_ptr_array_extend_and_steal(entries, g_steal_pointer(&user));
    for (guint i = 0; i < entries->len; i++)
        ((Entry *)entries->pdata[i])->order = i;
    g_ptr_array_sort(entries, compare_depths);

    *ret_mounts = json_array();
    for (guint i = 0; i < entries->len; i++)
        json_array_append_new(*ret_mounts, entry_to_json(entries->pdata[i]));
    return true;
}

const char *spec_root_propagation(const SpecInput *input)
{
    const char *propagation = NULL;

    for (size_t i = 0; i < input->n_mounts; i++) {
        const char *const *options = input->mounts[i].options;

        if (has_any(options, shared_options))
            return "shared";
        if (has_any(options, slave_options))
            propagation = "rslave";
    }
    return propagation;
}
