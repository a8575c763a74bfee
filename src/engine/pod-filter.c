/* SPDX-License-Identifier: Apache-2.0 */
/* What each key means is podman's (podman-pod-ps(1), --filter). */
#include "engine/pod-filter.h"

#include "base/clock.h"
#include "engine/labels.h"
#include "engine/user-time.h"

#include <string.h>

typedef bool (*FilterTest)(const PodEntry *pod, const char *value);

static bool matches(const char *pattern, const char *text)
{
    return g_regex_match_simple(pattern, text, 0, 0);
}

static bool has_id(const PodEntry *pod, const char *value)
{
    return g_str_has_prefix(pod->record->id, value);
}

static bool has_name(const PodEntry *pod, const char *value)
{
    return matches(value, pod->record->name);
}

static bool has_status(const PodEntry *pod, const char *value)
{
    return g_ascii_strcasecmp(pod_state_name(pod->members), value) == 0;
}

static bool has_label(const PodEntry *pod, const char *value)
{
    return labels_match(pod->record->config.labels, value);
}

static bool has_not_label(const PodEntry *pod, const char *value)
{
    return !has_label(pod, value);
}

static bool has_number(const PodEntry *pod, const char *value)
{
    return (int64_t)pod->members->len == g_ascii_strtoll(value, NULL, 10);
}

static bool has_container_id(const PodEntry *pod, const char *value)
{
    for (guint i = 0; i < pod->members->len; i++) {
        if (g_str_has_prefix(((ContainerRecord *)g_ptr_array_index(pod->members, i))->id, value))
            return true;
    }
    return false;
}

static bool has_container_name(const PodEntry *pod, const char *value)
{
    for (guint i = 0; i < pod->members->len; i++) {
        if (matches(value, ((ContainerRecord *)g_ptr_array_index(pod->members, i))->name))
            return true;
    }
    return false;
}

static bool has_container_state(const PodEntry *pod, const char *value)
{
    for (guint i = 0; i < pod->members->len; i++) {
        const ContainerRecord *record = g_ptr_array_index(pod->members, i);
        int state = record->status.state;

        if (g_str_equal(floe_container_state_name((floe_container_state)state), value))
            return true;
    }
    return false;
}

static bool has_network(const PodEntry *pod, const char *value)
{
    const ContainerRecord *first = pod->members->len > 0 ? g_ptr_array_index(pod->members, 0) : NULL;

    if (first == NULL || !first->config.is_infra || first->config.networks == NULL)
        return false;
    for (guint i = 0; i < first->config.networks->len; i++) {
        const NetworkConfig *network = g_ptr_array_index(first->config.networks, i);

        if (g_str_equal(network->name, value))
            return true;
    }
    return false;
}

static bool is_created_before(const PodEntry *pod, const char *value)
{
    int64_t moment = 0;

    return user_time_parse(value, clock_unix_ns(), &moment, NULL) &&
           pod->record->config.created_unix_ns < moment;
}

/* --- values that cannot be right -------------------------------------------------------------- */

static bool check_regex(const char *value, GError **error)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(GRegex) regex = g_regex_new(value, 0, 0, &err);

    return regex != NULL || err_set(error, FLOE_ERROR_INVALID, "%s", err->message);
}

static bool check_status(const char *value, GError **error)
{
    static const char *const known[] = { "created", "running", "degraded", "paused",
                                         "exited",  "stopped", "error",    NULL };
    g_autofree char *lower = g_ascii_strdown(value, -1);

    return g_strv_contains(known, lower) ||
           err_set(error, FLOE_ERROR_INVALID, "%s is not a valid pod status", value);
}

static bool check_container_state(const char *value, GError **error)
{
    for (int state = FLOE_STATE_UNKNOWN; state <= FLOE_STATE_STOPPING; state++) {
        if (g_str_equal(value, floe_container_state_name((floe_container_state)state)))
            return true;
    }
    return err_set(error, FLOE_ERROR_INVALID, "%s is not a valid container status", value);
}

static bool check_number(const char *value, GError **error)
{
    guint64 number;

    return g_ascii_string_to_unsigned(value, 10, 0, G_MAXINT, &number, NULL) ||
           err_set(error, FLOE_ERROR_INVALID, "not a number");
}

static bool check_moment(const char *value, GError **error)
{
    int64_t moment;

    return user_time_parse(value, clock_unix_ns(), &moment, error);
}

/* --- the filter ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    bool (*check)(const char *value, GError **error); /* NULL: any text */
    FilterTest test;
    bool all; /* every value must be met, not only one */
} keys[] = {
    { "id", NULL, has_id, false },
    { "name", check_regex, has_name, false },
    { "status", check_status, has_status, false },
    { "label", NULL, has_label, true },
    { "label!", NULL, has_not_label, true },
    { "network", NULL, has_network, false },
    { "until", check_moment, is_created_before, true },
    { "ctr-ids", NULL, has_container_id, false },
    { "ctr-names", check_regex, has_container_name, false },
    { "ctr-status", check_container_state, has_container_state, false },
    { "ctr-number", check_number, has_number, false },
};

struct PodFilter {
    GPtrArray *values[G_N_ELEMENTS(keys)]; /* texts, by key; NULL: not asked for */
};

static bool add(PodFilter *filter, const char *text, GError **error)
{
    const char *equals = strchr(text, '=');
    g_autofree char *name = g_strndup(text, equals != NULL ? (size_t)(equals - text) : strlen(text));

    for (size_t i = 0; equals != NULL && i < G_N_ELEMENTS(keys); i++) {
        if (!g_str_equal(name, keys[i].name))
            continue;
        if (filter->values[i] == NULL)
            filter->values[i] = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(filter->values[i], g_strdup(equals + 1));
        return keys[i].check == NULL || keys[i].check(equals + 1, error) ||
               err_prefix(error, "filter '%s'", text);
    }
    return err_set(error, FLOE_ERROR_INVALID,
                   "%s is an invalid filter: expected KEY=VALUE with id, name, status, label, "
                   "label!, network, until, ctr-ids, ctr-names, ctr-status or ctr-number",
                   name);
}

bool pod_filter_new(const char *const *filters, PodFilter **ret_filter, GError **error)
{
    g_autoptr(PodFilter) filter = g_new0(PodFilter, 1);

    for (size_t i = 0; filters != NULL && filters[i] != NULL; i++) {
        if (!add(filter, filters[i], error))
            return false;
    }
    *ret_filter = g_steal_pointer(&filter);
    return true;
}

void pod_filter_free(PodFilter *filter)
{
    if (filter == NULL)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        g_clear_pointer(&filter->values[i], g_ptr_array_unref);
    g_free(filter);
}

static bool is_met(size_t key, const GPtrArray *values, const PodEntry *pod)
{
    for (guint i = 0; i < values->len; i++) {
        bool met = keys[key].test(pod, g_ptr_array_index(values, i));

        if (met != keys[key].all)
            return met;
    }
    return keys[key].all;
}

bool pod_filter_matches(const PodFilter *filter, const PodEntry *pod)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (filter->values[i] != NULL && !is_met(i, filter->values[i], pod))
            return false;
    }
    return true;
}
