/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls of netavark, which makes bridges, veth pairs, firewall rules and names. Its protocol: a
 * JSON request on standard input, `netavark setup|teardown NETNS`, a JSON answer on standard
 * output.
 */
#pragma once

#include "network/network.h"
#include "network/port-mapping.h"

typedef struct NetavarkSetup {
    const char *container_id;
    const char *container_name;
    const char *hostname; /* NULL: not told */
    GPtrArray *ports;     /* PortMapping, each with its host port; NULL: none */
    const Network *network;
    const char *interface_name; /* "eth0" */
    const char *address;
    char *const *aliases;           /* more names; NULL: none */
    const char *mac;                /* NULL: netavark takes a random one */
    const char *const *dns_servers; /* the container's own, or NULL */
} NetavarkSetup;

/* The request document for setup. Teardown needs the same: record it before the setup. */
json_t *netavark_request(const NetavarkSetup *setup);

/* A netavark at work: it takes tens of milliseconds, so it runs beside other work. */
typedef struct NetavarkCall NetavarkCall;

/*
 * Start "setup" or "teardown" and return at once. `config_dir` is netavark's --config directory,
 * where aardvark's files live too; it must be there.
 *
 * A teardown of a namespace that has gone runs on an empty one in its place, made in the same
 * directory, so that the rules on the host go all the same.
 *
 * netavark keeps `held_fd` (-1: nothing) open until it ends; aardvark-dns, which it may start and
 * which stays, does so too.
 */
bool netavark_start(const char *config_dir, const char *verb, const char *netns_path,
                    const json_t *request, int held_fd, NetavarkCall **ret_call, GError **error);

/*
 * Wait for it, two minutes at most (TIMEOUT). `ret_status` (may be NULL) gets the answer to
 * setup, NULL for teardown. NETWORK with netavark's words; a setup that failed half-way needs a
 * teardown. A teardown that finds the container's interface gone has succeeded.
 */
bool netavark_finish(NetavarkCall *call, json_t **ret_status, GError **error);

/* Kills a call that was not finished. */
void netavark_call_free(NetavarkCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NetavarkCall, netavark_call_free)

/*
 * The first IPv4 address, gateway (NULL if it has none), prefix length and MAC of a network in an
 * answer to setup. The strings are the caller's. False: none.
 */
bool network_status_address(const json_t *status, const char *network, char **ret_address,
                            char **ret_gateway, int *ret_prefix, char **ret_mac);

/* The path of the program: /usr/libexec/podman, /usr/lib/podman, then PATH. MISSING_PART. */
bool netavark_find(char **ret_path, GError **error);
bool aardvark_find(char **ret_path, GError **error);
