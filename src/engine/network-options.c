/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/network-options.h"

#include "network/address.h"

#include <net/if.h>
#include <string.h>

static const char *const bridge_names[] = { "bridge", "podman", "default", "private", NULL };

bool network_is_bridge(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text != NULL ? text : "bridge", ":", 2);

    return parts[0] != NULL && g_strv_contains(bridge_names, parts[0]);
}

static bool set_text(char **target, const char *value, const char *option, GError **error)
{
    if (*target != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "--network: '%s' comes twice", option);
    *target = g_strdup(value);
    return true;
}

static bool apply(const char *key, const char *value, NetworkConfig *network, GStrvBuilder *aliases,
                  GError **error)
{
    if (g_str_equal(key, "alias")) {
        g_strv_builder_add(aliases, value);
        return true;
    }
    if (g_str_equal(key, "ip"))
        return (address_family(value) == AF_INET ||
                err_set(error, FLOE_ERROR_INVALID, "--network: '%s' is not an IPv4 address",
                        value)) &&
               set_text(&network->static_ip, value, key, error);
    if (g_str_equal(key, "mac"))
        return (mac_is_valid(value) || err_set(error, FLOE_ERROR_INVALID,
                                               "--network: '%s' is not a MAC address", value)) &&
               set_text(&network->static_mac, value, key, error);
    if (!g_str_equal(key, "interface_name"))
        return err_set(error, FLOE_ERROR_INVALID,
                       "--network: '%s' is none of ip, mac, alias, interface_name", key);
    if (strlen(value) >= IFNAMSIZ || strpbrk(value, "/ \t\n") != NULL || g_str_equal(value, "lo"))
        return err_set(error, FLOE_ERROR_INVALID, "--network: '%s' cannot be an interface's name",
                       value);
    g_free(network->interface_name);
    network->interface_name = g_strdup(value);
    return true;
}

bool network_options_parse(const char *text, NetworkConfig *network, GError **error)
{
    const char *colon = text != NULL ? strchr(text, ':') : NULL;
    g_auto(GStrv) options = g_strsplit(colon != NULL ? colon + 1 : "", ",", -1);
    g_autoptr(GStrvBuilder) aliases = g_strv_builder_new();

    for (size_t i = 0; options[i] != NULL; i++) {
        g_auto(GStrv) pair = g_strsplit(options[i], "=", 2);

        if (pair[0] == NULL || pair[1] == NULL || *pair[1] == '\0')
            return err_set(error, FLOE_ERROR_INVALID,
                           "--network: '%s' is not of the form name=value", options[i]);
        if (!apply(pair[0], pair[1], network, aliases, error))
            return false;
    }
    network->aliases = g_strv_builder_end(aliases);
    return true;
}
