/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A checkpoint archive (podman's format: a tar, plain or compressed with gzip or zstd) that nobody
 * vouches for, read in one pass, from a pipe too. It holds files and directories with plain names,
 * each once, and nothing else.
 *
 * The two documents that say what the container is are read first, wherever they stand: until
 * somebody has looked at them, nothing else of the archive is.
 */
#pragma once

#include "storage/decompressor.h"

#include <stdint.h>

#define ARCHIVE_CONFIG "config.dump"
#define ARCHIVE_SPEC   "spec.dump"
#define ARCHIVE_POD    "pod.dump" /* instead of them in that of a pod */

/* Of each of the two documents. */
#define ARCHIVE_DOCUMENT_LIMIT ((size_t)8 * 1024 * 1024)

typedef struct ArchiveReader ArchiveReader;

typedef enum ArchiveEntryKind {
    ARCHIVE_ENTRY_FILE,
    ARCHIVE_ENTRY_DIRECTORY,
    ARCHIVE_ENTRY_PARENT, /* checkpoint/parent: the images go on in ../pre-checkpoint */
} ArchiveEntryKind;

typedef struct ArchiveEntry {
    ArchiveEntryKind kind;
    const char *name; /* relative, without ".", ".." and slashes at its ends */
    int64_t size;     /* of a file */
    int64_t mtime_unix;
} ArchiveEntry;

/*
 * Open a file, or standard input ("-"). spool_dir: where the start of a pipe is kept that has to be
 * read twice; a file without a name, which goes with the reader. NOT_FOUND, IO.
 */
bool archive_reader_open(const char *path, const char *spool_dir, ArchiveReader **ret_reader,
                         GError **error);

/* The same of what a descriptor holds, which stays the caller's; label: what it is, for errors. */
bool archive_reader_open_fd(int fd, const char *label, const char *spool_dir,
                            ArchiveReader **ret_reader, GError **error);

/* An archive of another kind, without the two documents: nothing of it is read twice. */
void archive_reader_once(ArchiveReader *reader);

void archive_reader_free(ArchiveReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArchiveReader, archive_reader_free)

/* The two documents, as text. */
typedef struct ArchiveDocuments {
    char *config;
    size_t config_length;
    char *spec;
    size_t spec_length;
} ArchiveDocuments;

void archive_documents_clear(ArchiveDocuments *documents);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ArchiveDocuments, archive_documents_clear)

/*
 * First of all: read the two documents. INVALID: they are not there, are too long, or the archive is
 * none.
 */
bool archive_reader_documents(ArchiveReader *reader, ArchiveDocuments *ret_documents,
                              GError **error);

/*
 * From then on no more than this many bytes are handed out; what is beyond is IO, and says so. -1:
 * any number.
 */
void archive_reader_limit(ArchiveReader *reader, int64_t bytes);

/*
 * The next entry, whatever was read of the one before: all but the two documents, in the order of
 * the archive. NULL at the end, where all of the archive has been read and was found whole.
 * Borrowed, until the next call. INVALID names the entry.
 */
bool archive_reader_next(ArchiveReader *reader, const ArchiveEntry **ret_entry, GError **error);

/* The content of the entry, a file. More than `limit` bytes is INVALID. NUL-terminated. */
bool archive_reader_text(ArchiveReader *reader, size_t limit, char **ret_data, size_t *ret_length,
                         GError **error);

/* A piece of it, as tar_reader_slice(). */
bool archive_reader_slice(ArchiveReader *reader, uint64_t offset, size_t length, char **ret_data,
                          GError **error);

/* Write the content of the entry, a file, into an empty file. */
bool archive_reader_write(ArchiveReader *reader, int fd, GError **error);

/* "archive 'PATH'", or "standard input": for errors about what it holds. */
const char *archive_reader_label(const ArchiveReader *reader);

/* Known once the documents are. */
Compression archive_reader_compression(const ArchiveReader *reader);
