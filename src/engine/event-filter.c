/* SPDX-License-Identifier: Apache-2.0 */
/* One table has every key and what it compares; what each means is podman's (podman-events(1)). */
#include "engine/event-filter.h"

#include "engine/labels.h"

#include <string.h>

typedef bool (*FilterTest)(const json_t *event, const char *type, const char *value);

struct EventFilter {
    GPtrArray *values[7]; /* of each row of `keys`; NULL: not asked for */
};

static const char *text_of(const json_t *event, const char *key)
{
    const char *text = json_string_value(json_object_get(event, key));

    return text != NULL ? text : "";
}

/* An object of this type, by its name or the beginning of its id. */
static bool is_object(const json_t *event, const char *type, const char *value)
{
    return g_str_equal(text_of(event, "Type"), type) &&
           (g_str_equal(text_of(event, "Name"), value) ||
            g_str_has_prefix(text_of(event, "ID"), value));
}

/* docker and podman 4 call a container's end by different names. */
static bool has_status(const json_t *event, const char *type, const char *value)
{
    return g_str_equal(text_of(event, "Status"), g_str_equal(value, "die") ? "died" : value);
}

/* A pod, or what happened to a container in it. */
static bool is_of_pod(const json_t *event, const char *type, const char *value)
{
    return is_object(event, type, value) ||
           (value[0] != '\0' && g_str_has_prefix(text_of(event, "PodID"), value));
}

static bool has_type(const json_t *event, const char *type, const char *value)
{
    return g_str_equal(text_of(event, "Type"), value);
}

static bool has_label(const json_t *event, const char *type, const char *value)
{
    return labels_match(json_object_get(event, "Attributes"), value);
}

static const struct {
    const char *name;
    const char *alias;
    FilterTest test;
    const char *type;
    bool all; /* every value must be met, not only one */
} keys[] = {
    { "container", NULL, is_object, "container", false },
    { "event", "status", has_status, NULL, false },
    { "image", NULL, is_object, "image", false },
    { "label", NULL, has_label, NULL, true },
    { "pod", NULL, is_of_pod, "pod", false },
    { "type", NULL, has_type, NULL, false },
    { "volume", NULL, is_object, "volume", false },
};
G_STATIC_ASSERT(G_N_ELEMENTS(keys) == G_N_ELEMENTS(((EventFilter *)NULL)->values));

static bool add(EventFilter *filter, const char *text, GError **error)
{
    g_auto(GStrv) pair = g_strsplit(text, "=", 2);

    if (pair[0] == NULL || pair[1] == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "filter '%s' is not KEY=VALUE", text);
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (g_ascii_strcasecmp(pair[0], keys[i].name) != 0 &&
            (keys[i].alias == NULL || g_ascii_strcasecmp(pair[0], keys[i].alias) != 0))
            continue;
        if (filter->values[i] == NULL)
            filter->values[i] = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(filter->values[i], g_strdup(pair[1]));
        return true;
    }
    return err_set(error, FLOE_ERROR_INVALID,
                   "filter '%s': unknown key '%s', known are container, event, image, label, pod, "
                   "status, type and volume",
                   text, pair[0]);
}

bool event_filter_new(const char *const *filters, EventFilter **ret_filter, GError **error)
{
    g_autoptr(EventFilter) filter = g_new0(EventFilter, 1);

    for (size_t i = 0; filters != NULL && filters[i] != NULL; i++) {
        if (!add(filter, filters[i], error))
            return false;
    }
    *ret_filter = g_steal_pointer(&filter);
    return true;
}

void event_filter_free(EventFilter *filter)
{
    if (filter == NULL)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(filter->values); i++)
        g_clear_pointer(&filter->values[i], g_ptr_array_unref);
    g_free(filter);
}

static bool is_met(size_t key, const GPtrArray *values, const json_t *event)
{
    for (guint i = 0; i < values->len; i++) {
        bool met = keys[key].test(event, keys[key].type, g_ptr_array_index(values, i));

        if (met != keys[key].all)
            return met;
    }
    return keys[key].all;
}

bool event_filter_matches(const EventFilter *filter, const json_t *event)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (filter->values[i] != NULL && !is_met(i, filter->values[i], event))
            return false;
    }
    return true;
}
