/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/object-filter.h"

#include "base/clock.h"
#include "engine/user-time.h"

#include <string.h>

/* --- reading values --------------------------------------------------------------------------- */

bool filter_read_dangling(FilterValue *value, GError **error)
{
    bool is_true = g_str_equal(value->text, "true") || g_str_equal(value->text, "1");

    value->number = !is_true;
    return is_true || g_str_equal(value->text, "false") || g_str_equal(value->text, "0") ||
           err_set(error, FLOE_ERROR_INVALID,
                   "\"%s\" is not a valid value for the \"dangling\" filter - must be true or false",
                   value->text);
}

bool filter_read_regex(FilterValue *value, GError **error)
{
    g_autoptr(GError) err = NULL;

    value->regex = g_regex_new(value->text, 0, 0, &err);
    return value->regex != NULL || err_set(error, FLOE_ERROR_INVALID, "%s", err->message);
}

bool filter_read_moment(FilterValue *value, GError **error)
{
    return user_time_parse(value->text, clock_unix_ns(), &value->number, error);
}

static void value_free(void *data)
{
    FilterValue *value = data;

    g_free(value->text);
    g_clear_pointer(&value->regex, g_regex_unref);
    g_free(value);
}

/* --- the filter ------------------------------------------------------------------------------- */

struct ObjectFilter {
    const FilterKeys *keys;
    GPtrArray *values; /* FilterValue */
};

static const FilterKey *key_find(const FilterKeys *keys, const char *text, size_t length,
                                 bool for_prune)
{
    for (size_t i = 0; i < keys->n_keys; i++) {
        const FilterKey *key = &keys->keys[i];

        if (strlen(key->name) == length && memcmp(key->name, text, length) == 0 &&
            (key->for_prune || !for_prune))
            return key;
    }
    return NULL;
}

static bool add_value(ObjectFilter *filter, const char *text, bool for_prune, GError **error)
{
    size_t length = strcspn(text, "=");
    const FilterKey *key = key_find(filter->keys, text, length, for_prune);
    FilterValue *value;

    if (text[length] == '\0' || key == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "\"%s\" is an invalid %s filter", text,
                       filter->keys->kind);
    value = g_new0(FilterValue, 1);
    value->key = key;
    value->text = g_strdup(text + length + 1);
    g_ptr_array_add(filter->values, value);
    return key->read == NULL || key->read(value, error) || err_prefix(error, "filter '%s'", text);
}

bool object_filter_new(const FilterKeys *keys, const char *const *filters, bool for_prune,
                       ObjectFilter **ret_filter, GError **error)
{
    g_autoptr(ObjectFilter) filter = g_new0(ObjectFilter, 1);

    filter->keys = keys;
    filter->values = g_ptr_array_new_with_free_func(value_free);
    for (; filters != NULL && *filters != NULL; filters++) {
        if (!add_value(filter, *filters, for_prune, error))
            return false;
    }
    *ret_filter = g_steal_pointer(&filter);
    return true;
}

void object_filter_free(ObjectFilter *filter)
{
    if (filter == NULL)
        return;
    g_clear_pointer(&filter->values, g_ptr_array_unref);
    g_free(filter);
}

bool object_filter_has_use(const ObjectFilter *filter)
{
    for (guint i = 0; i < filter->values->len; i++) {
        const FilterValue *value = g_ptr_array_index(filter->values, i);

        if (value->key->read == filter_read_dangling)
            return true;
    }
    return false;
}

/* All of a key that wants all, any of another one; of a key that is not asked for, nothing. */
static bool key_matches(const ObjectFilter *filter, const FilterKey *key, const void *object,
                        bool is_used)
{
    bool is_asked = false;
    bool any = false;

    for (guint i = 0; i < filter->values->len; i++) {
        const FilterValue *value = g_ptr_array_index(filter->values, i);
        bool matches;

        if (value->key != key)
            continue;
        matches = key->test(value, object, is_used);
        if (key->all && !matches)
            return false;
        is_asked = true;
        any = any || matches;
    }
    return !is_asked || any;
}

bool object_filter_matches(const ObjectFilter *filter, const void *object, bool is_used)
{
    for (size_t i = 0; i < filter->keys->n_keys; i++) {
        if (!key_matches(filter, &filter->keys->keys[i], object, is_used))
            return false;
    }
    return true;
}
