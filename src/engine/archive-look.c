/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/archive-look.h"

#include "engine/archive.h"
#include "oci/criu-memory.h"

#include <string.h>

#define DOCUMENT_LIMIT ((size_t)8 * 1024 * 1024) /* network.status, deleted.files */
#define STATS_LIMIT    ((size_t)64 * 1024)

void archive_look_clear(ArchiveLook *look)
{
    g_clear_pointer(&look->network, json_decref);
    g_clear_pointer(&look->deleted, json_decref);
    g_clear_pointer(&look->volumes, json_decref);
    g_clear_pointer(&look->images_folder, g_free);
    g_clear_pointer(&look->stats, g_free);
    g_clear_pointer(&look->dump, criu_dump_free);
    g_clear_pointer(&look->known.commands, g_hash_table_unref);
    g_clear_pointer(&look->pid_of_pages, g_hash_table_unref);
}

/* The rest of a name behind a folder's; NULL: it is not in there. */
static const char *name_in(const char *name, const char *folder)
{
    size_t length = strlen(folder);

    return strncmp(name, folder, length) == 0 && name[length] == '/' ? name + length + 1 : NULL;
}

/* Sparse files may claim any size. */
static void add_size(int64_t *sum, int64_t size)
{
    *sum += MIN(size, INT64_MAX - *sum);
}

/* The reader names itself in its own errors, but does not know of others. */
static bool wrong_content(const ArchiveReader *reader, GError **error)
{
    return err_prefix(error, "%s", archive_reader_label(reader));
}

/* --- CRIU's images ---------------------------------------------------------------------------- */

/* A pagemap comes before its pages: podman and floe write the images in the order of their names. */
static bool note_pages(ArchiveLook *look, const char *name, GError **error)
{
    uint32_t pid;
    CriuMemory memory;

    if (!criu_image_number(name, "pagemap-", &pid))
        return true;
    if (!criu_memory_read(look->dump, pid, &memory, error))
        return false;
    g_hash_table_replace(look->pid_of_pages, GUINT_TO_POINTER((unsigned)memory.pages_id),
                         GUINT_TO_POINTER(pid));
    return true;
}

static bool take_image(ArchiveReader *reader, const char *name, ArchiveLook *look, GError **error)
{
    char *data = NULL;
    size_t length = 0;

    if (!archive_reader_text(reader, CRIU_IMAGE_LIMIT, &data, &length, error))
        return false;
    return (criu_dump_add(look->dump, name, data, length, error) && note_pages(look, name, error)) ||
           wrong_content(reader, error);
}

static bool take_command(ArchiveReader *reader, uint32_t pages_id, int64_t size, ArchiveLook *look,
                         GError **error)
{
    uint32_t pid = GPOINTER_TO_UINT(
        g_hash_table_lookup(look->pid_of_pages, GUINT_TO_POINTER(pages_id)));
    g_autofree char *data = NULL;
    CriuMemory memory;
    CriuSlice slice;

    if (pid == 0)
        return true;
    if (!criu_memory_read(look->dump, pid, &memory, error) ||
        !criu_memory_command(look->dump, pid, (uint64_t)size, &slice, error))
        return wrong_content(reader, error);
    look->known.page_size = criu_memory_page_size(&memory, (uint64_t)size);
    if (slice.length == 0)
        return true;
    if (!archive_reader_slice(reader, slice.offset, slice.length, &data, error))
        return false;
    g_hash_table_replace(look->known.commands, GUINT_TO_POINTER(pid),
                         criu_command_split(data, slice.length));
    return true;
}

static bool look_at_image(ArchiveReader *reader, const ArchiveEntry *entry, const char *name,
                          ArchiveLook *look, GError **error)
{
    uint32_t number;

    add_size(&look->sizes.images, entry->size);
    if (g_str_equal(name, ARCHIVE_INVENTORY))
        look->dumped_unix = entry->mtime_unix;
    look->has_tcp = look->has_tcp || g_str_has_prefix(name, "tcp-stream-");
    if (criu_image_number(name, "pages-", &number)) {
        add_size(&look->sizes.memory, entry->size);
        return take_command(reader, number, entry->size, look, error);
    }
    return !criu_dump_wants(name) || take_image(reader, name, look, error);
}

/* --- documents -------------------------------------------------------------------------------- */

static bool take_json(ArchiveReader *reader, const char *name, json_t **document, GError **error)
{
    g_autofree char *text = NULL;
    size_t length;

    if (!archive_reader_text(reader, DOCUMENT_LIMIT, &text, &length, error))
        return false;
    return json_parse(text, length, name, document, error) || wrong_content(reader, error);
}

static bool take_stats(ArchiveReader *reader, ArchiveLook *look, GError **error)
{
    g_autofree char *text = NULL;
    g_autofree CriuDumpStats *stats = g_new0(CriuDumpStats, 1);
    size_t length;

    if (!archive_reader_text(reader, STATS_LIMIT, &text, &length, error))
        return false;
    if (!criu_parse_dump_stats(ARCHIVE_STATS, (ProtobufBytes){ (const uint8_t *)text, length },
                               stats, error))
        return wrong_content(reader, error);
    look->stats = g_steal_pointer(&stats);
    return true;
}

/* "NAME.tar" in volumes/ */
static void note_volume(const ArchiveEntry *entry, const char *name, ArchiveLook *look)
{
    g_autofree char *volume = g_str_has_suffix(name, ".tar") ? g_strndup(name, strlen(name) - 4)
                                                             : g_strdup(name);
    json_t *size = json_integer(entry->size);

    add_size(&look->sizes.volumes, entry->size);
    json_object_set_new(look->volumes, volume, size); /* a name that is no UTF-8 is not told */
}

/* --- the archive ------------------------------------------------------------------------------ */

static bool look_at_file(ArchiveReader *reader, const ArchiveEntry *entry, ArchiveLook *look,
                         GError **error)
{
    const char *name;

    if (look->images_folder != NULL && (name = name_in(entry->name, look->images_folder)) != NULL)
        return look_at_image(reader, entry, name, look, error);
    if ((name = name_in(entry->name, ARCHIVE_VOLUMES)) != NULL)
        note_volume(entry, name, look);
    else if (name_in(entry->name, ARCHIVE_ARTIFACTS) != NULL)
        add_size(&look->sizes.artifacts, entry->size);
    else if (g_str_equal(entry->name, ARCHIVE_ROOT_DIFF))
        look->sizes.root = entry->size;
    else if (g_str_equal(entry->name, ARCHIVE_SHM))
        look->sizes.shm = entry->size;
    else if (g_str_equal(entry->name, ARCHIVE_LOG))
        look->sizes.log = entry->size;
    else if (g_str_equal(entry->name, ARCHIVE_NETWORK))
        return take_json(reader, ARCHIVE_NETWORK, &look->network, error);
    else if (g_str_equal(entry->name, ARCHIVE_DELETED))
        return take_json(reader, ARCHIVE_DELETED, &look->deleted, error);
    else if (g_str_equal(entry->name, ARCHIVE_STATS))
        return take_stats(reader, look, error);
    return true;
}

/* The folder of the first file that is in one of the two. */
static void note_folder(const char *name, ArchiveLook *look)
{
    static const char *const folders[] = { ARCHIVE_CHECKPOINT, ARCHIVE_PRE_CHECKPOINT };

    for (size_t i = 0; look->images_folder == NULL && i < G_N_ELEMENTS(folders); i++) {
        if (name_in(name, folders[i]) != NULL)
            look->images_folder = g_strdup(folders[i]);
    }
}

bool archive_look(ArchiveReader *reader, ArchiveLook *ret_look, GError **error)
{
    g_auto(ArchiveLook) look = { 0 };
    const ArchiveEntry *entry;

    look.volumes = json_object();
    look.dump = criu_dump_new();
    look.known.commands = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_strfreev);
    look.pid_of_pages = g_hash_table_new(NULL, NULL);
    for (;;) {
        if (!archive_reader_next(reader, &entry, error))
            return false;
        if (entry == NULL)
            break;
        note_folder(entry->name, &look);
        if (entry->kind == ARCHIVE_ENTRY_PARENT)
            look.has_parent = true;
        if (entry->kind != ARCHIVE_ENTRY_FILE)
            continue;
        add_size(&look.sizes.total, entry->size);
        if (!look_at_file(reader, entry, &look, error))
            return false;
    }
    *ret_look = look;
    look = (ArchiveLook){ 0 };
    return true;
}
