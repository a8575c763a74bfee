/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "base/path.h"
#include "base/tree.h"

#include <stdlib.h>

static char *directory;

static void directory_remove(void)
{
    tree_remove(directory, NULL);
    g_clear_pointer(&directory, g_free);
}

const char *fuzz_directory(void)
{
    if (directory == NULL) {
        directory = g_dir_make_tmp("floe-fuzz-XXXXXX", NULL);
        g_assert_nonnull(directory);
        atexit(directory_remove);
    }
    return directory;
}

void fuzz_write(const char *name, const void *data, size_t size)
{
    g_autofree char *path = g_build_filename(fuzz_directory(), name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);

    g_assert_true(dir_make(parent, 0755, NULL));
    g_assert_true(file_write_atomic(path, data, size, 0644, NULL));
}
