/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/network-leftovers.h"

#include "base/lock.h"
#include "base/log.h"
#include "base/path.h"
#include "engine/network.h"
#include "network/address-choice.h"
#include "network/netavark-tool.h"
#include "network/netavark.h"
#include "network/netns.h"

#include <net/if.h>

static bool has_leftovers(const floe_engine *engine, const Network *network)
{
    g_autofree char *directory = engine_netavark_directory(engine);
    g_autofree char *names = aardvark_file(directory, network->interface);

    /* The parent of a macvlan is no leftover. */
    return !network_is_macvlan(network) &&
           (if_nametoindex(network->interface) != 0 || path_exists(names));
}

static bool free_addresses(const Network *network, json_t *addresses, GError **error)
{
    for (guint i = 0; i < network->subnets->len; i++) {
        const NetworkSubnet *subnet = &g_array_index(network->subnets, NetworkSubnet, i);
        g_autofree char *address = NULL;

        if (!network_next_address(network, subnet, NULL, NULL, &address, error))
            return false;
        json_array_append_new(addresses, json_string(address));
    }
    return true;
}

/* A container that never was, whose id is the network's. */
static bool make_request(const Network *network, json_t **ret_request, GError **error)
{
    g_autoptr(JsonValue) addresses = json_array();

    if (!free_addresses(network, addresses, error))
        return false;
    *ret_request = json_pack("{s:s, s:s, s:{s:{s:O, s:s}}, s:{s:o}}", "container_id", network->id,
                             "container_name", network->name, "networks", network->name,
                             "static_ips", addresses, "interface_name", "eth0", "network_info",
                             network->name, network_to_json(network));
    return true;
}

static bool call(const char *directory, const char *verb, const char *netns, const json_t *request,
                 GError **error)
{
    g_autoptr(NetavarkCall) netavark = NULL;

    return netavark_start(directory, verb, netns, request, -1, &netavark, error) &&
           netavark_finish(netavark, NULL, error);
}

/*
 * netavark has no verb for it: so it gets a first container to set up, which makes all that is missing
 * of the network, and the last one to take down.
 */
static bool up_and_down(floe_engine *engine, const Network *network, const char *netns,
                        GError **error)
{
    g_autofree char *directory = engine_netavark_directory(engine);
    g_autofree char *lock_path = g_build_filename(engine->runroot, "locks", "network", NULL);
    g_autoptr(JsonValue) request = NULL;
    g_auto(Lock) lock = LOCK_NONE;
    bool is_up;

    if (!make_request(network, &request, error) || !dir_make(directory, 0755, error) ||
        !lock_acquire(lock_path, &lock, error))
        return false;
    is_up = call(directory, "setup", netns, request, error);
    return call(directory, "teardown", netns, request, is_up ? error : NULL) && is_up;
}

bool network_remove_leftovers(floe_engine *engine, const Network *network, GError **error)
{
    g_autofree char *netns = NULL;
    g_autoptr(GError) err = NULL;
    bool ok;

    if (!has_leftovers(engine, network))
        return true;
    log_info("something is left of network '%s' on the host: it is removed", network->name);
    netns = g_strdup_printf(NETNS_DIRECTORY "/floe%s-net-%.12s", engine->tag, network->id);
    if (!netns_remove(netns, error) || !netns_create_at(netns, error))
        return false;
    ok = up_and_down(engine, network, netns, error);
    if (!netns_remove(netns, &err))
        log_ignored(g_steal_pointer(&err), "cannot remove '%s'", netns);
    return ok || err_prefix(error, "remove what is left of network '%s' on the host", network->name);
}
