/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/unpack.h"

#include "base/scratch.h"
#include "tar-maker.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#define HEADER_SIZE 512
#define SIZE_OFFSET 124
#define SIZE_SIZE   12

/*
 * The scratch directory holds "root", where archives go, and "outside", where nothing may change.
 */
static bool unpack_bytes(const char *directory, const GByteArray *tar, bool whiteouts,
                         UnpackResult *result, GError **error)
{
    const UnpackOptions options = { .whiteouts = whiteouts };
    autofd int fd = bytes_open(tar->data, tar->len);
    autofd int root_fd = -1;
    IN(directory, root, "root");
    IN(directory, outside, "outside");

    g_assert_true(dir_make(root, 0755, NULL));
    g_assert_true(dir_make(outside, 0755, NULL));
    g_assert_true(root_open(root, &root_fd, NULL));
    return unpack_tar(fd, root_fd, &options, result, error);
}

static UnpackResult unpack_with(const char *directory, TarMaker *maker, bool whiteouts)
{
    g_autoptr(GByteArray) tar = tar_finish(maker);
    g_autoptr(GError) error = NULL;
    UnpackResult result = { 0 };

    unpack_bytes(directory, tar, whiteouts, &result, &error);
    g_assert_no_error(error);
    return result;
}

static UnpackResult unpack(const char *directory, TarMaker *maker)
{
    return unpack_with(directory, maker, false);
}

static void assert_bytes_refused(const char *directory, const GByteArray *tar, const char *text)
{
    UnpackResult result;
    g_autoptr(GError) error = NULL;

    g_assert_false(unpack_bytes(directory, tar, true, &result, &error));
    g_assert_true(err_is(error, FLOE_ERROR_INVALID));
    if (strstr(error->message, text) == NULL)
        g_error("'%s' is not in: %s", text, error->message);
}

static void assert_nothing_outside(const char *directory)
{
    IN(directory, outside, "outside");

    g_assert_cmpint(rmdir(outside), ==, 0); /* it is still empty */
}

static void assert_refused(const char *directory, TarMaker *maker, const char *text)
{
    g_autoptr(GByteArray) tar = tar_finish(maker);

    assert_bytes_refused(directory, tar, text);
    assert_nothing_outside(directory);
}

static struct stat stat_of(const char *directory, const char *name)
{
    g_autofree char *path = g_build_filename(directory, "root", name, NULL);
    struct stat st = { 0 };

    if (lstat(path, &st) < 0)
        g_error("lstat '%s': %s", path, g_strerror(errno));
    return st;
}

static bool is_there(const char *directory, const char *name)
{
    g_autofree char *path = g_build_filename(directory, "root", name, NULL);

    return path_exists(path);
}

static void assert_content(const char *directory, const char *name, const char *expected)
{
    g_autofree char *path = g_build_filename(directory, "root", name, NULL);
    g_autofree char *content = NULL;
    g_autoptr(GError) error = NULL;

    file_read(path, (size_t)1024 * 1024, &content, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(content, ==, expected);
}

static bool skip_without_root(void)
{
    if (geteuid() != 0)
        g_test_skip("only root may do this");
    return geteuid() != 0;
}

/* --- what is kept ----------------------------------------------------------------------------- */

static void test_files_directories_and_links_are_kept(void)
{
    SCRATCH(directory);
    TarMaker *maker = tar_maker_new("none");
    char target[16] = "";
    IN(directory, link, "root/bin");

    tar_directory(maker, "./", 0711);
    tar_directory(maker, "./usr", 0755);
    tar_put(maker, tar_entry("./usr/sh", S_IFREG | 04755), "shell", 5);
    tar_hardlink(maker, "./usr/bash", "./usr/sh");
    tar_symlink(maker, "./bin", "usr");
    tar_put(maker, tar_entry("./pipe", S_IFIFO | 0620), NULL, 0);

    UnpackResult result = unpack(directory, maker);
    struct stat sh = stat_of(directory, "usr/sh");

    g_assert_cmpint(result.n_entries, ==, 6);
    g_assert_cmpint(result.size_bytes, ==, 5);
    g_assert_cmpuint(stat_of(directory, ".").st_mode, ==, S_IFDIR | 0711);
    g_assert_cmpuint(sh.st_mode, ==, S_IFREG | 04755);
    g_assert_cmpuint(stat_of(directory, "usr/bash").st_ino, ==, sh.st_ino);
    g_assert_cmpuint(stat_of(directory, "pipe").st_mode, ==, S_IFIFO | 0620);
    g_assert_cmpint(readlink(link, target, sizeof(target)), ==, 3);
    g_assert_cmpstr(target, ==, "usr");
    assert_content(directory, "usr/sh", "shell");
}

static void assert_time(const char *directory, const char *name)
{
    struct stat st = stat_of(directory, name);

    g_assert_cmpint(st.st_mtim.tv_sec, ==, 1000000000);
    g_assert_cmpint(st.st_mtim.tv_nsec, ==, 123456789);
}

static void test_times_are_kept_of_directories_too(void)
{
    SCRATCH(directory);
    TarMaker *maker = tar_maker_new("none");

    tar_directory(maker, ".", 0755);
    tar_directory(maker, "a", 0755);
    tar_directory(maker, "a/b", 0755);
    tar_file(maker, "a/b/file", "");
    tar_symlink(maker, "a/link", "b");
    unpack(directory, maker);

    assert_time(directory, ".");
    assert_time(directory, "a");
    assert_time(directory, "a/b");
    assert_time(directory, "a/b/file");
    assert_time(directory, "a/link");
}

static void test_names_are_bytes_of_any_length(void)
{
    SCRATCH(directory);
    TarMaker *maker = tar_maker_new("none");
    g_autofree char *part = g_strnfill(200, 'x');
    g_autofree char *long_name = g_strconcat(part, "/", part, "/", part, NULL);
    const char *decomposed = "e\xcc\x81"; /* an e, then its accent: not to become one letter */
    const char *latin1 = "\xe9";

    tar_file(maker, long_name, "long");
    tar_file(maker, decomposed, "decomposed");
    tar_file(maker, latin1, "latin1");
    tar_symlink(maker, "link", decomposed);
    unpack(directory, maker);

    assert_content(directory, long_name, "long");
    assert_content(directory, decomposed, "decomposed");
    assert_content(directory, latin1, "latin1");
    assert_content(directory, "link", "decomposed");
}

static void test_holes_stay_holes(void)
{
    SCRATCH(directory);
    TarMaker *maker = tar_maker_new("none");
    struct archive_entry *entry = tar_entry("sparse", S_IFREG | 0644);
    const size_t size = (size_t)64 * 1024 * 1024;
    g_autofree char *content = g_malloc0(size);

    content[size / 2] = 'x';
    archive_entry_set_size(entry, (la_int64_t)size);
    archive_entry_sparse_add_entry(entry, (la_int64_t)size / 2, 512);
    tar_put(maker, entry, content, size);

    UnpackResult result = unpack(directory, maker);
    struct stat st = stat_of(directory, "sparse");

    g_assert_cmpint(st.st_size, ==, (gint64)size);
    g_assert_cmpint(st.st_blocks * 512, <, 1024 * 1024);
    g_assert_cmpint(result.size_bytes, ==, 512);
}

static void test_the_last_entry_of_a_name_counts(void)
{
    SCRATCH(directory);
    TarMaker *maker = tar_maker_new("none");

    tar_file(maker, "dir/file", "first");
    tar_hardlink(maker, "dir/other", "dir/file");
    tar_file(maker, "dir/file", "second");
    tar_symlink(maker, "dir/link", "file");
    tar_file(maker, "dir/link", "third");
    tar_directory(maker, "dir", 0700);
    unpack(directory, maker);

    assert_content(directory, "dir/file", "second");
    assert_content(directory, "dir/other", "first"); /* not written through */
    assert_content(directory, "dir/link", "third");
    g_assert_cmpuint(stat_of(directory, "dir").st_mode, ==, S_IFDIR | 0700);
}

static void test_all_compressions_give_the_same(void)
{
    const char *filters[] = { "none", "gzip", "zstd" };

    for (size_t i = 0; i < G_N_ELEMENTS(filters); i++) {
        SCRATCH(directory);
        TarMaker *maker = tar_maker_new(filters[i]);

        tar_file(maker, "file", "content");

        UnpackResult result = unpack(directory, maker);

        g_assert_cmpstr(compression_to_text(result.compression), ==, filters[i]);
        assert_content(directory, "file", "content");
    }
}

/* --- staying inside --------------------------------------------------------------------------- */

static void test_links_lead_about_inside(void)
{
    SCRATCH(directory);
    TarMaker *maker = tar_maker_new("none");

    tar_directory(maker, "usr/lib", 0755);
    tar_symlink(maker, "lib", "usr/lib");
    tar_symlink(maker, "lib64", "/usr/lib");
    tar_symlink(maker, "up", "../../../../usr");
    tar_file(maker, "lib/one", "1");
    tar_file(maker, "/lib64/two", "2");
    tar_file(maker, "up/lib/three", "3");
    tar_hardlink(maker, "four", "/lib64/two");
    unpack(directory, maker);

    assert_content(directory, "usr/lib/one", "1");
    assert_content(directory, "usr/lib/two", "2");
    assert_content(directory, "usr/lib/three", "3");
    assert_content(directory, "four", "2");
}

/* A link to the real path of "outside" leads to a directory of that name inside the root. */
static void test_an_absolute_link_is_not_written_through(void)
{
    SCRATCH(directory);
    TarMaker *maker = tar_maker_new("none");
    g_autofree char *outside = g_canonicalize_filename("outside", directory);
    g_autofree char *inside = g_strconcat(outside + 1, "/file", NULL);

    tar_symlink(maker, "link", outside);
    tar_file(maker, "link/file", "x");
    unpack(directory, maker);

    assert_nothing_outside(directory);
    assert_content(directory, inside, "x");
}

static void test_a_chain_of_links_does_not_lead_out(void)
{
    SCRATCH(directory);
    TarMaker *maker = tar_maker_new("none");

    tar_directory(maker, "a/b", 0755);
    tar_symlink(maker, "a/b/one", "../..");
    tar_symlink(maker, "a/b/two", "one/..");
    tar_symlink(maker, "a/b/three", "two/../outside");
    tar_file(maker, "a/b/three/file", "x");
    unpack(directory, maker);

    assert_nothing_outside(directory);
    assert_content(directory, "outside/file", "x");
}

/* The parent of the entry before is kept open: it must not be used when the path has changed. */
static void test_a_replaced_parent_is_found_anew(void)
{
    SCRATCH(directory);
    TarMaker *maker = tar_maker_new("none");

    tar_directory(maker, "one", 0755);
    tar_directory(maker, "two", 0755);
    tar_symlink(maker, "way", "one");
    tar_file(maker, "way/first", "1");
    tar_symlink(maker, "way", "two");
    tar_file(maker, "way/second", "2");
    unpack(directory, maker);

    assert_content(directory, "one/first", "1");
    assert_content(directory, "two/second", "2");
}

static void test_a_path_that_comes_back_is_fine(void)
{
    SCRATCH(directory);
    TarMaker *maker = tar_maker_new("none");

    tar_file(maker, "a/b/../.././/file", "x");
    tar_file(maker, "b/./../c", "y");
    unpack(directory, maker);

    assert_content(directory, "c", "y");
    g_assert_true(is_there(directory, "file"));
}

static void test_hard_links_that_lead_out_are_refused(void)
{
    const char *targets[] = { "../outside", "/etc/passwd", "dir", "link/../../etc/passwd" };

    for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
        SCRATCH(directory);
        TarMaker *maker = tar_maker_new("none");

        tar_directory(maker, "dir", 0755);
        tar_symlink(maker, "link", "/etc");
        tar_hardlink(maker, "hard", targets[i]);
        assert_refused(directory, maker, "hard");
    }
}

static void test_names_too_long_are_refused(void)
{
    SCRATCH(directory);
    TarMaker *maker = tar_maker_new("none");
    g_autofree char *name = g_strnfill(300, 'n');

    tar_file(maker, name, "x");
    assert_refused(directory, maker, "nnnn");
}

typedef struct RefusedArchive {
    const char *name;
    const char *error; /* is in the message */
    struct {
        void (*add)(TarMaker *maker, const char *name, const char *value);
        const char *name;
        const char *value;
    } entries[2];
} RefusedArchive;

static const RefusedArchive refused_archives[] = {
    { "a-name-above-the-root", "leads out of the root", { { tar_file, "../outside/file", "x" } } },
    { "a-name-back-above-the-root",
      "leads out of the root",
      { { tar_file, "a/../../outside/file", "x" } } },
    { "an-absolute-name-above-the-root",
      "leads out of the root",
      { { tar_file, "/../outside/file", "x" } } },
    { "the-directory-above-the-root", "leads out of the root", { { tar_file, "..", "x" } } },
    { "a-file-as-parent",
      "entry 'file/below'",
      { { tar_file, "file", "x" }, { tar_file, "file/below", "y" } } },
    { "a-loop-of-links",
      "entry 'loop/file'",
      { { tar_symlink, "loop", "loop" }, { tar_file, "loop/file", "x" } } },
    { "a-full-directory-gives-way-to-nothing",
      "not empty",
      { { tar_file, "dir/file", "x" }, { tar_symlink, "dir", "/etc" } } },
    { "a-root-that-is-no-directory",
      "the root can only be a directory",
      { { tar_symlink, "./", "/etc" } } },
    { "control-characters-do-not-reach-the-terminal",
      "entry '../\\033[2Jx'",
      { { tar_file, "../\033[2Jx", "x" } } },
};

static void test_a_refused_archive(const void *data)
{
    const RefusedArchive *refused = data;
    SCRATCH(directory);
    TarMaker *maker = tar_maker_new("none");

    for (size_t i = 0; i < G_N_ELEMENTS(refused->entries); i++) {
        if (refused->entries[i].add != NULL)
            refused->entries[i].add(maker, refused->entries[i].name, refused->entries[i].value);
    }
    assert_refused(directory, maker, refused->error);
}

static void add_refused_archives(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(refused_archives); i++) {
        g_autofree char *path = g_strconcat("/storage/unpack/refused/", refused_archives[i].name,
                                            NULL);

        g_test_add_data_func(path, &refused_archives[i], test_a_refused_archive);
    }
}

/* --- broken archives -------------------------------------------------------------------------- */

/* One file of 3000 bytes. */
static GByteArray *one_file(const char *filter)
{
    TarMaker *maker = tar_maker_new(filter);
    g_autofree char *content = g_strnfill(3000, 'c');

    tar_file(maker, "file", content);
    return tar_finish(maker);
}

/* The header of that file: the last one, behind its pax header. */
static guint8 *last_header(const GByteArray *tar)
{
    guint8 *found = NULL;

    for (guint at = 0; at + HEADER_SIZE <= tar->len; at += HEADER_SIZE) {
        if (memcmp(tar->data + at + 257, "ustar", 5) == 0)
            found = tar->data + at;
    }
    g_assert_nonnull(found);
    return found;
}

static void test_nothing_and_garbage_are_no_archives(void)
{
    static guint8 nothing[1], garbage[4096];
    SCRATCH(directory);

    memset(garbage, 'g', sizeof(garbage));
    assert_bytes_refused(directory, &(GByteArray){ nothing, 0 }, "empty");
    assert_bytes_refused(directory, &(GByteArray){ garbage, sizeof(garbage) }, "not a tar archive");
    assert_bytes_refused(directory, &(GByteArray){ garbage, 3 }, "not a tar archive");
}

static void test_a_truncated_archive_names_the_entry(void)
{
    SCRATCH(directory);
    g_autoptr(GByteArray) tar = one_file("none");
    guint content = (guint)(last_header(tar) - tar->data) + HEADER_SIZE;

    for (guint length = content; length < content + 3000; length += 499) {
        GByteArray cut = { tar->data, length };
        assert_bytes_refused(directory, &cut, "entry 'file'");
        assert_bytes_refused(directory, &cut, "truncated");
    }
}

static void test_a_truncated_compressed_archive_is_told(void)
{
    SCRATCH(directory);
    g_autoptr(GByteArray) gzip = one_file("gzip");
    g_autoptr(GByteArray) zstd = one_file("zstd");

    for (guint cut = 1; cut < 40; cut++) {
        assert_bytes_refused(directory, &(GByteArray){ gzip->data, gzip->len - cut }, "truncated");
        assert_bytes_refused(directory, &(GByteArray){ zstd->data, zstd->len - cut }, "truncated");
    }
}

static void test_absurd_sizes_are_refused(void)
{
    const char *sizes[] = {
        "77777777777 ",                                     /* 8 GiB, in octal */
        "\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff",       /* 2^63 - 1, in binary */
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xf0", /* -16 */
        "-0000000001 ",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        SCRATCH(directory);
        g_autoptr(GByteArray) tar = one_file("none");
        guint8 *header = last_header(tar);

        memcpy(header + SIZE_OFFSET, sizes[i], SIZE_SIZE);
        tar_header_sign(header);
        assert_bytes_refused(directory, tar, "");
    }
}

static void test_a_damaged_header_is_refused(void)
{
    SCRATCH(directory);
    g_autoptr(GByteArray) tar = one_file("none");

    last_header(tar)[5] ^= 1;
    assert_bytes_refused(directory, tar, "bad tar archive");
}

static bool count_unpacked(const void *data, size_t length, void *user_data, GError **error)
{
    *(size_t *)user_data += length;
    return true;
}

static void test_all_bytes_are_seen_to_the_very_end(void)
{
    SCRATCH(directory);
    g_autoptr(GByteArray) tar = one_file("none");
    size_t n_seen = 0;
    const UnpackOptions options = { .on_unpacked = count_unpacked, .user_data = &n_seen };
    UnpackResult result;

    for (int i = 0; i < 300000; i++)
        g_byte_array_append(tar, (const guint8 *)"behind", 6);

    autofd int fd = bytes_open(tar->data, tar->len);
    autofd int root_fd = -1;

    g_assert_true(root_open(directory, &root_fd, NULL));
    g_assert_true(unpack_tar(fd, root_fd, &options, &result, NULL));
    g_assert_cmpuint(n_seen, ==, tar->len);
}

/* --- what only root may do -------------------------------------------------------------------- */

static void test_owners_devices_and_capabilities_are_kept(void)
{
    SCRATCH(directory);
    TarMaker *maker = tar_maker_new("none");
    struct archive_entry *owned = tar_entry("owned", S_IFREG | 06755);
    struct archive_entry *device = tar_entry("null", S_IFCHR | 0666);
    /* struct vfs_cap_data, revision 2: cap_net_raw, permitted and effective */
    const guint8 capability[20] = { 1, 0, 0, 2, 0, 0x20 };
    guint8 got[32];
    IN(directory, path, "root/owned");

    if (skip_without_root())
        return;
    archive_entry_set_uid(owned, 1234);
    archive_entry_set_gid(owned, 5678);
    archive_entry_xattr_add_entry(owned, "security.capability", capability, sizeof(capability));
    archive_entry_xattr_add_entry(owned, "trusted.overlay.redirect", "/", 1);
    tar_put(maker, owned, "x", 1);
    archive_entry_set_rdev(device, makedev(1, 3));
    tar_put(maker, device, NULL, 0);
    unpack(directory, maker);

    struct stat st = stat_of(directory, "owned");

    g_assert_cmpuint(st.st_uid, ==, 1234);
    g_assert_cmpuint(st.st_gid, ==, 5678);
    g_assert_cmpuint(st.st_mode, ==, S_IFREG | 06755);
    g_assert_cmpint(getxattr(path, "security.capability", got, sizeof(got)), ==, sizeof(capability));
    g_assert_cmpmem(got, sizeof(capability), capability, sizeof(capability));
    g_assert_cmpint(getxattr(path, "trusted.overlay.redirect", got, sizeof(got)), <, 0);
    g_assert_cmpuint(stat_of(directory, "null").st_rdev, ==, makedev(1, 3));
}

static void test_owners_out_of_range_are_refused(void)
{
    SCRATCH(directory);
    TarMaker *maker = tar_maker_new("none");
    struct archive_entry *entry = tar_entry("file", S_IFREG | 0644);

    archive_entry_set_uid(entry, 4294967295);
    tar_put(maker, entry, "x", 1);
    assert_refused(directory, maker, "out of range");
}

static void test_devices_need_root(void)
{
    SCRATCH(directory);
    TarMaker *maker = tar_maker_new("none");
    struct archive_entry *device = tar_entry("null", S_IFCHR | 0666);
    UnpackResult result;
    g_autoptr(GError) error = NULL;

    archive_entry_set_rdev(device, makedev(1, 3));
    tar_put(maker, device, NULL, 0);

    g_autoptr(GByteArray) tar = tar_finish(maker);

    if (geteuid() == 0) {
        g_test_skip("root may make devices");
        return;
    }
    g_assert_false(unpack_bytes(directory, tar, false, &result, &error));
    g_assert_nonnull(strstr(error->message, "only root may make devices"));
}

static bool is_whiteout(const char *directory, const char *name)
{
    struct stat st = stat_of(directory, name);

    return S_ISCHR(st.st_mode) && st.st_rdev == 0;
}

static bool is_opaque(const char *directory, const char *name)
{
    g_autofree char *path = g_build_filename(directory, "root", name, NULL);
    char value = 0;

    return lgetxattr(path, "trusted.overlay.opaque", &value, 1) == 1 && value == 'y';
}

static void test_whiteouts_become_overlayfs_ones(void)
{
    SCRATCH(directory);
    TarMaker *maker = tar_maker_new("none");

    if (skip_without_root())
        return;
    tar_file(maker, "dir/.wh.gone", "");
    tar_file(maker, "opaque/.wh..wh..opq", "");
    tar_file(maker, ".wh..wh.plnk/1.2", "");
    tar_file(maker, "dir/.wh..wh.aufs", "");
    unpack_with(directory, maker, true);

    g_assert_true(is_whiteout(directory, "dir/gone"));
    g_assert_true(is_opaque(directory, "opaque"));
    g_assert_false(is_opaque(directory, "dir"));
    g_assert_false(is_there(directory, "opaque/.wh..wh..opq"));
    g_assert_false(is_there(directory, ".wh..wh.plnk"));
    g_assert_false(is_there(directory, "dir/.wh..wh.aufs"));
}

static void test_a_whiteout_spares_its_own_layer(void)
{
    SCRATCH(directory);
    TarMaker *maker = tar_maker_new("none");

    if (skip_without_root())
        return;
    tar_file(maker, "before", "new");
    tar_file(maker, ".wh.before", "");
    tar_file(maker, ".wh.after", "");
    tar_file(maker, "after", "new");
    tar_file(maker, "dir/file", "new");
    tar_file(maker, ".wh.dir", "");
    tar_file(maker, ".wh.later", "");
    tar_directory(maker, "later", 0755);
    unpack_with(directory, maker, true);

    assert_content(directory, "before", "new");
    assert_content(directory, "after", "new");
    assert_content(directory, "dir/file", "new");
    g_assert_true(is_opaque(directory, "dir")); /* the lower one's content is gone all the same */
    g_assert_true(is_opaque(directory, "later"));
}

static void test_whiteouts_of_no_name_are_refused(void)
{
    const char *names[] = { ".wh.", "dir/.wh...", "dir/.wh.." };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        SCRATCH(directory);
        TarMaker *maker = tar_maker_new("none");

        tar_file(maker, names[i], "");
        assert_refused(directory, maker, "whiteout of no name");
    }
}

static void test_without_whiteouts_they_are_files(void)
{
    SCRATCH(directory);
    TarMaker *maker = tar_maker_new("none");

    tar_file(maker, "dir/.wh.name", "content");
    unpack_with(directory, maker, false);
    assert_content(directory, "dir/.wh.name", "content");
}

#define ADD(name, function) g_test_add_func("/storage/unpack/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("files-directories-and-links-are-kept", test_files_directories_and_links_are_kept);
    ADD("times-are-kept-of-directories-too", test_times_are_kept_of_directories_too);
    ADD("names-are-bytes-of-any-length", test_names_are_bytes_of_any_length);
    ADD("holes-stay-holes", test_holes_stay_holes);
    ADD("the-last-entry-of-a-name-counts", test_the_last_entry_of_a_name_counts);
    ADD("all-compressions-give-the-same", test_all_compressions_give_the_same);
    ADD("links-lead-about-inside", test_links_lead_about_inside);
    ADD("an-absolute-link-is-not-written-through", test_an_absolute_link_is_not_written_through);
    ADD("a-chain-of-links-does-not-lead-out", test_a_chain_of_links_does_not_lead_out);
    ADD("a-replaced-parent-is-found-anew", test_a_replaced_parent_is_found_anew);
    ADD("a-path-that-comes-back-is-fine", test_a_path_that_comes_back_is_fine);
    ADD("hard-links-that-lead-out-are-refused", test_hard_links_that_lead_out_are_refused);
    ADD("names-too-long-are-refused", test_names_too_long_are_refused);
    add_refused_archives();
    ADD("nothing-and-garbage-are-no-archives", test_nothing_and_garbage_are_no_archives);
    ADD("a-truncated-archive-names-the-entry", test_a_truncated_archive_names_the_entry);
    ADD("a-truncated-compressed-archive-is-told", test_a_truncated_compressed_archive_is_told);
    ADD("absurd-sizes-are-refused", test_absurd_sizes_are_refused);
    ADD("a-damaged-header-is-refused", test_a_damaged_header_is_refused);
    ADD("all-bytes-are-seen-to-the-very-end", test_all_bytes_are_seen_to_the_very_end);
    ADD("owners-devices-and-capabilities-are-kept", test_owners_devices_and_capabilities_are_kept);
    ADD("owners-out-of-range-are-refused", test_owners_out_of_range_are_refused);
    ADD("devices-need-root", test_devices_need_root);
    ADD("whiteouts-become-overlayfs-ones", test_whiteouts_become_overlayfs_ones);
    ADD("a-whiteout-spares-its-own-layer", test_a_whiteout_spares_its_own_layer);
    ADD("whiteouts-of-no-name-are-refused", test_whiteouts_of_no_name_are_refused);
    ADD("without-whiteouts-they-are-files", test_without_whiteouts_they_are_files);
    return g_test_run();
}
