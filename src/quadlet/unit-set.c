/* SPDX-License-Identifier: Apache-2.0 */
#include "quadlet/unit-set.h"

#include <string.h>

#define DEPTH_MAX    8 /* of directories in directories */
#define UNITS_MAX    4096
#define DROP_IN_TAIL ".conf"

const UnitKind unit_kinds[] = {
    { ".container", "Container", "", { "ContainerName" } },
    { ".volume", "Volume", "-volume", { "VolumeName" } },
    { ".network", "Network", "-network", { "NetworkName" } },
    { ".image", "Image", "-image", { "ImageTag", "Image" } },
    { ".build", "Build", "-build", { "ImageTag" } },
    { ".pod", "Pod", "-pod", { "PodName" } },
    { ".kube", "Kube", "", { NULL } },
    { ".artifact", "Artifact", "-artifact", { NULL } },
    { NULL, NULL, NULL, { NULL } },
};

const UnitKind *unit_kind_of(const char *name)
{
    for (const UnitKind *kind = unit_kinds; kind->suffix != NULL; kind++) {
        if (g_str_has_suffix(name, kind->suffix) && strlen(name) > strlen(kind->suffix))
            return kind;
    }
    return NULL;
}

/* --- names ------------------------------------------------------------------------------------ */

static char *base_name(const UnitFile *unit)
{
    return g_strndup(unit->name, strlen(unit->name) - strlen(unit_kind_of(unit->name)->suffix));
}

char *unit_service_name(const UnitFile *unit)
{
    const UnitKind *kind = unit_kind_of(unit->name);
    const char *own = unit_file_last(unit, kind->section, "ServiceName");
    g_autofree char *base = base_name(unit);
    char *at = strchr(base, '@');

    if (own != NULL)
        return g_strdup(own);
    /* The instance stays at the end: "data-volume@one". */
    if (at != NULL)
        return g_strdup_printf("%.*s%s%s", (int)(at - base), base, kind->tail, at);
    return g_strconcat(base, kind->tail, NULL);
}

char *unit_object_name(const UnitFile *unit)
{
    const UnitKind *kind = unit_kind_of(unit->name);
    g_autofree char *base = base_name(unit);
    char *at = strchr(base, '@');

    for (size_t i = 0; i < G_N_ELEMENTS(kind->name_keys) && kind->name_keys[i] != NULL; i++) {
        const char *own = unit_file_last(unit, kind->section, kind->name_keys[i]);

        if (own != NULL)
            return g_strdup(own);
    }
    if (at == NULL)
        return g_strconcat("systemd-", base, NULL);
    /* Of a template systemd knows the instance. */
    if (at[1] == '\0')
        return g_strdup_printf("systemd-%.*s_%%i", (int)(at - base), base);
    *at = '_';
    return g_strconcat("systemd-", base, NULL);
}

/* --- drop-ins --------------------------------------------------------------------------------- */

/*
 * The names of the directories of drop-ins, from the general to the special: "container.d",
 * "a-.container.d" (for each dash), the template's, the file's own.
 */
static GPtrArray *drop_in_directories(const UnitFile *unit)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    const char *suffix = unit_kind_of(unit->name)->suffix;
    g_autofree char *base = base_name(unit);
    const char *at = strchr(base, '@');

    g_ptr_array_add(names, g_strconcat(suffix + 1, ".d", NULL));
    for (const char *dash = strchr(base, '-'); dash != NULL; dash = strchr(dash + 1, '-')) {
        if (dash[1] != '\0')
            g_ptr_array_add(names,
                            g_strdup_printf("%.*s%s.d", (int)(dash - base) + 1, base, suffix));
    }
    if (at != NULL && at[1] != '\0')
        g_ptr_array_add(names, g_strdup_printf("%.*s@%s.d", (int)(at - base), base, suffix));
    g_ptr_array_add(names, g_strconcat(unit->name, ".d", NULL));
    return names;
}

static void collect_drop_ins(const char *directory, GHashTable *paths)
{
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        if (g_str_has_suffix(name, DROP_IN_TAIL) && g_hash_table_size(paths) < UNITS_MAX)
            g_hash_table_replace(paths, g_strdup(name), g_build_filename(directory, name, NULL));
    }
}

/* Of the same name the more special one counts, and of these the one in the earlier directory. */
static bool read_drop_ins(UnitFile *unit, const char *const *directories, GError **error)
{
    g_autoptr(GHashTable) paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GPtrArray) names = drop_in_directories(unit);
    g_autoptr(GList) files = NULL;

    for (guint i = 0; i < names->len; i++) {
        for (guint k = g_strv_length((char **)directories); k > 0; k--) {
            g_autofree char *directory = g_build_filename(directories[k - 1],
                                                          g_ptr_array_index(names, i), NULL);

            collect_drop_ins(directory, paths);
        }
    }
    files = g_list_sort(g_hash_table_get_keys(paths), (GCompareFunc)strcmp);
    for (GList *file = files; file != NULL; file = file->next) {
        if (!unit_file_read(unit, g_hash_table_lookup(paths, file->data), error))
            return false;
    }
    return true;
}

/* --- loading ---------------------------------------------------------------------------------- */

typedef struct Loader {
    GHashTable *paths; /* by name */
    const char *const *directories;
} Loader;

static void find_files(Loader *loader, const char *directory, int depth)
{
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(directory, name, NULL);

        if (unit_kind_of(name) != NULL) {
            if (!g_hash_table_contains(loader->paths, name) &&
                g_hash_table_size(loader->paths) < UNITS_MAX)
                g_hash_table_insert(loader->paths, g_strdup(name), g_steal_pointer(&path));
        } else if (depth < DEPTH_MAX && !g_str_has_suffix(name, ".d") &&
                   g_file_test(path, G_FILE_TEST_IS_DIR)) {
            find_files(loader, path, depth + 1);
        }
    }
}

static bool load(UnitSet *set, const char *name, const char *path, const char *const *directories,
                 GError **error)
{
    g_autoptr(UnitFile) unit = unit_file_new(name, path);

    if (!unit_file_read(unit, path, error) || !read_drop_ins(unit, directories, error))
        return false;
    g_ptr_array_add(set->units, g_steal_pointer(&unit));
    return true;
}

void unit_set_load(UnitSet *set, const char *const *directories, UnitComplaint complain, void *data)
{
    g_autoptr(GHashTable) paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GList) names = NULL;
    Loader loader = { paths, directories };

    set->units = g_ptr_array_new_with_free_func((GDestroyNotify)unit_file_free);
    for (size_t i = 0; directories[i] != NULL; i++)
        find_files(&loader, directories[i], 0);
    names = g_list_sort(g_hash_table_get_keys(paths), (GCompareFunc)strcmp);
    for (GList *name = names; name != NULL; name = name->next) {
        g_autoptr(GError) err = NULL;

        if (!load(set, name->data, g_hash_table_lookup(paths, name->data), directories, &err))
            complain(err->message, data);
    }
}

const UnitFile *unit_set_find(const UnitSet *set, const char *name)
{
    for (guint i = 0; i < set->units->len; i++) {
        const UnitFile *unit = g_ptr_array_index(set->units, i);

        if (g_str_equal(unit->name, name))
            return unit;
    }
    return NULL;
}

void unit_set_clear(UnitSet *set)
{
    g_clear_pointer(&set->units, g_ptr_array_unref);
}
