/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/criu-dump.h"

#include <stdarg.h>
#include <string.h>

/* A dump of thousands of processes stays far below. */
#define TOTAL_LIMIT ((size_t)256 * 1024 * 1024)

struct CriuDump {
    GHashTable *images; /* name -> GBytes */
    size_t total;
};

CriuDump *criu_dump_new(void)
{
    CriuDump *dump = g_new0(CriuDump, 1);

    dump->images = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify)g_bytes_unref);
    return dump;
}

void criu_dump_free(CriuDump *dump)
{
    if (dump == NULL)
        return;
    g_hash_table_unref(dump->images);
    g_free(dump);
}

bool criu_image_number(const char *name, const char *prefix, uint32_t *ret_number)
{
    const char *digits = name + strlen(prefix);
    char *end;
    guint64 number;

    if (!g_str_has_prefix(name, prefix) || !g_ascii_isdigit(*digits))
        return false;
    number = g_ascii_strtoull(digits, &end, 10);
    if (strcmp(end, ".img") != 0 || number > UINT32_MAX)
        return false;
    *ret_number = (uint32_t)number;
    return true;
}

bool criu_dump_wants(const char *name)
{
    static const char *const whole[] = { "filelocks.img", "files.img",  "inventory.img",
                                         "memfd.img",     "pstree.img", "remap-fpath.img" };
    static const char *const numbered[] = { "core-", "fdinfo-", "fs-", "ids-", "mm-", "pagemap-" };
    uint32_t number;

    for (size_t i = 0; i < G_N_ELEMENTS(whole); i++) {
        if (g_str_equal(name, whole[i]))
            return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(numbered); i++) {
        if (criu_image_number(name, numbered[i], &number))
            return true;
    }
    return false;
}

bool criu_dump_add(CriuDump *dump, const char *name, char *data, size_t length, GError **error)
{
    g_autoptr(GBytes) bytes = g_bytes_new_take(data, length);

    if (length > TOTAL_LIMIT - dump->total)
        return err_set(error, FLOE_ERROR_INVALID,
                       "the images but those of memory are more than %zu bytes", TOTAL_LIMIT);
    dump->total += length;
    g_hash_table_replace(dump->images, g_strdup(name), g_steal_pointer(&bytes));
    return true;
}

static bool find(const CriuDump *dump, const char *name, ProtobufBytes *ret_data,
                 const char **ret_name)
{
    gpointer key, bytes;

    if (!g_hash_table_lookup_extended(dump->images, name, &key, &bytes))
        return false;
    ret_data->at = g_bytes_get_data(bytes, &ret_data->length);
    *ret_name = key;
    return true;
}

bool criu_dump_find(const CriuDump *dump, ProtobufBytes *ret_data, const char **ret_name,
                    const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *name = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return find(dump, name, ret_data, ret_name);
}

bool criu_dump_single(const CriuDump *dump, CriuMagic magic, const char *name, bool must_be,
                      ProtobufBytes *ret_entry, GError **error)
{
    ProtobufBytes data;
    const char *own_name;

    *ret_entry = (ProtobufBytes){ 0 };
    if (find(dump, name, &data, &own_name))
        return criu_image_single(own_name, magic, data, ret_entry, error);
    return !must_be || err_set(error, FLOE_ERROR_INVALID, "there is no '%s'", name);
}
