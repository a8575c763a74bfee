/* SPDX-License-Identifier: Apache-2.0 */
/* A whole archive: decompression, tar headers, paths, whiteouts. Nothing may change outside. */
#include "base/path.h"
#include "base/tree.h"
#include "fuzz.h"
#include "storage/unpack.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define FILE_SIZE_MAX ((rlim_t)16 * 1024 * 1024)

static const char treasure[] = "not to be touched";

/* Small inputs can decompress to much: writing beyond the limit fails with EFBIG. */
static void limit_files(void)
{
    const struct rlimit limit = { FILE_SIZE_MAX, FILE_SIZE_MAX };

    signal(SIGXFSZ, SIG_IGN);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
    fuzz_write("treasure", treasure, strlen(treasure));
}

static void assert_outside_is_untouched(void)
{
    g_autofree char *path = g_build_filename(fuzz_directory(), "treasure", NULL);
    g_autoptr(GDir) entries = g_dir_open(fuzz_directory(), 0, NULL);
    g_autofree char *text = NULL;
    int n_entries = 0;

    if (!file_read(path, sizeof(treasure), &text, NULL, NULL) || strcmp(text, treasure) != 0)
        abort();
    while (g_dir_read_name(entries) != NULL)
        n_entries++;
    if (n_entries != 2) /* the root and the treasure */
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool is_started;
    const UnpackOptions options = { .whiteouts = true };
    g_autofree char *root = g_build_filename(fuzz_directory(), "root", NULL);
    autofd int input = memfd_create("input", MFD_CLOEXEC);
    autofd int root_fd = -1;
    g_autoptr(GError) error = NULL;
    UnpackResult result;

    if (!is_started)
        limit_files();
    is_started = true;
    g_assert_true(fd_write_all(input, data, size, NULL));
    g_assert_cmpint((int)lseek(input, 0, SEEK_SET), ==, 0);
    g_assert_true(dir_make(root, 0755, NULL));
    g_assert_true(root_open(root, &root_fd, NULL));

    bool done = unpack_tar(input, root_fd, &options, &result, &error);

    if (done != (error == NULL))
        abort();
    assert_outside_is_untouched();
    g_assert_true(tree_remove(root, NULL));
    return 0;
}
