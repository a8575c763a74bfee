/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/criu-memory.h"

/* pagemap_entry.flags (CRIU criu/include/pagemap.h) */
#define PAGES_IN_PARENT (1U << 0)
#define PAGES_PRESENT   (1U << 2)

#define PAGE_SIZE_MAX 65536

/* Longer command lines are cut. */
#define COMMAND_MAX ((size_t)32 * 1024)

/* Pages in a row, CRIU images/pagemap.proto. */
typedef struct Area {
    uint64_t address, n_pages, old_n_pages, is_in_parent, flags;
} Area;

static bool area_next(CriuImage *image, Area *ret_area, bool *ret_is_end, GError **error)
{
    static const ProtobufSlot slots[] = {
        PROTOBUF_INTEGER(1, Area, address),      PROTOBUF_INTEGER(2, Area, old_n_pages),
        PROTOBUF_INTEGER(3, Area, is_in_parent), PROTOBUF_INTEGER(4, Area, flags),
        PROTOBUF_INTEGER(5, Area, n_pages), /* since CRIU 4.2 */
    };
    ProtobufBytes entry;
    Area area = { .n_pages = UINT64_MAX, .flags = UINT64_MAX };

    if (!criu_image_next(image, &entry, error))
        return false;
    *ret_is_end = entry.at == NULL;
    if (!protobuf_read(entry, slots, G_N_ELEMENTS(slots), &area))
        return criu_image_broken(image->name, error);
    if (area.n_pages == UINT64_MAX)
        area.n_pages = area.old_n_pages;
    if (area.flags == UINT64_MAX) /* before CRIU 3.0 */
        area.flags = PAGES_PRESENT;
    if (area.is_in_parent != 0)
        area.flags = PAGES_IN_PARENT;
    if (area.n_pages > UINT32_MAX)
        return criu_image_broken(image->name, error);
    *ret_area = area;
    return true;
}

/* At the first area. *ret_has_memory false: there is no pagemap. */
static bool areas_open(const CriuDump *dump, uint32_t pid, CriuImage *image, uint64_t *ret_pages_id,
                       bool *ret_has_memory, GError **error)
{
    static const ProtobufSlot slot = { 1, PROTOBUF_VARINT, 0 };
    ProtobufBytes data, head;
    const char *name;

    *ret_has_memory = criu_dump_find(dump, &data, &name, "pagemap-%u.img", pid);
    if (!*ret_has_memory)
        return true;
    if (!criu_image_open(image, name, CRIU_PAGEMAP, data, error) ||
        !criu_image_next(image, &head, error))
        return false;
    return (head.at != NULL && protobuf_read(head, &slot, 1, ret_pages_id)) ||
           criu_image_broken(name, error);
}

bool criu_memory_read(const CriuDump *dump, uint32_t pid, CriuMemory *ret_memory, GError **error)
{
    CriuMemory memory = { 0 };
    CriuImage image;
    bool has_memory, is_end = false;

    if (!areas_open(dump, pid, &image, &memory.pages_id, &has_memory, error))
        return false;
    while (has_memory && !is_end) {
        Area area = { 0 };

        if (!area_next(&image, &area, &is_end, error))
            return false;
        if (!is_end && (area.flags & PAGES_PRESENT) != 0)
            memory.saved_pages += area.n_pages;
        if (!is_end && (area.flags & PAGES_IN_PARENT) != 0)
            memory.parent_pages += area.n_pages;
    }
    *ret_memory = memory;
    return true;
}

uint64_t criu_memory_page_size(const CriuMemory *memory, uint64_t file_size)
{
    if (memory->saved_pages == 0 || file_size % memory->saved_pages != 0 ||
        file_size / memory->saved_pages > PAGE_SIZE_MAX)
        return 0;
    return file_size / memory->saved_pages;
}

/* --- the command line ------------------------------------------------------------------------- */

/* Where the arguments are in the process's memory (CRIU images/mm.proto). */
typedef struct Arguments {
    uint64_t start, end;
} Arguments;

static bool arguments_read(const CriuDump *dump, uint32_t pid, Arguments *ret_arguments,
                           GError **error)
{
    static const ProtobufSlot slots[] = { PROTOBUF_INTEGER(8, Arguments, start),
                                          PROTOBUF_INTEGER(9, Arguments, end) };
    g_autofree char *name = g_strdup_printf("mm-%u.img", pid);
    ProtobufBytes entry;

    if (!criu_dump_single(dump, CRIU_MM, name, false, &entry, error))
        return false;
    return protobuf_read(entry, slots, G_N_ELEMENTS(slots), ret_arguments) ||
           criu_image_broken(name, error);
}

/* Do the areas, in their order, hold all of it in one piece? Then that is the slice. */
static bool arguments_locate(CriuImage *image, const Arguments *arguments, uint64_t page_size,
                             CriuSlice *slice, GError **error)
{
    uint64_t pages_before = 0, found_to = arguments->start;
    bool is_end = false;

    while (found_to < arguments->end) {
        Area area = { 0 };
        uint64_t size;

        if (!area_next(image, &area, &is_end, error))
            return false;
        size = area.n_pages * page_size;
        if (is_end || area.address > UINT64_MAX - size)
            return true;
        if ((area.flags & PAGES_PRESENT) == 0)
            continue;
        if (found_to >= area.address && found_to < area.address + size) {
            if (found_to == arguments->start)
                slice->offset = pages_before * page_size + (found_to - area.address);
            found_to = area.address + size;
        } else if (found_to != arguments->start) {
            return true;
        }
        pages_before += area.n_pages;
    }
    slice->length = (size_t)(arguments->end - arguments->start);
    return true;
}

bool criu_memory_command(const CriuDump *dump, uint32_t pid, uint64_t file_size,
                         CriuSlice *ret_slice, GError **error)
{
    Arguments arguments = { 0 };
    CriuMemory memory;
    CriuSlice slice = { 0 };
    CriuImage image;
    uint64_t page_size;
    bool has_memory;

    if (!criu_memory_read(dump, pid, &memory, error) ||
        !arguments_read(dump, pid, &arguments, error) ||
        !areas_open(dump, pid, &image, &memory.pages_id, &has_memory, error))
        return false;
    *ret_slice = slice;
    page_size = criu_memory_page_size(&memory, file_size);
    if (page_size == 0 || arguments.end <= arguments.start)
        return true;
    if (arguments.end - arguments.start > COMMAND_MAX)
        arguments.end = arguments.start + COMMAND_MAX;
    if (!arguments_locate(&image, &arguments, page_size, &slice, error))
        return false;
    *ret_slice = slice;
    return true;
}
