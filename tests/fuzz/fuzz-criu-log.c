/* SPDX-License-Identifier: Apache-2.0 */
/* A log of CRIU. Whatever it holds, the reason is one line of valid UTF-8. */
#include "fuzz.h"
#include "oci/criu-log.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *path = g_build_filename(fuzz_directory(), "dump.log", NULL);

    fuzz_write("dump.log", data, size);

    g_autofree char *reason = criu_log_reason(path, 0);

    if (reason != NULL && (!g_utf8_validate(reason, -1, NULL) || strchr(reason, '\n') != NULL))
        abort();
    return 0;
}
