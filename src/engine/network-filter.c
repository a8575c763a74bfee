/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/network-filter.h"

#include "engine/labels.h"

/* The default network is never dangling: nothing would remove it. */
static bool has_use(const FilterValue *value, const void *object, bool is_used)
{
    const Network *network = object;

    return (is_used || g_str_equal(network->name, NETWORK_DEFAULT_NAME)) == (value->number != 0);
}

static bool has_driver(const FilterValue *value, const void *object, bool is_used)
{
    const Network *network = object;

    return g_str_equal(value->text, network->driver);
}

static bool has_id(const FilterValue *value, const void *object, bool is_used)
{
    const Network *network = object;

    return g_str_has_prefix(network->id, value->text);
}

static bool has_label(const FilterValue *value, const void *object, bool is_used)
{
    const Network *network = object;

    return labels_match(network->labels, value->text);
}

static bool has_not_label(const FilterValue *value, const void *object, bool is_used)
{
    const Network *network = object;

    return !labels_match(network->labels, value->text);
}

static bool has_name(const FilterValue *value, const void *object, bool is_used)
{
    const Network *network = object;

    return g_regex_match(value->regex, network->name, 0, NULL);
}

static bool is_created_before(const FilterValue *value, const void *object, bool is_used)
{
    const Network *network = object;

    return network->created_unix_ns < value->number;
}

static const FilterKey keys[] = {
    { "dangling", filter_read_dangling, has_use, false, false },
    { "driver", NULL, has_driver, false, false },
    { "id", NULL, has_id, false, false },
    { "label", NULL, has_label, true, true },
    { "label!", NULL, has_not_label, true, true },
    { "name", filter_read_regex, has_name, false, false },
    { "until", filter_read_moment, is_created_before, false, true },
};

static const FilterKeys network_keys = { "network", keys, G_N_ELEMENTS(keys) };

bool network_filter_new(const char *const *filters, bool for_prune, ObjectFilter **ret_filter,
                        GError **error)
{
    return object_filter_new(&network_keys, filters, for_prune, ret_filter, error);
}

bool network_filter_matches(const ObjectFilter *filter, const Network *network, bool is_used)
{
    return object_filter_matches(filter, network, is_used);
}
