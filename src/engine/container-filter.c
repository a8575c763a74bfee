/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table has every key: how its value is read, and when a container meets it. What each means is
 * podman's (podman-ps(1), --filter).
 */
#include "engine/container-filter.h"

#include "base/clock.h"
#include "engine/labels.h"
#include "engine/restart-policy.h"
#include "engine/user-time.h"
#include "state/image-record.h"
#include "state/pod-record.h"

#include <string.h>

typedef struct FilterValue {
    char *text;
    GRegex *regex;
    int64_t number; /* a moment, an exit code or a state */
} FilterValue;

typedef bool (*FilterReader)(Database *db, FilterValue *value, GError **error);
typedef bool (*FilterTest)(const FilterValue *value, const ContainerRecord *record);

static void value_free(FilterValue *value)
{
    g_free(value->text);
    g_clear_pointer(&value->regex, g_regex_unref);
    g_free(value);
}

/* --- reading values --------------------------------------------------------------------------- */

static bool read_regex(Database *db, FilterValue *value, GError **error)
{
    g_autoptr(GError) err = NULL;

    value->regex = g_regex_new(value->text, 0, 0, &err);
    if (value->regex == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "%s", err->message);
    return true;
}

static bool read_restart_policy(Database *db, FilterValue *value, GError **error)
{
    return restart_policy_is_known(value->text) ||
           err_set(error, FLOE_ERROR_INVALID, "%s invalid restart policy", value->text);
}

static bool read_truth(Database *db, FilterValue *value, GError **error)
{
    value->number = g_str_equal(value->text, "true");
    return value->number != 0 || g_str_equal(value->text, "false") ||
           err_set(error, FLOE_ERROR_INVALID, "neither true nor false");
}

static bool read_exit_code(Database *db, FilterValue *value, GError **error)
{
    gint64 code = 0;

    if (!g_ascii_string_to_signed(value->text, 10, -1, 255, &code, NULL))
        return err_set(error, FLOE_ERROR_INVALID, "not an exit code");
    value->number = code;
    return true;
}

/* A stopped container is listed as exited, and both names find both. */
static int listed_state(int state)
{
    return state == FLOE_STATE_STOPPED ? FLOE_STATE_EXITED : state;
}

static bool read_state(Database *db, FilterValue *value, GError **error)
{
    for (int state = FLOE_STATE_UNKNOWN; state <= FLOE_STATE_STOPPING; state++) {
        if (g_str_equal(value->text, floe_container_state_name((floe_container_state)state))) {
            value->number = listed_state(state);
            return true;
        }
    }
    return err_set(error, FLOE_ERROR_INVALID, "unknown container state");
}

static bool read_moment(Database *db, FilterValue *value, GError **error)
{
    return user_time_parse(value->text, clock_unix_ns(), &value->number, error);
}

/* The moment when the container that is named was created. */
static bool read_other_container(Database *db, FilterValue *value, GError **error)
{
    g_autoptr(ContainerRecord) other = NULL;
    g_autofree char *id = NULL;

    if (!container_find(db, value->text, &id, error) || !container_load(db, id, &other, error))
        return false;
    value->number = other->config.created_unix_ns;
    return true;
}

/* The image's id; of one that is not there, the name that a container may still call it. */
static bool read_image(Database *db, FilterValue *value, GError **error)
{
    g_autoptr(GError) err = NULL;
    char *id = NULL;

    if (image_find(db, value->text, &id, NULL, &err)) {
        g_free(value->text);
        value->text = id;
        return true;
    }
    if (err_is(err, FLOE_ERROR_NOT_FOUND))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

/* The pod's id; of one that is not there the name, which no container has for a pod. */
static bool read_pod(Database *db, FilterValue *value, GError **error)
{
    g_autoptr(GError) err = NULL;
    char *id = NULL;

    if (pod_find(db, value->text, &id, &err)) {
        g_free(value->text);
        value->text = id;
        return true;
    }
    if (err_is(err, FLOE_ERROR_NOT_FOUND))
        return true;
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

/* --- tests ------------------------------------------------------------------------------------ */

static bool has_id(const FilterValue *value, const ContainerRecord *record)
{
    return g_str_has_prefix(record->id, value->text);
}

static bool has_name(const FilterValue *value, const ContainerRecord *record)
{
    return g_regex_match(value->regex, record->name, 0, NULL);
}

static bool has_command(const FilterValue *value, const ContainerRecord *record)
{
    char **argv = record->config.argv;

    return argv != NULL && argv[0] != NULL && g_regex_match(value->regex, argv[0], 0, NULL);
}

static bool has_state(const FilterValue *value, const ContainerRecord *record)
{
    return listed_state(record->status.state) == value->number;
}

static bool has_label(const FilterValue *value, const ContainerRecord *record)
{
    return labels_match(record->config.labels, value->text);
}

static bool has_not_label(const FilterValue *value, const ContainerRecord *record)
{
    return !has_label(value, record);
}

static bool has_image(const FilterValue *value, const ContainerRecord *record)
{
    return g_strcmp0(record->config.image_id, value->text) == 0 ||
           g_strcmp0(record->config.image_name, value->text) == 0;
}

static bool is_created_before(const FilterValue *value, const ContainerRecord *record)
{
    return record->config.created_unix_ns < value->number;
}

static bool is_created_after(const FilterValue *value, const ContainerRecord *record)
{
    return record->config.created_unix_ns > value->number;
}

static bool has_exited_with(const FilterValue *value, const ContainerRecord *record)
{
    return listed_state(record->status.state) == FLOE_STATE_EXITED && record->status.exited &&
           record->status.exit_code == value->number;
}

static bool has_restart_policy(const FilterValue *value, const ContainerRecord *record)
{
    return g_str_equal(restart_policy_name(&record->config), value->text);
}

static bool starts_on_boot(const FilterValue *value, const ContainerRecord *record)
{
    return restart_policy_starts_on_boot(&record->config, &record->status) == (value->number != 0);
}

/* As podman, "none" is no health. */
static bool has_health(const FilterValue *value, const ContainerRecord *record)
{
    const char *health = record->status.health;

    return g_str_equal(health != NULL ? health : "none", value->text);
}

/* A network's name, a mode ("host"), or "container:ID". */
static bool has_network(const FilterValue *value, const ContainerRecord *record)
{
    const ContainerConfig *config = &record->config;

    for (guint i = 0; config->networks != NULL && i < config->networks->len; i++) {
        const NetworkConfig *network = g_ptr_array_index(config->networks, i);

        if (g_str_equal(network->name, value->text))
            return true;
    }
    if (g_str_has_prefix(value->text, "container:"))
        return config->network_container != NULL &&
               g_str_has_prefix(config->network_container, value->text + strlen("container:"));
    return g_strcmp0(config->network_mode, value->text) == 0;
}

/* The id of one that is there, else what its id would begin with. */
static bool has_pod(const FilterValue *value, const ContainerRecord *record)
{
    return record->config.pod_id != NULL && value->text[0] != '\0' &&
           g_str_has_prefix(record->config.pod_id, value->text);
}

static bool has_volume(const FilterValue *value, const ContainerRecord *record)
{
    const GPtrArray *mounts = record->config.mounts;

    for (guint i = 0; mounts != NULL && i < mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(mounts, i);

        if (g_strcmp0(mount->source, value->text) == 0 ||
            g_strcmp0(mount->destination, value->text) == 0)
            return true;
    }
    return false;
}

/* --- the filter ------------------------------------------------------------------------------- */

static const struct FilterKey {
    const char *name;
    FilterReader read; /* NULL: the text as it is */
    FilterTest test;
    bool all_values; /* must be met, not one of them */
} keys[] = {
    { "id", NULL, has_id, false },
    { "name", read_regex, has_name, false },
    { "status", read_state, has_state, false },
    { "label", NULL, has_label, true },
    { "label!", NULL, has_not_label, true },
    { "ancestor", read_image, has_image, false },
    { "before", read_other_container, is_created_before, false },
    { "since", read_other_container, is_created_after, false },
    { "exited", read_exit_code, has_exited_with, false },
    { "network", NULL, has_network, false },
    { "command", read_regex, has_command, false },
    { "until", read_moment, is_created_before, false },
    { "volume", NULL, has_volume, false },
    { "health", NULL, has_health, false },
    { "pod", read_pod, has_pod, false },
    { "restart-policy", read_restart_policy, has_restart_policy, false },
    { "should-start-on-boot", read_truth, starts_on_boot, false },
};

struct ContainerFilter {
    GPtrArray *values[G_N_ELEMENTS(keys)]; /* FilterValue, by key; NULL: not asked for */
};

static bool key_find(const char *name, size_t length, size_t *ret_key)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (strlen(keys[i].name) == length && memcmp(keys[i].name, name, length) == 0) {
            *ret_key = i;
            return true;
        }
    }
    return false;
}

static bool refuse_key(const char *text, GError **error)
{
    g_autoptr(GString) known = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        g_string_append_printf(known, "%s%s", i > 0 ? ", " : "", keys[i].name);
    return err_set(error, FLOE_ERROR_INVALID,
                   "filter '%s' is not of the form KEY=VALUE with one of the keys %s", text,
                   known->str);
}

static bool add_filter(ContainerFilter *filter, Database *db, const char *text, GError **error)
{
    const char *equals = strchr(text, '=');
    FilterValue *value;
    size_t key = 0;

    if (equals == NULL || !key_find(text, (size_t)(equals - text), &key))
        return refuse_key(text, error);
    if (filter->values[key] == NULL)
        filter->values[key] = g_ptr_array_new_with_free_func((GDestroyNotify)value_free);
    value = g_new0(FilterValue, 1);
    value->text = g_strdup(equals + 1);
    g_ptr_array_add(filter->values[key], value);
    return keys[key].read == NULL || keys[key].read(db, value, error) ||
           err_prefix(error, "filter '%s'", text);
}

bool container_filter_new(Database *db, const char *const *filters, ContainerFilter **ret_filter,
                          GError **error)
{
    g_autoptr(ContainerFilter) filter = g_new0(ContainerFilter, 1);

    for (size_t i = 0; filters != NULL && filters[i] != NULL; i++) {
        if (!add_filter(filter, db, filters[i], error))
            return false;
    }
    *ret_filter = g_steal_pointer(&filter);
    return true;
}

void container_filter_free(ContainerFilter *filter)
{
    if (filter == NULL)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        g_clear_pointer(&filter->values[i], g_ptr_array_unref);
    g_free(filter);
}

bool container_filter_has_status(const ContainerFilter *filter)
{
    size_t key = 0;
    bool is_key = key_find("status", strlen("status"), &key);

    g_assert(is_key);
    return filter->values[key] != NULL;
}

static bool meets_key(const struct FilterKey *key, const GPtrArray *values,
                      const ContainerRecord *record)
{
    for (guint i = 0; i < values->len; i++) {
        if (key->test(g_ptr_array_index(values, i), record) != key->all_values)
            return !key->all_values;
    }
    return key->all_values;
}

bool container_filter_matches(const ContainerFilter *filter, const ContainerRecord *record)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (filter->values[i] != NULL && !meets_key(&keys[i], filter->values[i], record))
            return false;
    }
    return true;
}
