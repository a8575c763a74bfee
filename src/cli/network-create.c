/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/verbs.h"

#include <stdio.h>

static int create(Cli *cli, const floe_network_options *options)
{
    g_autoptr(floe_error) error = NULL;
    auto_floe_free char *name = NULL;

    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if (!floe_network_create(cli->engine, options, &name, &error))
        return cli_report(error);
    puts(name);
    return STATUS_OK;
}

int cmd_network_create(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "network create [options] [NAME]",
        .about = "Make a network, and print its name, which is that of its bridge if none is given.",
        .max_words = 1,
    };
    floe_network_options network = FLOE_NETWORK_OPTIONS_INIT;
    g_auto(GStrv) subnets = NULL, gateways = NULL, ranges = NULL, routes = NULL;
    g_auto(GStrv) servers = NULL, labels = NULL, opts = NULL;
    char **words;
    int status;
    const Option options[] = {
        { "disable-dns", 0, OPTION_FLAG, &network.disable_dns, NULL,
          "Containers do not find each other by name" },
        { "dns", 0, OPTION_COMMA_LIST, &servers, "ADDRESS",
          "A DNS server that is asked for names of other places" },
        { "driver", 'd', OPTION_TEXT, &network.driver, "NAME", "bridge (the default) or macvlan" },
        { "gateway", 0, OPTION_COMMA_LIST, &gateways, "ADDRESS", "Of one of the subnets" },
        { "ignore", 0, OPTION_FLAG, &network.ignore_existing, NULL,
          "No error if there is such a network" },
        { "interface-name", 0, OPTION_TEXT, &network.interface, "NAME",
          "Of the bridge, or the parent interface of macvlan" },
        { "internal", 0, OPTION_FLAG, &network.internal, NULL,
          "No way out of this host, or into other networks" },
        { "ip-range", 0, OPTION_LIST, &ranges, "RANGE",
          "Out of which addresses are chosen: SUBNET or FIRST-LAST" },
        { "ipam-driver", 0, OPTION_TEXT, &network.ipam_driver, "NAME",
          "host-local (the default), or none: no addresses" },
        { "ipv6", 0, OPTION_FLAG, &network.ipv6, NULL, "With an IPv6 subnet" },
        { "label", 0, OPTION_LIST, &labels, "KEY[=VALUE]", "Set a label" },
        { "opt", 'o', OPTION_LIST, &opts, "KEY=VALUE",
          "Set an option of the driver: mtu, isolate, vlan, metric, parent, mode ..." },
        { "route", 0, OPTION_LIST, &routes, "SUBNET,GATEWAY[,METRIC]",
          "One more route of its containers" },
        { "subnet", 0, OPTION_LIST, &subnets, "SUBNET", "10.90.0.0/24, fd00:90::/64" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    network.name = words[0];
    network.subnets = list_const(subnets);
    network.gateways = list_const(gateways);
    network.ip_ranges = list_const(ranges);
    network.routes = list_const(routes);
    network.dns_servers = list_const(servers);
    network.labels = list_const(labels);
    network.options = list_const(opts);
    return create(cli, &network);
}
