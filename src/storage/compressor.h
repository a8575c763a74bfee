/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a stream to a descriptor, compressed by all processors at once. The stream is cut into
 * chunks, each of which becomes a frame (gzip: a member) of its own: the formats allow any number of
 * them in a row (RFC 8878 section 3, RFC 1952 section 2.2), and readers take them for one stream.
 */
#pragma once

#include "storage/decompressor.h"

/* "zstd", "gzip", "none", in any case. INVALID. */
bool compression_from_text(const char *text, Compression *ret_compression, GError **error);

typedef struct Compressor Compressor;

/* fd stays the caller's. IO: not even one thread can be started. */
bool compressor_new(int fd, Compression compression, Compressor **ret_compressor, GError **error);

/* What was not finished is thrown away. */
void compressor_free(Compressor *compressor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Compressor, compressor_free)

/*
 * Take the first `used` bytes of the buffer given last (at first: none), and give one of *ret_size
 * bytes to be filled. May wait for the processors, or for the reader of the descriptor. IO.
 */
bool compressor_exchange(Compressor *compressor, size_t used, char **ret_buffer, size_t *ret_size,
                         GError **error);

/* All that was taken is written. */
bool compressor_finish(Compressor *compressor, GError **error);

/* So many bytes have been written. */
int64_t compressor_written(const Compressor *compressor);
