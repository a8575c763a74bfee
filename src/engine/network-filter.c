/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/network-filter.h"

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

static void value_free(void *data)
{
    FilterValue *value = data;

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
           err_set(error, FLOE_ERROR_INVALID, "'%s' is neither true nor false", value->text);
}

static bool read_moment(FilterValue *value, GError **error)
{
    return user_time_parse(value->text, clock_unix_ns(), &value->number, error);
}

/* --- tests ------------------------------------------------------------------------------------ */

/* The default network is never dangling: nothing would remove it. */
static bool has_use(const FilterValue *value, const Network *network, bool is_used)
{
    return (is_used || g_str_equal(network->name, NETWORK_DEFAULT_NAME)) == (value->number != 0);
}

static bool has_driver(const FilterValue *value, const Network *network, bool is_used)
{
    return g_str_equal(value->text, network->driver);
}

static bool has_id(const FilterValue *value, const Network *network, bool is_used)
{
    return g_str_has_prefix(network->id, value->text);
}

static bool has_label(const FilterValue *value, const Network *network, bool is_used)
{
    return labels_match(network->labels, value->text);
}

static bool has_not_label(const FilterValue *value, const Network *network, bool is_used)
{
    return !labels_match(network->labels, value->text);
}

static bool has_name(const FilterValue *value, const Network *network, bool is_used)
{
    return g_regex_match(value->regex, network->name, 0, NULL);
}

static bool is_created_before(const FilterValue *value, const Network *network, bool is_used)
{
    return network->created_unix_ns < value->number;
}

/* --- the filter ------------------------------------------------------------------------------- */

static const struct FilterKey {
    const char *name;
    bool (*read)(FilterValue *value, GError **error); /* NULL: the text as it is */
    bool (*test)(const FilterValue *value, const Network *network, bool is_used);
    bool all; /* of several, all must match */
    bool for_prune;
} keys[] = {
    { "dangling", read_dangling, has_use, false, false },
    { "driver", NULL, has_driver, false, false },
    { "id", NULL, has_id, false, false },
    { "label", NULL, has_label, true, true },
    { "label!", NULL, has_not_label, true, true },
    { "name", read_regex, has_name, false, false },
    { "until", read_moment, is_created_before, false, true },
};

struct NetworkFilter {
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

static bool add_filter(NetworkFilter *filter, const char *text, bool for_prune, GError **error)
{
    size_t length = strcspn(text, "=");
    FilterValue *value;

    if (text[length] == '\0' || key_find(text, length, for_prune) == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "invalid filter \"%.*s\"", (int)length, text);
    value = g_new0(FilterValue, 1);
    value->key = key_find(text, length, for_prune);
    value->text = g_strdup(text + length + 1);
    g_ptr_array_add(filter->values, value);
    return value->key->read == NULL || value->key->read(value, error) ||
           err_prefix(error, "filter '%s'", text);
}

bool network_filter_new(const char *const *filters, bool for_prune, NetworkFilter **ret_filter,
                        GError **error)
{
    g_autoptr(NetworkFilter) filter = g_new0(NetworkFilter, 1);

    filter->values = g_ptr_array_new_with_free_func(value_free);
    for (; filters != NULL && *filters != NULL; filters++) {
        if (!add_filter(filter, *filters, for_prune, error))
            return false;
    }
    *ret_filter = g_steal_pointer(&filter);
    return true;
}

void network_filter_free(NetworkFilter *filter)
{
    if (filter == NULL)
        return;
    g_clear_pointer(&filter->values, g_ptr_array_unref);
    g_free(filter);
}

/* All of a key that wants all, any of another one; of a key that is not asked for, nothing. */
static bool key_matches(const NetworkFilter *filter, const struct FilterKey *key,
                        const Network *network, bool is_used)
{
    bool is_asked = false;
    bool any = false;

    for (guint i = 0; i < filter->values->len; i++) {
        const FilterValue *value = g_ptr_array_index(filter->values, i);
        bool matches;

        if (value->key != key)
            continue;
        matches = key->test(value, network, is_used);
        if (key->all && !matches)
            return false;
        is_asked = true;
        any = any || matches;
    }
    return !is_asked || any;
}

bool network_filter_matches(const NetworkFilter *filter, const Network *network, bool is_used)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (!key_matches(filter, &keys[i], network, is_used))
            return false;
    }
    return true;
}
