/* SPDX-License-Identifier: Apache-2.0 */
#include "state/manifest-list.h"

#include "state/query.h"

bool manifest_list_update(Database *db, const ImageRecord *list, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db,
                       "UPDATE image SET list = ?, manifest_digest = ?, size_bytes = ?"
                       " WHERE id = ? AND list IS NOT NULL",
                       &query, error))
        return false;
    query_bind_json(&query, list->list);
    query_bind_text(&query, list->manifest_digest);
    query_bind_int64(&query, list->size_bytes);
    query_bind_text(&query, list->id);
    if (!query_run(&query, error))
        return false;
    return query_n_changed(&query) > 0 ||
           err_set(error, FLOE_ERROR_NOT_FOUND, "%s: image not known", list->id);
}

bool manifest_list_holders(Database *db, const char *manifest_digest, char ***ret_lists,
                           GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db,
                       "SELECT coalesce((SELECT min(name) FROM image_name WHERE image_id = id), id)"
                       " FROM image WHERE list IS NOT NULL AND EXISTS"
                       " (SELECT 1 FROM json_each(list, '$.manifests')"
                       "  WHERE value ->> 'digest' = ?) ORDER BY 1",
                       &query, error))
        return false;
    query_bind_text(&query, manifest_digest);
    return query_collect(&query, ret_lists, error);
}
