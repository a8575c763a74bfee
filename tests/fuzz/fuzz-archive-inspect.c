/* SPDX-License-Identifier: Apache-2.0 */
/* A checkpoint archive: the reader of archives, and all that is read of one to tell what is in it. */
#include "fuzz.h"

#include <floe/floe.h>

#include <glib.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *path = g_build_filename(fuzz_directory(), "archive", NULL);
    floe_error *error = NULL;
    char *text = NULL;

    fuzz_write("archive", data, size);
    if (floe_checkpoint_inspect(path, &text, &error) == (error != NULL))
        abort();
    floe_error_free(error);
    floe_free(text);
    return 0;
}
