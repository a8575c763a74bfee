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
    const char *interface_name;     /* "eth0" */
    const char *const *addresses;   /* without prefixes; NULL: none */
    char *const *aliases;           /* more names; NULL: none */
    const char *mac;                /* NULL: netavark takes a random one */
    const char *const *dns_servers; /* the container's own, or NULL */
    const char *firewall; /* who gets its rules: "nftables" ...; NULL: netavark's own choice */
    int route_metric; /* of its default route, if the network's options say nothing; 0: netavark's */
} NetavarkSetup;

/*
 * The request document for setup, of one network. Teardown needs the same: record it before the setup.
 */
json_t *netavark_request(const NetavarkSetup *setup);

/* The bridge of a request's network, borrowed from it; NULL: it has none. */
const char *netavark_request_bridge(const json_t *request);

/* A netavark at work: it takes tens of milliseconds, so it runs beside other work. */
typedef struct NetavarkCall NetavarkCall;

/*
 * Start "setup" or "teardown" and return at once. `config_dir` is netavark's --config directory,
 * where aardvark's files live too; it must be there.
 *
 * A teardown of a namespace that has gone runs on an empty one in its place, made in the same
 * directory, so that the rules on the host go all the same.
 *
 * netavark keeps `held_fd` open until it ends; aardvark-dns, which it may start and which stays,
 * does so too. -1: nothing, and so netavark is killed with its caller's thread: no lock would keep
 * others away.
 */
bool netavark_start(const char *config_dir, const char *verb, const char *netns_path,
                    const json_t *request, int held_fd, NetavarkCall **ret_call, GError **error);

/* What a setup has made; lists are NULL where netavark says nothing. */
typedef struct NetavarkAnswer {
    char **addresses; /* "10.88.0.5/16", "fd00::5/64" */
    char **gateways;
    char *mac;
    char **dns_servers; /* aardvark's */
} NetavarkAnswer;

void netavark_answer_clear(NetavarkAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(NetavarkAnswer, netavark_answer_clear)

/* Of the one network in netavark's text. What has another form is left out. */
void netavark_answer_read(const json_t *value, NetavarkAnswer *ret_answer);

/*
 * Wait for it, two minutes at most (TIMEOUT). `ret_answer` (may be NULL) gets the answer to
 * setup. NETWORK with netavark's words; a setup that failed half-way needs a
 * teardown. A teardown that finds the container's interface gone has succeeded.
 */
bool netavark_finish(NetavarkCall *call, NetavarkAnswer *ret_answer, GError **error);

/*
 * Has a setup failed only because a netavark of another engine's, or podman's, made the same at the
 * same moment? After a teardown it can be tried again.
 */
bool netavark_met_another(const GError *error);

/* Kills a call that was not finished. */
void netavark_call_free(NetavarkCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NetavarkCall, netavark_call_free)

/* The path of the program: /usr/libexec/podman, /usr/lib/podman, then PATH. MISSING_PART. */
bool netavark_find(char **ret_path, GError **error);
bool aardvark_find(char **ret_path, GError **error);
