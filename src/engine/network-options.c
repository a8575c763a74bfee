/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/network-options.h"

#include "engine/network.h"
#include "network/address.h"
#include "network/netns.h"
#include "state/container-networks.h"

#include <string.h>

/* --- one network ------------------------------------------------------------------------------ */

static bool set_text(char **target, const char *value, const char *option, GError **error)
{
    if (*target != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "--network: '%s' comes twice", option);
    *target = g_strdup(value);
    return true;
}

static bool set_address(char **target, int family, const char *value, const char *option,
                        GError **error)
{
    if (address_family(value) != family)
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not an IPv%d address", value,
                       family == AF_INET ? 4 : 6);
    return set_text(target, value, option, error);
}

static bool apply(const char *key, const char *value, NetworkConfig *network, GStrvBuilder *aliases,
                  GError **error)
{
    if (g_str_equal(key, "alias")) {
        g_strv_builder_add(aliases, value);
        return true;
    }
    /* podman takes an address of either family by this name. */
    if (g_str_equal(key, "ip") && address_family(value) != AF_INET6)
        return set_address(&network->static_ip, AF_INET, value, key, error) ||
               err_prefix(error, "--network");
    if (g_str_equal(key, "ip") || g_str_equal(key, "ip6"))
        return set_address(&network->static_ip6, AF_INET6, value, key, error) ||
               err_prefix(error, "--network");
    if (g_str_equal(key, "mac"))
        return (mac_is_valid(value) || err_set(error, FLOE_ERROR_INVALID,
                                               "--network: '%s' is not a MAC address", value)) &&
               set_text(&network->static_mac, value, key, error);
    if (!g_str_equal(key, "interface_name"))
        return err_set(error, FLOE_ERROR_INVALID,
                       "--network: '%s' is none of ip, ip6, mac, alias, interface_name", key);
    if (g_str_equal(value, "lo") || !network_interface_check(value, error))
        return err_set(error, FLOE_ERROR_INVALID, "--network: '%s' cannot be an interface's name",
                       value);
    return set_text(&network->interface_name, value, key, error);
}

static void take_aliases(NetworkConfig *network, const char *const *more)
{
    g_autoptr(GStrvBuilder) aliases = g_strv_builder_new();

    if (network->aliases != NULL)
        g_strv_builder_addv(aliases, (const char **)network->aliases);
    if (more != NULL)
        g_strv_builder_addv(aliases, (const char **)more);
    g_strfreev(network->aliases);
    network->aliases = g_strv_builder_end(aliases);
}

bool network_options_parse(const char *text, NetworkConfig *network, GError **error)
{
    g_auto(GStrv) options = g_strsplit(text, ",", -1);
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_auto(GStrv) aliases = NULL;

    for (size_t i = 0; options[i] != NULL; i++) {
        g_auto(GStrv) pair = g_strsplit(options[i], "=", 2);

        if (pair[0] == NULL || pair[1] == NULL || *pair[1] == '\0')
            return err_set(error, FLOE_ERROR_INVALID,
                           "--network: '%s' is not of the form name=value", options[i]);
        if (!apply(pair[0], pair[1], network, builder, error))
            return false;
    }
    aliases = g_strv_builder_end(builder);
    take_aliases(network, (const char *const *)aliases);
    return true;
}

bool network_options_connect(const floe_connect_options *options, NetworkConfig *network,
                             GError **error)
{
    const struct {
        const char *key;
        const char *value;
    } words[] = {
        { "ip", options->ip },
        { "ip6", options->ip6 },
        { "mac", options->mac_address },
        { "interface_name", options->interface_name },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (words[i].value != NULL && !apply(words[i].key, words[i].value, network, NULL, error))
            return false;
    }
    take_aliases(network, options->aliases);
    return true;
}

static void add_word(GString *text, const char *key, const char *value)
{
    if (value != NULL)
        g_string_append_printf(text, "%c%s=%s", strchr(text->str, ':') != NULL ? ',' : ':', key,
                               value);
}

char *network_options_text(const NetworkConfig *network)
{
    GString *text = g_string_new(network->name);

    add_word(text, "ip", network->static_ip);
    add_word(text, "ip6", network->static_ip6);
    add_word(text, "mac", network->static_mac);
    add_word(text, "interface_name", network->interface_name);
    for (char **alias = network->aliases; alias != NULL && *alias != NULL; alias++)
        add_word(text, "alias", *alias);
    return g_string_free(text, false);
}

/* --- all networks ----------------------------------------------------------------------------- */

/* podman's other names for the default network. */
static bool means_default(const char *name)
{
    static const char *const names[] = { "", "bridge", "default", "private", NULL };

    return g_strv_contains(names, name);
}

/* Modes of podman's for users without root. A network may be called so as well. */
static bool is_rootless_mode(const char *name)
{
    return g_str_equal(name, "slirp4netns") || g_str_equal(name, "pasta");
}

static bool add_network(floe_engine *engine, const char *name, const char *settings,
                        ContainerConfig *config, GError **error)
{
    NetworkConfig *wish = g_new0(NetworkConfig, 1);
    g_autoptr(Network) network = NULL;

    g_ptr_array_add(config->networks, wish);
    if (!engine_network(engine, means_default(name) ? NETWORK_DEFAULT_NAME : name, &network, error))
        return err_prefix(error, "--network %s", name);
    if (network_configs_find(config->networks, network->name) != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "--network: '%s' comes twice", network->name);
    wish->name = g_strdup(network->name);
    return settings == NULL || network_options_parse(settings, wish, error);
}

/* "NAME:SETTINGS", or "NAME,NAME". */
static bool add_networks(floe_engine *engine, const char *text, ContainerConfig *config,
                         GError **error)
{
    const char *colon = strchr(text, ':');
    g_autofree char *first = g_strndup(text, colon != NULL ? (size_t)(colon - text) : strlen(text));
    g_auto(GStrv) names = g_strsplit(first, ",", -1);
    g_autoptr(Network) network = NULL;

    if (is_rootless_mode(first) && !engine_network(engine, first, &network, NULL))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "--network %s: it is for users without root, whom floe does not serve: use "
                       "bridge, the name of a network, host or none",
                       first);

    if (colon != NULL || names[0] == NULL)
        return add_network(engine, first, colon != NULL ? colon + 1 : NULL, config, error);
    for (char **name = names; *name != NULL; name++) {
        if (!add_network(engine, *name, NULL, config, error))
            return false;
    }
    return true;
}

static char *interface_number(const GPtrArray *networks, unsigned *number)
{
    for (;; (*number)++) {
        g_autofree char *name = g_strdup_printf("eth%u", *number);
        bool is_free = true;

        for (guint i = 0; i < networks->len && is_free; i++) {
            const NetworkConfig *network = g_ptr_array_index(networks, i);

            is_free = g_strcmp0(network->interface_name, name) != 0;
        }
        if (is_free)
            return g_steal_pointer(&name);
    }
}

bool network_options_name_interfaces(const GPtrArray *networks, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    unsigned number = 0;

    for (guint i = 0; i < networks->len; i++) {
        NetworkConfig *network = g_ptr_array_index(networks, i);

        if (network->interface_name == NULL)
            network->interface_name = interface_number(networks, &number);
        if (!g_hash_table_add(seen, network->interface_name))
            return err_set(error, FLOE_ERROR_INVALID,
                           "--network: two interfaces are to be called "
                           "'%s'",
                           network->interface_name);
    }
    return true;
}

/* --- the options beside ----------------------------------------------------------------------- */

static bool has_addresses(const floe_create_options *options)
{
    return options->ip != NULL || options->ip6 != NULL || options->mac_address != NULL;
}

static bool exclude(const char *option, const char *value, const char *other, GError **error)
{
    return value == NULL || other == NULL ||
           err_set(error, FLOE_ERROR_INVALID, "%s excludes the same in --network", option);
}

/* --ip and the others say the same as what stands in --network, beside which they may not stand. */
static bool apply_addresses(const floe_create_options *options, ContainerConfig *config,
                            GError **error)
{
    NetworkConfig *network = g_ptr_array_index(config->networks, 0);

    if (!has_addresses(options))
        return true;
    if (config->networks->len > 1)
        return err_set(error, FLOE_ERROR_INVALID,
                       "--ip, --ip6 and --mac-address can be set for a single network only: use "
                       "--network NAME:ip=ADDRESS,mac=ADDRESS");
    if (!exclude("--ip", options->ip, network->static_ip, error) ||
        !exclude("--ip6", options->ip6, network->static_ip6, error) ||
        !exclude("--mac-address", options->mac_address, network->static_mac, error))
        return false;
    if (options->ip != NULL && !set_address(&network->static_ip, AF_INET, options->ip, "ip", error))
        return err_prefix(error, "--ip");
    if (options->ip6 != NULL &&
        !set_address(&network->static_ip6, AF_INET6, options->ip6, "ip6", error))
        return err_prefix(error, "--ip6");
    if (options->mac_address != NULL && !mac_is_valid(options->mac_address))
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not a MAC address", options->mac_address);
    if (options->mac_address != NULL)
        network->static_mac = g_strdup(options->mac_address);
    return true;
}

static bool apply_bridge(floe_engine *engine, const floe_create_options *options,
                         ContainerConfig *config, GError **error)
{
    static const char *const only_default[] = { "bridge", NULL };
    const char *const *texts = options->networks;

    config->network_mode = g_strdup("bridge");
    config->networks = g_ptr_array_new();
    if (texts == NULL || texts[0] == NULL)
        texts = only_default;
    for (; *texts != NULL; texts++) {
        if (!add_networks(engine, *texts, config, error))
            return false;
    }
    for (guint i = 0; i < config->networks->len; i++)
        take_aliases(g_ptr_array_index(config->networks, i), options->network_aliases);
    return apply_addresses(options, config, error) &&
           network_options_name_interfaces(config->networks, error);
}

/* --- modes ------------------------------------------------------------------------------------ */

static bool is_mode(const char *text)
{
    return g_str_equal(text, "none") || g_str_equal(text, "host") ||
           g_str_has_prefix(text, "container:") || g_str_has_prefix(text, "ns:");
}

static bool apply_path(const char *path, ContainerConfig *config, GError **error)
{
    if (!g_path_is_absolute(path))
        return err_set(error, FLOE_ERROR_INVALID, "--network ns:%s: the path must be absolute",
                       path);
    if (!netns_exists(path))
        return err_set(error, FLOE_ERROR_NOT_FOUND,
                       "--network ns:%s: there is no network namespace at this path", path);
    config->network_mode = g_strdup("path");
    config->network_path = g_strdup(path);
    return true;
}

static bool apply_mode(floe_engine *engine, const char *text, ContainerConfig *config,
                       GError **error)
{
    if (g_str_has_prefix(text, "ns:"))
        return apply_path(text + strlen("ns:"), config, error);
    if (!g_str_has_prefix(text, "container:")) {
        config->network_mode = g_strdup(text);
        return true;
    }
    config->network_mode = g_strdup("container");
    return container_find(engine->db, text + strlen("container:"), &config->network_container,
                          error) ||
           err_prefix(error, "--network %s", text);
}

bool network_options_apply(floe_engine *engine, const floe_create_options *options,
                           ContainerConfig *config, GError **error)
{
    const char *const *texts = options->networks;
    const char *mode = NULL;

    for (; texts != NULL && *texts != NULL && mode == NULL; texts++)
        mode = is_mode(*texts) ? *texts : NULL;
    if (mode == NULL)
        return apply_bridge(engine, options, config, error);
    if (options->networks[1] != NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "--network %s: it cannot be beside another --network", mode);
    if (has_addresses(options) ||
        (options->network_aliases != NULL && options->network_aliases[0] != NULL))
        return err_set(error, FLOE_ERROR_INVALID,
                       "--ip, --ip6, --mac-address and --network-alias need a bridge network");
    return apply_mode(engine, mode, config, error);
}
