/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A checkpoint archive looked through from its beginning to its end, in one pass and without
 * unpacking it: sizes, and what the small files in it say. The memory of the processes is passed
 * over but for their command lines.
 */
#pragma once

#include "base/json.h"
#include "oci/criu-processes.h"
#include "oci/criu-stats.h"
#include "storage/archive-reader.h"

typedef struct ArchiveSizes {
    int64_t total;   /* of all files, unpacked */
    int64_t memory;  /* pages-*.img */
    int64_t images;  /* CRIU's images, with the memory */
    int64_t root;    /* rootfs-diff.tar */
    int64_t volumes; /* volumes/ */
    int64_t shm, log, artifacts;
} ArchiveSizes;

typedef struct ArchiveLook {
    ArchiveSizes sizes;
    json_t *network;      /* network.status; NULL: none */
    json_t *deleted;      /* deleted.files; NULL: none */
    json_t *volumes;      /* name of a volume: size of its tar */
    char *images_folder;  /* "checkpoint", "pre-checkpoint"; NULL: it has no images */
    int64_t dumped_unix;  /* 0: not known */
    bool has_tcp;         /* established TCP connections */
    bool has_parent;      /* the memory is complete only with the archive of a dump before */
    CriuDumpStats *stats; /* NULL: none */
    CriuDump *dump;
    CriuKnown known;          /* command lines and the size of a page */
    GHashTable *pid_of_pages; /* number of a file of pages -> process id */
} ArchiveLook;

void archive_look_clear(ArchiveLook *look);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ArchiveLook, archive_look_clear)

/* Of a reader that has given its documents. INVALID names the entry. */
bool archive_look(ArchiveReader *reader, ArchiveLook *ret_look, GError **error);
