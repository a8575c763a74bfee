/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/archive-checks.h"

#include "base/digest.h"
#include "base/log.h"
#include "base/path.h"
#include "engine/archive-policy.h"
#include "engine/cgroup-names.h"
#include "engine/checkpoint.h"
#include "engine/container-network-plan.h"
#include "engine/container-network.h"
#include "engine/create-options.h"
#include "engine/host-facts.h"
#include "engine/image-pull.h"
#include "engine/name-generator.h"
#include "engine/network-options.h"
#include "engine/network.h"
#include "engine/pod-join.h"
#include "engine/volume.h"
#include "network/port-mapping.h"
#include "oci/criu.h"
#include "state/container-networks.h"
#include "state/image-name.h"
#include "state/image-record.h"

#include <string.h>

#define MISSING_MAX 100 /* bytes of names of processor flags; there may be many */

static ContainerConfig *config_of(const ArchiveCheck *check)
{
    return &check->archive->record->config;
}

static void ports_clear(ContainerConfig *config)
{
    for (guint i = 0; config->ports != NULL && i < config->ports->len; i++) {
        PortConfig *port = g_ptr_array_index(config->ports, i);

        g_free(port->host_ip);
        g_free(port->protocol);
        g_free(port);
    }
    g_clear_pointer(&config->ports, g_ptr_array_unref);
}

bool archive_check_options(const floe_archive_restore_options *options, GError **error)
{
    if ((options->archive == NULL) == (options->image == NULL))
        return err_set(error, FLOE_ERROR_INVALID, "an import needs an archive, or an image");
    if (options->tcp_established && options->name != NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "--tcp-established cannot be used with --name: connections belong to an "
                       "address, and a container with a new name gets a new one");
    if (!restore_check_connections(options->tcp_established, options->tcp_close,
                                   options->ignore_static_ip, error))
        return false;
    if (options->name != NULL && !container_name_check(options->name, error))
        return err_prefix(error, "--name");
    return allow_check(options->allow, error);
}

/* --- others that it needs --------------------------------------------------------------------- */

/* A namespace that is another container's has to be one that the pod shares: its infra container's. */
static bool join_namespace(const PodRecord *pod, const char *kind, char **container, GError **error)
{
    if (*container == NULL)
        return true;
    if (!pod_shares(pod, kind))
        return err_set(error, FLOE_ERROR_INVALID,
                       "the container shared the %s namespace of its pod, and pod \"%s\" does not "
                       "share its own",
                       kind, pod->name);
    g_free(*container);
    *container = g_strdup(pod->config.infra_id);
    return true;
}

/* What belongs to the pod where its network is shared. */
static void leave_network_to_pod(const PodRecord *pod, ContainerConfig *config)
{
    if (g_str_equal(config->network_mode, "container"))
        ports_clear(config);
    if (!g_str_equal(config->uts_mode, "container"))
        return;
    g_free(config->hostname);
    config->hostname = g_strdup(pod->config.hostname != NULL ? pod->config.hostname : "");
}

/* The recorded command line, which `inspect` shows, names the pod that it is in now. */
static void rename_pod_in_command(const ArchiveCheck *check, const PodRecord *pod)
{
    char **words = config_of(check)->create_command;

    for (; words != NULL && *words != NULL; words++) {
        if (g_strcmp0(*words, check->archive->pod) != 0 &&
            g_strcmp0(*words, check->archive->sandbox) != 0)
            continue;
        g_free(*words);
        *words = g_strdup(pod->id);
    }
}

static bool join_pod(ArchiveCheck *check, GError **error)
{
    ContainerConfig *config = config_of(check);
    g_autoptr(PodRecord) pod = NULL;
    g_autofree char *id = NULL;

    if (!pod_find(check->engine->db, check->options->pod, &id, error) ||
        !pod_load(check->engine->db, id, &pod, error))
        return err_prefix(error, "--pod");
    if (!join_namespace(pod, "net", &config->network_container, error) ||
        !join_namespace(pod, "ipc", &config->ipc_container, error) ||
        !join_namespace(pod, "pid", &config->pid_container, error) ||
        !join_namespace(pod, "uts", &config->uts_container, error) ||
        !join_namespace(pod, "cgroup", &config->cgroup_container, error))
        return false;
    g_free(config->pod_id);
    config->pod_id = g_strdup(pod->id);
    cgroup_names_choose(check->engine, pod, NULL, config);
    leave_network_to_pod(pod, config);
    rename_pod_in_command(check, pod);
    return true;
}

static bool shares_namespaces(const ContainerConfig *config)
{
    return config->network_container != NULL || config->ipc_container != NULL ||
           config->pid_container != NULL || config->uts_container != NULL ||
           config->cgroup_container != NULL;
}

bool archive_check_pod(ArchiveCheck *check, GError **error)
{
    const char *pod = check->archive->pod;

    if (pod == NULL && check->options->pod != NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "--pod: the container was not in a pod, so it cannot be restored into one");
    if (pod != NULL && check->options->pod == NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "the container was in pod %.12s: say with --pod which one it is to be in here",
                       pod);
    if (pod != NULL)
        return join_pod(check, error);
    return !shares_namespaces(config_of(check)) ||
           err_set(error, FLOE_ERROR_INVALID,
                   "the container shared namespaces with another container, and cannot be restored "
                   "alone");
}

bool archive_check_dependencies(ArchiveCheck *check, GError **error)
{
    g_autofree char *list = g_strjoinv(", ", check->archive->dependencies);

    return *list == '\0' ||
           err_set(error, FLOE_ERROR_INVALID,
                   "the container needs other containers, which the archive does not hold: %s",
                   list);
}

bool archive_check_namespaces(ArchiveCheck *check, GError **error)
{
    const ContainerConfig *config = config_of(check);

    if (g_str_equal(config->pid_mode, "host") || g_str_equal(config->ipc_mode, "host"))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "the container has the %s namespace of its host, which CRIU cannot restore",
                       g_str_equal(config->pid_mode, "host") ? "PID" : "IPC");
    return true;
}

/* --- name, id --------------------------------------------------------------------------------- */

static bool is_free(ArchiveCheck *check, const char *text, const char *what, GError **error)
{
    g_autoptr(ContainerRecord) owner = NULL;
    g_autoptr(GError) err = NULL;
    g_autofree char *id = NULL;

    if (!container_find(check->engine->db, text, &id, &err)) {
        if (err_is(err, FLOE_ERROR_NOT_FOUND) || err_is(err, FLOE_ERROR_AMBIGUOUS))
            return true;
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    if (!container_load(check->engine->db, id, &owner, error))
        return false;
    /* What was found by the beginning of an id has another one. */
    if (!g_str_equal(owner->id, text) && !g_str_equal(owner->name, text))
        return true;
    return err_set(error, FLOE_ERROR_EXISTS,
                   "the %s \"%s\" is in use by container %.12s (\"%s\"): remove it, or restore with "
                   "another name (--name)",
                   what, text, owner->id, owner->name);
}

bool archive_check_name(ArchiveCheck *check, GError **error)
{
    ContainerRecord *record = check->archive->record;

    g_free(check->archive_id);
    check->archive_id = g_strdup(record->id);
    if (check->options->name != NULL) {
        g_free(record->name);
        g_free(record->id);
        record->name = g_strdup(check->options->name);
        record->id = id_random();
    }
    return is_free(check, record->name, "name", error) && is_free(check, record->id, "ID", error);
}

/* --- the host's things ------------------------------------------------------------------------ */

bool archive_check_policy(ArchiveCheck *check, GError **error)
{
    g_autoptr(ContainerRecord) local = NULL;
    g_autoptr(GError) err = NULL;
    char **hooks = check->archive->hooks;

    if (!container_load(check->engine->db, check->archive_id, &local, &err) &&
        !err_is(err, FLOE_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    for (; hooks != NULL && *hooks != NULL; hooks++)
        log_warn("the archive's hook '%s' is left out: no program of an archive runs on the host",
                 *hooks);
    return archive_policy_check(check->archive->record, local != NULL ? &local->config : NULL,
                                check->options->allow, error);
}

bool archive_check_mounts(ArchiveCheck *check, GError **error)
{
    const GPtrArray *mounts = config_of(check)->mounts;

    for (guint i = 0; i < mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(mounts, i);

        if (g_str_equal(mount->type, "bind") && !path_exists(mount->source))
            return err_set(error, FLOE_ERROR_NOT_FOUND,
                           "the container has the host's '%s' at '%s', and there is no such thing "
                           "on this host",
                           mount->source, mount->destination);
    }
    return true;
}

bool archive_check_volumes(ArchiveCheck *check, GError **error)
{
    const GPtrArray *mounts = config_of(check)->mounts;

    for (guint i = 0; i < mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(mounts, i);
        bool exists = false;

        if (!g_str_equal(mount->type, "volume"))
            continue;
        if (!volume_name_check(mount->source, error) ||
            !volume_exists(check->engine, mount->source, &exists, error))
            return false;
        if (exists && !check->options->ignore_volumes)
            return err_set(error, FLOE_ERROR_EXISTS,
                           "volume \"%s\" exists: remove it, or use --ignore-volumes to restore "
                           "with what it holds",
                           mount->source);
    }
    return true;
}

/* --- network ---------------------------------------------------------------------------------- */

/* Into another network: what it had in its own ones does not count. */
static bool move_home(ArchiveCheck *check, GError **error)
{
    ContainerConfig *config = config_of(check);
    g_auto(GStrv) parts = g_strsplit(check->options->network, ":", 2);
    NetworkConfig *network;

    if (!g_str_equal(config->network_mode, "bridge"))
        return err_set(error, FLOE_ERROR_INVALID,
                       "--network: the container has no network of its own that could be another "
                       "one (%s)",
                       config->network_mode);
    for (guint i = 1; i < config->networks->len; i++) {
        NetworkConfig *other = g_ptr_array_index(config->networks, i);

        log_warn("the container is not in network '%s' any more", other->name);
        network_config_free(other);
    }
    g_ptr_array_set_size(config->networks, 1);
    network = g_ptr_array_index(config->networks, 0);
    g_free(network->name);
    network->name = g_strdup(parts[0]);
    network_forget(network, NULL);
    g_clear_pointer(&network->interface_name, g_free);
    return (parts[1] == NULL || network_options_parse(parts[1], network, error)) &&
           network_options_name_interfaces(config->networks, error);
}

/* A network that only has another name here is not known: who has it must say so. */
static bool check_network(ArchiveCheck *check, NetworkConfig *wish, GError **error)
{
    g_autoptr(Network) network = NULL;
    g_autoptr(GError) err = NULL;

    if (g_str_equal(wish->name, "bridge")) {
        g_free(wish->name);
        wish->name = g_strdup(NETWORK_DEFAULT_NAME);
    }
    if (engine_network(check->engine, wish->name, &network, &err))
        return true;
    if (err_is(err, FLOE_ERROR_NOT_FOUND))
        return err_set(error, FLOE_ERROR_NOT_FOUND,
                       "there is no network '%s' here; use --network %s to restore it in another "
                       "one",
                       wish->name, NETWORK_DEFAULT_NAME);
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

bool archive_check_network(ArchiveCheck *check, GError **error)
{
    const ContainerConfig *config = config_of(check);

    if (check->options->network != NULL && !move_home(check, error))
        return false;
    if (!g_str_equal(config->network_mode, "bridge"))
        return true;
    for (guint i = 0; i < config->networks->len; i++) {
        if (!check_network(check, g_ptr_array_index(config->networks, i), error))
            return false;
    }
    return true;
}

bool archive_check_ports(ArchiveCheck *check, GError **error)
{
    ContainerConfig *config = config_of(check);
    const char *const *publish = check->options->publish;

    if (publish == NULL || publish[0] == NULL)
        return true;
    if (config->pod_id != NULL && g_str_equal(config->network_mode, "container"))
        return err_set(error, FLOE_ERROR_INVALID, "--publish: the ports are the pod's");
    ports_clear(config);
    return ports_publish(publish, config, error);
}

/* --- runtime, host ---------------------------------------------------------------------------- */

/* "crun-1.28" is a crun, too. */
static const char *family_of(const char *name)
{
    return strstr(name, "crun") != NULL ? "crun" : strstr(name, "runc") != NULL ? "runc" : name;
}

/* floe finds it by its name and runs it as root: an archive may name no other program. */
static bool is_runtime_name(const char *name)
{
    return (g_str_has_prefix(name, "crun") || g_str_has_prefix(name, "runc")) &&
           !g_ascii_isalpha(name[strlen("crun")]);
}

/*
 * The manager is this host's; what was asked for as its parent stays if it can be one here. podman's
 * archives always have a parent, its default where nobody asked.
 */
static bool take_cgroup(floe_engine *engine, ContainerConfig *config, GError **error)
{
    static const char *const defaults[] = { "/libpod_parent", "machine.slice", "user.slice", NULL };
    g_autofree char *wanted = g_steal_pointer(&config->cgroup_parent);
    g_autoptr(GError) err = NULL;
    g_auto(Runtime) chosen = { 0 };

    if (!engine_choose_runtime(engine, &chosen, error))
        return false;
    cgroup_names_choose(engine, NULL,
                        chosen.uses_systemd ? CGROUP_MANAGER_SYSTEMD : CGROUP_MANAGER_CGROUPFS,
                        config);
    if (wanted != NULL && !g_strv_contains(defaults, wanted) &&
        !cgroup_parent_check(wanted, config->cgroup_manager, &config->cgroup_parent, &err))
        log_ignored(g_steal_pointer(&err), "its cgroup gets the default parent");
    return true;
}

/*
 * The runtime's way to mount and to name what is outside is in CRIU's images: those of one are not the
 * other's.
 */
bool archive_check_runtime(ArchiveCheck *check, GError **error)
{
    ContainerConfig *config = config_of(check);
    const char *wanted = check->engine->wanted_runtime;
    g_autofree char *wanted_name = wanted != NULL ? g_path_get_basename(wanted) : NULL;
    g_auto(Runtime) runtime = { 0 };
    g_autofree char *criu = NULL;

    if (wanted != NULL && !g_str_equal(family_of(wanted_name), family_of(config->runtime)))
        return err_set(error, FLOE_ERROR_INVALID,
                       "the checkpoint was made with the OCI runtime %s, and can only be restored "
                       "with it, not with %s",
                       config->runtime, wanted_name);
    if (wanted == NULL && !is_runtime_name(config->runtime))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "the checkpoint was made with the OCI runtime '%s', which is neither crun nor "
                       "runc; use floe's --runtime if you know it",
                       config->runtime);
    if (!engine_find_runtime(check->engine, wanted != NULL ? wanted : config->runtime, &runtime,
                             error))
        return err_prefix(error, "the checkpoint was made with the OCI runtime %s", config->runtime);
    if (!runtime_check_cgroups(&runtime, error) || !criu_find(&runtime, &criu, NULL, error))
        return false;
    g_free(config->runtime);
    config->runtime = g_strdup(runtime.path);
    return config->pod_id != NULL || take_cgroup(check->engine, config, error);
}

static bool check_criu(ArchiveCheck *check, GError **error)
{
    const ArchiveHost *host = &check->archive->host;
    g_auto(Runtime) runtime = { 0 };
    g_autofree char *criu = NULL;
    int version = 0;

    if (host->criu_version <= 0)
        return true;
    engine_runtime_at(check->engine, config_of(check)->runtime, false, &runtime);
    if (!criu_find(&runtime, &criu, &version, error))
        return false;
    /* Its format grows with it: what the last number says does not change it. */
    return host->criu_version / 100 <= version / 100 ||
           err_set(error, FLOE_ERROR_UNSUPPORTED,
                   "the checkpoint was made by CRIU %d.%d, and the one here is %d.%d, which may not "
                   "know all of it; use --allow " ALLOW_HOST " to try all the same",
                   host->criu_version / 10000, host->criu_version / 100 % 100, version / 10000,
                   version / 100 % 100);
}

static bool has_flag(char **flags, const char *flag)
{
    return g_strv_contains((const char *const *)flags, flag);
}

/* What the programs found out about the processor, they use: an instruction that is missing kills. */
static bool check_processor(const ArchiveHost *host, GError **error)
{
    g_auto(GStrv) here = host_cpu_flags();
    g_autoptr(GString) missing = g_string_new(NULL);

    for (char **flag = host->cpu_flags; flag != NULL && *flag != NULL; flag++) {
        if (!has_flag(here, *flag) && missing->len < MISSING_MAX)
            g_string_append_printf(missing, " %s", *flag);
    }
    return missing->len == 0 ||
           err_set(error, FLOE_ERROR_UNSUPPORTED,
                   "the processor here lacks what the one of the checkpoint had, and its programs "
                   "may use:%s; use --allow " ALLOW_HOST " to try all the same",
                   missing->str);
}

bool archive_check_host(ArchiveCheck *check, GError **error)
{
    const ArchiveHost *host = &check->archive->host;
    g_autofree char *arch = host_architecture();

    if (allow_has(check->options->allow, ALLOW_HOST))
        return true;
    if (host->arch != NULL && !g_str_equal(host->arch, arch))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "the checkpoint was made on a host of the architecture %s, and this one is %s",
                       host->arch, arch);
    return check_processor(host, error) && check_criu(check, error);
}

/* --- image ------------------------------------------------------------------------------------ */

static bool is_other_image(ArchiveCheck *check, const char *id, GError **error)
{
    ContainerConfig *config = config_of(check);

    if (!allow_has(check->options->allow, ALLOW_IMAGE))
        return err_set(error, FLOE_ERROR_INVALID,
                       "the image '%s' is another one (%.12s) than the container's (%.12s): its "
                       "files may not fit the processes; use --allow " ALLOW_IMAGE " if you know "
                       "that they do",
                       config->image_name, id, config->image_id);
    g_free(config->image_id);
    config->image_id = g_strdup(id);
    return true;
}

/* From a registry: what skopeo takes for a place on this host is nothing that an archive may name. */
static bool pull_image(ArchiveCheck *check, GError **error)
{
    const ContainerConfig *config = config_of(check);
    g_auto(PulledImage) image = { 0 };
    g_autofree char *name = NULL;

    if (!image_name_normalize(config->image_name, &name, error))
        return err_prefix(error, "the container's image");
    if (g_str_has_prefix(name, "localhost/"))
        return err_set(error, FLOE_ERROR_NOT_FOUND,
                       "the container's image '%s' (%.12s) is not here, and is in no registry: bring "
                       "it here first",
                       name, config->image_id);
    if (!image_ensure(check->engine, name, NULL, &image, error))
        return err_prefix(error, "the container's image '%s', which is not here", name);
    check->archive->pulled_image = g_strdup(image.full_name != NULL ? image.full_name : image.id);
    return g_str_equal(image.id, config->image_id) || is_other_image(check, image.id, error);
}

/* The very image, whatever its name is here; else one of its name would be another one. */
bool archive_check_image(ArchiveCheck *check, GError **error)
{
    const ContainerConfig *config = config_of(check);
    g_autoptr(ImageRecord) image = NULL;
    g_autoptr(GError) err = NULL;
    g_autofree char *id = NULL;

    if (image_load(check->engine->db, config->image_id, &image, &err))
        return true;
    if (err_is(err, FLOE_ERROR_NOT_FOUND)) {
        g_clear_error(&err);
        if (image_find(check->engine->db, config->image_name, &id, NULL, &err))
            return is_other_image(check, id, error);
    }
    if (err_is(err, FLOE_ERROR_NOT_FOUND))
        return pull_image(check, error);
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

/* --- all -------------------------------------------------------------------------------------- */

bool archive_checks_run(ArchiveCheck *check, GError **error)
{
    /* What costs more, or may ask a registry, comes last. */
    static bool (*const checks[])(ArchiveCheck * check, GError * *error) = {
        archive_check_pod,     archive_check_dependencies, archive_check_namespaces,
        archive_check_name,    archive_check_policy,       archive_check_mounts,
        archive_check_volumes, archive_check_network,      archive_check_ports,
        archive_check_runtime, archive_check_host,         archive_check_image,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(checks); i++) {
        if (!checks[i](check, error))
            return false;
    }
    for (char **text = check->archive->not_taken; *text != NULL; text++)
        log_warn("floe has nothing like this of the container, which goes on without: %s", *text);
    return true;
}
