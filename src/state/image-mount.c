/* SPDX-License-Identifier: Apache-2.0 */
#include "state/image-mount.h"

#include "state/query.h"

bool image_mount_count(Database *db, const char *image_id, int *ret_count, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    bool has_row = false;

    if (!query_prepare(db, "SELECT count FROM image_mount WHERE image_id = ?", &query, error))
        return false;
    query_bind_text(&query, image_id);
    if (!query_next(&query, &has_row, error))
        return false;
    *ret_count = has_row ? (int)query_int64(&query, 0) : 0;
    return true;
}

static bool drop(Database *db, const char *image_id, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    if (!query_prepare(db, "DELETE FROM image_mount WHERE image_id = ?", &query, error))
        return false;
    query_bind_text(&query, image_id);
    return query_run(&query, error);
}

bool image_mount_set_count(Database *db, const char *image_id, int count, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    QueryConflict conflict = CONFLICT_NONE;

    if (count == 0)
        return drop(db, image_id, error);
    if (!query_prepare(db,
                       "INSERT INTO image_mount (image_id, count) VALUES (?, ?)"
                       " ON CONFLICT (image_id) DO UPDATE SET count = excluded.count",
                       &query, error))
        return false;
    query_bind_text(&query, image_id);
    query_bind_int64(&query, count);
    return query_try(&query, &conflict, error) &&
           (conflict == CONFLICT_NONE ||
            err_set(error, FLOE_ERROR_NOT_FOUND, "%s: image not known", image_id));
}

bool image_mount_list(Database *db, char ***ret_image_ids, GError **error)
{
    g_auto(Query) query = QUERY_NONE;

    return query_prepare(db, "SELECT image_id FROM image_mount ORDER BY image_id", &query, error) &&
           query_collect(&query, ret_image_ids, error);
}
