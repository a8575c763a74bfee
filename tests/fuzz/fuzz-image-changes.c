/* SPDX-License-Identifier: Apache-2.0 */
/* One change for each line. */
#include "fuzz.h"
#include "storage/image-changes.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) changes = g_strsplit(text, "\n", -1);
    g_autoptr(JsonValue) config = json_object();

    for (size_t i = 0; changes[i] != NULL; i++) {
        g_autoptr(GError) error = NULL;

        if (image_config_change(config, changes[i], &error) != (error == NULL))
            abort();
    }

    /* Whatever was let through can be written down. */
    g_autofree char *written = json_to_text(config);

    return written != NULL ? 0 : -1;
}
