/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory in a dump: how much there is of a process, and where its command line stands in it.
 * A pagemap says, area by area, which pages are in the file of pages, one after the other.
 */
#pragma once

#include "oci/criu-dump.h"

typedef struct CriuMemory {
    uint64_t pages_id;     /* the contents are in pages-ID.img */
    uint64_t saved_pages;  /* there */
    uint64_t parent_pages; /* in the dump before, which this one builds on */
} CriuMemory;

/* Of a process; all is 0 where it has no memory (a zombie). INVALID. */
bool criu_memory_read(const CriuDump *dump, uint32_t pid, CriuMemory *ret_memory, GError **error);

/* By the size of the file of its pages. 0: they do not fit together. */
uint64_t criu_memory_page_size(const CriuMemory *memory, uint64_t file_size);

/* What of a file of pages is a process's command line. */
typedef struct CriuSlice {
    uint64_t offset;
    size_t length; /* 0: it is not there, or not in one piece */
} CriuSlice;

/* file_size: of pages-ID.img; with it the size of a page is known. INVALID. */
bool criu_memory_command(const CriuDump *dump, uint32_t pid, uint64_t file_size,
                         CriuSlice *ret_slice, GError **error);
