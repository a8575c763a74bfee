/* SPDX-License-Identifier: Apache-2.0 */
/* A statistics file of CRIU, read as a dump's and as a restore's. */
#include "fuzz.h"
#include "oci/criu-stats.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *path = g_build_filename(fuzz_directory(), "stats", NULL);
    g_autoptr(GError) dump_error = NULL;
    g_autoptr(GError) restore_error = NULL;
    CriuDumpStats dump;
    CriuRestoreStats restore;

    fuzz_write("stats", data, size);

    bool is_dump = criu_read_dump_stats(path, &dump, &dump_error);
    bool is_restore = criu_read_restore_stats(path, &restore, &restore_error);

    if (is_dump == (dump_error != NULL) || is_restore == (restore_error != NULL))
        abort();
    return 0;
}
