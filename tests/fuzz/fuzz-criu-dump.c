/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRIU's images. The input is a row of them: a byte that says which, two bytes of length, the low one
 * first, and the image without its magic numbers, so that the fuzzer need not find them.
 */
#include "fuzz.h"
#include "oci/criu-memory.h"
#include "oci/criu-processes.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_SIZE 4096

static const struct {
    const char *name;
    CriuMagic magic;
} IMAGES[] = {
    { "pstree.img", CRIU_PSTREE },
    { "core-1.img", CRIU_CORE },
    { "core-8.img", CRIU_CORE },
    { "core-9.img", CRIU_CORE },
    { "core-10.img", CRIU_CORE },
    { "ids-1.img", CRIU_IDS },
    { "mm-1.img", CRIU_MM },
    { "pagemap-1.img", CRIU_PAGEMAP },
    { "files.img", CRIU_FILES },
    { "fdinfo-2.img", CRIU_FDINFO },
    { "fdinfo-0.img", CRIU_FDINFO },
    { "memfd.img", CRIU_MEMFD },
    { "filelocks.img", CRIU_FILE_LOCKS },
    { "remap-fpath.img", CRIU_REMAP_PATH },
};

static bool take(const uint8_t **data, size_t *size, void *taken, size_t length)
{
    if (*size < length)
        return false;
    memcpy(taken, *data, length);
    *data += length;
    *size -= length;
    return true;
}

/* False: the input is at its end. */
static bool add_image(CriuDump *dump, const uint8_t **data, size_t *size)
{
    uint8_t head[3];
    uint32_t magic[2] = { GUINT32_TO_LE(0x54564319U) };
    size_t length;

    if (!take(data, size, head, sizeof(head)))
        return false;
    length = MIN((size_t)head[1] | (size_t)head[2] << 8, *size);

    size_t which = head[0] % G_N_ELEMENTS(IMAGES);
    char *image = g_malloc(sizeof(magic) + length);

    magic[1] = GUINT32_TO_LE((uint32_t)IMAGES[which].magic);
    memcpy(image, magic, sizeof(magic));
    take(data, size, image + sizeof(magic), length);
    return criu_dump_add(dump, IMAGES[which].name, image, sizeof(magic) + length, NULL);
}

static void tell(const CriuDump *dump)
{
    g_autoptr(GHashTable) commands = g_hash_table_new(NULL, NULL);
    g_autoptr(CriuFiles) files = NULL;
    g_autoptr(JsonValue) processes = NULL;
    g_autoptr(JsonValue) locks = NULL;
    g_autoptr(GError) error = NULL;
    const CriuKnown known = { commands, PAGE_SIZE };
    const char *machine;
    bool ok = criu_files_new(dump, &files, &error) && criu_files_locks(files, &locks, &error) &&
              criu_processes(dump, files, &known, &processes, &machine, &error);

    if (ok == (error != NULL))
        abort();
}

static void find_command(const CriuDump *dump)
{
    g_autoptr(GError) error = NULL;
    CriuMemory memory;
    CriuSlice slice;

    if (!criu_memory_read(dump, 1, &memory, &error))
        return;

    uint64_t file_size = memory.saved_pages * PAGE_SIZE;

    if (criu_memory_command(dump, 1, file_size, &slice, &error) && slice.length > 0 &&
        (slice.length > file_size || slice.offset > file_size - slice.length))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(CriuDump) dump = criu_dump_new();

    while (add_image(dump, &data, &size))
        continue;
    tell(dump);
    find_command(dump);
    return 0;
}
