/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-inspect.h"
#include "state/container-networks.h"

#include <string.h>

/* "10.88.0.5/16", and the keys of its halves. */
static void add_address(json_t *object, const char *text, const char *address_key,
                        const char *prefix_key)
{
    const char *slash = strchr(text, '/');
    size_t length = slash != NULL ? (size_t)(slash - text) : strlen(text);

    json_object_set_new(object, address_key, json_stringn(text, length));
    json_object_set_new(object, prefix_key,
                        json_integer(slash != NULL ? g_ascii_strtoll(slash + 1, NULL, 10) : 0));
}

/* Of each family the last one, as podman does. */
static void add_addresses(json_t *object, const NetworkStatus *network)
{
    for (char **text = network->addresses; text != NULL && *text != NULL; text++) {
        if (strchr(*text, ':') != NULL)
            add_address(object, *text, "GlobalIPv6Address", "GlobalIPv6PrefixLen");
        else
            add_address(object, *text, "IPAddress", "IPPrefixLen");
    }
    for (char **gateway = network->gateways; gateway != NULL && *gateway != NULL; gateway++)
        json_object_set_new(object, strchr(*gateway, ':') != NULL ? "IPv6Gateway" : "Gateway",
                            json_from_string(*gateway));
}

/* What NetworkSettings and each of its Networks have in common; empty while it is not set up. */
static void add_basics(json_t *object, const NetworkStatus *network)
{
    json_object_set_new(object, "EndpointID", json_string(""));
    json_object_set_new(object, "Gateway", json_string(""));
    json_object_set_new(object, "IPAddress", json_string(""));
    json_object_set_new(object, "IPPrefixLen", json_integer(0));
    json_object_set_new(object, "IPv6Gateway", json_string(""));
    json_object_set_new(object, "GlobalIPv6Address", json_string(""));
    json_object_set_new(object, "GlobalIPv6PrefixLen", json_integer(0));
    json_object_set_new(object, "MacAddress", json_string(""));
    if (network == NULL || !network->is_up)
        return;
    add_addresses(object, network);
    json_object_set_new(object, "MacAddress", inspect_text(network->mac));
}

static json_t *network_object(const ContainerRecord *record, const NetworkConfig *network)
{
    json_t *object = json_object();
    json_t *aliases;

    add_basics(object, network_statuses_find(record->status.networks, network->name));
    json_object_set_new(object, "NetworkID", inspect_text(network->name));
    json_object_set_new(object, "DriverOpts", json_null());
    json_object_set_new(object, "IPAMConfig", json_null());
    json_object_set_new(object, "Links", json_null());
    aliases = json_from_strv((const char *const *)network->aliases);
    json_array_append_new(aliases, json_stringn(record->id, 12));
    json_object_set_new(object, "Aliases", aliases);
    return object;
}

static json_t *networks(const ContainerRecord *record)
{
    const GPtrArray *all = record->config.networks;
    json_t *object = json_object();

    for (guint i = 0; all != NULL && i < all->len; i++) {
        const NetworkConfig *network = g_ptr_array_index(all, i);

        json_object_set_new(object, network->name, network_object(record, network));
    }
    return object;
}

/* Published ones with their bindings, exposed ones with null. */
static json_t *ports(const ContainerConfig *config)
{
    json_t *object = inspect_published_ports(config);

    for (char **port = config->exposed_ports; port != NULL && *port != NULL; port++) {
        if (json_object_get(object, *port) == NULL)
            json_object_set_new(object, *port, json_null());
    }
    return object;
}

static json_t *settings(const ContainerRecord *record)
{
    const GPtrArray *all = record->status.networks;
    json_t *object = json_object();

    add_basics(object, all != NULL && all->len > 0 ? g_ptr_array_index(all, 0) : NULL);
    json_object_set_new(object, "Bridge", json_string(""));
    json_object_set_new(object, "SandboxID", json_string(""));
    json_object_set_new(object, "HairpinMode", json_false());
    json_object_set_new(object, "LinkLocalIPv6Address", json_string(""));
    json_object_set_new(object, "LinkLocalIPv6PrefixLen", json_integer(0));
    json_object_set_new(object, "Ports", ports(&record->config));
    json_object_set_new(object, "SandboxKey", inspect_text(record->status.netns_path));
    json_object_set_new(object, "Networks", networks(record));
    return object;
}

bool inspect_network(floe_container *ctr, json_t **ret_settings, GError **error)
{
    g_autoptr(floe_container) owner = NULL;

    if (ctr->record->config.network_container == NULL) {
        *ret_settings = settings(ctr->record);
        return true;
    }
    if (!container_open(ctr->engine, ctr->record->config.network_container, &owner, error))
        return err_prefix(error, "look at the container whose network it shares");
    return inspect_network(owner, ret_settings, error);
}
