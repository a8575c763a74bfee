/* SPDX-License-Identifier: Apache-2.0 */
/* A directory of a test's own, removed at the end of the scope: `SCRATCH(directory);` */
#pragma once

#include "base/path.h"
#include "base/tree.h"

static inline char *scratch_make(void)
{
    g_autoptr(GError) error = NULL;
    char *directory = g_dir_make_tmp("floe-test-XXXXXX", &error);

    g_assert_no_error(error);
    return directory;
}

static inline void scratch_remove(char **directory)
{
    g_autoptr(GError) error = NULL;

    tree_remove(*directory, &error);
    g_assert_no_error(error);
    g_free(*directory);
}

#define SCRATCH(name) __attribute__((cleanup(scratch_remove))) char *name = scratch_make()

/* A path in it, freed at the end of the scope. */
#define IN(directory, variable, path) \
    g_autofree char *variable = g_build_filename(directory, path, NULL)
