/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The block before an entry of a tar (POSIX.1-2017, pax, "ustar Interchange Format"), and the records
 * of the pax header that comes before it with what has no room in it.
 */
#pragma once

#include "storage/tree-entry.h"

#define TAR_BLOCK_SIZE 512

typedef enum TarType {
    TAR_FILE = '0',
    TAR_HARDLINK = '1',
    TAR_SYMLINK = '2',
    TAR_CHARACTER_DEVICE = '3',
    TAR_BLOCK_DEVICE = '4',
    TAR_DIRECTORY = '5',
    TAR_FIFO = '6',
    TAR_PAX = 'x',
} TarType;

typedef struct TarHeader {
    char name[100];
    char mode[8];
    char uid[8];
    char gid[8];
    char size[12];
    char mtime[12];
    char checksum[8];
    char type;
    char link[100];
    char magic[6];
    char version[2];
    char uname[32];
    char gname[32];
    char major[8];
    char minor[8];
    char prefix[155]; /* for names above 100 bytes; left empty: nearly all have a pax header anyhow */
    char padding[12];
} TarHeader;
G_STATIC_ASSERT(sizeof(TarHeader) == TAR_BLOCK_SIZE);

/* Add a record: "<length> <key>=<value>\n". */
void pax_add_text(GString *pax, const char *key, const char *text);
void pax_add_number(GString *pax, const char *key, int64_t number);

/*
 * Of an entry. `link`: of a symbolic or hard link, else "". `size`: of what follows. What has no room
 * goes to `pax`, which may have records already.
 */
void tar_header_of_entry(TarHeader *ret_header, const TreeEntry *entry, TarType type,
                         const char *link, int64_t size, GString *pax);

/* Of these records, which are for the entry with this path. */
void tar_header_of_pax(TarHeader *ret_header, const char *path, const GString *pax);
