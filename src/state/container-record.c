/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers in the database. Names and ids are unique by the table's own constraints, so two
 * processes cannot both take one; whom a dependency needs cannot be deleted, for the same reason.
 * What may change when is the engine's business.
 */
#include "state/container-record.h"

#include "state/container-fields.h"
#include "state/name-lookup.h"
#include "state/network-record.h"
#include "state/pod-record.h"
#include "state/query.h"
#include "state/volume-record.h"

#include <string.h>

/* --- records in memory ------------------------------------------------------------------------ */

ContainerRecord *container_record_new(void)
{
    return g_new0(ContainerRecord, 1);
}

void container_record_free(ContainerRecord *record)
{
    if (record == NULL)
        return;
    g_free(record->id);
    g_free(record->name);
    json_struct_clear(&container_config_fields, &record->config);
    json_struct_clear(&container_status_fields, &record->status);
    g_free(record);
}

void container_status_clear(ContainerStatus *status)
{
    json_struct_clear(&container_status_fields, status);
}

char **container_config_dependencies(const ContainerConfig *config)
{
    const char *const shared[] = { config->network_container, config->pid_container,
                                   config->ipc_container, config->uts_container,
                                   config->cgroup_container };
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (size_t i = 0; i < G_N_ELEMENTS(shared); i++) {
        if (shared[i] != NULL && g_hash_table_add(seen, (gpointer)shared[i]))
            g_strv_builder_add(builder, shared[i]);
    }
    for (char **id = config->required; id != NULL && *id != NULL; id++) {
        if (g_hash_table_add(seen, *id))
            g_strv_builder_add(builder, *id);
    }
    return g_strv_builder_end(builder);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char **container_config_volumes(const ContainerConfig *config)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (guint i = 0; config->mounts != NULL && i < config->mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(config->mounts, i);

        if (g_strcmp0(mount->type, "volume") == 0 &&
            !g_ptr_array_find_with_equal_func(names, mount->source, g_str_equal, NULL))
            g_ptr_array_add(names, mount->source);
    }
    g_ptr_array_sort(names, compare_names);
    g_ptr_array_add(names, NULL);
    return g_strdupv((char **)names->pdata);
}

/* --- one container ---------------------------------------------------------------------------- */

bool container_not_found(const char *name_or_id, GError **error)
{
    return err_set(error, FLOE_ERROR_NOT_FOUND,
                   "no container with name or ID \"%s\" found: no such container", name_or_id);
}

/* An insertion was refused because the name or the id is taken: say which, and by whom. */
static bool explain_taken(Database *db, const char *id, const char *name, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    bool has_row = false;

    if (!query_prepare(db, "SELECT id FROM container WHERE name = ?", &query, error))
        return false;
    query_bind_text(&query, name);
    if (!query_next(&query, &has_row, error))
        return false;
    if (!has_row)
        return err_set(error, FLOE_ERROR_EXISTS, "the container ID \"%s\" is already in use", id);
    return err_set(error, FLOE_ERROR_EXISTS,
                   "the container name \"%s\" is already in use by %s. You have to remove that "
                   "container to be able to reuse that name",
                   name, query_text(&query, 0));
}

static bool insert_row(Database *db, const ContainerRecord *record, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    QueryConflict conflict = CONFLICT_NONE;

    if (!query_prepare(db,
                       "INSERT INTO container (id, name, image_id, pod_id, state, config, status)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?)",
                       &query, error))
        return false;
    query_bind_text(&query, record->id);
    query_bind_text(&query, record->name);
    query_bind_text(&query, record->config.image_id);
    query_bind_text(&query, record->config.pod_id);
    query_bind_int64(&query, record->status.state);
    query_bind_struct(&query, &container_config_fields, &record->config);
    query_bind_struct(&query, &container_status_fields, &record->status);
    if (!query_try(&query, &conflict, error))
        return false;
    if (conflict == CONFLICT_UNIQUE)
        return explain_taken(db, record->id, record->name, error);
    if (conflict == CONFLICT_REFERENCE)
        return err_set(error, FLOE_ERROR_NOT_FOUND, "%s: image not known", record->config.image_id);
    return true;
}

/* The row of a container, by a statement with the id as its only parameter. NOT_FOUND. */
static bool find_row(Database *db, const char *sql, const char *id, Query *ret_query, GError **error)
{
    bool has_row = false;

    if (!query_prepare(db, sql, ret_query, error))
        return false;
    query_bind_text(ret_query, id);
    if (!query_next(ret_query, &has_row, error))
        return false;
    return has_row || container_not_found(id, error);
}

static bool check_dependency(Database *db, const char *id, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!find_row(db, "SELECT state, name FROM container WHERE id = ?", id, &query, error))
        return false;
    return query_int64(&query, 0) != FLOE_STATE_REMOVING ||
           err_set(error, FLOE_ERROR_BAD_STATE,
                   "container \"%s\" is being removed: no other can depend on it",
                   query_text(&query, 1));
}

static bool insert_dependency(Database *db, const char *id, const char *dependency_id,
                              GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!check_dependency(db, dependency_id, error) ||
        !query_prepare(db,
                       "INSERT INTO container_dependency (container_id, dependency_id)"
                       " VALUES (?, ?)",
                       &query, error))
        return false;
    query_bind_text(&query, id);
    query_bind_text(&query, dependency_id);
    return query_run(&query, error);
}

/* That the container uses another object. */
static bool insert_use(Database *db, const char *sql, const char *id, const char *object,
                       QueryConflict *ret_conflict, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, sql, &query, error))
        return false;
    query_bind_text(&query, id);
    query_bind_text(&query, object);
    return query_try(&query, ret_conflict, error);
}

static bool insert_volume_use(Database *db, const char *id, const char *volume, GError **error)
{
    QueryConflict conflict = CONFLICT_NONE;

    return insert_use(db, "INSERT INTO container_volume (container_id, volume_name) VALUES (?, ?)",
                      id, volume, &conflict, error) &&
           (conflict == CONFLICT_NONE || volume_not_found(volume, error));
}

/* An image beside its own, which it has mounted. */
static bool insert_image_use(Database *db, const char *id, const char *image_id, GError **error)
{
    QueryConflict conflict = CONFLICT_NONE;

    return insert_use(db,
                      "INSERT OR IGNORE INTO container_image (container_id, image_id)"
                      " VALUES (?, ?)",
                      id, image_id, &conflict, error) &&
           (conflict == CONFLICT_NONE ||
            err_set(error, FLOE_ERROR_NOT_FOUND, "%s: image not known", image_id));
}

static bool insert_image_uses(Database *db, const char *id, const ContainerConfig *config,
                              GError **error)
{
    for (guint i = 0; config->mounts != NULL && i < config->mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(config->mounts, i);

        if (g_str_equal(mount->type, "image") && !insert_image_use(db, id, mount->source, error))
            return false;
    }
    return true;
}

static bool insert_network_use(Database *db, const char *id, const char *network, GError **error)
{
    QueryConflict conflict = CONFLICT_NONE;

    if (!insert_use(db, "INSERT INTO container_network (container_id, network_name) VALUES (?, ?)",
                    id, network, &conflict, error))
        return false;
    if (conflict == CONFLICT_UNIQUE)
        return err_set(error, FLOE_ERROR_INVALID, "network '%s' is given twice", network);
    return conflict == CONFLICT_NONE || network_not_found(network, error);
}

static bool insert_network_uses(Database *db, const char *id, const ContainerConfig *config,
                                GError **error)
{
    for (guint i = 0; config->networks != NULL && i < config->networks->len; i++) {
        const NetworkConfig *network = g_ptr_array_index(config->networks, i);

        if (!insert_network_use(db, id, network->name, error))
            return false;
    }
    return true;
}

static bool delete_network_uses(Database *db, const char *id, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "DELETE FROM container_network WHERE container_id = ?", &query, error))
        return false;
    query_bind_text(&query, id);
    return query_run(&query, error);
}

bool container_insert(Database *db, const ContainerRecord *record, GError **error)
{
    g_auto(GStrv) dependencies = container_config_dependencies(&record->config);
    g_auto(GStrv) volumes = container_config_volumes(&record->config);
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    if (!transaction_begin(db, false, &transaction, error) ||
        !pod_check_free(db, record->id, record->name, error) ||
        (record->config.pod_id != NULL && !pod_check_open(db, record->config.pod_id, error)) ||
        !insert_row(db, record, error))
        return false;
    for (char **id = dependencies; *id != NULL; id++) {
        if (!insert_dependency(db, record->id, *id, error))
            return false;
    }
    for (char **volume = volumes; *volume != NULL; volume++) {
        if (!insert_volume_use(db, record->id, *volume, error))
            return false;
    }
    return insert_image_uses(db, record->id, &record->config, error) &&
           insert_network_uses(db, record->id, &record->config, error) &&
           transaction_commit(&transaction, error);
}

/*
 * Columns of every query that reads statuses: state, status; of one that reads records: id, name,
 * config before them.
 */
static bool read_status(const Query *query, int column, ContainerStatus *ret_status, GError **error)
{
    ContainerStatus status = { 0 };

    if (!query_struct(query, column + 1, &container_status_fields, &status, error))
        return false;
    status.state = (int)query_int64(query, column);
    *ret_status = status;
    return true;
}

static bool read_record(const Query *query, ContainerRecord **ret_record, GError **error)
{
    g_autoptr(ContainerRecord) record = container_record_new();

    record->id = g_strdup(query_text(query, 0));
    record->name = g_strdup(query_text(query, 1));
    if (!query_struct(query, 2, &container_config_fields, &record->config, error) ||
        !read_status(query, 3, &record->status, error))
        return err_prefix(error, "container '%s'", record->id);
    *ret_record = g_steal_pointer(&record);
    return true;
}

bool container_load(Database *db, const char *id, ContainerRecord **ret_record, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    return find_row(db, "SELECT id, name, config, state, status FROM container WHERE id = ?", id,
                    &query, error) &&
           read_record(&query, ret_record, error);
}

bool container_load_status(Database *db, const char *id, ContainerStatus *ret_status, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!find_row(db, "SELECT state, status FROM container WHERE id = ?", id, &query, error))
        return false;
    return read_status(&query, 0, ret_status, error) || err_prefix(error, "container '%s'", id);
}

bool container_save_name(Database *db, const char *id, const char *name, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    QueryConflict conflict = CONFLICT_NONE;

    /* Its own name is no new one. */
    if (!transaction_begin(db, true, &transaction, error) || !pod_check_free(db, id, name, error) ||
        !query_prepare(db,
                       "UPDATE container SET name = ?2 WHERE id = ?1"
                       " AND NOT EXISTS (SELECT 1 FROM container WHERE name = ?2)",
                       &query, error))
        return false;
    query_bind_text(&query, id);
    query_bind_text(&query, name);
    if (!query_try(&query, &conflict, error))
        return false;
    if (conflict == CONFLICT_NONE && query_n_changed(&query) > 0)
        return transaction_commit(&transaction, error);
    query_clear(&query);

    g_autoptr(ContainerRecord) record = NULL;

    return container_load(db, id, &record, error) && explain_taken(db, id, name, error);
}

bool container_save_status(Database *db, const char *id, const ContainerStatus *status,
                           GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "UPDATE container SET state = ?, status = ? WHERE id = ?", &query, error))
        return false;
    query_bind_int64(&query, status->state);
    query_bind_struct(&query, &container_status_fields, status);
    query_bind_text(&query, id);
    if (!query_run(&query, error))
        return false;
    return query_n_changed(&query) > 0 || container_not_found(id, error);
}

bool container_save_config(Database *db, const char *id, const ContainerConfig *config,
                           const ContainerStatus *status, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    g_auto(Query) query = QUERY_NONE;

    if (!transaction_begin(db, false, &transaction, error) ||
        !query_prepare(db, "UPDATE container SET config = ?, state = ?, status = ? WHERE id = ?",
                       &query, error))
        return false;
    query_bind_struct(&query, &container_config_fields, config);
    query_bind_int64(&query, status->state);
    query_bind_struct(&query, &container_status_fields, status);
    query_bind_text(&query, id);
    if (!query_run(&query, error))
        return false;
    if (query_n_changed(&query) == 0)
        return container_not_found(id, error);
    return delete_network_uses(db, id, error) && insert_network_uses(db, id, config, error) &&
           transaction_commit(&transaction, error);
}

static bool explain_needed(Database *db, const char *id, GError **error)
{
    g_auto(GStrv) dependents = NULL;

    if (!container_list_dependents(db, id, &dependents, error))
        return false;

    g_autofree char *list = g_strjoinv(", ", dependents);

    return err_set(error, FLOE_ERROR_IN_USE,
                   "container %s has dependent containers which must be removed before it: %s", id,
                   list);
}

bool container_delete(Database *db, const char *id, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    QueryConflict conflict = CONFLICT_NONE;

    if (!query_prepare(db, "DELETE FROM container WHERE id = ?", &query, error))
        return false;
    query_bind_text(&query, id);
    if (!query_try(&query, &conflict, error))
        return false;
    return conflict == CONFLICT_NONE || explain_needed(db, id, error);
}

/* --- finding and listing ---------------------------------------------------------------------- */

bool container_find(Database *db, const char *name_or_id, char **ret_id, GError **error)
{
    g_autofree char *id = NULL;

    if (!name_lookup(db, NAME_LOOKUP_SQL("container"), "container", name_or_id, &id, error))
        return false;
    if (id == NULL)
        return container_not_found(name_or_id, error);
    *ret_id = g_steal_pointer(&id);
    return true;
}

bool container_find_latest(Database *db, char **ret_id, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    bool has_row = false;

    if (!query_prepare(db, "SELECT id FROM container ORDER BY number DESC LIMIT 1", &query, error) ||
        !query_next(&query, &has_row, error))
        return false;
    *ret_id = has_row ? g_strdup(query_text(&query, 0)) : NULL;
    return true;
}

static bool add_record(const Query *query, void *records, GError **error)
{
    ContainerRecord *record = NULL;

    if (!read_record(query, &record, error))
        return false;
    g_ptr_array_add(records, record);
    return true;
}

bool container_list(Database *db, GPtrArray **ret_records, GError **error)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(
        (GDestroyNotify)container_record_free);
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "SELECT id, name, config, state, status FROM container ORDER BY number",
                       &query, error) ||
        !query_each(&query, add_record, records, error))
        return false;
    *ret_records = g_steal_pointer(&records);
    return true;
}

/* Ids from a query with one parameter. */
static bool list_ids(Database *db, const char *sql, const char *parameter, char ***ret_ids,
                     GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, sql, &query, error))
        return false;
    query_bind_text(&query, parameter);
    return query_collect(&query, ret_ids, error);
}

bool container_list_dependents(Database *db, const char *id, char ***ret_ids, GError **error)
{
    return list_ids(db,
                    "SELECT container.id FROM container_dependency"
                    " JOIN container ON container.id = container_id"
                    " WHERE dependency_id = ? ORDER BY container.number",
                    id, ret_ids, error);
}

bool container_list_by_pod(Database *db, const char *pod_id, char ***ret_ids, GError **error)
{
    return list_ids(db, "SELECT id FROM container WHERE pod_id = ? ORDER BY number", pod_id,
                    ret_ids, error);
}

bool container_list_by_image(Database *db, const char *image_id, char ***ret_ids, GError **error)
{
    return list_ids(db,
                    "SELECT id FROM container WHERE image_id = ?1 OR id IN"
                    " (SELECT container_id FROM container_image WHERE image_id = ?1) ORDER BY number",
                    image_id, ret_ids, error);
}
