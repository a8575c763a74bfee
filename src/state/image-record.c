/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images in the database: a row each, their names, their layers from the lowest up. A container's
 * image cannot be deleted, the table's own reference sees to it, whoever creates one at the same
 * time.
 */
#include "state/image-record.h"

#include "base/digest.h"
#include "state/query.h"

#include <string.h>

#define ID_PREFIX_MIN 3

void image_record_free(ImageRecord *record)
{
    if (record == NULL)
        return;
    g_free(record->id);
    g_free(record->manifest_digest);
    g_strfreev(record->names);
    g_strfreev(record->digests);
    g_strfreev(record->layers);
    json_decref(record->config);
    json_decref(record->list);
    g_free(record);
}

static bool not_known(const char *name, GError **error)
{
    return err_set(error, FLOE_ERROR_NOT_FOUND, "%s: image not known", name);
}

/* --- inserting -------------------------------------------------------------------------------- */

static bool insert_row(Database *db, const ImageRecord *record, bool *ret_inserted, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    QueryConflict conflict = CONFLICT_NONE;

    if (!query_prepare(db,
                       "INSERT INTO image (id, manifest_digest, created_unix_ns, size_bytes, config,"
                       " list) VALUES (?, ?, ?, ?, ?, ?)",
                       &query, error))
        return false;
    query_bind_text(&query, record->id);
    query_bind_text(&query, record->manifest_digest);
    query_bind_int64(&query, record->created_unix_ns);
    query_bind_int64(&query, record->size_bytes);
    query_bind_json(&query, record->config);
    query_bind_json(&query, record->list);
    if (!query_try(&query, &conflict, error))
        return false;
    *ret_inserted = conflict == CONFLICT_NONE;
    return true;
}

static bool insert_layer(Database *db, const char *id, int position, const char *chain_id,
                         GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "INSERT INTO image_layer (image_id, position, chain_id) VALUES (?, ?, ?)",
                       &query, error))
        return false;
    query_bind_text(&query, id);
    query_bind_int64(&query, position);
    query_bind_text(&query, chain_id);
    return query_run(&query, error);
}

static bool put_name(Database *db, const char *id, const char *name, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db,
                       "INSERT INTO image_name (name, image_id) VALUES (?, ?)"
                       " ON CONFLICT (name) DO UPDATE SET image_id = excluded.image_id",
                       &query, error))
        return false;
    query_bind_text(&query, name);
    query_bind_text(&query, id);
    return query_run(&query, error);
}

static bool put_names(Database *db, const char *id, char **names, GError **error)
{
    for (; names != NULL && *names != NULL; names++) {
        if (!put_name(db, id, *names, error))
            return false;
    }
    return true;
}

static bool insert_parts(Database *db, const ImageRecord *record, bool with_layers, GError **error)
{
    for (int i = 0; with_layers && record->layers != NULL && record->layers[i] != NULL; i++) {
        if (!insert_layer(db, record->id, i, record->layers[i], error))
            return false;
    }
    return put_names(db, record->id, record->names, error) &&
           put_names(db, record->id, record->digests, error);
}

bool image_insert(Database *db, const ImageRecord *record, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    bool is_new = false;

    return transaction_begin(db, false, &transaction, error) &&
           insert_row(db, record, &is_new, error) && insert_parts(db, record, is_new, error) &&
           transaction_commit(&transaction, error);
}

/* --- loading ---------------------------------------------------------------------------------- */

static bool collect(Database *db, const char *sql, const char *parameter, char ***ret_strings,
                    GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, sql, &query, error))
        return false;
    query_bind_text(&query, parameter);
    return query_collect(&query, ret_strings, error);
}

/* Names and digests are in one table, as what an image is found by. */
static void sort_names(ImageRecord *record, char **names)
{
    GPtrArray *tags = g_ptr_array_new(), *digests = g_ptr_array_new();

    for (; *names != NULL; names++)
        g_ptr_array_add(strchr(*names, '@') != NULL ? digests : tags, g_strdup(*names));
    g_ptr_array_add(tags, NULL);
    g_ptr_array_add(digests, NULL);
    record->names = (char **)g_ptr_array_free(tags, FALSE);
    record->digests = (char **)g_ptr_array_free(digests, FALSE);
}

/*
 * While the row's query goes on it holds a snapshot: names and layers are those of the same moment.
 */
static bool read_record(const Query *query, ImageRecord **ret_record, GError **error)
{
    g_autoptr(ImageRecord) record = g_new0(ImageRecord, 1);
    g_auto(GStrv) names = NULL;

    record->id = g_strdup(query_text(query, 0));
    record->manifest_digest = g_strdup(query_text(query, 1));
    record->created_unix_ns = query_int64(query, 2);
    record->size_bytes = query_int64(query, 3);
    if (!query_json(query, 4, &record->config, error) ||
        (query_text(query, 5) != NULL && !query_json(query, 5, &record->list, error)))
        return err_prefix(error, "image '%s'", record->id);
    if (!collect(query->db, "SELECT name FROM image_name WHERE image_id = ? ORDER BY name",
                 record->id, &names, error) ||
        !collect(query->db, "SELECT chain_id FROM image_layer WHERE image_id = ? ORDER BY position",
                 record->id, &record->layers, error))
        return false;
    sort_names(record, names);
    *ret_record = g_steal_pointer(&record);
    return true;
}

bool image_load(Database *db, const char *id, ImageRecord **ret_record, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    bool has_row = false;

    if (!query_prepare(db,
                       "SELECT id, manifest_digest, created_unix_ns, size_bytes, config, list"
                       " FROM image WHERE id = ?",
                       &query, error))
        return false;
    query_bind_text(&query, id);
    if (!query_next(&query, &has_row, error))
        return false;
    return has_row ? read_record(&query, ret_record, error) : not_known(id, error);
}

static bool add_record(const Query *query, void *records, GError **error)
{
    ImageRecord *record = NULL;

    if (!read_record(query, &record, error))
        return false;
    g_ptr_array_add(records, record);
    return true;
}

bool image_list(Database *db, GPtrArray **ret_records, GError **error)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func((GDestroyNotify)image_record_free);
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db,
                       "SELECT id, manifest_digest, created_unix_ns, size_bytes, config, list"
                       " FROM image ORDER BY created_unix_ns DESC, id",
                       &query, error) ||
        !query_each(&query, add_record, records, error))
        return false;
    *ret_records = g_steal_pointer(&records);
    return true;
}

/* --- finding ---------------------------------------------------------------------------------- */

/* What a search found: an id, and the name that led to it where one did. No id: nothing. */
typedef struct Found {
    char *id;
    char *full_name;
} Found;

#define FOUND_NONE ((Found){ .id = NULL })

static void found_clear(Found *found)
{
    g_free(found->id);
    g_free(found->full_name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Found, found_clear)

/* Take the only row, (id, name or NULL), of a search for `wanted`. Two are AMBIGUOUS. */
static bool take_only(Query *query, const char *wanted, Found *found, GError **error)
{
    bool has_row = false;

    if (!query_next(query, &has_row, error))
        return false;
    if (!has_row)
        return true;
    found->id = g_strdup(query_text(query, 0));
    found->full_name = g_strdup(query_text(query, 1));
    if (!query_next(query, &has_row, error))
        return false;
    return !has_row || err_set(error, FLOE_ERROR_AMBIGUOUS,
                               "more than one result for image name or ID \"%s\": image name or ID "
                               "is ambiguous",
                               wanted);
}

/*
 * Ids are hex digits: what begins with a prefix stands from it up to, and without, its text with a
 * 'g' at the end.
 */
static bool find_by_id(Database *db, const char *prefix, const char *wanted, Found *found,
                       GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    g_autofree char *end = g_strconcat(prefix, "g", NULL);

    if (strlen(prefix) < ID_PREFIX_MIN || prefix[strspn(prefix, "0123456789abcdef")] != '\0')
        return true;
    if (!query_prepare(db, "SELECT id, NULL FROM image WHERE id >= ? AND id < ? LIMIT 2", &query,
                       error))
        return false;
    query_bind_text(&query, prefix);
    query_bind_text(&query, end);
    return take_only(&query, wanted, found, error);
}

static bool find_by_name(Database *db, const char *full_name, Found *found, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "SELECT image_id, name FROM image_name WHERE name = ?", &query, error))
        return false;
    query_bind_text(&query, full_name);
    return take_only(&query, full_name, found, error);
}

/* "quay.io/x@sha256:...": an image with this manifest that has another name of quay.io/x. */
static bool find_by_digest(Database *db, const char *full_name, Found *found, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    g_autofree char *repository = image_name_repository(full_name);
    g_autofree char *front = g_strconcat(repository, ":", NULL);
    const char *digest = strchr(full_name, '@');

    if (digest == NULL)
        return true;
    if (!query_prepare(db,
                       "SELECT DISTINCT image.id, ?1 FROM image JOIN image_name ON image_id = image.id"
                       " WHERE manifest_digest = ?2 AND substr(name, 1, length(?3)) = ?3",
                       &query, error))
        return false;
    query_bind_text(&query, full_name);
    query_bind_text(&query, digest + 1);
    query_bind_text(&query, front);
    return take_only(&query, full_name, found, error);
}

static bool find_by_tail(Database *db, const char *tail, const char *wanted, Found *found,
                         GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db,
                       "SELECT image_id, name FROM image_name"
                       " WHERE substr(name, -length(?1)) = ?1 LIMIT 2",
                       &query, error))
        return false;
    query_bind_text(&query, tail);
    return take_only(&query, wanted, found, error);
}

static bool find(Database *db, const char *name, Found *found, GError **error)
{
    const char *id = g_str_has_prefix(name, "sha256:") ? name + strlen("sha256:") : name;
    g_auto(GStrv) full_names = NULL;
    g_autofree char *tail = NULL;
    g_autoptr(GError) no_reference = NULL;

    if (id_is_valid(id))
        return find_by_id(db, id, name, found, error);
    if (image_name_expand(name, &full_names, &tail, &no_reference)) {
        for (int i = 0; found->id == NULL && full_names[i] != NULL; i++) {
            if (!find_by_name(db, full_names[i], found, error) ||
                (found->id == NULL && !find_by_digest(db, full_names[i], found, error)))
                return false;
        }
    }
    if (found->id == NULL && !find_by_id(db, id, name, found, error))
        return false;
    if (found->id == NULL && tail != NULL && !find_by_tail(db, tail, name, found, error))
        return false;
    if (found->id == NULL && no_reference != NULL)
        return err_set(error, FLOE_ERROR_NOT_FOUND, "%s: image not known: %s", name,
                       no_reference->message);
    return true;
}

bool image_find(Database *db, const char *name, char **ret_id, char **ret_full_name, GError **error)
{
    g_auto(Found) found = FOUND_NONE;

    if (!find(db, name, &found, error))
        return false;
    if (found.id == NULL)
        return not_known(name, error);
    *ret_id = g_steal_pointer(&found.id);
    if (ret_full_name != NULL)
        *ret_full_name = g_steal_pointer(&found.full_name);
    return true;
}

bool image_find_record(Database *db, const char *name, ImageRecord **ret_record,
                       char **ret_full_name, GError **error)
{
    g_autofree char *id = NULL;
    g_autofree char *full_name = NULL;

    if (!image_find(db, name, &id, &full_name, error) || !image_load(db, id, ret_record, error))
        return false;
    if (ret_full_name != NULL)
        *ret_full_name = g_steal_pointer(&full_name);
    return true;
}

bool image_find_by_manifest(Database *db, const char *digest, char **ret_id, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    g_autofree char *tail = g_strconcat("@", digest, NULL);
    bool has_row = false;

    if (!query_prepare(db,
                       "SELECT id FROM image WHERE manifest_digest = ?1 UNION ALL"
                       " SELECT image_id FROM image_name"
                       " WHERE substr(name, -length(?2)) = ?2 LIMIT 1",
                       &query, error))
        return false;
    query_bind_text(&query, digest);
    query_bind_text(&query, tail);
    if (!query_next(&query, &has_row, error))
        return false;
    *ret_id = has_row ? g_strdup(query_text(&query, 0)) : NULL;
    return true;
}

bool image_add_name(Database *db, const char *id, const char *full_name, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    g_autoptr(ImageRecord) image = NULL;

    return transaction_begin(db, false, &transaction, error) && image_load(db, id, &image, error) &&
           put_name(db, id, full_name, error) && transaction_commit(&transaction, error);
}

/* --- removing --------------------------------------------------------------------------------- */

bool image_remove_name(Database *db, const char *id, const char *full_name, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "DELETE FROM image_name WHERE name = ? AND image_id = ?", &query, error))
        return false;
    query_bind_text(&query, full_name);
    query_bind_text(&query, id);
    if (!query_run(&query, error))
        return false;
    return query_n_changed(&query) > 0 || not_known(full_name, error);
}

static bool delete_row(Database *db, const char *id, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    QueryConflict conflict = CONFLICT_NONE;

    if (!query_prepare(db, "DELETE FROM image WHERE id = ?", &query, error))
        return false;
    query_bind_text(&query, id);
    if (!query_try(&query, &conflict, error))
        return false;
    if (conflict == CONFLICT_REFERENCE)
        return err_set(error, FLOE_ERROR_IN_USE, "image used by a container: image %s is in use",
                       id);
    return query_n_changed(&query) > 0 || not_known(id, error);
}

bool image_delete(Database *db, const char *id, char ***ret_orphans, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    g_auto(GStrv) orphans = NULL;

    if (!transaction_begin(db, false, &transaction, error) ||
        !collect(db,
                 "SELECT chain_id FROM image_layer AS own WHERE image_id = ? AND NOT EXISTS"
                 " (SELECT 1 FROM image_layer WHERE chain_id = own.chain_id"
                 "  AND image_id <> own.image_id)"
                 " ORDER BY position DESC",
                 id, &orphans, error) ||
        !delete_row(db, id, error) || !transaction_commit(&transaction, error))
        return false;
    *ret_orphans = g_steal_pointer(&orphans);
    return true;
}
