/* SPDX-License-Identifier: Apache-2.0 */
#include "quadlet/service.h"

#include "quadlet/unit-words.h"

#include <stdarg.h>
#include <string.h>

/* --- the source's values ---------------------------------------------------------------------- */

const char *service_value(const Service *service, const char *key)
{
    return unit_file_last(service->source, service->kind->section, key);
}

const char **service_values(const Service *service, const char *key)
{
    return unit_file_values(service->source, service->kind->section, key);
}

bool service_bool(const Service *service, const char *key, bool fallback, bool *ret_value,
                  GError **error)
{
    return unit_file_bool(service->source, service->kind->section, key, fallback, ret_value, error);
}

/* For an error about the last value of a key. */
static bool value_error(const Service *service, const char *key, GError **error, GError *cause)
{
    g_autoptr(GError) err = cause;

    return unit_entry_error(error, service->source,
                            unit_file_last_entry(service->source, service->kind->section, key),
                            "%s: %s", key, err->message);
}

char *service_path(const Service *service, const char *path)
{
    g_autofree char *directory = NULL;

    /* What begins with a specifier is systemd's to resolve. */
    if (path[0] == '/' || path[0] == '%' || path[0] == '-')
        return g_strdup(path);
    directory = g_path_get_dirname(service->source->path);
    if (g_str_has_prefix(path, "./%"))
        return g_strconcat(directory, path + 1, NULL);
    return g_canonicalize_filename(path, directory);
}

/* --- words ------------------------------------------------------------------------------------ */

void service_add(Service *service, const char *word)
{
    g_ptr_array_add(service->argv, g_strdup(word));
}

void service_add_words(Service *service, ...)
{
    const char *word;
    va_list words;

    va_start(words, service);
    while ((word = va_arg(words, const char *)) != NULL)
        service_add(service, word);
    va_end(words);
}

bool service_words(const Service *service, const char *key, GPtrArray *words, GError **error)
{
    g_autofree const char **values = service_values(service, key);

    for (const char **value = values; *value != NULL; value++) {
        g_autofree char **split = NULL;
        GError *err = NULL;

        if (!unit_words_split(*value, &split, &err))
            return value_error(service, key, error, err);
        for (char **word = split; *word != NULL; word++)
            g_ptr_array_add(words, *word);
    }
    return true;
}

bool service_add_values(Service *service, const char *key, GError **error)
{
    return service_words(service, key, service->argv, error);
}

/* --- keys ------------------------------------------------------------------------------------- */

static const Key *find_key(const Key *keys, const char *name)
{
    for (; keys->name != NULL; keys++) {
        if (g_str_equal(keys->name, name))
            return keys;
    }
    return NULL;
}

static bool check_keys(const Service *service, const Key *keys, GError **error)
{
    for (guint i = 0; i < service->source->entries->len; i++) {
        const UnitEntry *entry = g_ptr_array_index(service->source->entries, i);
        const Key *key;

        if (!g_str_equal(entry->section, service->kind->section))
            continue;
        key = find_key(keys, entry->key);
        if (key == NULL)
            return unit_entry_error(error, service->source, entry, "unknown key '%s' in [%s]",
                                    entry->key, entry->section);
        if (key->use == KEY_LATER)
            return unit_entry_error(error, service->source, entry,
                                    "key '%s' is not supported by floe yet", entry->key);
    }
    return true;
}

static bool apply_words(Service *service, const Key *key, GError **error)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);

    if (!service_words(service, key->name, words, error))
        return false;
    for (guint i = 0; i < words->len; i++)
        service_add_words(service, key->flag, g_ptr_array_index(words, i), NULL);
    return true;
}

static void apply_each(Service *service, const Key *key)
{
    g_autofree const char **values = service_values(service, key->name);

    for (const char **value = values; *value != NULL; value++) {
        g_autofree char *path = key->use == KEY_PATHS ? service_path(service, *value) : NULL;

        service_add_words(service, key->flag, path != NULL ? path : *value, NULL);
    }
}

static bool apply_bool(Service *service, const Key *key, GError **error)
{
    bool value = false;

    if (service_value(service, key->name) == NULL)
        return true;
    if (!service_bool(service, key->name, false, &value, error))
        return false;
    g_ptr_array_add(service->argv, g_strconcat(key->flag, value ? NULL : "=false", NULL));
    return true;
}

static bool apply_key(Service *service, const Key *key, GError **error)
{
    const char *value = service_value(service, key->name);

    switch (key->use) {
    case KEY_OWN:
    case KEY_LATER: return true;
    case KEY_LAST:
        if (value != NULL)
            service_add_words(service, key->flag, value, NULL);
        return true;
    case KEY_EACH:
    case KEY_PATHS: apply_each(service, key); return true;
    case KEY_WORDS: return apply_words(service, key, error);
    case KEY_BOOL: return apply_bool(service, key, error);
    }
    g_return_val_if_reached(false);
}

bool service_apply_keys(Service *service, const Key *keys, GError **error)
{
    if (!check_keys(service, keys, error))
        return false;
    for (; keys->name != NULL; keys++) {
        if (!apply_key(service, keys, error))
            return false;
    }
    return true;
}

/* --- the service's lines ---------------------------------------------------------------------- */

void service_set(Service *service, const char *section, const char *key, const char *value)
{
    unit_file_add(service->unit, section, key, value);
}

void service_set_default(Service *service, const char *section, const char *key, const char *value)
{
    if (!unit_file_has(service->source, section, key))
        service_set(service, section, key, value);
}

/* program, GlobalArgs, then what follows. */
static bool set_command(Service *service, const char *key, const char *prefix,
                        const char *const *words, GError **error)
{
    g_autoptr(GPtrArray) globals = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *line = NULL;
    g_autofree char *rest = NULL;
    g_autofree char *whole = NULL;

    g_ptr_array_add(globals, g_strdup(service->program));
    if (!service_words(service, "GlobalArgs", globals, error))
        return false;
    g_ptr_array_add(globals, NULL);
    line = unit_words_join((const char *const *)globals->pdata);
    rest = unit_words_join(words);
    whole = g_strconcat(prefix, line, " ", rest, NULL);
    service_set(service, "Service", key, whole);
    return true;
}

bool service_command(Service *service, const char *key, const char *prefix,
                     const char *const *words, GError **error)
{
    return set_command(service, key, prefix, words, error);
}

bool service_main_command(Service *service, const char *key, GError **error)
{
    g_ptr_array_add(service->argv, NULL);
    return set_command(service, key, "", (const char *const *)service->argv->pdata, error);
}

static void depend(Service *service, const UnitFile *other)
{
    g_autofree char *name = unit_service_name(other);
    g_autofree char *full = g_strconcat(name, ".service", NULL);

    service_set(service, "Unit", "Requires", full);
    service_set(service, "Unit", "After", full);
}

bool service_refer(Service *service, const char *word, const char *suffix, char **ret_name,
                   GError **error)
{
    const UnitFile *other;

    *ret_name = NULL;
    if (!g_str_has_suffix(word, suffix))
        return true;
    other = unit_set_find(service->set, word);
    if (other == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "%s: there is no file '%s'",
                       service->source->path, word);
    depend(service, other);
    *ret_name = unit_object_name(other);
    return true;
}

/* --- the whole -------------------------------------------------------------------------------- */

/* Keys of [Unit] whose words may be source files; they become their services. */
static const char *const dependency_keys[] = { "After",
                                               "Before",
                                               "BindsTo",
                                               "Conflicts",
                                               "OnFailure",
                                               "OnSuccess",
                                               "PartOf",
                                               "PropagatesReloadTo",
                                               "PropagatesStopTo",
                                               "ReloadPropagatedFrom",
                                               "Requires",
                                               "Requisite",
                                               "StopPropagatedFrom",
                                               "Upholds",
                                               "Wants",
                                               NULL };

static char *translate_units(const UnitSet *set, const char *value)
{
    g_auto(GStrv) words = g_strsplit_set(value, " \t", -1);

    for (char **word = words; *word != NULL; word++) {
        const UnitFile *other = unit_set_find(set, *word);
        g_autofree char *name = other != NULL ? unit_service_name(other) : NULL;

        if (name != NULL) {
            g_free(*word);
            *word = g_strconcat(name, ".service", NULL);
        }
    }
    return g_strjoinv(" ", words);
}

/* What is systemd's is passed on; what is ours stays to be read, under a name that systemd ignores. */
static void copy_sections(Service *service)
{
    for (guint i = 0; i < service->source->entries->len; i++) {
        const UnitEntry *entry = g_ptr_array_index(service->source->entries, i);
        bool is_ours = g_str_equal(entry->section, service->kind->section) ||
                       g_str_equal(entry->section, "Quadlet");
        g_autofree char *section = g_strconcat(is_ours ? "X-" : "", entry->section, NULL);

        if (g_str_equal(entry->section, "Unit") && g_strv_contains(dependency_keys, entry->key)) {
            g_autofree char *value = translate_units(service->set, entry->value);

            service_set(service, section, entry->key, value);
        } else {
            service_set(service, section, entry->key, entry->value);
        }
    }
}

/* An image may have to be pulled. */
static bool wait_for_network(Service *service, GError **error)
{
    bool wanted = true;

    if (!unit_file_bool(service->source, "Quadlet", "DefaultDependencies", true, &wanted, error))
        return false;
    if (wanted) {
        service_set(service, "Unit", "Wants", "network-online.target");
        service_set(service, "Unit", "After", "network-online.target");
    }
    return true;
}

/* A file that nobody reads would be a service that is missing without a word. */
static bool no_service(Service *service, GError **error)
{
    return err_set(error, FLOE_ERROR_UNSUPPORTED, "%s: floe makes no services of '%s' files",
                   service->source->path, service->kind->suffix);
}

bool service_make(const UnitSet *set, const UnitFile *source, const char *program,
                  UnitFile **ret_unit, GError **error)
{
    static bool (*const makers[])(Service *, GError **) = {
        container_service, volume_service, network_service, image_service,
        build_service,     pod_service,    no_service,      no_service,
    };
    const UnitKind *kind = unit_kind_of(source->name);
    g_autofree char *name = unit_service_name(source);
    g_autofree char *file = g_strconcat(name, ".service", NULL);
    g_autoptr(UnitFile) unit = unit_file_new(file, source->path);
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    Service service = { set, source, kind, program, unit, argv };

    if (strchr(name, '/') != NULL || name[0] == '.')
        return err_set(error, FLOE_ERROR_INVALID, "%s: '%s' is no name for a service", source->path,
                       name);
    service_set(&service, "Unit", "SourcePath", source->path);
    if (!wait_for_network(&service, error))
        return false;
    copy_sections(&service);
    service_set_default(&service, "Service", "SyslogIdentifier", "%N");
    if (!makers[kind - unit_kinds](&service, error))
        return false;
    *ret_unit = g_steal_pointer(&unit);
    return true;
}
