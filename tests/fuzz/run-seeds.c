/* SPDX-License-Identifier: Apache-2.0 */
/* run-seeds DIRECTORY: gives each file of a directory to a fuzz target, as libFuzzer would. */
#include "base/fd.h"
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

#define SEED_MAX ((size_t)1024 * 1024)

static void run_seed(const char *path)
{
    g_autofree char *data = NULL;
    g_autoptr(GError) error = NULL;
    size_t size = 0;

    if (!file_read(path, SEED_MAX, &data, &size, &error)) {
        fprintf(stderr, "%s\n", error->message);
        exit(EXIT_FAILURE);
    }

    /* Of its exact size on the heap, so that a sanitizer sees each byte too far. */
    g_autofree uint8_t *exact = g_memdup2(data, size);

    LLVMFuzzerTestOneInput(exact, size);
}

int main(int argc, char **argv)
{
    g_autoptr(GDir) seeds = argc == 2 ? g_dir_open(argv[1], 0, NULL) : NULL;
    const char *name;
    int n_seeds = 0;

    if (seeds == NULL) {
        fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return EXIT_FAILURE;
    }
    while ((name = g_dir_read_name(seeds)) != NULL) {
        g_autofree char *path = g_build_filename(argv[1], name, NULL);

        run_seed(path);
        n_seeds++;
    }
    printf("%d seeds\n", n_seeds);
    return n_seeds > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
