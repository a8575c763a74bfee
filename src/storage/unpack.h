/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unpacking a tar that nobody vouches for below a directory: what its names, links, devices and
 * sizes say, nothing is written outside (every path is resolved inside the directory). Owner, mode,
 * times, xattrs (security.capability after the owner), hard links, devices, FIFOs and sparse files
 * are kept.
 */
#pragma once

#include "storage/decompressor.h"
#include "storage/tree-writer.h"

typedef struct UnpackOptions {
    /* .wh. entries become overlayfs whiteouts and opaque directories; else they are files. */
    bool whiteouts;
    const TreeOwner *owner; /* of all entries; NULL: as the tar says */
    TreeNotes *notes;       /* what is to be settled with the layers below; NULL: not wanted */
    /*
     * They get all bytes read from fd, and the whole tar, to their ends; failing stops the
     * unpacking. NULL: not wanted.
     */
    PackedTap on_packed;
    bool (*on_unpacked)(const void *data, size_t length, void *user_data, GError **error);
    void *user_data;
} UnpackOptions;

typedef struct UnpackResult {
    int64_t size_bytes; /* of the files' contents */
    int64_t n_entries;
    bool has_top; /* the directory itself is among them */
    Compression compression;
} UnpackResult;

/*
 * INVALID names the entry. The directory's content after a failure is undefined: the caller removes
 * it.
 */
bool unpack_tar(int fd, int directory_fd, const UnpackOptions *options, UnpackResult *ret_result,
                GError **error);
