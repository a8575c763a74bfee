/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/network-view.h"

#include <glib.h>
#include <stddef.h>

#define ID_SHORT 12

/*
 * Keys that differ by more than capitals, which templates do not look at (types/network.go of podman).
 */
static const struct {
    const char *key, *name;
} names[] = {
    { "network_interface", "NetworkInterface" },
    { "ipv6_enabled", "IPv6Enabled" },
    { "dns_enabled", "DNSEnabled" },
    { "network_dns_servers", "NetworkDNSServers" },
    { "ipam_options", "IPAMOptions" },
};

static const char *go_name(const char *key)
{
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (g_str_equal(names[i].key, key))
            return names[i].name;
    }
    return key;
}

static json_t *subnet_view(const json_t *subnet)
{
    json_t *view = json_copy((json_t *)subnet);
    json_t *range = json_object_get(view, "lease_range");

    if (range != NULL) {
        json_object_set_new(view, "LeaseRange",
                            json_pack("{s:O?, s:O?}", "StartIP", json_object_get(range, "start_ip"),
                                      "EndIP", json_object_get(range, "end_ip")));
        json_object_del(view, "lease_range");
    }
    return view;
}

static json_t *subnet_views(const json_t *subnets)
{
    json_t *views = json_array();
    size_t i;
    json_t *subnet;

    json_array_foreach(subnets, i, subnet)
        json_array_append_new(views, subnet_view(subnet));
    return views;
}

json_t *network_view(const json_t *network)
{
    json_t *view = json_pack("{s:{}, s:{}, s:[], s:[]}", "labels", "options", "routes",
                             "NetworkDNSServers");
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)network, key, value)
        json_object_set(view, go_name(key), value);
    json_object_set_new(view, "subnets", subnet_views(json_object_get(network, "subnets")));
    return view;
}

/* "a=b,c=" */
static json_t *labels_text(const json_t *labels)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)labels, key, value)
        g_string_append_printf(text, "%s%s=%s", text->len > 0 ? "," : "", key,
                               json_string_value(value));
    return json_string(text->str);
}

json_t *network_row(const json_t *network, bool truncates)
{
    json_t *view = network_view(network);
    const char *id = json_string_value(json_object_get(network, "id"));

    json_object_set_new(view, "labels", labels_text(json_object_get(network, "labels")));
    if (truncates && id != NULL) {
        g_autofree char *digits = g_strndup(id, ID_SHORT);

        json_object_set_new(view, "id", json_string(digits));
    }
    return view;
}
