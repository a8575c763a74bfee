/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The images of one dump of CRIU's, held in memory by name as far as they tell of processes and
 * what these have open: all but the contents of memory. They come from a stream, so they are kept
 * first and read afterwards. Nobody vouches for them: sizes and numbers are bounded.
 */
#pragma once

#include "oci/criu-image.h"

typedef struct CriuDump CriuDump;

CriuDump *criu_dump_new(void);
void criu_dump_free(CriuDump *dump);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CriuDump, criu_dump_free)

/* Is the image of this name one to be added? */
bool criu_dump_wants(const char *name);

/* The longest image that is added. */
#define CRIU_IMAGE_LIMIT ((size_t)64 * 1024 * 1024)

/* Takes the data over. INVALID: they are too many bytes in all. */
bool criu_dump_add(CriuDump *dump, const char *name, char *data, size_t length, GError **error);

/*
 * An image, and its name for errors, good as long as the dump. False: there is none; then nothing
 * is set.
 */
bool criu_dump_find(const CriuDump *dump, ProtobufBytes *ret_data, const char **ret_name,
                    const char *format, ...) G_GNUC_PRINTF(4, 5);

/*
 * The only entry of an image. For one that is not there ret_entry->at is NULL, and an error only if
 * it must be. INVALID.
 */
bool criu_dump_single(const CriuDump *dump, CriuMagic magic, const char *name, bool must_be,
                      ProtobufBytes *ret_entry, GError **error);

/* "core-17.img" for the prefix "core-": 17. */
bool criu_image_number(const char *name, const char *prefix, uint32_t *ret_number);
