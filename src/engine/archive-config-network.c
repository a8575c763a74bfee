/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/archive-config-network.h"

#include "engine/cgroup-names.h"
#include "engine/name-generator.h"
#include "network/address.h"

#include <string.h>

#define DEFAULT_INTERFACE  "eth0"
#define INTERFACE_NAME_MAX 15 /* IFNAMSIZ without its end */

/* "private", "host" or "container", with whose. */
static bool read_namespace(SpecNamespace kind, const char *type, const char *container,
                           char **ret_mode, char **ret_container, GError **error)
{
    if (is_given(container)) {
        *ret_mode = g_strdup("container");
        *ret_container = g_strdup(container);
        return dump_id_check("...NsCtr", container, error);
    }
    if (kind == SPEC_NAMESPACE_PATH)
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "its %s namespace is one that it was given by a path", type);
    *ret_mode = g_strdup(kind == SPEC_NAMESPACE_HOST ? "host" : "private");
    return true;
}

/*
 * Whether the parent fits this host's manager is for who imports it: in a pod it is the pod's. A
 * mode that is not possible here is none.
 */
static bool read_cgroup(const ConfigDump *dump, SpecNamespace namespace, ContainerConfig *config,
                        GError **error)
{
    /* What its processes have is in CRIU's images, whatever is usual here. */
    config->cgroup_ns_mode = g_strdup(namespace == SPEC_NAMESPACE_HOST ? "host" : "private");
    if (!is_given(dump->pod) && is_given(dump->cgroup_parent))
        config->cgroup_parent = g_strdup(dump->cgroup_parent);
    config->systemd = dump->systemd;
    /* podman's without a cgroup has one here: there is none that could not be checkpointed. */
    if (g_strcmp0(dump->cgroups_mode, CGROUPS_DISABLED) != 0)
        cgroups_mode_check(dump->cgroups_mode, &config->cgroups_mode, NULL);
    if (!is_given(dump->cgroup_container))
        return true;
    config->cgroup_container = g_strdup(dump->cgroup_container);
    return dump_id_check("cgroupNsCtr", dump->cgroup_container, error);
}

static bool read_network_mode(const ConfigDump *dump, SpecNamespace kind, ContainerConfig *config,
                              GError **error)
{
    if (is_given(dump->network_container)) {
        config->network_mode = g_strdup("container");
        config->network_container = g_strdup(dump->network_container);
        return dump_id_check("netNsCtr", dump->network_container, error);
    }
    if (g_strcmp0(dump->network_mode, "none") == 0)
        config->network_mode = g_strdup("none");
    else if (dump->create_netns)
        config->network_mode = g_strdup("bridge");
    else if (kind == SPEC_NAMESPACE_PATH && dump->host == NULL)
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "its network namespace is one that it was given by a path");
    else /* floe makes the one of a container without a network itself, too */
        config->network_mode = g_strdup(kind == SPEC_NAMESPACE_HOST ? "host" : "none");
    return true;
}

static bool interface_check(const char *name, GError **error)
{
    bool is_good = strlen(name) <= INTERFACE_NAME_MAX && g_ascii_isalnum(name[0]);

    for (const char *c = name; is_good && *c != '\0'; c++)
        is_good = g_ascii_isalnum(*c) || strchr("._-", *c) != NULL;
    return is_good ||
           err_set(error, FLOE_ERROR_INVALID, "key 'interface_name': it is no interface's name");
}

/* Of each family the first address, which is what floe can ask for. */
static bool read_static_ips(const json_t *options, NetworkConfig *network, GPtrArray *not_taken,
                            GError **error)
{
    g_auto(GStrv) ips = NULL;

    if (!json_get_strv(options, "static_ips", &ips, error))
        return false;
    for (size_t i = 0; ips != NULL && ips[i] != NULL; i++) {
        char **target = strchr(ips[i], ':') != NULL ? &network->static_ip6 : &network->static_ip;

        if (!g_hostname_is_ip_address(ips[i]))
            return err_set(error, FLOE_ERROR_INVALID, "key 'static_ips': item %zu is no address", i);
        if (*target == NULL)
            *target = g_strdup(ips[i]);
        else
            g_ptr_array_add(not_taken, g_strdup_printf("the address %s", ips[i]));
    }
    return true;
}

static bool add_network(const char *name, const json_t *options, ContainerConfig *config,
                        GPtrArray *not_taken, GError **error)
{
    NetworkConfig *network = g_new0(NetworkConfig, 1);
    const char *interface = NULL, *mac = NULL;

    g_ptr_array_add(config->networks, network);
    if (!is_given(name) || !container_name_check(name, NULL))
        return err_set(error, FLOE_ERROR_INVALID, "a network has no proper name");
    if (!json_is_object(options))
        return err_set(error, FLOE_ERROR_INVALID, "network '%s': it is not an object", name);
    if (!json_get_string(options, "interface_name", &interface, error) ||
        !json_get_string(options, "static_mac", &mac, error) ||
        !json_get_strv(options, "aliases", &network->aliases, error) ||
        !read_static_ips(options, network, not_taken, error))
        return err_prefix(error, "network '%s'", name);
    if (!is_given(interface))
        interface = DEFAULT_INTERFACE;
    if (!interface_check(interface, error))
        return err_prefix(error, "network '%s'", name);
    if (is_given(mac) && !mac_is_valid(mac))
        return err_set(error, FLOE_ERROR_INVALID, "network '%s': key 'static_mac': it is no MAC",
                       name);
    network->name = g_strdup(name);
    network->interface_name = g_strdup(interface);
    network->static_mac = is_given(mac) ? g_strdup(mac) : NULL;
    return true;
}

/* The new list before the old map; one of them is enough. */
static bool read_networks(const ConfigDump *dump, ContainerConfig *config, GPtrArray *not_taken,
                          GError **error)
{
    const char *name;
    json_t *item;
    size_t i;

    if (!g_str_equal(config->network_mode, "bridge"))
        return true;
    config->networks = g_ptr_array_new();
    if (dump->ordered_networks != NULL && !json_is_array(dump->ordered_networks) &&
        !json_is_null(dump->ordered_networks))
        return err_set(error, FLOE_ERROR_INVALID, "key 'orderedNetworks': must be an array");
    if (dump->networks != NULL && !json_is_object(dump->networks) && !json_is_null(dump->networks))
        return err_set(error, FLOE_ERROR_INVALID, "key 'newNetworks': must be an object");
    json_array_foreach(dump->ordered_networks, i, item) {
        name = NULL;
        if (!json_item_check("orderedNetworks", i, item, error))
            return false;
        if (!json_get_string(item, "name", &name, error) ||
            !add_network(name, item, config, not_taken, error))
            return err_prefix(error, "key 'orderedNetworks'");
    }
    if (config->networks->len > 0)
        return true;
    json_object_foreach(dump->networks, name, item) {
        if (!add_network(name, item, config, not_taken, error))
            return err_prefix(error, "key 'newNetworks'");
    }
    return config->networks->len > 0 || err_set(error, FLOE_ERROR_INVALID,
                                                "keys 'newNetworks', 'orderedNetworks': it has a "
                                                "network of its own, and none is named");
}

static bool port_check(const PortConfig *port, GError **error)
{
    static const char *const protocols[] = { "tcp", "udp", "sctp", NULL };

    if (!is_given(port->protocol) || !g_strv_contains(protocols, port->protocol))
        return err_set(error, FLOE_ERROR_INVALID, "key 'protocol': must be tcp, udp or sctp");
    if (is_given(port->host_ip) && !g_hostname_is_ip_address(port->host_ip))
        return err_set(error, FLOE_ERROR_INVALID, "key 'host_ip': it is no address");
    if (port->range < 1 || port->container_port < 1 || port->host_port < 1 ||
        port->container_port > UINT16_MAX || port->host_port > UINT16_MAX ||
        port->range > UINT16_MAX - MAX(port->container_port, port->host_port) + 1)
        return err_set(error, FLOE_ERROR_INVALID, "a port is out of range");
    return true;
}

static bool take_ports(ConfigDump *dump, ContainerConfig *config, GError **error)
{
    for (guint i = 0; dump->ports != NULL && i < dump->ports->len; i++) {
        PortConfig *port = g_ptr_array_index(dump->ports, i);

        /* libpod leaves out a range of one. */
        port->range = port->range == 0 ? 1 : port->range;
        if (!port_check(port, error))
            return err_prefix(error, "key 'newPortMappings': item %u", i);
    }
    config->ports = g_steal_pointer(&dump->ports);
    return true;
}

/* {"80": ["tcp"]} */
static bool read_exposed_ports(const ConfigDump *dump, ContainerConfig *config, GError **error)
{
    g_autoptr(GStrvBuilder) ports = g_strv_builder_new();
    const char *port;
    json_t *protocols;

    json_object_foreach(dump->exposed_ports, port, protocols) {
        g_auto(GStrv) names = NULL;

        if (!json_get_strv(dump->exposed_ports, port, &names, error))
            return err_prefix(error, "key 'exposedPorts'");
        for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
            g_autofree char *text = g_strdup_printf("%s/%s", port, names[i]);

            g_strv_builder_add(ports, text);
        }
    }
    config->exposed_ports = g_strv_builder_end(ports);
    return true;
}

bool archive_config_read_network(ConfigDump *dump, const SpecNamespaces *namespaces,
                                 ContainerConfig *config, GPtrArray *not_taken, GError **error)
{
    for (size_t i = 0; dump->dns != NULL && dump->dns[i] != NULL; i++) {
        if (!g_hostname_is_ip_address(dump->dns[i]))
            return err_set(error, FLOE_ERROR_INVALID, "key 'dnsServer': item %zu is no address", i);
    }
    config->dns = g_strdupv(dump->dns);
    config->dns_search = g_strdupv(dump->dns_search);
    config->dns_options = g_strdupv(dump->dns_options);
    config->add_hosts = g_strdupv(dump->add_hosts);
    return read_network_mode(dump, namespaces->network, config, error) &&
           read_networks(dump, config, not_taken, error) && take_ports(dump, config, error) &&
           read_exposed_ports(dump, config, error) &&
           read_namespace(namespaces->pid, "pid", dump->pid_container, &config->pid_mode,
                          &config->pid_container, error) &&
           read_namespace(namespaces->ipc, "ipc", dump->ipc_container, &config->ipc_mode,
                          &config->ipc_container, error) &&
           read_cgroup(dump, namespaces->cgroup, config, error) &&
           read_namespace(namespaces->uts, "uts", dump->uts_container, &config->uts_mode,
                          &config->uts_container, error);
}
