/* SPDX-License-Identifier: Apache-2.0 */
/* What a runtime wrote: part of it comes from inside the container. */
#include "fuzz.h"
#include "oci/runtime-error.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GError) error = NULL;

    runtime_error(&error, "runc", text);
    if (error == NULL || !g_utf8_validate(error->message, -1, NULL) ||
        strchr(error->message, '\n') != NULL)
        abort();
    return 0;
}
