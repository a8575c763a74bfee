/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a checkpoint archive. What can be refused is refused before the dump; what goes with the
 * container's end is remembered before it, too.
 */
#pragma once

#include "base/new-file.h"
#include "engine/container.h"
#include "storage/archive-writer.h"

#include <floe/checkpoint.h>

typedef struct ArchiveExport {
    floe_container *ctr; /* NULL: nothing is exported */
    const floe_checkpoint_options *options;
    Compression compression;
    NewFile file;
    int fd;
    char *config;        /* config.dump */
    char *spec;          /* spec.dump */
    json_t *annotations; /* of an image */
    char **volumes;      /* those that it holds */
    const char *checkpoint_dir;
    void (*files_done)(floe_container *ctr);
    ArchiveWriter *writer; /* while it is at work */
    TarWriter *tar; /* where entries go: the writer's, or one that the archive is an entry of */
    int64_t total_bytes;
} ArchiveExport;

#define ARCHIVE_EXPORT_NONE \
    { \
        .file = NEW_FILE_NONE, .fd = -1 \
    }

/* Do the options fit together? INVALID. */
bool archive_export_check(const floe_checkpoint_options *options, GError **error);

/*
 * For a running container: open the file, and collect what its end takes away. Without an export
 * among the options nothing is done. The record notes the file's name aside. UNSUPPORTED: it needs
 * other containers. IO.
 */
bool archive_export_begin(floe_container *ctr, const floe_checkpoint_options *options,
                          ArchiveExport *ret_export, GError **error);

/*
 * The same for an archive that becomes an entry of another: without its file, or the check for others.
 */
bool archive_export_collect(floe_container *ctr, const floe_checkpoint_options *options,
                            ArchiveExport *ret_export, GError **error);

/* A TarFill: all entries of such an archive, with CRIU's images in the container's checkpoint_new. */
bool archive_export_fill(TarWriter *tar, void *export, GError **error);

/* The record's note of the file is not needed any more. Not saved yet. */
void archive_export_forget(floe_container *ctr);

/* A floe was killed while it wrote: remove what it left. Not saved yet. */
void archive_export_heal(floe_container *ctr);

/*
 * Write it, from the container's directory and the dump in checkpoint_dir; it has its name then. The
 * container's processes must not be at work until `files_done` (or NULL) is called: what comes after
 * is CRIU's images. On failure it may not have been called.
 */
bool archive_export_write(ArchiveExport *export, const char *checkpoint_dir,
                          void (*files_done)(floe_container *ctr), GError **error);

/* Without a successful write nothing is left of the archive. */
void archive_export_clear(ArchiveExport *export);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ArchiveExport, archive_export_clear)
