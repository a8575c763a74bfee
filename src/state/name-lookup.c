/* SPDX-License-Identifier: Apache-2.0 */
#include "state/name-lookup.h"

#include <string.h>

/*
 * The first two that fit, the one of that name first. Ids are hex digits: what begins with `prefix`
 * stands from it up to, and without, its text with a "g" at the end.
 */
static bool prepare(Database *db, const char *sql, const char *name_or_id, Query *ret_query,
                    GError **error)
{
    bool is_prefix = name_or_id[0] != '\0' &&
                     name_or_id[strspn(name_or_id, "0123456789abcdef")] == '\0';
    g_autofree char *end = g_strconcat(name_or_id, "g", NULL);

    if (!query_prepare(db, sql, ret_query, error))
        return false;
    query_bind_text(ret_query, name_or_id);
    query_bind_text(ret_query, is_prefix ? name_or_id : NULL);
    query_bind_text(ret_query, is_prefix ? end : NULL);
    return true;
}

bool name_lookup(Database *db, const char *sql, const char *noun, const char *name_or_id,
                 char **ret_id, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    g_autofree char *id = NULL;
    bool has_row = false;
    bool is_sure = false;

    if (!prepare(db, sql, name_or_id, &query, error) || !query_next(&query, &has_row, error))
        return false;
    if (!has_row) {
        *ret_id = NULL;
        return true;
    }
    id = g_strdup(query_text(&query, 0));
    is_sure = query_int64(&query, 1) != 0 || strcmp(id, name_or_id) == 0;
    if (!is_sure && !query_next(&query, &has_row, error))
        return false;
    if (!is_sure && has_row)
        return err_set(error, FLOE_ERROR_AMBIGUOUS,
                       "more than one result for %s name or ID \"%s\": %s name or ID is ambiguous",
                       noun, name_or_id, noun);
    *ret_id = g_steal_pointer(&id);
    return true;
}
