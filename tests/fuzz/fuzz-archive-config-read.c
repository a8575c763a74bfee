/* SPDX-License-Identifier: Apache-2.0 */
/* The two documents of a checkpoint archive, one behind the other with a NUL between: into a record, or not. */
#include "engine/archive-config-read.h"
#include "engine/archive-policy.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const nothing[] = { NULL };
    const uint8_t *middle = size > 0 ? memchr(data, '\0', size) : NULL;
    size_t config_length = middle != NULL ? (size_t)(middle - data) : size;
    size_t spec_length = middle != NULL ? size - config_length - 1 : 0;
    g_auto(ArchiveDocuments) documents = {
        .config = g_strndup((const char *)data, config_length),
        .config_length = config_length,
        .spec = g_malloc0(spec_length + 1),
        .spec_length = spec_length,
    };
    g_auto(ArchiveConfig) config = { 0 };
    g_autoptr(GError) error = NULL;

    if (spec_length > 0)
        memcpy(documents.spec, middle + 1, spec_length);

    bool done = archive_config_read(&documents, &config, &error);

    if (done != (error == NULL))
        abort();
    /* What was taken can be judged. */
    if (done)
        archive_policy_check(config.record, NULL, nothing, NULL);
    return 0;
}
