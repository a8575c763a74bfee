/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The format is POSIX.1-2017's "pax interchange format"; SCHILY.xattr is star's, GNU.sparse GNU
 * tar's (its manual, "Storing Sparse Files"). It is written here and not by libarchive because that
 * one's pax writer refers to the table of all its writers: linked statically, as its reader is, it
 * brings libxml2, ICU, lzma and nettle along (see this directory's meson.build).
 */
#include "storage/tar-writer.h"

#include "base/fd.h"
#include "storage/tar-header.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_SIZE ((size_t)256 * 1024)
#define PAX_MAX     ((size_t)1024 * 1024) /* Go's archive/tar takes no more, nor does libarchive */
#define EXTENTS_MAX 1000000
#define END_SIZE    ((int64_t)2 * TAR_BLOCK_SIZE)

/* Of a tar in the tar, whose size stands before it, for files that others write to meanwhile. */
#define ROOM_TO_GROW      ((int64_t)64 * 1024)
#define ROOM_TO_GROW_PART 64

/* A piece of a file that is no hole. */
typedef struct Extent {
    int64_t offset;
    int64_t length;
} Extent;

static const char zeros[2 * TAR_BLOCK_SIZE];

/* --- the stream ------------------------------------------------------------------------------- */

static bool flush_to_fd(TarWriter *writer, void *data, GError **error)
{
    size_t length = writer->used;

    writer->used = 0;
    return fd_write_all(writer->fd, writer->buffer, length, error) || err_prefix(error, "the tar");
}

void tar_writer_init(TarWriter *writer, int fd)
{
    *writer = (TarWriter){
        .flush = flush_to_fd,
        .buffer = g_malloc(BUFFER_SIZE),
        .size = BUFFER_SIZE,
        .fd = fd,
        .owns_buffer = true,
    };
}

void tar_writer_init_sink(TarWriter *writer, TarFlush flush, void *data)
{
    *writer = (TarWriter){ .flush = flush, .flush_data = data, .fd = -1 };
}

void tar_writer_clear(TarWriter *writer)
{
    if (writer->owns_buffer)
        g_clear_pointer(&writer->buffer, g_free);
}

/* Does it only count? */
static bool is_measuring(const TarWriter *writer)
{
    return writer->flush == NULL;
}

/* Room for one byte at least. */
static bool room_make(TarWriter *writer, GError **error)
{
    return writer->used < writer->size || writer->flush(writer, writer->flush_data, error);
}

static void used_add(TarWriter *writer, size_t length)
{
    writer->used += length;
    writer->position += (int64_t)length;
}

static bool bytes_put(TarWriter *writer, const char *data, size_t length, GError **error)
{
    if (is_measuring(writer)) {
        writer->position += (int64_t)length;
        return true;
    }
    while (length > 0) {
        if (!room_make(writer, error))
            return false;

        size_t part = MIN(length, writer->size - writer->used);

        memcpy(writer->buffer + writer->used, data, part);
        used_add(writer, part);
        data += part;
        length -= part;
    }
    return true;
}

static bool zeros_put(TarWriter *writer, int64_t length, GError **error)
{
    for (; length > 0; length -= MIN(length, (int64_t)sizeof(zeros))) {
        if (!bytes_put(writer, zeros, (size_t)MIN(length, (int64_t)sizeof(zeros)), error))
            return false;
    }
    return true;
}

/* Fill the last block of something that is this long. */
static bool block_fill(TarWriter *writer, int64_t length, GError **error)
{
    size_t over = (size_t)(length % TAR_BLOCK_SIZE);

    return over == 0 || bytes_put(writer, zeros, TAR_BLOCK_SIZE - over, error);
}

static bool became_shorter(GError **error)
{
    return err_set(error, FLOE_ERROR_IO, "it became shorter while it was read");
}

/* Straight from the file into the buffer. */
static bool extent_copy(TarWriter *writer, int file_fd, Extent extent, GError **error)
{
    if (is_measuring(writer)) {
        writer->position += extent.length;
        return true;
    }
    while (extent.length > 0) {
        if (!room_make(writer, error))
            return false;

        size_t room = MIN(writer->size - writer->used, (size_t)extent.length);
        char *place = writer->buffer + writer->used;
        ssize_t got = TEMP_FAILURE_RETRY(pread(file_fd, place, room, extent.offset));

        if (got < 0)
            return err_set_errno(error, "read it");
        if (got == 0 && !writer->fills_up)
            return became_shorter(error);
        if (got == 0) {
            memset(place, 0, room);
            got = (ssize_t)room;
        }
        used_add(writer, (size_t)got);
        extent.offset += got;
        extent.length -= got;
    }
    return true;
}

/* --- headers ---------------------------------------------------------------------------------- */

static bool header_put(TarWriter *writer, const TarHeader *header, GError **error)
{
    return bytes_put(writer, (const char *)header, sizeof(*header), error);
}

/* The pax header is an entry of its own, a file of records, before the one that it is for. */
static bool pax_write(TarWriter *writer, const char *path, const GString *pax, GError **error)
{
    TarHeader header;

    if (pax->len > PAX_MAX)
        return err_set(error, FLOE_ERROR_INVALID,
                       "its name and xattrs are longer than %zu bytes, which no reader takes",
                       PAX_MAX);
    tar_header_of_pax(&header, path, pax);
    return header_put(writer, &header, error) && bytes_put(writer, pax->str, pax->len, error) &&
           block_fill(writer, (int64_t)pax->len, error);
}

/* `pax`: records that are there already; tar_header_of_entry() adds to them. */
static bool header_write(TarWriter *writer, const TreeEntry *entry, TarType type, const char *link,
                         int64_t size, GString *pax, GError **error)
{
    TarHeader header;

    tar_header_of_entry(&header, entry, type, link, size, pax);
    if (pax->len > 0 && !pax_write(writer, entry->path, pax, error))
        return false;
    return header_put(writer, &header, error);
}

/* --- entries ---------------------------------------------------------------------------------- */

bool tar_add(TarWriter *writer, const TreeEntry *entry, GError **error)
{
    g_autoptr(GString) pax = g_string_new(NULL);

    switch (entry->mode & S_IFMT) {
    case S_IFDIR: return header_write(writer, entry, TAR_DIRECTORY, "", 0, pax, error);
    case S_IFLNK: return header_write(writer, entry, TAR_SYMLINK, entry->target, 0, pax, error);
    case S_IFCHR: return header_write(writer, entry, TAR_CHARACTER_DEVICE, "", 0, pax, error);
    case S_IFBLK: return header_write(writer, entry, TAR_BLOCK_DEVICE, "", 0, pax, error);
    case S_IFIFO: return header_write(writer, entry, TAR_FIFO, "", 0, pax, error);
    default: return err_set(error, FLOE_ERROR_INVALID, "a tar has no entry for its type");
    }
}

bool tar_add_hardlink(TarWriter *writer, const TreeEntry *entry, const char *target, GError **error)
{
    g_autoptr(GString) pax = g_string_new(NULL);

    return header_write(writer, entry, TAR_HARDLINK, target, 0, pax, error);
}

/* The extents of the first `size` bytes of a file. */
static bool extents_find(const TarWriter *writer, int file_fd, int64_t size, GArray *extents,
                         GError **error)
{
    for (int64_t end = 0; end < size;) {
        int64_t start = lseek(file_fd, end, SEEK_DATA);

        if ((start < 0 && errno == ENXIO) || start >= size) /* a hole to the end */
            break;
        if (start >= 0)
            end = lseek(file_fd, start, SEEK_HOLE);
        if (start < 0 || end < 0)
            return err_set_errno(error, "look for its holes");
        if (extents->len == EXTENTS_MAX)
            return err_set(error, FLOE_ERROR_INVALID, "it has more than %d holes", EXTENTS_MAX);
        end = MIN(end, size);
        g_array_append_val(extents, ((Extent){ start, end - start }));
    }
    /* A file that was cut would seem to end with a hole. */
    return writer->fills_up || lseek(file_fd, 0, SEEK_END) >= size || became_shorter(error);
}

/* GNU's sparse map: the number of pieces, then offset and length of each, padded to a block. */
static GString *sparse_map(const GArray *extents, int64_t size)
{
    const Extent *last = extents->len > 0 ? &g_array_index(extents, Extent, extents->len - 1) : NULL;
    bool ends_with_hole = last == NULL || last->offset + last->length < size;
    GString *map = g_string_new(NULL);

    g_string_append_printf(map, "%u\n", extents->len + ends_with_hole);
    for (guint i = 0; i < extents->len; i++) {
        const Extent *extent = &g_array_index(extents, Extent, i);
        g_string_append_printf(map, "%" G_GINT64_FORMAT "\n%" G_GINT64_FORMAT "\n", extent->offset,
                               extent->length);
    }
    if (ends_with_hole) /* an empty piece, as the files of GNU tar have it */
        g_string_append_printf(map, "%" G_GINT64_FORMAT "\n0\n", size);
    while (map->len % TAR_BLOCK_SIZE != 0)
        g_string_append_c(map, '\0');
    return map;
}

/* Header and map. Readers that do not know the format get a file of map and pieces. */
static bool sparse_begin(TarWriter *writer, const TreeEntry *entry, const GArray *extents,
                         int64_t size, int64_t data_size, GError **error)
{
    g_autoptr(GString) pax = g_string_new(NULL);
    g_autoptr(GString) map = sparse_map(extents, size);

    pax_add_text(pax, "GNU.sparse.major", "1");
    pax_add_text(pax, "GNU.sparse.minor", "0");
    pax_add_text(pax, "GNU.sparse.name", entry->path);
    pax_add_number(pax, "GNU.sparse.realsize", size);
    return header_write(writer, entry, TAR_FILE, "", (int64_t)map->len + data_size, pax, error) &&
           bytes_put(writer, map->str, map->len, error);
}

static bool sparse_add(TarWriter *writer, const TreeEntry *entry, int file_fd, int64_t size,
                       GError **error)
{
    g_autoptr(GArray) extents = g_array_new(FALSE, FALSE, sizeof(Extent));
    int64_t data_size = 0;

    if (!extents_find(writer, file_fd, size, extents, error))
        return false;
    for (guint i = 0; i < extents->len; i++)
        data_size += g_array_index(extents, Extent, i).length;
    if (!sparse_begin(writer, entry, extents, size, data_size, error))
        return false;
    for (guint i = 0; i < extents->len; i++) {
        if (!extent_copy(writer, file_fd, g_array_index(extents, Extent, i), error))
            return false;
    }
    return block_fill(writer, data_size, error);
}

/* Does the file have a hole? Less space than its size has a compressed file too. */
static bool has_hole(int file_fd, const struct stat *st)
{
    if (st->st_blocks >= st->st_size / TAR_BLOCK_SIZE)
        return false;

    off_t hole = lseek(file_fd, 0, SEEK_HOLE); /* -1: a file system that cannot tell */

    return hole >= 0 && hole < st->st_size;
}

bool tar_add_file(TarWriter *writer, const TreeEntry *entry, int file_fd, GError **error)
{
    g_autoptr(GString) pax = g_string_new(NULL);
    struct stat st;

    if (fstat(file_fd, &st) < 0)
        return err_set_errno(error, "look at it");
    if (has_hole(file_fd, &st))
        return sparse_add(writer, entry, file_fd, st.st_size, error);
    return header_write(writer, entry, TAR_FILE, "", st.st_size, pax, error) &&
           extent_copy(writer, file_fd, (Extent){ 0, st.st_size }, error) &&
           block_fill(writer, st.st_size, error);
}

bool tar_add_bytes(TarWriter *writer, const TreeEntry *entry, const void *data, size_t length,
                   GError **error)
{
    g_autoptr(GString) pax = g_string_new(NULL);

    return header_write(writer, entry, TAR_FILE, "", (int64_t)length, pax, error) &&
           bytes_put(writer, data, length, error) && block_fill(writer, (int64_t)length, error);
}

bool tar_writer_finish(TarWriter *writer, GError **error)
{
    return zeros_put(writer, END_SIZE, error) &&
           (is_measuring(writer) || writer->flush(writer, writer->flush_data, error));
}

/* --- a tar in the tar ------------------------------------------------------------------------- */

static bool inner_measure(TarFill fill, void *data, int64_t *ret_size, GError **error)
{
    TarWriter counter = { 0 };

    if (!fill(&counter, data, error))
        return false;
    *ret_size = counter.position + END_SIZE;
    if (counter.fills_up)
        *ret_size += ROOM_TO_GROW + counter.position / ROOM_TO_GROW_PART;
    return true;
}

bool tar_add_tar(TarWriter *writer, const TreeEntry *entry, TarFill fill, void *data, GError **error)
{
    g_autoptr(GString) pax = g_string_new(NULL);
    int64_t size = 0, end;

    if (!inner_measure(fill, data, &size, error) ||
        !header_write(writer, entry, TAR_FILE, "", size, pax, error))
        return false;
    end = writer->position + size;
    if (!fill(writer, data, error))
        return false;
    if (writer->position + END_SIZE > end)
        return err_set(error, FLOE_ERROR_IO, "it grew while it was read");
    /* A tar ends with blocks of zeros, however many. */
    return zeros_put(writer, end - writer->position, error) && block_fill(writer, size, error);
}
