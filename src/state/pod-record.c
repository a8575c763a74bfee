/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pods in the database. A name or an id is a pod's or a container's, never both: the transactions
 * that insert are one after the other, and each looks at both tables.
 */
#include "state/pod-record.h"

#include "state/name-lookup.h"
#include "state/query.h"

/* --- records in memory ------------------------------------------------------------------------ */

#define CONFIG(member, kind) JSON_FIELD(PodConfig, member, kind)

static const JsonField config_fields[] = {
    CONFIG(created_unix_ns, INT64),
    CONFIG(create_command, STRV),
    CONFIG(hostname, STRING),
    CONFIG(labels, VALUE),
    CONFIG(shared, STRV),
    CONFIG(infra_id, STRING),
    CONFIG(exit_policy, STRING),
    CONFIG(cgroup_manager, STRING),
    CONFIG(cgroup_parent, STRING),
    CONFIG(memory_bytes, INT64),
    CONFIG(memory_swap_bytes, INT64),
    CONFIG(nano_cpus, INT64),
    CONFIG(cpu_shares, UINT64),
    CONFIG(cpuset_cpus, STRING),
    CONFIG(cpuset_mems, STRING),
    CONFIG(blkio_weight, INT),
};
const JsonStruct pod_config_fields = { sizeof(PodConfig), config_fields,
                                       G_N_ELEMENTS(config_fields) };

PodRecord *pod_record_new(void)
{
    return g_new0(PodRecord, 1);
}

void pod_record_free(PodRecord *record)
{
    if (record == NULL)
        return;
    g_free(record->id);
    g_free(record->name);
    json_struct_clear(&pod_config_fields, &record->config);
    g_free(record);
}

/* --- one pod ---------------------------------------------------------------------------------- */

/* In podman's words. */
static bool not_found(const char *name_or_id, GError **error)
{
    return err_set(error, FLOE_ERROR_NOT_FOUND, "no pod with name or ID %s found: no such pod",
                   name_or_id);
}

/* Whose name, and whose id, is it already? */
static bool check_taken(Database *db, const char *sql, const char *noun, const char *id,
                        const char *name, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    bool has_row = false;

    if (!query_prepare(db, sql, &query, error))
        return false;
    query_bind_text(&query, id);
    query_bind_text(&query, name);
    if (!query_next(&query, &has_row, error))
        return false;
    if (!has_row)
        return true;
    if (g_strcmp0(query_text(&query, 0), id) == 0)
        return err_set(error, FLOE_ERROR_EXISTS, "ID \"%s\" is in use: %s already exists", id, noun);
    return err_set(error, FLOE_ERROR_EXISTS, "name \"%s\" is in use by %s: %s already exists", name,
                   query_text(&query, 0), noun);
}

bool pod_check_free(Database *db, const char *id, const char *name, GError **error)
{
    return check_taken(db, "SELECT id FROM pod WHERE id = ?1 OR name = ?2", "pod", id, name, error);
}

static bool insert_row(Database *db, const PodRecord *record, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "INSERT INTO pod (id, name, removing, config) VALUES (?, ?, 0, ?)",
                       &query, error))
        return false;
    query_bind_text(&query, record->id);
    query_bind_text(&query, record->name);
    query_bind_struct(&query, &pod_config_fields, &record->config);
    return query_run(&query, error);
}

bool pod_insert(Database *db, const PodRecord *record, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    return transaction_begin(db, false, &transaction, error) &&
           pod_check_free(db, record->id, record->name, error) &&
           check_taken(db, "SELECT id FROM container WHERE id = ?1 OR name = ?2", "container",
                       record->id, record->name, error) &&
           insert_row(db, record, error) && transaction_commit(&transaction, error);
}

/* Columns of every query that reads records: id, name, removing, config. */
static bool read_record(const Query *query, PodRecord **ret_record, GError **error)
{
    g_autoptr(PodRecord) record = pod_record_new();

    record->id = g_strdup(query_text(query, 0));
    record->name = g_strdup(query_text(query, 1));
    record->is_removing = query_int64(query, 2) != 0;
    if (!query_struct(query, 3, &pod_config_fields, &record->config, error))
        return err_prefix(error, "pod '%s'", record->id);
    *ret_record = g_steal_pointer(&record);
    return true;
}

bool pod_load(Database *db, const char *id, PodRecord **ret_record, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    bool has_row = false;

    if (!query_prepare(db, "SELECT id, name, removing, config FROM pod WHERE id = ?", &query, error))
        return false;
    query_bind_text(&query, id);
    if (!query_next(&query, &has_row, error))
        return false;
    return has_row ? read_record(&query, ret_record, error) : not_found(id, error);
}

bool pod_check_open(Database *db, const char *id, GError **error)
{
    g_autoptr(PodRecord) record = NULL;

    if (!pod_load(db, id, &record, error))
        return false;
    return !record->is_removing ||
           err_set(error, FLOE_ERROR_BAD_STATE,
                   "pod \"%s\" is being removed: no container can join it", record->name);
}

static bool set_removing(Database *db, const char *id, bool is_removing, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "UPDATE pod SET removing = ? WHERE id = ?", &query, error))
        return false;
    query_bind_int64(&query, is_removing);
    query_bind_text(&query, id);
    if (!query_run(&query, error))
        return false;
    return query_n_changed(&query) > 0 || not_found(id, error);
}

bool pod_begin_removal(Database *db, const char *id, GError **error)
{
    return set_removing(db, id, true, error);
}

bool pod_cancel_removal(Database *db, const char *id, GError **error)
{
    return set_removing(db, id, false, error);
}

bool pod_delete(Database *db, const char *id, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    QueryConflict conflict = CONFLICT_NONE;

    if (!query_prepare(db, "DELETE FROM pod WHERE id = ?", &query, error))
        return false;
    query_bind_text(&query, id);
    if (!query_try(&query, &conflict, error))
        return false;
    return conflict == CONFLICT_NONE ||
           err_set(error, FLOE_ERROR_IN_USE, "pod %s still has containers", id);
}

/* --- finding ---------------------------------------------------------------------------------- */

bool pod_find(Database *db, const char *name_or_id, char **ret_id, GError **error)
{
    g_autofree char *id = NULL;

    if (!name_lookup(db, NAME_LOOKUP_SQL("pod"), "pod", name_or_id, &id, error))
        return false;
    if (id == NULL)
        return not_found(name_or_id, error);
    *ret_id = g_steal_pointer(&id);
    return true;
}

bool pod_find_latest(Database *db, char **ret_id, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    bool has_row = false;

    if (!query_prepare(db, "SELECT id FROM pod ORDER BY number DESC LIMIT 1", &query, error) ||
        !query_next(&query, &has_row, error))
        return false;
    *ret_id = has_row ? g_strdup(query_text(&query, 0)) : NULL;
    return true;
}

static bool add_record(const Query *query, void *records, GError **error)
{
    PodRecord *record = NULL;

    if (!read_record(query, &record, error))
        return false;
    g_ptr_array_add(records, record);
    return true;
}

bool pod_list(Database *db, GPtrArray **ret_records, GError **error)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func((GDestroyNotify)pod_record_free);
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "SELECT id, name, removing, config FROM pod ORDER BY number", &query,
                       error) ||
        !query_each(&query, add_record, records, error))
        return false;
    *ret_records = g_steal_pointer(&records);
    return true;
}
