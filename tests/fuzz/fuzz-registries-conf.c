/* SPDX-License-Identifier: Apache-2.0 */
/* Two files, one over the other, with a NUL between them. */
#include "fuzz.h"
#include "storage/registries-conf.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    size_t first = strlen(text);
    g_autofree char *more = first < size
                                ? g_strndup((const char *)data + first + 1, size - first - 1)
                                : g_strdup("");
    const char *texts[] = { text, more };
    g_auto(RegistriesConf) conf = { 0 };

    registries_conf_init(&conf);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;

        if (registries_conf_parse(&conf, texts[i], "fuzz", &error) != (error == NULL))
            abort();
    }
    return conf.aliases != NULL ? 0 : -1;
}
