/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-network.h"

#include "base/log.h"
#include "base/path.h"
#include "engine/dependencies.h"
#include "network/aardvark.h"
#include "network/bridge.h"
#include "network/netavark.h"
#include "network/netns-lock.h"
#include "network/netns-silence.h"
#include "network/netns.h"
#include "state/container-networks.h"
#include "state/lease-record.h"
#include "state/port-record.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define SETUP_MARK    "netavark" /* in the run directory from before netavark's set-up on */
#define OWN_LOCK_CRIU 40200 /* from here on CRIU restores into a network that its dump has locked */
#define MEETINGS      4     /* with other netavarks: so many chains are everybody's */

struct NetworkCall {
    GPtrArray *todo; /* NetworkStatus of the record that are still to be done, the next one last */
    NetworkStatus *at;      /* which one netavark works on */
    NetavarkCall *netavark; /* NULL: only the namespace is made or removed */
    bool is_setup;
    Lock lock;
};

/* --- netavark ------------------------------------------------------------------------------- */

void network_call_free(NetworkCall *call)
{
    if (call == NULL)
        return;
    netavark_call_free(call->netavark);
    lock_release(&call->lock);
    g_ptr_array_unref(call->todo);
    g_free(call);
}

static NetworkCall *network_call_new(bool is_setup)
{
    NetworkCall *call = g_new0(NetworkCall, 1);

    call->todo = g_ptr_array_new();
    call->is_setup = is_setup;
    call->lock = (Lock)LOCK_NONE;
    return call;
}

static char *setup_mark(const floe_container *ctr, const NetworkStatus *network)
{
    return g_strconcat(ctr->paths.run, "/" SETUP_MARK ".", network->interface_name, NULL);
}

/* The record knows of a set-up only when netavark has answered; floe may be killed before. */
static bool mark_setup(const floe_container *ctr, const NetworkStatus *network, GError **error)
{
    g_autofree char *mark = setup_mark(ctr, network);
    autofd int fd = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    return fd >= 0 || err_set_errno(error, "create '%s'", mark);
}

static void unmark_setup(const floe_container *ctr, const NetworkStatus *network)
{
    g_autofree char *mark = setup_mark(ctr, network);

    unlink(mark);
}

/*
 * What was never set up is not taken down: netavark would take rules along that another container
 * with the same port has.
 */
static bool may_be_set_up(const floe_container *ctr, const NetworkStatus *network)
{
    g_autofree char *mark = setup_mark(ctr, network);

    return network->request != NULL && (network->is_up || path_exists(mark));
}

static char *netavark_dir(const floe_container *ctr)
{
    return g_build_filename(ctr->engine->runroot, "network", NULL);
}

static bool lock_networks(const floe_container *ctr, Lock *ret_lock, GError **error)
{
    g_autofree char *path = g_build_filename(ctr->engine->runroot, "locks", "network", NULL);

    return lock_acquire(path, ret_lock, error);
}

/*
 * netavark itself holds the lock until it ends: not longer, whatever floe waits for meanwhile, and
 * not shorter if floe is killed. But aardvark-dns, which netavark starts for a network with names,
 * would never let it go: there floe holds the lock, and netavark is killed with it.
 */
static bool start_netavark(floe_container *ctr, NetworkCall *call, GError **error)
{
    g_autofree char *config_dir = netavark_dir(ctr);
    bool hands_over = call->at->dns_servers == NULL || call->at->dns_servers[0] == NULL;

    if (!dir_make(config_dir, 0755, error) ||
        !netavark_start(config_dir, call->is_setup ? "setup" : "teardown",
                        ctr->record->status.netns_path, call->at->request,
                        hands_over ? call->lock.fd : -1, &call->netavark, error))
        return false;
    if (hands_over)
        lock_leave(&call->lock);
    return true;
}

/* Begin with the next network, with the networks' lock; nothing, when all are done. */
static bool call_next(floe_container *ctr, NetworkCall *call, GError **error)
{
    if (call->todo->len == 0)
        return true;
    call->at = g_ptr_array_steal_index(call->todo, call->todo->len - 1);
    if (!lock_networks(ctr, &call->lock, error) ||
        (call->is_setup && !mark_setup(ctr, call->at, error)))
        return false;
    if (start_netavark(ctr, call, error))
        return true;
    if (call->is_setup)
        unmark_setup(ctr, call->at);
    return false;
}

/* Wait for the one at work. A netavark that hangs is killed, and so lets the lock go. */
static bool call_finish(NetworkCall *call, NetavarkAnswer *ret_answer, GError **error)
{
    bool ok = netavark_finish(call->netavark, ret_answer, error);

    g_clear_pointer(&call->netavark, netavark_call_free);
    lock_release(&call->lock);
    return ok;
}

bool container_network_is_up(const floe_container *ctr)
{
    const ContainerStatus *status = &ctr->record->status;

    for (guint i = 0; status->networks != NULL && i < status->networks->len; i++) {
        const NetworkStatus *network = g_ptr_array_index(status->networks, i);

        if (!network->is_up)
            return false;
    }
    return status->netns_path != NULL && netns_exists(status->netns_path);
}

void container_network_listen(const floe_container *ctr)
{
    const ContainerStatus *status = &ctr->record->status;

    for (guint i = 0; status->networks != NULL && i < status->networks->len; i++) {
        const NetworkStatus *network = g_ptr_array_index(status->networks, i);
        g_autoptr(GError) err = NULL;

        if (!netns_unsilence(status->netns_path, network->interface_name, &err))
            log_ignored(g_steal_pointer(&err), "container \"%s\"", ctr->record->name);
    }
}

static void hush(const floe_container *ctr)
{
    const ContainerStatus *status = &ctr->record->status;

    for (guint i = 0; status->networks != NULL && i < status->networks->len; i++) {
        const NetworkStatus *network = g_ptr_array_index(status->networks, i);
        g_autoptr(GError) err = NULL;

        if (!netns_silence(status->netns_path, network->interface_name, &err))
            log_ignored(g_steal_pointer(&err), "connections of container \"%s\" may get lost",
                        ctr->record->name);
    }
}

/* In their order: whose rules for a port come first, has it. */
static NetworkCall *setup_call(const floe_container *ctr)
{
    const GPtrArray *networks = ctr->record->status.networks;
    NetworkCall *call = network_call_new(true);

    for (guint i = networks != NULL ? networks->len : 0; i > 0; i--)
        g_ptr_array_add(call->todo, g_ptr_array_index(networks, i - 1));
    return call;
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
    g_autoptr(NetworkCall) call = NULL;
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
    call = setup_call(ctr);
    if (call_next(ctr, call, error)) {
        *ret_call = g_steal_pointer(&call);
        return true;
    }
    if (!netns_remove(netns_path, &err))
        log_ignored(g_steal_pointer(&err), "cannot remove '%s'", netns_path);
    return false;
}

static void take(char ***target, char ***taken)
{
    if (*taken == NULL || (*taken)[0] == NULL)
        return;
    g_strfreev(*target);
    *target = g_steal_pointer(taken);
}

/* What there is now, which is what was planned, but where netavark asks a DHCP server. */
static void take_answer(NetworkStatus *network, NetavarkAnswer *answer)
{
    take(&network->addresses, &answer->addresses);
    take(&network->gateways, &answer->gateways);
    take(&network->dns_servers, &answer->dns_servers);
    if (answer->mac != NULL) {
        g_free(network->mac);
        network->mac = g_steal_pointer(&answer->mac);
    }
    network->is_up = true;
}

/* Those that come later find it so. */
static void settle_bridge(const floe_container *ctr, const NetworkStatus *network)
{
    const char *bridge = netavark_request_bridge(network->request);
    g_autoptr(GError) err = NULL;
    bool is_first = false;

    if (bridge != NULL &&
        (!bridge_has_no_other(bridge, ctr->record->status.netns_path, &is_first, &err) ||
         (is_first && !bridge_keep_address(bridge, &err))))
        log_ignored(g_steal_pointer(&err), "network '%s'", network->network);
}

/* The lock keeps engines with another run directory, and podman, from nothing. */
static bool begin_again(floe_container *ctr, NetworkCall *call, GError **error)
{
    g_autoptr(NetworkCall) undo = network_call_new(false);
    g_autoptr(GError) err = NULL;

    g_ptr_array_add(undo->todo, call->at);
    if (!call_next(ctr, undo, &err) || !call_finish(undo, NULL, &err))
        log_info("before the next try: %s", err->message);
    lock_release(&undo->lock);
    g_ptr_array_add(call->todo, call->at);
    return call_next(ctr, call, error);
}

bool container_network_setup_end(floe_container *ctr, NetworkCall *call, GError **error)
{
    int meetings = 0;

    while (call->netavark != NULL) {
        g_auto(NetavarkAnswer) answer = { 0 };
        g_autoptr(GError) err = NULL;
        bool ok = call_finish(call, &answer, &err);

        if (!ok && (meetings++ == MEETINGS || !netavark_met_another(err))) {
            g_propagate_error(error, g_steal_pointer(&err));
            return false;
        }
        if (ok) {
            take_answer(call->at, &answer);
            settle_bridge(ctr, call->at);
        }
        if (!(ok ? call_next(ctr, call, error) : begin_again(ctr, call, error)))
            return false;
    }
    return true;
}

/* A network that cannot be begun with is left: the rest goes all the same. */
static void teardown_next(floe_container *ctr, NetworkCall *call)
{
    while (call->netavark == NULL && call->todo->len > 0) {
        g_autoptr(GError) err = NULL;

        if (call_next(ctr, call, &err))
            continue;
        lock_release(&call->lock);
        log_ignored(g_steal_pointer(&err), "cannot take container \"%s\" out of network '%s'",
                    ctr->record->name, call->at->network);
    }
}

void container_network_teardown_begin(floe_container *ctr, NetworkCall **ret_call)
{
    const ContainerStatus *status = &ctr->record->status;
    g_autoptr(NetworkCall) call = NULL;

    *ret_call = NULL;
    if (status->netns_path == NULL)
        return;
    call = network_call_new(false);
    for (guint i = 0; status->networks != NULL && i < status->networks->len; i++) {
        NetworkStatus *network = g_ptr_array_index(status->networks, i);

        if (may_be_set_up(ctr, network))
            g_ptr_array_add(call->todo, network);
    }
    teardown_next(ctr, call);
    *ret_call = g_steal_pointer(&call);
}

/*
 * A netavark that failed or was killed has left rules, which nobody would look for later: so it is
 * tried once more. That this fails too is only told, or a container could not be removed any more
 * whose rules somebody else has taken away.
 */
static void teardown_again(floe_container *ctr, NetworkStatus *network, GError *first_failure)
{
    g_autoptr(NetworkCall) call = network_call_new(false);
    g_autoptr(GError) first = first_failure;
    g_autoptr(GError) err = NULL;

    g_ptr_array_add(call->todo, network);
    if (call_next(ctr, call, &err) && call_finish(call, NULL, &err))
        return;
    log_ignored(g_steal_pointer(&first), "cannot take container \"%s\" out of network '%s'",
                ctr->record->name, network->network);
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
    container_network_forget_run(status);
    /* A checkpoint's connections need the address. */
    if (status->checkpoint_path == NULL && !lease_release(db, ctr->record->id, error))
        return false;
    return container_save(ctr, error) && transaction_commit(&transaction, error);
}

bool container_network_teardown_end(floe_container *ctr, NetworkCall *call, GError **error)
{
    while (call->netavark != NULL) {
        g_autoptr(GError) err = NULL;

        if (!call_finish(call, NULL, &err))
            teardown_again(ctr, call->at, g_steal_pointer(&err));
        teardown_next(ctr, call);
    }
    return netns_remove(ctr->record->status.netns_path, error) && record_teardown(ctr, error);
}

bool container_network_join(floe_container *ctr, NetworkStatus *network, GError **error)
{
    g_autoptr(NetworkCall) call = network_call_new(true);

    g_ptr_array_add(call->todo, network);
    return call_next(ctr, call, error) && container_network_setup_end(ctr, call, error);
}

bool container_network_leave(floe_container *ctr, NetworkStatus *network, GError **error)
{
    g_autoptr(NetworkCall) call = network_call_new(false);

    if (!may_be_set_up(ctr, network))
        return true;
    network->is_up = false;
    g_ptr_array_add(call->todo, network);
    if (!call_next(ctr, call, error) || !call_finish(call, NULL, error))
        return false;
    unmark_setup(ctr, network);
    return true;
}

bool container_network_plan_rename(floe_container *ctr)
{
    GPtrArray *networks = ctr->record->status.networks;
    bool has_names = false;

    for (guint i = 0; networks != NULL && i < networks->len; i++) {
        const NetworkStatus *network = g_ptr_array_index(networks, i);

        if (network->request == NULL)
            continue;
        json_object_set_new(network->request, "container_name", json_string(ctr->record->name));
        has_names = has_names || network->dns_servers != NULL;
    }
    return has_names;
}

bool container_network_rename(const floe_container *ctr, GError **error)
{
    const GPtrArray *networks = ctr->record->status.networks;
    g_autofree char *config_dir = netavark_dir(ctr);
    g_auto(Lock) lock = LOCK_NONE;

    if (!lock_networks(ctr, &lock, error))
        return false;
    for (guint i = 0; networks != NULL && i < networks->len; i++) {
        const NetworkStatus *network = g_ptr_array_index(networks, i);

        if (network->request != NULL &&
            !aardvark_rename(config_dir, network->request, ctr->record->name, error))
            return err_prefix(error, "network '%s'", network->network);
    }
    return true;
}

void container_network_forget_run(ContainerStatus *status)
{
    if (status->checkpoint_path == NULL)
        network_statuses_clear(&status->networks);
    for (guint i = 0; status->networks != NULL && i < status->networks->len; i++) {
        NetworkStatus *network = g_ptr_array_index(status->networks, i);

        network->is_up = false;
        g_clear_pointer(&network->request, json_decref);
    }
}

/* --- what the runtime and conmon are told --------------------------------------------------- */

bool container_network_namespace(floe_container *ctr, char **ret_path, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;

    if (g_str_equal(config->network_mode, "container"))
        return container_namespace_of(ctr->engine, config->network_container, "net", ret_path,
                                      error);
    if (g_str_equal(config->network_mode, "path")) {
        *ret_path = g_strdup(config->network_path);
        return netns_exists(config->network_path) ||
               err_set(error, FLOE_ERROR_NOT_FOUND, "there is no network namespace at '%s'",
                       config->network_path);
    }
    *ret_path = g_strdup(ctr->record->status.netns_path != NULL ? ctr->record->status.netns_path
                                                                : "");
    return true;
}
