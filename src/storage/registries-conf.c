/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of TOML this reads what these files are made of: tables, keys, strings, arrays of strings; any
 * other value is stepped over. toml.io, v1.0.0.
 */
#include "storage/registries-conf.h"

#include "base/lock.h"
#include "base/path.h"
#include "base/text-order.h"

#include <string.h>

#define MAIN_FILE     "/etc/containers/registries.conf"
#define DROP_IN_DIR   "/etc/containers/registries.conf.d"
#define USERS_FILE    "/var/cache/containers/short-name-aliases.conf"
#define FILE_SIZE_MAX ((size_t)1024 * 1024)

typedef struct Reader {
    RegistriesConf *conf;
    const char *at;
    int line;
    char *table; /* the current one; "" at first */
} Reader;

void registries_conf_init(RegistriesConf *conf)
{
    *conf = (RegistriesConf){
        .aliases = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
        .mode = SHORT_NAMES_PERMISSIVE,
    };
}

void registries_conf_clear(RegistriesConf *conf)
{
    g_clear_pointer(&conf->aliases, g_hash_table_unref);
    g_clear_pointer(&conf->search, g_strfreev);
}

/* --- the grammar ------------------------------------------------------------------------------ */

static bool wrong(const Reader *reader, const char *what, GError **error)
{
    return err_set(error, FLOE_ERROR_INVALID, "line %d: %s", reader->line, what);
}

static void skip_blanks(Reader *reader)
{
    reader->at += strspn(reader->at, " \t\r");
}

static void skip_line(Reader *reader)
{
    reader->at += strcspn(reader->at, "\n");
}

/* Blanks, comments and line ends. */
static void skip_space(Reader *reader)
{
    for (;;) {
        skip_blanks(reader);
        if (*reader->at == '#')
            skip_line(reader);
        if (*reader->at != '\n')
            return;
        reader->line++;
        reader->at++;
    }
}

/* "basic \"string\"" or 'literal'; no escapes but \" and \\, which is all that names can need. */
static bool read_string(Reader *reader, char **ret_text, GError **error)
{
    char quote = *reader->at++;
    g_autoptr(GString) text = g_string_new(NULL);

    for (; *reader->at != quote; reader->at++) {
        if (*reader->at == '\0' || *reader->at == '\n')
            return wrong(reader, "a string does not end", error);
        if (quote == '"' && *reader->at == '\\') {
            reader->at++;
            if (*reader->at != '"' && *reader->at != '\\')
                return wrong(reader, "an escape sequence that floe does not know", error);
        }
        g_string_append_c(text, *reader->at);
    }
    reader->at++;
    *ret_text = g_string_free(g_steal_pointer(&text), FALSE);
    return true;
}

static bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

static bool read_strings(Reader *reader, char ***ret_texts, GError **error)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

    for (reader->at++;; reader->at++) {
        char *text = NULL;

        skip_space(reader);
        if (*reader->at == ']')
            break;
        if (!is_quote(*reader->at))
            return wrong(reader, "a string is missing", error);
        if (!read_string(reader, &text, error))
            return false;
        g_ptr_array_add(texts, text);
        skip_space(reader);
        if (*reader->at == ']')
            break;
        if (*reader->at != ',')
            return wrong(reader, "a comma is missing", error);
    }
    reader->at++;
    g_ptr_array_add(texts, NULL);
    *ret_texts = g_strdupv((char **)texts->pdata);
    return true;
}

static bool read_key(Reader *reader, char **ret_key, GError **error)
{
    size_t length = strcspn(reader->at, " \t\r\n=]#");

    if (is_quote(*reader->at))
        return read_string(reader, ret_key, error);
    if (length == 0)
        return wrong(reader, "a key is missing", error);
    *ret_key = g_strndup(reader->at, length);
    reader->at += length;
    return true;
}

/* --- what it means ---------------------------------------------------------------------------- */

static bool set_mode(const Reader *reader, const char *text, GError **error)
{
    static const char *const modes[] = {
        [SHORT_NAMES_PERMISSIVE] = "permissive",
        [SHORT_NAMES_ENFORCING] = "enforcing",
        [SHORT_NAMES_DISABLED] = "disabled",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
        if (g_str_equal(text, modes[i])) {
            reader->conf->mode = (ShortNameMode)i;
            return true;
        }
    }
    return wrong(reader, "short-name-mode is none of permissive, enforcing, disabled", error);
}

static bool read_value(Reader *reader, const char *key, GError **error)
{
    RegistriesConf *conf = reader->conf;
    bool is_top = *reader->table == '\0';
    g_auto(GStrv) texts = NULL;
    g_autofree char *text = NULL;

    if (is_top && g_str_equal(key, "unqualified-search-registries") && *reader->at == '[') {
        if (!read_strings(reader, &texts, error))
            return false;
        g_strfreev(conf->search);
        conf->search = g_steal_pointer(&texts);
        return true;
    }
    if (*reader->at == '[') { /* an array of another key's: it may have several lines */
        for (; *reader->at != '\0' && *reader->at != ']'; reader->at++)
            reader->line += *reader->at == '\n';
        return true;
    }
    if (!is_quote(*reader->at))
        return true;
    if (!read_string(reader, &text, error))
        return false;
    if (is_top && g_str_equal(key, "short-name-mode"))
        return set_mode(reader, text, error);
    if (g_str_equal(reader->table, "aliases"))
        g_hash_table_insert(conf->aliases, g_strdup(key), g_steal_pointer(&text));
    return true;
}

static bool read_table(Reader *reader, GError **error)
{
    size_t brackets = strspn(reader->at, "[");
    size_t length;

    reader->at += brackets;
    skip_blanks(reader);
    length = strcspn(reader->at, "]\n");
    if (reader->at[length] != ']')
        return wrong(reader, "a ] is missing", error);
    g_free(reader->table);
    reader->table = g_strchomp(g_strndup(reader->at, length));
    skip_line(reader);
    return true;
}

static bool read_pair(Reader *reader, GError **error)
{
    g_autofree char *key = NULL;

    if (!read_key(reader, &key, error))
        return false;
    skip_blanks(reader);
    if (*reader->at != '=')
        return wrong(reader, "a = is missing", error);
    reader->at++;
    skip_blanks(reader);
    if (!read_value(reader, key, error))
        return false;
    skip_line(reader);
    return true;
}

bool registries_conf_parse(RegistriesConf *conf, const char *text, const char *what, GError **error)
{
    Reader reader = { .conf = conf, .at = text, .line = 1, .table = g_strdup("") };
    bool ok = true;

    for (skip_space(&reader); ok && *reader.at != '\0'; skip_space(&reader))
        ok = *reader.at == '[' ? read_table(&reader, error) : read_pair(&reader, error);
    g_free(reader.table);
    return ok || err_prefix(error, "'%s'", what);
}

/* --- the files -------------------------------------------------------------------------------- */

static bool load_file(RegistriesConf *conf, const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) why = NULL;

    if (file_read(path, FILE_SIZE_MAX, &text, NULL, &why))
        return registries_conf_parse(conf, text, path, error);
    if (err_is(why, FLOE_ERROR_NOT_FOUND))
        return true;
    g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

/* In the order of their names; what a later one says counts. */
static bool load_drop_ins(RegistriesConf *conf, GError **error)
{
    g_autoptr(GDir) entries = g_dir_open(DROP_IN_DIR, 0, NULL);
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    while (entries != NULL && (name = g_dir_read_name(entries)) != NULL) {
        if (g_str_has_suffix(name, ".conf"))
            g_ptr_array_add(paths, g_build_filename(DROP_IN_DIR, name, NULL));
    }
    g_ptr_array_sort(paths, text_order);
    for (guint i = 0; i < paths->len; i++) {
        if (!load_file(conf, paths->pdata[i], error))
            return false;
    }
    return true;
}

bool registries_conf_load(RegistriesConf *ret_conf, GError **error)
{
    const char *named = g_getenv("CONTAINERS_REGISTRIES_CONF");
    g_auto(RegistriesConf) conf = { 0 };

    registries_conf_init(&conf);
    if (!load_file(&conf, named != NULL ? named : MAIN_FILE, error) ||
        !load_drop_ins(&conf, error) || !load_file(&conf, USERS_FILE, error))
        return false;
    *ret_conf = conf;
    conf = (RegistriesConf){ 0 };
    return true;
}

/* --- what users have chosen ------------------------------------------------------------------- */

/* Both are parts of names of images: nothing in them has to be escaped. */
static char *aliases_text(GHashTable *aliases)
{
    g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(aliases), (GCompareFunc)strcmp);
    GString *text = g_string_new("[aliases]\n");

    for (GList *name = names; name != NULL; name = name->next)
        g_string_append_printf(text, "  \"%s\" = \"%s\"\n", (char *)name->data,
                               (char *)g_hash_table_lookup(aliases, name->data));
    return g_string_free(text, FALSE);
}

/* The lock is containers/image's, too (pkg/sysregistriesv2/shortnames.go). */
bool registries_conf_remember(const char *short_name, const char *repository, GError **error)
{
    g_autofree char *dir = g_path_get_dirname(USERS_FILE);
    g_autofree char *text = NULL;
    g_auto(RegistriesConf) chosen = { 0 };
    g_auto(Lock) lock = LOCK_NONE;

    registries_conf_init(&chosen);
    if (!dir_make(dir, 0755, error) || !lock_acquire(USERS_FILE ".lock", &lock, error) ||
        !load_file(&chosen, USERS_FILE, error))
        return false;
    g_hash_table_insert(chosen.aliases, g_strdup(short_name), g_strdup(repository));
    text = aliases_text(chosen.aliases);
    return file_write_atomic(USERS_FILE, text, strlen(text), 0600, error);
}
