/* SPDX-License-Identifier: Apache-2.0 */
/* A change of a network that is there: the DNS servers that its names' server asks. */
#include "base/lock.h"
#include "base/path.h"
#include "engine/event.h"
#include "engine/network.h"
#include "engine/public-error.h"
#include "network/netavark-tool.h"

#include <floe/network.h>

static bool contains(const char *const *list, const char *text)
{
    return list != NULL && g_strv_contains(list, text);
}

/* What there was without what is dropped, and then what is added. */
static char **new_servers(const Network *network, const char *const *add, const char *const *drop)
{
    g_autoptr(GPtrArray) servers = g_ptr_array_new();

    for (char **old = network->dns_servers; old != NULL && *old != NULL; old++) {
        if (!contains(drop, *old) && !contains(add, *old))
            g_ptr_array_add(servers, *old);
    }
    for (; add != NULL && *add != NULL; add++) {
        if (!contains(drop, *add))
            g_ptr_array_add(servers, (char *)*add);
    }
    g_ptr_array_add(servers, NULL);
    return g_strdupv((char **)servers->pdata);
}

/* A network without containers is not up: netavark reads the record with the next one. */
static bool tell_netavark(floe_engine *engine, const Network *network, GError **error)
{
    g_autofree char *directory = engine_netavark_directory(engine);
    g_autofree char *names = aardvark_file(directory, network->interface);
    g_autofree char *lock_path = g_build_filename(engine->runroot, "locks", "network", NULL);
    g_auto(Lock) lock = LOCK_NONE;

    if (!path_exists(names))
        return true;
    return lock_acquire(lock_path, &lock, error) &&
           netavark_update(directory, network->interface, (const char *const *)network->dns_servers,
                           error);
}

static bool save(floe_engine *engine, const Network *network, GError **error)
{
    g_autoptr(JsonValue) info = network_to_json(network);

    return network_save_info(engine->db, network->name, info, error);
}

static bool update(floe_engine *engine, const char *name_or_id, const char *const *add,
                   const char *const *drop, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    g_autoptr(Network) network = NULL;
    char **servers = NULL;

    if (!network_dns_servers_check(add, error) || !network_dns_servers_check(drop, error) ||
        !transaction_begin(engine->db, true, &transaction, error) ||
        !engine_network(engine, name_or_id, &network, error))
        return false;
    if (!network->dns_enabled)
        return err_set(error, FLOE_ERROR_INVALID,
                       "network '%s' has no names, so it asks no DNS server for them",
                       network->name);
    servers = new_servers(network, add, drop);
    g_strfreev(network->dns_servers);
    network->dns_servers = servers;
    if (!save(engine, network, error) || !transaction_commit(&transaction, error))
        return false;
    event_note_network(engine, FLOE_EVENT_UPDATE, network->id, network->name, network->driver);
    return tell_netavark(engine, network, error) ||
           err_prefix(error, "network '%s' has the new DNS servers, but what runs of it does not",
                      network->name);
}

bool floe_network_update(floe_engine *engine, const char *name_or_id, const char *const *add,
                         const char *const *drop, floe_error **error)
{
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name_or_id), NULL) &&
                             update(engine, name_or_id, add, drop, &err),
                         &err, error);
}
