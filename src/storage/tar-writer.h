/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a tar: POSIX ustar headers, with a pax header before each that ustar has no room for, so
 * that names, owners, nanoseconds, sizes and xattrs are kept whole. Files with holes are in GNU's
 * sparse format 1.0. It is written front to back: a pipe will do.
 */
#pragma once

#include "storage/tree-writer.h"

typedef struct TarWriter TarWriter;

/* Takes what is in the buffer, and leaves one with room: the same, or another. */
typedef bool (*TarFlush)(TarWriter *writer, void *data, GError **error);

struct TarWriter {
    TarFlush flush; /* NULL: nothing is written, only counted */
    void *flush_data;
    char *buffer;
    size_t size, used;
    int64_t position; /* how much there is before the next byte */
    bool fills_up;    /* a file that becomes shorter while it is read ends with zeros */
    bool owns_buffer;
    int fd; /* borrowed */
};

/* fd stays the caller's, and must live as long as the writer. */
void tar_writer_init(TarWriter *writer, int fd);

/* Into buffers that `flush` brings; the first call finds none. */
void tar_writer_init_sink(TarWriter *writer, TarFlush flush, void *data);

void tar_writer_clear(TarWriter *writer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TarWriter, tar_writer_clear)

/*
 * A directory, symbolic link, device or FIFO. Here and below, entry->path is written as it is; the
 * one of a directory should end with a slash. INVALID when it is too much for readers: a pax header
 * of more than 1 MiB.
 */
bool tar_add(TarWriter *writer, const TreeEntry *entry, GError **error);

/* A further name of an entry that was added with `target` as its path. */
bool tar_add_hardlink(TarWriter *writer, const TreeEntry *entry, const char *target, GError **error);

/*
 * A regular file and its content, read from file_fd: as much as it has now. Unless the writer fills
 * up, that it becomes shorter while it is read is an error, after which the tar is of no use.
 */
bool tar_add_file(TarWriter *writer, const TreeEntry *entry, int file_fd, GError **error);

/* A regular file with this content. */
bool tar_add_bytes(TarWriter *writer, const TreeEntry *entry, const void *data, size_t length,
                   GError **error);

/* Adds entries, the same ones whenever it is called. */
typedef bool (*TarFill)(TarWriter *writer, void *data, GError **error);

/*
 * A regular file that is a tar itself, of the entries that `fill` adds. It is called twice, because
 * the size stands before the content: to measure, which reads no file, and to write. So there is no
 * copy of it, in memory or on disk. IO when it writes more than it measured; a writer that fills up
 * leaves some room for that.
 */
bool tar_add_tar(TarWriter *writer, const TreeEntry *entry, TarFill fill, void *data,
                 GError **error);

/* The end of the tar, without which it is truncated. */
bool tar_writer_finish(TarWriter *writer, GError **error);
