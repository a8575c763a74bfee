/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/archive-writer.h"

#include "base/scratch.h"
#include "storage/pack.h"
#include "storage/unpack.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FILE_ENTRY(name) \
    &(TreeEntry) \
    { \
        .path = name, .mode = S_IFREG | 0600, .uid = geteuid(), .gid = getegid() \
    }

static void file_make(const char *directory, const char *name, const char *text)
{
    IN(directory, path, name);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void assert_file(const char *directory, const char *name, const char *wanted)
{
    IN(directory, path, name);
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, wanted);
}

/* A tar, read from where the descriptor is, below a directory. */
static void unpack(int fd, const char *directory)
{
    autofd int directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_autoptr(GError) error = NULL;
    UnpackResult result = { 0 };

    unpack_tar(fd, directory_fd, &(UnpackOptions){ 0 }, &result, &error);
    g_assert_no_error(error);
}

static void finish_and_unpack(ArchiveWriter *writer, int fd, const char *directory)
{
    g_autoptr(GError) error = NULL;

    archive_writer_finish(writer, &error);
    g_assert_no_error(error);
    g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
    unpack(fd, directory);
}

static ArchiveWriter *writer_make(int *ret_fd)
{
    ArchiveWriter *writer = NULL;

    *ret_fd = memfd_create("archive", MFD_CLOEXEC);
    g_assert_true(archive_writer_new(*ret_fd, COMPRESSION_ZSTD, NULL, NULL, &writer, NULL));
    return writer;
}

static bool tree_fill(TarWriter *writer, void *directory, GError **error)
{
    autofd int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return pack_into(fd, &(PackOptions){ "", TREE_AT_REST }, writer, NULL, error);
}

static void test_a_tar_in_the_archive_is_a_tar(void)
{
    SCRATCH(tree);
    SCRATCH(out);
    SCRATCH(inner);
    autofd int fd = -1;
    g_autoptr(ArchiveWriter) writer = writer_make(&fd);
    TarWriter *tar = archive_writer_tar(writer);
    IN(out, inner_tar, "inner.tar");

    file_make(tree, "a", "first");
    file_make(tree, "b", "second");
    g_assert_true(tar_add_bytes(tar, FILE_ENTRY("before"), "text", 4, NULL));
    g_assert_true(tar_add_tar(tar, FILE_ENTRY("inner.tar"), tree_fill, tree, NULL));
    g_assert_true(tar_add_bytes(tar, FILE_ENTRY("after"), "", 0, NULL));
    finish_and_unpack(writer, fd, out);
    assert_file(out, "before", "text");
    assert_file(out, "after", "");

    autofd int inner_fd = open(inner_tar, O_RDONLY | O_CLOEXEC);

    unpack(inner_fd, inner);
    assert_file(inner, "a", "first");
    assert_file(inner, "b", "second");
}

/* A file that changes between the measuring and the writing. */
typedef struct Changing {
    const char *path;
    size_t sizes[2];
    int calls;
    bool is_live;
} Changing;

static bool changing_fill(TarWriter *writer, void *data, GError **error)
{
    Changing *changing = data;
    autofd int fd = open(changing->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    writer->fills_up = changing->is_live;
    g_assert_cmpint(ftruncate(fd, 0), ==, 0);
    for (size_t i = 0; i < changing->sizes[changing->calls]; i++)
        g_assert_cmpint(write(fd, "x", 1), ==, 1);
    changing->calls++;
    return tar_add_file(writer, FILE_ENTRY("file"), fd, error);
}

static bool add_changing(Changing *changing, const char *out, GError **error)
{
    autofd int fd = -1;
    g_autoptr(ArchiveWriter) writer = writer_make(&fd);
    TarWriter *tar = archive_writer_tar(writer);

    if (!tar_add_tar(tar, FILE_ENTRY("inner.tar"), changing_fill, changing, error) ||
        !tar_add_bytes(tar, FILE_ENTRY("after"), "whole", 5, error))
        return false;
    finish_and_unpack(writer, fd, out);
    assert_file(out, "after", "whole");
    return true;
}

static void test_what_shrinks_or_grows_a_little_does_no_harm_to_the_rest(void)
{
    static const size_t sizes[][2] = { { 9000, 10 }, { 10, 9000 }, { 600, 600 } };

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        SCRATCH(directory);
        IN(directory, path, "changing");
        Changing changing = { path, { sizes[i][0], sizes[i][1] }, 0, true };
        g_autoptr(GError) error = NULL;

        add_changing(&changing, directory, &error);
        g_assert_no_error(error);
    }
}

static void test_what_grows_without_room_is_an_error(void)
{
    SCRATCH(directory);
    IN(directory, path, "changing");
    Changing changing = { path, { 10, 9000 }, 0, false };
    g_autoptr(GError) error = NULL;

    g_assert_false(add_changing(&changing, directory, &error));
    g_assert_nonnull(strstr(error->message, "grew"));
}

static void note_progress(int64_t in_bytes, int64_t out_bytes, void *data)
{
    int64_t *seen = data;

    g_assert_cmpint(in_bytes, >=, seen[0]);
    g_assert_cmpint(out_bytes, >=, seen[1]);
    seen[0] = in_bytes;
    seen[1] = out_bytes;
}

static void test_progress_goes_up_to_the_whole(void)
{
    autofd int fd = memfd_create("archive", MFD_CLOEXEC);
    g_autofree char *data = g_malloc0(5 << 20);
    g_autoptr(ArchiveWriter) writer = NULL;
    int64_t seen[2] = { 0, 0 };

    g_assert_true(archive_writer_new(fd, COMPRESSION_GZIP, note_progress, seen, &writer, NULL));
    g_assert_true(
        tar_add_bytes(archive_writer_tar(writer), FILE_ENTRY("zeros"), data, 5 << 20, NULL));
    g_assert_true(archive_writer_finish(writer, NULL));
    g_assert_cmpint(seen[0], ==, (5 << 20) + 3 * 512);
    g_assert_cmpint(archive_writer_size(writer), ==, lseek(fd, 0, SEEK_END));
}

#define ADD(name, function) g_test_add_func("/storage/archive-writer/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("a-tar-in-the-archive-is-a-tar", test_a_tar_in_the_archive_is_a_tar);
    ADD("what-shrinks-or-grows-a-little-does-no-harm-to-the-rest",
        test_what_shrinks_or_grows_a_little_does_no_harm_to_the_rest);
    ADD("what-grows-without-room-is-an-error", test_what_grows_without_room_is_an_error);
    ADD("progress-goes-up-to-the-whole", test_progress_goes_up_to_the_whole);
    return g_test_run();
}
