/* SPDX-License-Identifier: Apache-2.0 */
/* Making a pod from the command line: `pod create`, and `run --pod new:NAME`. */
#pragma once

#include "cli/cli.h"

/*
 * Make a pod for a container that is about to join it: the options that belong to the pod (ports,
 * network, name servers, hosts, hostname) go from the container's to the infra container's. False:
 * the error is printed.
 */
bool pod_create_for(Cli *cli, const char *name, floe_create_options *container, int *ret_status);
