/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/volume-filter.h"

#include "base/clock.h"
#include "engine/labels.h"
#include "engine/user-time.h"

#include <string.h>

typedef struct FilterValue {
    const struct FilterKey *key;
    char *text;
    GRegex *regex;
    int64_t number; /* a moment, or whether it is used */
} FilterValue;

typedef bool (*FilterReader)(FilterValue *value, GError **error);
typedef bool (*FilterTest)(const FilterValue *value, const VolumeRecord *record, bool is_used);

static void value_free(FilterValue *value)
{
    g_free(value->text);
    g_clear_pointer(&value->regex, g_regex_unref);
    g_free(value);
}

/* --- reading values --------------------------------------------------------------------------- */

static bool read_regex(FilterValue *value, GError **error)
{
    g_autoptr(GError) err = NULL;

    value->regex = g_regex_new(value->text, 0, 0, &err);
    return value->regex != NULL || err_set(error, FLOE_ERROR_INVALID, "%s", err->message);
}

static bool read_dangling(FilterValue *value, GError **error)
{
    bool is_true = g_str_equal(value->text, "true") || g_str_equal(value->text, "1");

    value->number = !is_true;
    return is_true || g_str_equal(value->text, "false") || g_str_equal(value->text, "0") ||
           err_set(error, FLOE_ERROR_INVALID,
                   "\"%s\" is not a valid value for the \"dangling\" filter - must be true or false",
                   value->text);
}

static bool read_moment(FilterValue *value, GError **error)
{
    return user_time_parse(value->text, clock_unix_ns(), &value->number, error);
}

/* --- tests ------------------------------------------------------------------------------------ */

static bool has_use(const FilterValue *value, const VolumeRecord *record, bool is_used)
{
    return is_used == (value->number != 0);
}

/* There is one driver, and one scope, of the same name. */
static bool is_local(const FilterValue *value, const VolumeRecord *record, bool is_used)
{
    return g_str_equal(value->text, "local");
}

static bool has_label(const FilterValue *value, const VolumeRecord *record, bool is_used)
{
    return labels_match(record->labels, value->text);
}

static bool has_not_label(const FilterValue *value, const VolumeRecord *record, bool is_used)
{
    return !labels_match(record->labels, value->text);
}

static bool has_name(const FilterValue *value, const VolumeRecord *record, bool is_used)
{
    return g_regex_match(value->regex, record->name, 0, NULL);
}

static bool has_option(const FilterValue *value, const VolumeRecord *record, bool is_used)
{
    return labels_match(record->options, value->text);
}

static bool is_created_before(const FilterValue *value, const VolumeRecord *record, bool is_used)
{
    return record->created_unix_ns < value->number;
}

/* --- the filter ------------------------------------------------------------------------------- */

static const struct FilterKey {
    const char *name;
    FilterReader read; /* NULL: the text as it is */
    FilterTest test;
    bool for_prune;
} keys[] = {
    { "dangling", read_dangling, has_use, false },
    { "driver", NULL, is_local, false },
    { "label", NULL, has_label, true },
    { "label!", NULL, has_not_label, true },
    { "name", read_regex, has_name, false },
    { "opt", NULL, has_option, false },
    { "scope", NULL, is_local, false },
    { "until", read_moment, is_created_before, true },
};

struct VolumeFilter {
    GPtrArray *values; /* FilterValue */
};

static const struct FilterKey *key_find(const char *text, size_t length, bool for_prune)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (strlen(keys[i].name) == length && memcmp(keys[i].name, text, length) == 0 &&
            (keys[i].for_prune || !for_prune))
            return &keys[i];
    }
    return NULL;
}

static bool add_filter(VolumeFilter *filter, const char *text, bool for_prune, GError **error)
{
    size_t length = strcspn(text, "=");
    FilterValue *value;

    if (text[length] == '\0' || key_find(text, length, for_prune) == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "\"%s\" is an invalid volume filter", text);
    value = g_new0(FilterValue, 1);
    value->key = key_find(text, length, for_prune);
    value->text = g_strdup(text + length + 1);
    g_ptr_array_add(filter->values, value);
    return value->key->read == NULL || value->key->read(value, error) ||
           err_prefix(error, "filter '%s'", text);
}

bool volume_filter_new(const char *const *filters, bool for_prune, VolumeFilter **ret_filter,
                       GError **error)
{
    g_autoptr(VolumeFilter) filter = g_new0(VolumeFilter, 1);

    filter->values = g_ptr_array_new_with_free_func((GDestroyNotify)value_free);
    for (; filters != NULL && *filters != NULL; filters++) {
        if (!add_filter(filter, *filters, for_prune, error))
            return false;
    }
    *ret_filter = g_steal_pointer(&filter);
    return true;
}

void volume_filter_free(VolumeFilter *filter)
{
    if (filter == NULL)
        return;
    g_clear_pointer(&filter->values, g_ptr_array_unref);
    g_free(filter);
}

bool volume_filter_has_use(const VolumeFilter *filter)
{
    for (guint i = 0; i < filter->values->len; i++) {
        const FilterValue *value = g_ptr_array_index(filter->values, i);

        if (value->key->test == has_use)
            return true;
    }
    return false;
}

bool volume_filter_matches(const VolumeFilter *filter, const VolumeRecord *record, bool is_used)
{
    for (guint i = 0; i < filter->values->len; i++) {
        const FilterValue *value = g_ptr_array_index(filter->values, i);

        if (!value->key->test(value, record, is_used))
            return false;
    }
    return true;
}
