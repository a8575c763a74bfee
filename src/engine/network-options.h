/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of --network and of the options beside it. */
#pragma once

#include "engine/engine.h"
#include "state/container-record.h"

#include <floe/container.h>

/*
 * All of them into the configuration's mode and networks. Names become those of networks that are
 * there. INVALID names the option, NOT_FOUND the network or container.
 */
bool network_options_apply(floe_engine *engine, const floe_create_options *options,
                           ContainerConfig *config, GError **error);

/*
 * "ip=A,ip6=A,mac=M,alias=NAME,interface_name=N", where alias may come several times, into what a
 * network's entry has already. INVALID names the option.
 */
bool network_options_parse(const char *text, NetworkConfig *network, GError **error);

/* The same of a connect. */
bool network_options_connect(const floe_connect_options *options, NetworkConfig *network,
                             GError **error);

/* "eth0" and so on for those that have no name yet; INVALID: two have the same. */
bool network_options_name_interfaces(const GPtrArray *networks, GError **error);

/* As --network has it: "NAME:ip=A,mac=M". Freed by the caller. */
char *network_options_text(const NetworkConfig *network);
