/* SPDX-License-Identifier: Apache-2.0 */
#include "state/port-record.h"

#include "state/query.h"

#include <string.h>

#define ANY_V4 "0.0.0.0"
#define ANY_V6 "::"

static const char *address_of(const PortConfig *port)
{
    return port->host_ip != NULL && port->host_ip[0] != '\0' ? port->host_ip : ANY_V4;
}

bool port_find_holder(Database *db, const PortConfig *port, const char *container_id,
                      char **ret_holder_id, GError **error)
{
    const char *address = address_of(port);
    bool is_v6 = strchr(address, ':') != NULL;
    const char *any = is_v6 ? ANY_V6 : ANY_V4;
    g_auto(Query) query = QUERY_NONE;
    bool has_row = false;

    if (!query_prepare(db,
                       "SELECT container_id FROM port WHERE protocol = ? AND first <= ?"
                       " AND last >= ? AND container_id <> ?"
                       " AND (address IN (?, ?) OR (? AND (instr(address, ':') > 0) = ?)) LIMIT 1",
                       &query, error))
        return false;
    query_bind_text(&query, port->protocol);
    query_bind_int64(&query, port->host_port + port->range - 1);
    query_bind_int64(&query, port->host_port);
    query_bind_text(&query, container_id);
    query_bind_text(&query, address);
    query_bind_text(&query, any);
    query_bind_int64(&query, g_str_equal(address, any));
    query_bind_int64(&query, is_v6);
    if (!query_next(&query, &has_row, error))
        return false;
    *ret_holder_id = has_row ? g_strdup(query_text(&query, 0)) : NULL;
    return true;
}

bool port_take(Database *db, const PortConfig *port, const char *container_id, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db,
                       "INSERT INTO port (protocol, address, first, last, container_id)"
                       " VALUES (?, ?, ?, ?, ?)",
                       &query, error))
        return false;
    query_bind_text(&query, port->protocol);
    query_bind_text(&query, address_of(port));
    query_bind_int64(&query, port->host_port);
    query_bind_int64(&query, port->host_port + port->range - 1);
    query_bind_text(&query, container_id);
    return query_run(&query, error);
}

bool port_release(Database *db, const char *container_id, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "DELETE FROM port WHERE container_id = ?", &query, error))
        return false;
    query_bind_text(&query, container_id);
    return query_run(&query, error);
}
