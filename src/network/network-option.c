/* SPDX-License-Identifier: Apache-2.0 */
#include "network/network-option.h"

#include <stdio.h>
#include <string.h>

#define MTU_MAX  65535
#define VLAN_MAX 4094

/* netavark's release notes, 1.7.0: routes, no_default_route, isolate=strict, bclim; 1.8.0: vrf. */
#define SINCE_ROUTES "1.7.0"
#define SINCE_VRF    "1.8.0"

typedef bool (*OptionCheck)(const char *value, GError **error);

static bool check_number(const char *value, guint64 most, GError **error)
{
    guint64 number = 0;

    return g_ascii_string_to_unsigned(value, 10, 0, most, &number, NULL) ||
           err_set(error, FLOE_ERROR_INVALID, "'%s' is not a number from 0 to %" G_GUINT64_FORMAT,
                   value, most);
}

static bool check_mtu(const char *value, GError **error)
{
    return check_number(value, MTU_MAX, error);
}

static bool check_vlan(const char *value, GError **error)
{
    return check_number(value, VLAN_MAX, error);
}

static bool check_metric(const char *value, GError **error)
{
    return check_number(value, UINT32_MAX, error);
}

static bool is_one_of(const char *value, const char *const *words, GError **error)
{
    g_autofree char *list = g_strjoinv(", ", (char **)words);

    return g_strv_contains(words, value) ||
           err_set(error, FLOE_ERROR_INVALID, "'%s' is none of %s", value, list);
}

/* netavark takes these two words only. */
static bool check_bool(const char *value, GError **error)
{
    static const char *const words[] = { "true", "false", NULL };

    return is_one_of(value, words, error);
}

static bool check_isolate(const char *value, GError **error)
{
    static const char *const words[] = { "true", "false", "strict", NULL };

    return is_one_of(value, words, error);
}

static bool check_macvlan_mode(const char *value, GError **error)
{
    static const char *const words[] = { "bridge", "private", "vepa", "passthru", NULL };

    return is_one_of(value, words, error);
}

static bool check_bclim(const char *value, GError **error)
{
    gint64 number = 0;

    return g_ascii_string_to_signed(value, 10, INT32_MIN, INT32_MAX, &number, NULL) ||
           err_set(error, FLOE_ERROR_INVALID, "'%s' is not a number", value);
}

static const struct {
    const char *driver;
    const char *name;
    OptionCheck check;    /* NULL: an interface's name */
    const char *known_as; /* netavark's name for it; NULL: it names the network's interface */
} known[] = {
    { "bridge", "mtu", check_mtu, "mtu" },
    { "bridge", "com.docker.network.driver.mtu", check_mtu, "mtu" },
    { "bridge", "com.docker.network.bridge.name", NULL, NULL },
    { "bridge", "isolate", check_isolate, "isolate" },
    { "bridge", "metric", check_metric, "metric" },
    { "bridge", "no_default_route", check_bool, "no_default_route" },
    { "bridge", "vlan", check_vlan, "vlan" },
    { "bridge", "vrf", NULL, "vrf" },
    { "macvlan", "bclim", check_bclim, "bclim" },
    { "macvlan", "metric", check_metric, "metric" },
    { "macvlan", "mode", check_macvlan_mode, "mode" },
    { "macvlan", "mtu", check_mtu, "mtu" },
    { "macvlan", "com.docker.network.driver.mtu", check_mtu, "mtu" },
    { "macvlan", "no_default_route", check_bool, "no_default_route" },
    { "macvlan", "parent", NULL, NULL },
};

static bool take_option(const char *name, const char *value, Network *network, char **ret_interface,
                        GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        if (!g_str_equal(known[i].driver, network->driver) || !g_str_equal(known[i].name, name))
            continue;
        if (!(known[i].check ? known[i].check(value, error) : network_interface_check(value, error)))
            return err_prefix(error, "option %s", name);
        if (!known[i].known_as) {
            g_free(*ret_interface);
            *ret_interface = g_strdup(value);
        } else {
            json_object_set_new(network->options, known[i].known_as, json_string(value));
        }
        return true;
    }
    return err_set(error, FLOE_ERROR_INVALID, "unsupported %s network option %s", network->driver,
                   name);
}

bool network_options_take(const json_t *options, Network *network, char **ret_interface,
                          GError **error)
{
    const char *name = NULL;
    json_t *value = NULL;

    network->options = json_object();
    json_object_foreach((json_t *)options, name, value) {
        if (!take_option(name, json_string_value(value), network, ret_interface, error))
            return false;
    }
    return true;
}

/* --- what netavark is too old for ------------------------------------------------------------- */

/* "1.4.0" as a number; -1: it is no version, and nothing is known of it. */
static int version_number(const char *version)
{
    int major = 0;
    int minor = 0;

    return sscanf(version, "%d.%d", &major, &minor) == 2 ? major * 1000 + minor : -1;
}

static bool is_older(const char *version, const char *since)
{
    int number = version_number(version);

    return number >= 0 && number < version_number(since);
}

bool network_needs_later(const Network *network, const char *version, const char **ret_what,
                         const char **ret_since)
{
    const struct {
        bool is_there;
        const char *what, *since;
    } needs[] = {
        { network->routes->len > 0, "--route", SINCE_ROUTES },
        { json_object_get(network->options, "no_default_route") != NULL,
          "the option no_default_route", SINCE_ROUTES },
        { g_strcmp0(json_string_value(json_object_get(network->options, "isolate")), "strict") == 0,
          "the option isolate=strict", SINCE_ROUTES },
        { json_object_get(network->options, "bclim") != NULL, "the option bclim", SINCE_ROUTES },
        { json_object_get(network->options, "vrf") != NULL, "the option vrf", SINCE_VRF },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(needs); i++) {
        if (needs[i].is_there && is_older(version, needs[i].since)) {
            *ret_what = needs[i].what;
            *ret_since = needs[i].since;
            return true;
        }
    }
    return false;
}
