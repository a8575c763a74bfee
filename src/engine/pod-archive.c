/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/pod-archive.h"

#include "base/digest.h"
#include "engine/name-generator.h"
#include "engine/network-options.h"

#include <string.h>

#define CONTAINERS_MAX 1024

/* --- fields ----------------------------------------------------------------------------------- */

static const JsonField container_fields[] = {
    JSON_FIELD(PodArchiveContainer, id, STRING),
    JSON_FIELD(PodArchiveContainer, name, STRING),
    JSON_FIELD(PodArchiveContainer, required, STRV),
};
static const JsonStruct container_type = { sizeof(PodArchiveContainer), container_fields,
                                           G_N_ELEMENTS(container_fields) };

#define KEY(key, member, kind) \
    { \
        key, JSON_FIELD_##kind, offsetof(PodArchive, member), NULL \
    }

static const JsonField fields[] = {
    KEY("id", id, STRING),
    KEY("name", name, STRING),
    KEY("exitPolicy", exit_policy, STRING),
    KEY("sharedNamespaces", shared, STRING),
    KEY("labels", labels, STRV),
    KEY("createCommand", create_command, STRV),
    KEY("infraContainerID", infra_id, STRING),
    KEY("infraName", infra_name, STRING),
    KEY("hostname", hostname, STRING),
    KEY("network", network, STRING),
    KEY("networks", networks, STRV),
    KEY("staticIP", ip, STRING),
    KEY("staticMAC", mac, STRING),
    KEY("publish", publish, STRV),
    KEY("dnsServer", dns, STRV),
    KEY("dnsSearch", dns_search, STRV),
    KEY("dnsOption", dns_options, STRV),
    KEY("hostAdd", add_hosts, STRV),
    KEY("sysctls", sysctls, STRV),
    KEY("shmSize", shm_size_bytes, INT64),
    KEY("memory", memory_bytes, INT64),
    KEY("memorySwap", memory_swap_bytes, INT64),
    KEY("nanoCpus", nano_cpus, INT64),
    KEY("cpuShares", cpu_shares, UINT64),
    KEY("cpusetCpus", cpuset_cpus, STRING),
    KEY("cpusetMems", cpuset_mems, STRING),
    KEY("blkioWeight", blkio_weight, INT),
    KEY("tcpEstablished", tcp_established, BOOL),
    KEY("fileLocks", file_locks, BOOL),
    { "containers", JSON_FIELD_ARRAY, offsetof(PodArchive, containers), &container_type },
};
static const JsonStruct archive_type = { sizeof(PodArchive), fields, G_N_ELEMENTS(fields) };

void pod_archive_clear(PodArchive *archive)
{
    json_struct_clear(&archive_type, archive);
}

/* --- describing ------------------------------------------------------------------------------- */

/* {"a": "b"} as {"a=b"}. */
static char **pairs_of(json_t *object)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value) {
        g_autofree char *pair = g_strdup_printf("%s=%s", key, json_string_value(value));

        g_strv_builder_add(builder, pair);
    }
    return g_strv_builder_end(builder);
}

/* As -p has it: "ADDRESS:HOST-END:PORT-END/PROTOCOL". */
static char *port_text(const PortConfig *port)
{
    const char *address = port->host_ip != NULL ? port->host_ip : "";
    bool is_v6 = strchr(address, ':') != NULL;
    int more = MAX(port->range, 1) - 1;

    return g_strdup_printf("%s%s%s%s%d-%d:%d-%d/%s", is_v6 ? "[" : "", address, is_v6 ? "]" : "",
                           address[0] != '\0' ? ":" : "", port->host_port, port->host_port + more,
                           port->container_port, port->container_port + more, port->protocol);
}

static char **publish_of(const ContainerConfig *config)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

    for (guint i = 0; config->ports != NULL && i < config->ports->len; i++) {
        g_autofree char *text = port_text(g_ptr_array_index(config->ports, i));

        g_strv_builder_add(builder, text);
    }
    return g_strv_builder_end(builder);
}

static char **networks_of(const ContainerConfig *config)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

    for (guint i = 0; config->networks != NULL && i < config->networks->len; i++) {
        g_autofree char *text = network_options_text(g_ptr_array_index(config->networks, i));

        g_strv_builder_add(builder, text);
    }
    return g_strv_builder_end(builder);
}

static bool refuse_infra(const ContainerRecord *infra, GError **error)
{
    const ContainerConfig *config = &infra->config;
    const char *what = NULL;

    if (config->image_id != NULL)
        what = "an infra container of an image";
    else if (g_str_equal(config->network_mode, "host") ||
             g_str_equal(config->network_mode, "container") ||
             g_str_equal(config->network_mode, "path"))
        what = "a network that is not its own";
    else if (!g_str_equal(config->ipc_mode, "private") ||
             !g_str_equal(config->uts_mode, "private") || !g_str_equal(config->pid_mode, "private"))
        what = "a namespace that is the host's or another container's";
    else if (config->mounts != NULL && config->mounts->len > 0)
        what = "an infra container with volumes";
    return what == NULL || err_set(error, FLOE_ERROR_UNSUPPORTED,
                                   "the pod has %s, which its archive cannot hold", what);
}

static void take_infra(const ContainerRecord *infra, PodArchive *archive)
{
    const ContainerConfig *config = &infra->config;
    const NetworkConfig *network = config->networks != NULL && config->networks->len > 0
                                       ? g_ptr_array_index(config->networks, 0)
                                       : NULL;

    archive->infra_id = g_strdup(infra->id);
    archive->infra_name = g_strdup(infra->name);
    archive->hostname = g_strdup(config->hostname);
    archive->network = g_strdup(config->network_mode);
    archive->ip = g_strdup(network != NULL ? network->static_ip : NULL);
    archive->mac = g_strdup(network != NULL ? network->static_mac : NULL);
    archive->networks = networks_of(config);
    archive->publish = publish_of(config);
    archive->dns = g_strdupv(config->dns);
    archive->dns_search = g_strdupv(config->dns_search);
    archive->dns_options = g_strdupv(config->dns_options);
    archive->add_hosts = g_strdupv(config->add_hosts);
    archive->sysctls = pairs_of(config->sysctls);
    archive->shm_size_bytes = config->shm_size_bytes;
}

static void take_pod(const PodRecord *pod, PodArchive *archive)
{
    const PodConfig *config = &pod->config;

    archive->id = g_strdup(pod->id);
    archive->name = g_strdup(pod->name);
    archive->exit_policy = g_strdup(config->exit_policy);
    archive->shared = g_strjoinv(",", config->shared);
    archive->labels = pairs_of(config->labels);
    archive->create_command = g_strdupv(config->create_command);
    archive->memory_bytes = config->memory_bytes;
    archive->memory_swap_bytes = config->memory_swap_bytes;
    archive->nano_cpus = config->nano_cpus;
    archive->cpu_shares = config->cpu_shares;
    archive->cpuset_cpus = g_strdup(config->cpuset_cpus);
    archive->cpuset_mems = g_strdup(config->cpuset_mems);
    archive->blkio_weight = config->blkio_weight;
}

/* Who requires others was created after them: the order of creation is one of start. */
bool pod_archive_describe(const floe_pod *pod, const GPtrArray *records, PodArchive *ret_archive,
                          GError **error)
{
    g_auto(PodArchive) archive = { 0 };

    take_pod(pod->record, &archive);
    archive.containers = g_ptr_array_new();
    for (guint i = 0; i < records->len; i++) {
        const ContainerRecord *record = g_ptr_array_index(records, i);
        PodArchiveContainer *container;

        if (record->config.is_infra) {
            if (!refuse_infra(record, error))
                return false;
            take_infra(record, &archive);
            continue;
        }
        container = g_new0(PodArchiveContainer, 1);
        container->id = g_strdup(record->id);
        container->name = g_strdup(record->name);
        container->required = g_strdupv(record->config.required);
        g_ptr_array_add(archive.containers, container);
    }
    *ret_archive = archive;
    archive = (PodArchive){ 0 };
    return true;
}

static const char *const *const_list(char **list)
{
    return (const char *const *)list;
}

void pod_archive_to_options(const PodArchive *archive, floe_pod_create_options *pod_options,
                            floe_create_options *infra_options)
{
    floe_pod_create_options pod = FLOE_POD_CREATE_OPTIONS_INIT;
    floe_create_options infra = FLOE_CREATE_OPTIONS_INIT;

    infra.hostname = archive->hostname;
    infra.networks = const_list(archive->networks);
    infra.publish = const_list(archive->publish);
    infra.dns = const_list(archive->dns);
    infra.dns_search = const_list(archive->dns_search);
    infra.dns_options = const_list(archive->dns_options);
    infra.add_hosts = const_list(archive->add_hosts);
    infra.sysctls = const_list(archive->sysctls);
    infra.shm_size_bytes = archive->shm_size_bytes;
    infra.memory_bytes = archive->memory_bytes;
    infra.memory_swap_bytes = archive->memory_swap_bytes;
    infra.nano_cpus = archive->nano_cpus;
    infra.cpu_shares = archive->cpu_shares;
    infra.cpuset_cpus = archive->cpuset_cpus;
    infra.cpuset_mems = archive->cpuset_mems;
    infra.blkio_weight = archive->blkio_weight;
    *infra_options = infra;
    pod.infra = infra_options;
    pod.shared = archive->shared;
    pod.labels = const_list(archive->labels);
    pod.exit_policy = archive->exit_policy;
    pod.create_command = const_list(archive->create_command);
    pod.infra_name = archive->infra_name;
    *pod_options = pod;
}

static char *indented(json_t *object)
{
    char *dumped = json_dumps(object, JSON_INDENT(1));
    char *text = g_strdup(dumped != NULL ? dumped : "{}");

    free(dumped);
    return text;
}

char *pod_archive_dump_text(const PodArchive *archive)
{
    g_autoptr(JsonValue) object = json_from_struct(&archive_type, archive);

    json_object_set_new(object, "version", json_integer(POD_ARCHIVE_VERSION));
    json_object_set_new(object, "floe", json_string(FLOE_VERSION));
    return indented(object);
}

/* lib/metadata.go: version, containers (a name each with its id), annotations. */
char *pod_archive_options_text(const PodArchive *archive)
{
    g_autoptr(JsonValue) object = json_object();
    json_t *containers = json_object();

    json_object_set_new(containers, archive->infra_name, json_from_string(archive->infra_id));
    for (guint i = 0; i < archive->containers->len; i++) {
        const PodArchiveContainer *container = g_ptr_array_index(archive->containers, i);

        json_object_set_new(containers, container->name, json_from_string(container->id));
    }
    json_object_set_new(object, "version", json_integer(POD_ARCHIVE_VERSION));
    json_object_set_new(object, "containers", containers);
    json_object_set_new(object, "annotations", json_object());
    return indented(object);
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool need(const char *key, const char *text, GError **error)
{
    return (text != NULL && text[0] != '\0') ||
           err_set(error, FLOE_ERROR_INVALID, "key '%s' is missing", key);
}

static bool check_id(const char *key, const char *id, GError **error)
{
    return need(key, id, error) &&
           (id_is_valid(id) || err_set(error, FLOE_ERROR_INVALID, "key '%s': it is no id", key));
}

static bool check_name(const char *key, const char *name, GError **error)
{
    return need(key, name, error) &&
           (container_name_check(name, error) || err_prefix(error, "key '%s'", key));
}

static bool check_containers(const PodArchive *archive, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    if (archive->containers == NULL || archive->containers->len > CONTAINERS_MAX)
        return err_set(error, FLOE_ERROR_INVALID,
                       "key 'containers' is missing, or has more than %d", CONTAINERS_MAX);
    g_hash_table_add(seen, archive->infra_id);
    for (guint i = 0; i < archive->containers->len; i++) {
        const PodArchiveContainer *container = g_ptr_array_index(archive->containers, i);

        if (!check_id("containers.id", container->id, error) ||
            !check_name("containers.name", container->name, error))
            return false;
        if (!g_hash_table_add(seen, container->id) || !g_hash_table_add(seen, container->name))
            return err_set(error, FLOE_ERROR_INVALID, "container '%s' is there twice",
                           container->name);
    }
    return true;
}

/* Archives of before there were several have a mode, and the addresses of one network beside. */
static void take_one_network(PodArchive *archive)
{
    const NetworkConfig network = {
        .name = archive->network,
        .static_ip = archive->ip,
        .static_mac = archive->mac,
    };
    char *texts[] = { NULL, NULL };

    if (archive->networks != NULL && archive->networks[0] != NULL)
        return;
    g_strfreev(archive->networks);
    texts[0] = g_str_equal(archive->network, "bridge") ? network_options_text(&network)
                                                       : g_strdup(archive->network);
    archive->networks = g_strdupv(texts);
    g_free(texts[0]);
}

static bool check(PodArchive *archive, GError **error)
{
    if (!check_id("id", archive->id, error) || !check_name("name", archive->name, error) ||
        !check_id("infraContainerID", archive->infra_id, error) ||
        !check_name("infraName", archive->infra_name, error) ||
        !need("sharedNamespaces", archive->shared, error) ||
        !need("network", archive->network, error))
        return false;
    take_one_network(archive);
    if (!g_str_equal(archive->network, "bridge") && !g_str_equal(archive->network, "none"))
        return err_set(error, FLOE_ERROR_INVALID, "key 'network': '%s' is neither bridge nor none",
                       archive->network);
    return check_containers(archive, error);
}

bool pod_archive_parse(const char *text, size_t length, PodArchive *ret_archive, GError **error)
{
    g_auto(PodArchive) archive = { 0 };
    g_autoptr(JsonValue) object = NULL;
    int64_t version = 0;

    if (!json_parse(text, length, POD_ARCHIVE_DUMP, &object, error) ||
        !json_get_int64(object, "version", &version, error))
        return false;
    if (version != POD_ARCHIVE_VERSION)
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "the pod's archive has version %" G_GINT64_FORMAT ", this floe reads %d",
                       version, POD_ARCHIVE_VERSION);
    if (!json_to_struct(&archive_type, object, &archive, error) || !check(&archive, error))
        return err_prefix(error, POD_ARCHIVE_DUMP);
    *ret_archive = archive;
    archive = (PodArchive){ 0 };
    return true;
}
