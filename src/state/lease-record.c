/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses in the database. The table's key decides who gets one; a container that is deleted
 * gives its own back.
 */
#include "state/lease-record.h"

#include "state/container-record.h"
#include "state/query.h"

#include <string.h>

bool lease_list(Database *db, const char *network, char ***ret_addresses, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "SELECT address FROM lease WHERE network = ?", &query, error))
        return false;
    query_bind_text(&query, network);
    return query_collect(&query, ret_addresses, error);
}

bool lease_get_last(Database *db, const char *network, const char *subnet, char **ret_address,
                    GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    bool has_row = false;

    if (!query_prepare(db, "SELECT address FROM last_lease WHERE network = ? AND subnet = ?",
                       &query, error))
        return false;
    query_bind_text(&query, network);
    query_bind_text(&query, subnet);
    if (!query_next(&query, &has_row, error))
        return false;
    *ret_address = has_row ? g_strdup(query_text(&query, 0)) : NULL;
    return true;
}

bool lease_set_last(Database *db, const char *network, const char *subnet, const char *address,
                    GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db,
                       "INSERT OR REPLACE INTO last_lease (network, subnet, address)"
                       " VALUES (?, ?, ?)",
                       &query, error))
        return false;
    query_bind_text(&query, network);
    query_bind_text(&query, subnet);
    query_bind_text(&query, address);
    return query_run(&query, error);
}

/* The address is taken: by another container, or by this one already? */
static bool check_holder(Database *db, const char *network, const char *address,
                         const char *container_id, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    bool has_row = false;

    if (!query_prepare(db, "SELECT container_id FROM lease WHERE network = ? AND address = ?",
                       &query, error))
        return false;
    query_bind_text(&query, network);
    query_bind_text(&query, address);
    if (!query_next(&query, &has_row, error))
        return false;
    g_assert(has_row);
    if (strcmp(query_text(&query, 0), container_id) != 0)
        return err_set(error, FLOE_ERROR_EXISTS,
                       "address %s of network '%s' is already in use by container %s", address,
                       network, query_text(&query, 0));
    return true;
}

bool lease_take(Database *db, const char *network, const char *address, const char *container_id,
                GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    QueryConflict conflict = CONFLICT_NONE;

    if (!query_prepare(db, "INSERT INTO lease (network, address, container_id) VALUES (?, ?, ?)",
                       &query, error))
        return false;
    query_bind_text(&query, network);
    query_bind_text(&query, address);
    query_bind_text(&query, container_id);
    if (!query_try(&query, &conflict, error))
        return false;
    if (conflict == CONFLICT_UNIQUE)
        return check_holder(db, network, address, container_id, error);
    if (conflict == CONFLICT_REFERENCE)
        return container_not_found(container_id, error);
    return true;
}

bool lease_release(Database *db, const char *container_id, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "DELETE FROM lease WHERE container_id = ?", &query, error))
        return false;
    query_bind_text(&query, container_id);
    return query_run(&query, error);
}

bool lease_release_on(Database *db, const char *network, const char *container_id, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "DELETE FROM lease WHERE network = ? AND container_id = ?", &query,
                       error))
        return false;
    query_bind_text(&query, network);
    query_bind_text(&query, container_id);
    return query_run(&query, error);
}
