/* SPDX-License-Identifier: Apache-2.0 */
#include "network/network-new.h"

#include "base/clock.h"
#include "base/digest.h"
#include "network/host-subnets.h"

#include <string.h>

static bool choose_subnet(const char *interface, Subnet *ret_subnet, GError **error)
{
    g_autoptr(HostSubnets) host = NULL;

    return host_subnets_read(&host, error) &&
           host_subnets_choose(host, interface, ret_subnet, error);
}

bool network_make_default(const char *interface, const char *subnet, Network **ret_network,
                          GError **error)
{
    NetworkSubnet one = { .range_first = ADDRESS_NONE };

    if (!network_interface_check(interface, error) ||
        !(subnet ? subnet_parse(subnet, &one.subnet, error)
                 : choose_subnet(interface, &one.subnet, error)) ||
        !network_subnet_check(&one, error))
        return err_prefix(error, "make the default network");

    Network *network = network_new();

    one.gateway = address_next(&one.subnet.base);
    network->name = g_strdup(NETWORK_DEFAULT_NAME);
    network->id = sha256_hex(NETWORK_DEFAULT_NAME, strlen(NETWORK_DEFAULT_NAME));
    network->driver = g_strdup("bridge");
    network->interface = g_strdup(interface);
    network->ipam_driver = g_strdup("host-local");
    network->created_unix_ns = clock_unix_ns();
    g_array_append_val(network->subnets, one);
    *ret_network = network;
    return true;
}
