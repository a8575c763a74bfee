/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unpacking a tar that nobody vouches for below a directory: what its names, links, devices and sizes say, nothing is
 * written outside (every step of a path is opened beneath the directory). Owner, mode, times, xattrs (security.capability after
 * the owner), hard links, devices, FIFOs and sparse files are kept.
 */
#pragma once

#include "base/error.h"

typedef struct UnpackOptions {
    bool whiteouts;      /* .wh. entries become overlayfs whiteouts and opaque directories; else they are files */
    /* Called for the bytes read from fd before decompression and after it; NULL: not wanted. */
    void (*on_packed)(const void *data, size_t length, void *user_data);
    void (*on_unpacked)(const void *data, size_t length, void *user_data);
    void *user_data;
} UnpackOptions;

typedef struct UnpackResult {
    int64_t size_bytes; /* of the files' contents */
    int64_t n_entries;
    const char *compression; /* "none", "gzip", "zstd": static */
} UnpackResult;

/* INVALID names the entry. The directory's content after a failure is undefined: the caller removes it. */
bool unpack_tar(int fd, int directory_fd, const UnpackOptions *options, UnpackResult *ret_result,
                GError **error);
