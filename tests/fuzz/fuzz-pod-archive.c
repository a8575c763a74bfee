/* SPDX-License-Identifier: Apache-2.0 */
/* pod.dump, the description of a pod in its archive: into a struct, or not. */
#include "engine/pod-archive.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(PodArchive) archive = { 0 };
    g_auto(PodArchive) again = { 0 };
    floe_pod_create_options pod;
    floe_create_options infra;
    g_autoptr(GError) error = NULL;
    bool done = pod_archive_parse(text, size, &archive, &error);

    if (done != (error == NULL))
        abort();
    if (!done)
        return 0;
    /* What was taken can be written and read again, and be made options of. */
    g_autofree char *written = pod_archive_dump_text(&archive);
    g_autofree char *options = pod_archive_options_text(&archive);

    pod_archive_to_options(&archive, &pod, &infra);
    if (!pod_archive_parse(written, strlen(written), &again, NULL) || options[0] != '{')
        abort();
    return 0;
}
