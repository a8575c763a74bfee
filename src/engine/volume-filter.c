/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/volume-filter.h"

#include "engine/labels.h"

static bool has_use(const FilterValue *value, const void *object, bool is_used)
{
    return is_used == (value->number != 0);
}

/* There is one driver, and one scope, of the same name. */
static bool is_local(const FilterValue *value, const void *object, bool is_used)
{
    return g_str_equal(value->text, "local");
}

static bool has_label(const FilterValue *value, const void *object, bool is_used)
{
    const VolumeRecord *record = object;

    return labels_match(record->labels, value->text);
}

static bool has_not_label(const FilterValue *value, const void *object, bool is_used)
{
    const VolumeRecord *record = object;

    return !labels_match(record->labels, value->text);
}

static bool has_name(const FilterValue *value, const void *object, bool is_used)
{
    const VolumeRecord *record = object;

    return g_regex_match(value->regex, record->name, 0, NULL);
}

static bool has_option(const FilterValue *value, const void *object, bool is_used)
{
    const VolumeRecord *record = object;

    return labels_match(record->options, value->text);
}

static bool is_created_before(const FilterValue *value, const void *object, bool is_used)
{
    const VolumeRecord *record = object;

    return record->created_unix_ns < value->number;
}

static const FilterKey keys[] = {
    { "dangling", filter_read_dangling, has_use, true, false },
    { "driver", NULL, is_local, true, false },
    { "label", NULL, has_label, true, true },
    { "label!", NULL, has_not_label, true, true },
    { "name", filter_read_regex, has_name, true, false },
    { "opt", NULL, has_option, true, false },
    { "scope", NULL, is_local, true, false },
    { "until", filter_read_moment, is_created_before, true, true },
};

static const FilterKeys volume_keys = { "volume", keys, G_N_ELEMENTS(keys) };

bool volume_filter_new(const char *const *filters, bool for_prune, ObjectFilter **ret_filter,
                       GError **error)
{
    return object_filter_new(&volume_keys, filters, for_prune, ret_filter, error);
}

bool volume_filter_matches(const ObjectFilter *filter, const VolumeRecord *record, bool is_used)
{
    return object_filter_matches(filter, record, is_used);
}
