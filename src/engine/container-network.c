/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-network.h"

#include "base/log.h"
#include "base/path.h"
#include "engine/container-ports.h"
#include "engine/dependencies.h"
#include "engine/network-lease.h"
#include "engine/network.h"
#include "network/address.h"
#include "network/netns-lock.h"
#include "network/netns-silence.h"
#include "network/netns.h"
#include "state/lease-record.h"
#include "state/port-record.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define SETUP_MARK    "netavark" /* in the run directory from before netavark's set-up on */
#define OWN_LOCK_CRIU 40200 /* from here on CRIU restores into a network that its dump has locked */

struct NetworkCall {
    NetavarkCall *netavark; /* NULL: only the namespace is made or removed */
    Lock lock;
};

/* --- the plan ------------------------------------------------------------------------------- */

static bool has_own_namespace(const ContainerConfig *config)
{
    return g_str_equal(config->network_mode, "bridge") || g_str_equal(config->network_mode, "none");
}

void container_network_planned(const floe_container *ctr, PlannedNetwork *ret_planned)
{
    const json_t *request = ctr->record->status.network_request;
    const char *name = "";
    json_t *network;
    json_t *info;

    *ret_planned = (PlannedNetwork){ 0 };
    json_object_foreach(json_object_get(request, "networks"), name, network) {
        info = json_object_get(json_object_get(request, "network_info"), name);
        ret_planned->address = json_string_value(
            json_array_get(json_object_get(network, "static_ips"), 0));
        ret_planned->mac = json_string_value(json_object_get(network, "static_mac"));
        ret_planned->gateway = json_string_value(
            json_object_get(json_array_get(json_object_get(info, "subnets"), 0), "gateway"));
        if (json_is_true(json_object_get(info, "dns_enabled")))
            ret_planned->dns_server = ret_planned->gateway;
        return;
    }
}

void container_network_forget(floe_container *ctr, bool address, bool mac)
{
    const GPtrArray *wishes = ctr->record->config.networks;
    const char *name;
    json_t *network;

    for (guint i = 0; wishes != NULL && i < wishes->len; i++) {
        NetworkConfig *wish = g_ptr_array_index(wishes, i);

        if (address)
            g_clear_pointer(&wish->static_ip, g_free);
        if (mac)
            g_clear_pointer(&wish->static_mac, g_free);
    }
    json_object_foreach(json_object_get(ctr->record->status.network_request, "networks"), name,
                        network) {
        if (address)
            json_object_del(network, "static_ips");
        if (mac)
            json_object_del(network, "static_mac");
    }
}

bool container_network_plan(floe_container *ctr, GError **error)
{
    ContainerConfig *config = &ctr->record->config;
    ContainerStatus *status = &ctr->record->status;
    g_autoptr(Network) network = NULL;
    g_autoptr(GPtrArray) ports = NULL;
    g_autoptr(JsonValue) earlier = json_incref(status->network_request);
    PlannedNetwork again = { 0 };
    g_auto(GStrv) addresses = NULL;
    g_autofree char *mac = NULL;
    const NetworkConfig *wish;

    g_free(status->netns_path);
    status->netns_path = has_own_namespace(config) ? g_strdup(ctr->paths.netns) : NULL;
    if (!g_str_equal(config->network_mode, "bridge"))
        return true;

    wish = g_ptr_array_index(config->networks, 0);
    if (!container_ports_take(ctr, error) ||
        !engine_network(ctr->engine, wish->name, &network, error))
        return false;
    container_network_planned(ctr, &again);
    if (again.address == NULL)
        again.address = wish->static_ip;
    if (again.mac == NULL)
        again.mac = wish->static_mac;
    if (!network_take_addresses(ctr->engine, network, ctr->record->id,
                                (const char *[]){ again.address, NULL }, &addresses, error))
        return false;
    mac = again.mac != NULL ? g_strdup(again.mac) : mac_random();
    ports = container_port_mappings(config);

    NetavarkSetup setup = {
        .container_id = ctr->record->id,
        .container_name = ctr->record->name,
        .hostname = config->hostname,
        .ports = ports,
        .network = network,
        .interface_name = wish->interface_name,
        .aliases = wish->aliases,
        .address = addresses[0],
        .mac = mac,
        .dns_servers = (const char *const *)config->dns,
    };
    json_decref(status->network_request);
    status->network_request = netavark_request(&setup);
    return true;
}

/* --- netavark ------------------------------------------------------------------------------- */

void network_call_free(NetworkCall *call)
{
    if (call == NULL)
        return;
    netavark_call_free(call->netavark);
    lock_release(&call->lock);
    g_free(call);
}

static NetworkCall *network_call_new(void)
{
    NetworkCall *call = g_new0(NetworkCall, 1);

    call->lock = (Lock)LOCK_NONE;
    return call;
}

static char *setup_mark(const floe_container *ctr)
{
    return g_build_filename(ctr->paths.run, SETUP_MARK, NULL);
}

/* The record knows of a set-up only when netavark has answered; floe may be killed before. */
static bool mark_setup(const floe_container *ctr, GError **error)
{
    g_autofree char *mark = setup_mark(ctr);
    autofd int fd = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    return fd >= 0 || err_set_errno(error, "create '%s'", mark);
}

static void unmark_setup(const floe_container *ctr)
{
    g_autofree char *mark = setup_mark(ctr);

    unlink(mark);
}

/*
 * What was never set up is not taken down: netavark would take rules along that another container
 * with the same port has.
 */
static bool may_be_set_up(const floe_container *ctr)
{
    g_autofree char *mark = setup_mark(ctr);

    return ctr->record->status.network_status != NULL || path_exists(mark);
}

/*
 * netavark itself holds the lock until it ends: not longer, whatever floe waits for meanwhile, and
 * not shorter if floe is killed. But aardvark-dns, which netavark starts for a network with names,
 * would never let it go.
 */
static bool start_netavark(floe_container *ctr, const char *verb, NetworkCall *call, GError **error)
{
    const ContainerStatus *status = &ctr->record->status;
    g_autofree char *config_dir = g_build_filename(ctr->engine->runroot, "network", NULL);
    PlannedNetwork planned;
    bool hands_over;

    container_network_planned(ctr, &planned);
    hands_over = planned.dns_server == NULL;
    if (!dir_make(config_dir, 0755, error) ||
        !netavark_start(config_dir, verb, status->netns_path, status->network_request,
                        hands_over ? call->lock.fd : -1, &call->netavark, error))
        return false;
    if (hands_over)
        lock_leave(&call->lock);
    return true;
}

static bool setup(floe_container *ctr, NetworkCall *call, GError **error)
{
    if (!mark_setup(ctr, error))
        return false;
    if (start_netavark(ctr, "setup", call, error))
        return true;
    unmark_setup(ctr);
    return false;
}

/* Begin one of the two with the network's lock; nothing, for a namespace that netavark leaves alone. */
static bool call_begin(floe_container *ctr, bool is_setup, NetworkCall **ret_call, GError **error)
{
    g_autofree char *lock = g_build_filename(ctr->engine->runroot, "locks", "network", NULL);
    g_autoptr(NetworkCall) call = network_call_new();

    if (ctr->record->status.network_request != NULL &&
        (!lock_acquire(lock, &call->lock, error) ||
         !(is_setup ? setup(ctr, call, error) : start_netavark(ctr, "teardown", call, error))))
        return false;
    *ret_call = g_steal_pointer(&call);
    return true;
}

bool container_network_is_up(const floe_container *ctr)
{
    const ContainerStatus *status = &ctr->record->status;

    return status->netns_path != NULL && netns_exists(status->netns_path) &&
           (status->network_request == NULL || status->network_status != NULL);
}

static const char *interface_of(const floe_container *ctr)
{
    const NetworkConfig *network = g_ptr_array_index(ctr->record->config.networks, 0);

    return network->interface_name;
}

void container_network_listen(const floe_container *ctr)
{
    g_autoptr(GError) err = NULL;

    if (ctr->record->status.network_request != NULL &&
        !netns_unsilence(ctr->record->status.netns_path, interface_of(ctr), &err))
        log_ignored(g_steal_pointer(&err), "container \"%s\"", ctr->record->name);
}

static void hush(const floe_container *ctr)
{
    g_autoptr(GError) err = NULL;

    if (ctr->record->status.network_request != NULL &&
        !netns_silence(ctr->record->status.netns_path, interface_of(ctr), &err))
        log_ignored(g_steal_pointer(&err), "connections of container \"%s\" may get lost",
                    ctr->record->name);
}

bool container_network_reopen(const floe_container *ctr, bool *ret_silent, GError **error)
{
    const ContainerStatus *status = &ctr->record->status;

    *ret_silent = status->checkpoint_criu < OWN_LOCK_CRIU;
    if (!*ret_silent)
        return true;
    hush(ctr);
    return netns_remove_criu_lock(status->netns_path, error);
}

bool container_network_setup_begin(floe_container *ctr, bool silent, NetworkCall **ret_call,
                                   GError **error)
{
    const char *netns_path = ctr->record->status.netns_path;
    g_autoptr(GError) err = NULL;

    *ret_call = NULL;
    /* The name is this container's alone: what is there, a crash or a reboot has left. */
    if (netns_path == NULL)
        return true;
    if (!netns_remove(netns_path, error) || !netns_create_at(netns_path, error))
        return false;
    if (ctr->holds_traffic && !netns_lock(netns_path, error)) {
        netns_remove(netns_path, NULL);
        return false;
    }
    if (silent)
        hush(ctr);
    if (call_begin(ctr, true, ret_call, error))
        return true;
    if (!netns_remove(netns_path, &err))
        log_ignored(g_steal_pointer(&err), "cannot remove '%s'", netns_path);
    return false;
}

bool container_network_setup_end(floe_container *ctr, NetworkCall *call, GError **error)
{
    ContainerStatus *status = &ctr->record->status;

    g_clear_pointer(&status->network_status, json_decref);
    if (call->netavark != NULL && !netavark_finish(call->netavark, &status->network_status, error))
        return false;
    lock_release(&call->lock);
    return true;
}

void container_network_teardown_begin(floe_container *ctr, NetworkCall **ret_call)
{
    const ContainerStatus *status = &ctr->record->status;
    g_autoptr(NetworkCall) call = NULL;
    g_autoptr(GError) err = NULL;

    *ret_call = NULL;
    if (status->netns_path == NULL)
        return;
    if (may_be_set_up(ctr) && !call_begin(ctr, false, &call, &err))
        log_ignored(g_steal_pointer(&err), "cannot take down the network of container \"%s\"",
                    ctr->record->name);
    if (call == NULL)
        call = network_call_new();
    *ret_call = g_steal_pointer(&call);
}

/*
 * A netavark that failed or was killed has left rules, which nobody would look for later: so it is
 * tried once more. That this fails too is only told, or a container could not be removed any more
 * whose rules somebody else has taken away.
 */
static void teardown_again(floe_container *ctr, GError *first_failure)
{
    g_autoptr(NetworkCall) call = NULL;
    g_autoptr(GError) first = first_failure;
    g_autoptr(GError) err = NULL;

    if (call_begin(ctr, false, &call, &err) &&
        (call->netavark == NULL || netavark_finish(call->netavark, NULL, &err)))
        return;
    log_ignored(g_steal_pointer(&first), "cannot take down the network of container \"%s\"",
                ctr->record->name);
}

/*
 * All at once: others may take the ports and the address from now on, so no later teardown of this
 * container's may run, which would take their rules along.
 */
static bool record_teardown(floe_container *ctr, GError **error)
{
    ContainerStatus *status = &ctr->record->status;
    Database *db = ctr->engine->db;
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    if (!transaction_begin(db, false, &transaction, error) ||
        !port_release(db, ctr->record->id, error))
        return false;
    g_clear_pointer(&status->netns_path, g_free);
    g_clear_pointer(&status->network_status, json_decref);
    /* A checkpoint's connections need the address. */
    if (status->checkpoint_path == NULL) {
        if (!lease_release(db, ctr->record->id, error))
            return false;
        g_clear_pointer(&status->network_request, json_decref);
    }
    return container_save(ctr, error) && transaction_commit(&transaction, error);
}

bool container_network_teardown_end(floe_container *ctr, NetworkCall *call, GError **error)
{
    g_autoptr(GError) err = NULL;
    bool is_down = call->netavark == NULL || netavark_finish(call->netavark, NULL, &err);

    /* One that hangs is killed, and so lets the lock go. */
    g_clear_pointer(&call->netavark, netavark_call_free);
    lock_release(&call->lock);
    if (!is_down)
        teardown_again(ctr, g_steal_pointer(&err));
    return netns_remove(ctr->record->status.netns_path, error) && record_teardown(ctr, error);
}

/* --- what the runtime and conmon are told --------------------------------------------------- */

bool container_network_namespace(floe_container *ctr, char **ret_path, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;

    if (g_str_equal(config->network_mode, "container"))
        return container_namespace_of(ctr->engine, config->network_container, "net", ret_path,
                                      error);
    *ret_path = g_strdup(ctr->record->status.netns_path != NULL ? ctr->record->status.netns_path
                                                                : "");
    return true;
}
