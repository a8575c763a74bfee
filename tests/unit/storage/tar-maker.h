/* SPDX-License-Identifier: Apache-2.0 */
/* Archives for the tests, made in memory by libarchive's writer, which writes any nonsense. */
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <glib.h>
#include <sys/stat.h>

typedef struct TarMaker TarMaker;

/* filter: "none", "gzip", "zstd". */
TarMaker *tar_maker_new(const char *filter);

/* A header with the caller's own user and the time 1000000000.123456789, to be changed further. */
struct archive_entry *tar_entry(const char *name, mode_t mode);

/* Takes the entry over. */
void tar_put(TarMaker *maker, struct archive_entry *entry, const void *content, size_t length);

void tar_file(TarMaker *maker, const char *name, const char *content);
void tar_directory(TarMaker *maker, const char *name, mode_t mode);
void tar_symlink(TarMaker *maker, const char *name, const char *target);
void tar_hardlink(TarMaker *maker, const char *name, const char *target);

/* The archive; the maker is gone. */
GByteArray *tar_finish(TarMaker *maker);

/* Make a header's checksum right again after a change. */
void tar_header_sign(guint8 *header);

/* A descriptor of a file in memory with these bytes, read from its start. */
int bytes_open(const void *data, size_t length);
