/* SPDX-License-Identifier: Apache-2.0 */
#include "state/network-record.h"

#include "state/name-lookup.h"

NetworkRecord *network_record_new(void)
{
    return g_new0(NetworkRecord, 1);
}

void network_record_free(NetworkRecord *record)
{
    if (record == NULL)
        return;
    g_free(record->id);
    g_free(record->name);
    g_free(record->bridge);
    json_decref(record->info);
    g_free(record);
}

bool network_not_found(const char *name_or_id, GError **error)
{
    return err_set(error, FLOE_ERROR_NOT_FOUND,
                   "unable to find network with name or ID %s: network not found", name_or_id);
}

/* --- making ----------------------------------------------------------------------------------- */

static bool say_what_exists(Database *db, const NetworkRecord *record, GError **error)
{
    g_autoptr(NetworkRecord) other = NULL;

    if (!network_find(db, record->name, &other, error))
        return false;
    if (other != NULL && g_str_equal(other->name, record->name))
        return err_set(error, FLOE_ERROR_EXISTS,
                       "network name %s already used: network already exists", record->name);
    return err_set(error, FLOE_ERROR_EXISTS, "bridge name %s already in use by another network",
                   record->bridge);
}

bool network_insert(Database *db, const NetworkRecord *record, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    QueryConflict conflict = CONFLICT_NONE;

    if (!query_prepare(db, "INSERT INTO network (id, name, bridge, info) VALUES (?, ?, ?, ?)",
                       &query, error))
        return false;
    query_bind_text(&query, record->id);
    query_bind_text(&query, record->name);
    query_bind_text(&query, record->bridge);
    query_bind_json(&query, record->info);
    if (!query_try(&query, &conflict, error))
        return false;
    return conflict == CONFLICT_NONE || say_what_exists(db, record, error);
}

bool network_save_info(Database *db, const char *name, const json_t *info, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "UPDATE network SET info = ? WHERE name = ?", &query, error))
        return false;
    query_bind_json(&query, info);
    query_bind_text(&query, name);
    if (!query_run(&query, error))
        return false;
    return query_n_changed(&query) > 0 || network_not_found(name, error);
}

/* --- finding and listing ---------------------------------------------------------------------- */

/* Columns of every query that reads records: id, name, bridge, info. */
static bool read_record(const Query *query, NetworkRecord **ret_record, GError **error)
{
    g_autoptr(NetworkRecord) record = network_record_new();

    record->id = g_strdup(query_text(query, 0));
    record->name = g_strdup(query_text(query, 1));
    record->bridge = g_strdup(query_text(query, 2));
    if (!query_json(query, 3, &record->info, error))
        return err_prefix(error, "network '%s'", record->name);
    *ret_record = g_steal_pointer(&record);
    return true;
}

bool network_find(Database *db, const char *name_or_id, NetworkRecord **ret_record, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    g_autofree char *id = NULL;
    bool has_row = false;

    *ret_record = NULL;
    if (!name_lookup(db, NAME_LOOKUP_SQL("network"), "network", name_or_id, &id, error))
        return false;
    if (id == NULL)
        return true;
    if (!query_prepare(db, "SELECT id, name, bridge, info FROM network WHERE id = ?", &query, error))
        return false;
    query_bind_text(&query, id);
    return query_next(&query, &has_row, error) &&
           (!has_row || read_record(&query, ret_record, error));
}

static bool add_record(const Query *query, void *records, GError **error)
{
    NetworkRecord *record = NULL;

    if (!read_record(query, &record, error))
        return false;
    g_ptr_array_add(records, record);
    return true;
}

bool network_list(Database *db, GPtrArray **ret_records, GError **error)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(
        (GDestroyNotify)network_record_free);
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "SELECT id, name, bridge, info FROM network ORDER BY number", &query,
                       error) ||
        !query_each(&query, add_record, records, error))
        return false;
    *ret_records = g_steal_pointer(&records);
    return true;
}

bool network_list_users(Database *db, const char *name, char ***ret_ids, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db,
                       "SELECT container.id FROM container_network"
                       " JOIN container ON container.id = container_id"
                       " WHERE network_name = ? ORDER BY container.number",
                       &query, error))
        return false;
    query_bind_text(&query, name);
    return query_collect(&query, ret_ids, error);
}

/* --- removal ---------------------------------------------------------------------------------- */

static bool list_user_names(Database *db, const char *name, char ***ret_names, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db,
                       "SELECT container.name FROM container_network"
                       " JOIN container ON container.id = container_id"
                       " WHERE network_name = ? ORDER BY container.number",
                       &query, error))
        return false;
    query_bind_text(&query, name);
    return query_collect(&query, ret_names, error);
}

bool network_refuse_users(Database *db, const char *name, GError **error)
{
    g_auto(GStrv) users = NULL;

    if (!list_user_names(db, name, &users, error))
        return false;
    if (users[0] == NULL)
        return true;

    g_autofree char *list = g_strjoinv(", ", users);

    return err_set(error, FLOE_ERROR_IN_USE,
                   "\"%s\" has associated containers with it (%s). Use -f to forcibly delete "
                   "containers and pods: network is being used",
                   name, list);
}

static bool forget_addresses(Database *db, const char *name, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "DELETE FROM last_lease WHERE network = ?", &query, error))
        return false;
    query_bind_text(&query, name);
    return query_run(&query, error);
}

bool network_delete(Database *db, const char *name, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    g_auto(Query) query = QUERY_NONE;
    QueryConflict conflict = CONFLICT_NONE;

    if (!transaction_begin(db, false, &transaction, error) || !forget_addresses(db, name, error) ||
        !query_prepare(db, "DELETE FROM network WHERE name = ?", &query, error))
        return false;
    query_bind_text(&query, name);
    if (!query_try(&query, &conflict, error))
        return false;
    return (conflict == CONFLICT_NONE || network_refuse_users(db, name, error)) &&
           transaction_commit(&transaction, error);
}
