/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all fuzz targets share: libFuzzer's entry point, and a directory of the process's own in
 * memory or TMPDIR, which is removed at exit.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const char *fuzz_directory(void);

/* Make a file below that directory. */
void fuzz_write(const char *name, const void *data, size_t size);
