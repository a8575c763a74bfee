/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/pack.h"

#include "base/scratch.h"
#include "base/spawn-run.h"
#include "storage/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MIB ((size_t)1024 * 1024)

/* --- making a tree, in "tree" of the scratch directory ---------------------------------------- */

static char *tree_path(const char *directory, const char *name)
{
    return g_build_filename(directory, "tree", name, NULL);
}

static void make_dir(const char *directory, const char *name)
{
    g_autofree char *path = tree_path(directory, name);

    g_assert_true(dir_make(path, 0755, NULL));
}

static void make_bytes(const char *directory, const char *name, const char *content, size_t length)
{
    g_autofree char *path = tree_path(directory, name);
    autofd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

    g_assert_true(fd_write_all(fd, content, length, NULL));
}

static void make_file(const char *directory, const char *name, const char *content)
{
    make_bytes(directory, name, content, strlen(content));
}

static void make_link(const char *directory, const char *name, const char *target)
{
    g_autofree char *path = tree_path(directory, name);

    g_assert_cmpint(symlink(target, path), ==, 0);
}

static void make_hardlink(const char *directory, const char *name, const char *target)
{
    g_autofree char *path = tree_path(directory, name);
    g_autofree char *target_path = tree_path(directory, target);

    g_assert_cmpint(link(target_path, path), ==, 0);
}

static void make_node(const char *directory, const char *name, mode_t mode, dev_t device)
{
    g_autofree char *path = tree_path(directory, name);

    g_assert_cmpint(mknod(path, mode, device), ==, 0);
}

static void set_time(const char *directory, const char *name, time_t seconds, long nanoseconds)
{
    g_autofree char *path = tree_path(directory, name);
    const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { seconds, nanoseconds } };

    g_assert_cmpint(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW), ==, 0);
}

/* False where the file system has none. */
static bool set_xattr(const char *directory, const char *name, const char *key, const void *value,
                      size_t size)
{
    g_autofree char *path = tree_path(directory, name);
    int result = lsetxattr(path, key, value, size, 0);

    g_assert_true(result == 0 || errno == ENOTSUP);
    return result == 0;
}

/* A file of this size with a few bytes here and there. */
static void make_sparse(const char *directory, const char *name, off_t size, size_t n_pieces,
                        const off_t *pieces)
{
    g_autofree char *path = tree_path(directory, name);
    autofd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    g_assert_cmpint(ftruncate(fd, size), ==, 0);
    for (size_t i = 0; i < n_pieces; i++)
        g_assert_cmpint(pwrite(fd, "piece", 5, pieces[i]), ==, 5);
}

/* --- packing ---------------------------------------------------------------------------------- */

static bool pack_as(const char *directory, const PackOptions *options, int fd,
                    int64_t *ret_n_entries, GError **error)
{
    g_autofree char *tree = tree_path(directory, NULL);
    autofd int tree_fd = -1;

    g_assert_true(root_open(tree, &tree_fd, NULL));
    return options != NULL ? pack_tree(tree_fd, options, fd, ret_n_entries, error)
                           : pack_tar(tree_fd, fd, ret_n_entries, error);
}

static bool pack(const char *directory, int fd, int64_t *ret_n_entries, GError **error)
{
    return pack_as(directory, NULL, fd, ret_n_entries, error);
}

/* The tree as "tar" in the scratch directory; the number of entries. */
static int64_t make_tar(const char *directory)
{
    IN(directory, path, "tar");
    autofd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int64_t n_entries = -1;
    g_autoptr(GError) error = NULL;

    pack(directory, fd, &n_entries, &error);
    g_assert_no_error(error);
    return n_entries;
}

static off_t tar_size(const char *directory)
{
    IN(directory, path, "tar");
    struct stat st;

    g_assert_cmpint(stat(path, &st), ==, 0);
    return st.st_size;
}

static void assert_fails(const char *directory, int fd, const char *text)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(pack(directory, fd, NULL, &error));
    g_assert_true(err_is(error, FLOE_ERROR_IO));
    if (strstr(error->message, text) == NULL)
        g_error("'%s' is not in: %s", text, error->message);
}

/* What another program's tar says, or does. */
static char *run_tar(const char *const *argv)
{
    const SpawnOptions options = { .argv = argv, .stdin_fd = -1, .umask = -1, .netns_fd = -1 };
    g_auto(SpawnResult) result = { 0 };
    g_autoptr(GError) error = NULL;

    spawn_run(&options, NULL, 0, 20000, &result, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(result.err, ==, "");
    g_assert_cmpint(result.status, ==, 0);
    return g_steal_pointer(&result.out);
}

/* --- comparing "tree" and "copy" -------------------------------------------------------------- */

typedef struct Comparison {
    GHashTable *inodes; /* of the tree -> of the copy */
    size_t n_compared;
} Comparison;

static void assert_same_xattrs(const char *path, const char *copy)
{
    char names[4096], value[XATTR_SIZE_MAX], copied[XATTR_SIZE_MAX];
    ssize_t length = llistxattr(path, names, sizeof(names));

    for (const char *name = names; length > 0 && name < names + length; name += strlen(name) + 1) {
        ssize_t size = lgetxattr(path, name, value, sizeof(value));
        ssize_t copied_size = lgetxattr(copy, name, copied, sizeof(copied));

        if (size != copied_size)
            g_error("xattr '%s' of '%s' differs: %zd, %zd bytes", name, path, size, copied_size);
        g_assert_cmpmem(value, (size_t)size, copied, (size_t)copied_size);
    }
    g_assert_cmpint(length, ==, llistxattr(copy, NULL, 0));
}

static void assert_same_content(const char *path, const char *copy)
{
    g_autofree char *content = NULL, *copied = NULL;
    gsize length = 0, copied_length = 0;

    g_assert_true(g_file_get_contents(path, &content, &length, NULL));
    g_assert_true(g_file_get_contents(copy, &copied, &copied_length, NULL));
    g_assert_cmpuint(length, ==, copied_length);
    g_assert_true(memcmp(content, copied, length) == 0);
}

static void assert_same_target(const char *path, const char *copy)
{
    g_autofree char *target = g_file_read_link(path, NULL);
    g_autofree char *copied = g_file_read_link(copy, NULL);

    g_assert_cmpstr(target, ==, copied);
}

/* The same file has the same names in both. */
static void assert_same_links(Comparison *comparison, ino_t inode, ino_t copied)
{
    gpointer known = g_hash_table_lookup(comparison->inodes, GSIZE_TO_POINTER(inode));

    if (known == NULL)
        g_hash_table_insert(comparison->inodes, GSIZE_TO_POINTER(inode), GSIZE_TO_POINTER(copied));
    else
        g_assert_cmpuint(GPOINTER_TO_SIZE(known), ==, copied);
}

static void assert_same_tree(Comparison *comparison, const char *path, const char *copy);

static void assert_same_directory(Comparison *comparison, const char *path, const char *copy)
{
    g_autoptr(GDir) found = g_dir_open(path, 0, NULL);
    g_autoptr(GDir) copied = g_dir_open(copy, 0, NULL);
    const char *name;
    size_t n_names = 0;

    while ((name = g_dir_read_name(found)) != NULL) {
        g_autofree char *sub = g_build_filename(path, name, NULL);
        g_autofree char *sub_copy = g_build_filename(copy, name, NULL);

        assert_same_tree(comparison, sub, sub_copy);
        n_names++;
    }
    while (g_dir_read_name(copied) != NULL)
        n_names--;
    g_assert_cmpuint(n_names, ==, 0);
}

static void assert_same_tree(Comparison *comparison, const char *path, const char *copy)
{
    struct stat st, copied;

    if (lstat(path, &st) < 0 || lstat(copy, &copied) < 0)
        g_error("'%s' and '%s': %s", path, copy, g_strerror(errno));
    g_assert_cmpuint(st.st_mode, ==, copied.st_mode);
    g_assert_cmpuint(st.st_uid, ==, copied.st_uid);
    g_assert_cmpuint(st.st_gid, ==, copied.st_gid);
    g_assert_cmpuint(st.st_rdev, ==, copied.st_rdev);
    g_assert_cmpuint(st.st_nlink, ==, copied.st_nlink);
    g_assert_cmpint(st.st_mtim.tv_sec, ==, copied.st_mtim.tv_sec);
    g_assert_cmpint(st.st_mtim.tv_nsec, ==, copied.st_mtim.tv_nsec);
    assert_same_links(comparison, st.st_ino, copied.st_ino);
    assert_same_xattrs(path, copy);
    comparison->n_compared++;

    if (S_ISREG(st.st_mode)) {
        g_assert_cmpint(copied.st_blocks, <=, st.st_blocks + 8);
        assert_same_content(path, copy);
    } else if (S_ISLNK(st.st_mode)) {
        assert_same_target(path, copy);
    } else if (S_ISDIR(st.st_mode)) {
        assert_same_directory(comparison, path, copy);
    }
}

/* Pack, unpack, compare. The number of entries must be right. */
static void assert_round_trip(const char *directory)
{
    g_autofree char *tree = tree_path(directory, NULL);
    IN(directory, copy, "copy");
    g_autoptr(GHashTable) inodes = g_hash_table_new(NULL, NULL);
    Comparison comparison = { .inodes = inodes };
    IN(directory, tar, "tar");
    int64_t n_entries = make_tar(directory);
    autofd int tar_fd = open(tar, O_RDONLY | O_CLOEXEC);
    autofd int copy_fd = -1;
    UnpackResult result = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_true(dir_make(copy, 0700, NULL));
    g_assert_true(root_open(copy, &copy_fd, NULL));
    unpack_tar(tar_fd, copy_fd, &(UnpackOptions){ 0 }, &result, &error);
    g_assert_no_error(error);
    assert_same_tree(&comparison, tree, copy);
    g_assert_cmpint(result.n_entries, ==, n_entries + 1);
    g_assert_cmpint((int64_t)comparison.n_compared, ==, n_entries + 1);
}

static bool skip_without_root(void)
{
    if (geteuid() != 0)
        g_test_skip("only root may do this");
    return geteuid() != 0;
}

/* --- what is kept ----------------------------------------------------------------------------- */

static void test_an_empty_directory_is_its_own_entry(void)
{
    SCRATCH(directory);
    g_autofree char *path = tree_path(directory, NULL);

    make_dir(directory, NULL);
    g_assert_cmpint(chmod(path, 01777), ==, 0);
    assert_round_trip(directory);

    g_assert_cmpint(make_tar(directory), ==, 0);
    g_assert_cmpint(tar_size(directory), >, 2 * 512);
}

static void test_all_types_come_back(void)
{
    SCRATCH(directory);

    make_dir(directory, "dir/sub");
    make_file(directory, "dir/empty", "");
    make_file(directory, "dir/file", "content");
    make_link(directory, "dir/link", "../dir/file");
    make_link(directory, "dangling", "/nowhere/at/all");
    make_link(directory, "loop", "loop");
    make_node(directory, "pipe", S_IFIFO | 0620, 0);
    assert_round_trip(directory);
}

static void test_sizes_around_blocks_and_buffers(void)
{
    const size_t sizes[] = { 1, 511, 512, 513, 262143, 262144, 262145, 3000001 };
    SCRATCH(directory);
    g_autofree char *content = g_malloc(3000001);

    for (size_t i = 0; i < 3000001; i++)
        content[i] = (char)(i * 7 + i / 251);
    make_dir(directory, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *name = g_strdup_printf("file%zu", sizes[i]);
        make_bytes(directory, name, content, sizes[i]);
    }
    assert_round_trip(directory);
}

static void test_names_are_bytes_of_any_length(void)
{
    SCRATCH(directory);
    g_autofree char *part = g_strnfill(255, 'x');
    g_autofree char *long_dir = g_strconcat(part, "/", part, NULL);
    g_autofree char *long_name = g_strconcat(long_dir, "/", part, NULL);
    g_autofree char *short_98 = g_strnfill(98, 'a'); /* "./" and this fill the field */
    g_autofree char *short_99 = g_strnfill(99, 'b');
    const char *names[] = { "e\xcc\x81", "\xe9", "two\nlines", " a=b ", "\\134", "-rf" };

    make_dir(directory, long_dir);
    make_file(directory, long_name, "long");
    make_link(directory, "long", long_name);
    make_hardlink(directory, "hard", long_name);
    make_file(directory, short_98, "98");
    make_file(directory, short_99, "99");
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *link_name = g_strconcat("link-", names[i], NULL);
        g_autofree char *sparse_name = g_strconcat("sparse-", names[i], NULL);

        make_file(directory, names[i], names[i]);
        make_link(directory, link_name, names[i]);
        make_sparse(directory, sparse_name, (off_t)MIB, 0, NULL);
    }
    assert_round_trip(directory);
}

static void test_times_keep_their_nanoseconds(void)
{
    SCRATCH(directory);

    make_dir(directory, "dir");
    make_file(directory, "dir/nanosecond", "");
    make_file(directory, "dir/whole", "");
    make_file(directory, "dir/first", "");
    make_file(directory, "dir/before", "");
    make_link(directory, "dir/link", "whole");
    set_time(directory, "dir/nanosecond", 1000000000, 1);
    set_time(directory, "dir/whole", 1000000000, 0);
    set_time(directory, "dir/first", 0, 0);
    set_time(directory, "dir/before", -1000000, 0); /* libarchive reads -1.5 as -0.5 */
    set_time(directory, "dir/link", 1234567890, 987654321);
    set_time(directory, "dir", 999999999, 999999999);
    set_time(directory, NULL, 3, 500000000);
    assert_round_trip(directory);
}

static void test_hard_links_are_one_file(void)
{
    SCRATCH(directory);
    struct stat st;

    make_dir(directory, "dir");
    make_file(directory, "one", "the content of one");
    make_hardlink(directory, "dir/two", "one");
    make_hardlink(directory, "dir/three", "one");
    make_file(directory, "other", "the other");
    make_hardlink(directory, "dir/other", "other");
    make_link(directory, "link", "one");
    make_hardlink(directory, "link-two", "link");
    assert_round_trip(directory);

    IN(directory, copied, "copy/dir/three");
    g_assert_cmpint(stat(copied, &st), ==, 0);
    g_assert_cmpuint(st.st_nlink, ==, 3);
}

static void test_holes_stay_holes(void)
{
    const off_t size = (off_t)(64 * MIB);
    SCRATCH(directory);

    make_dir(directory, NULL);
    make_sparse(directory, "only-a-hole", size, 0, NULL);
    make_sparse(directory, "begins-with-data", size, 1, (off_t[]){ 0 });
    make_sparse(directory, "ends-with-data", size, 1, (off_t[]){ size - 5 });
    make_sparse(directory, "many", size, 4, (off_t[]){ 1, 1000000, 20000000, size / 2 });
    make_sparse(directory, "odd", 10000001, 1, (off_t[]){ 5000000 });
    assert_round_trip(directory);

    IN(directory, copied, "copy/many");
    struct stat st;

    g_assert_cmpint(tar_size(directory), <, (off_t)MIB);
    g_assert_cmpint(stat(copied, &st), ==, 0);
    g_assert_cmpint(st.st_blocks * 512, <, (off_t)MIB);
}

static void test_xattrs_are_bytes(void)
{
    SCRATCH(directory);
    g_autofree char *large = g_strnfill(2000, 'l');

    make_dir(directory, "dir");
    make_file(directory, "dir/file", "");
    if (!set_xattr(directory, "dir/file", "user.text", "text", 4)) {
        g_test_skip("the file system has no user xattrs");
        return;
    }
    set_xattr(directory, "dir/file", "user.nothing", "", 0);
    set_xattr(directory, "dir/file", "user.bytes", "\0\n=\xff", 4);
    set_xattr(directory, "dir/file", "user.large", large, 2000);
    set_xattr(directory, "dir/file", "user.a=b", "\0equals\n", 8);
    set_xattr(directory, "dir/file", "user.50%", "percent", 7);
    set_xattr(directory, "dir", "user.of-a-directory", "yes", 3);
    set_xattr(directory, NULL, "user.of-the-root", "yes", 3);
    assert_round_trip(directory);
}

static void test_owners_devices_and_capabilities_are_kept(void)
{
    static const unsigned char capability[20] = { 1, 0, 0, 2, 0, 4 }; /* cap_net_bind_service */
    SCRATCH(directory);
    g_autofree char *file = NULL, *link = NULL;

    if (skip_without_root())
        return;
    make_dir(directory, "dir");
    make_file(directory, "dir/file", "x");
    make_link(directory, "dir/link", "file");
    make_node(directory, "dir/null", S_IFCHR | 0666, makedev(1, 3));
    make_node(directory, "dir/block", S_IFBLK | 0600, makedev(259, 1048575));
    file = tree_path(directory, "dir/file");
    link = tree_path(directory, "dir/link");
    g_assert_cmpint(chown(file, 1000, 4000000000), ==, 0); /* above the octal digits */
    g_assert_cmpint(lchown(link, 2097151, 2097152), ==, 0);
    g_assert_cmpint(chmod(file, 06755), ==, 0);
    set_xattr(directory, "dir/file", "security.capability", capability, sizeof(capability));
    assert_round_trip(directory);
}

/* --- what is left out ------------------------------------------------------------------------- */

static void test_sockets_are_left_out(void)
{
    SCRATCH(directory);
    g_autofree char *path = tree_path(directory, "socket");
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    autofd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    make_dir(directory, NULL);
    make_file(directory, "file", "");
    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    set_time(directory, NULL, 1, 0);

    g_assert_cmpint(make_tar(directory), ==, 1);
    g_assert_cmpint(unlink(path), ==, 0);
    set_time(directory, NULL, 1, 0);
    assert_round_trip(directory);
}

static bool own_mounts(void)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static void test_mounts_are_not_crossed(void)
{
    SCRATCH(directory);
    g_autofree char *mounted = tree_path(directory, "mounted");
    g_autofree char *inside = tree_path(directory, "mounted/inside");
    g_autofree char *bound = tree_path(directory, "bound");
    int64_t n_entries = 0;

    if (skip_without_root())
        return;
    if (!own_mounts()) {
        g_test_skip("no mount namespace can be made");
        return;
    }
    make_dir(directory, "mounted");
    make_file(directory, "bound", "");
    make_file(directory, "seen", "");
    g_assert_cmpint(mount("tmpfs", mounted, "tmpfs", 0, NULL), ==, 0);
    g_assert_cmpint(mount("/etc/passwd", bound, NULL, MS_BIND, NULL), ==, 0);
    g_assert_true(file_write_atomic(inside, "x", 1, 0644, NULL));

    n_entries = make_tar(directory);
    g_assert_cmpint(umount(mounted), ==, 0);
    g_assert_cmpint(umount(bound), ==, 0);
    g_assert_cmpint(n_entries, ==, 1);
}

static void test_links_are_not_followed(void)
{
    SCRATCH(directory);
    IN(directory, outside, "outside");
    IN(directory, secret, "outside/secret");

    g_assert_true(dir_make(outside, 0755, NULL));
    g_assert_true(file_write_atomic(secret, "secret", 6, 0644, NULL));
    make_dir(directory, NULL);
    make_link(directory, "to-a-directory", "../outside");
    make_link(directory, "to-a-file", "../outside/secret");

    g_assert_cmpint(make_tar(directory), ==, 2);
    assert_round_trip(directory);
}

/* --- size ------------------------------------------------------------------------------------- */

/* So many directories, one in the other. */
static void make_deep(const char *directory, int n_levels)
{
    g_autofree char *top = tree_path(directory, NULL);
    autofd int fd = -1;

    make_dir(directory, NULL);
    fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < n_levels; i++) {
        autofd int above = g_steal_fd(&fd);

        g_assert_cmpint(mkdirat(above, "d", 0755), ==, 0);
        g_assert_cmpint(mknodat(above, "e", S_IFREG | 0600, 0), ==, 0);
        fd = openat(above, "d", O_PATH | O_DIRECTORY | O_CLOEXEC);
        g_assert_cmpint(fd, >=, 0);
    }
}

/* The files come after the directories: the way up is taken too. */
static void test_a_deep_tree_needs_few_descriptors(void)
{
    SCRATCH(directory);
    struct rlimit before, few;
    int64_t n_entries = 0;

    make_deep(directory, 2500); /* the longest path is longer than PATH_MAX */
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
    few = (struct rlimit){ .rlim_cur = 100, .rlim_max = before.rlim_max };
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &few), ==, 0);

    n_entries = make_tar(directory);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
    g_assert_cmpint(n_entries, ==, 5000);
}

static void test_a_deep_tree_comes_back(void)
{
    SCRATCH(directory);

    make_deep(directory, 500);
    assert_round_trip(directory);
}

static void test_a_wide_directory_comes_back_in_order(void)
{
    SCRATCH(directory);
    IN(directory, tar, "tar");
    const char *argv[] = { "tar", "-tf", tar, NULL };
    g_autoptr(GString) expected = g_string_new("./\n");

    make_dir(directory, NULL);
    for (int i = 9999; i >= 0; i--) {
        g_autofree char *name = g_strdup_printf("%04d", i);
        make_node(directory, name, S_IFREG | 0600, 0);
    }
    for (int i = 0; i < 10000; i++)
        g_string_append_printf(expected, "./%04d\n", i);

    g_assert_cmpint(make_tar(directory), ==, 10000);

    g_autofree char *listed = run_tar(argv);

    g_assert_cmpstr(listed, ==, expected->str);
}

/* --- others' readers -------------------------------------------------------------------------- */

static void test_gnu_tar_reads_it(void)
{
    SCRATCH(directory);
    IN(directory, tar, "tar");
    g_autofree char *tree = tree_path(directory, NULL);
    g_autofree char *long_name = g_strnfill(200, 'n');
    const char *list[] = { "tar", "-tvf", tar, NULL };
    const char *compare[] = { "tar", "--compare", "-f", tar, "-C", tree, NULL };

    make_dir(directory, "dir");
    make_file(directory, "dir/file", "content");
    make_hardlink(directory, "dir/hard", "dir/file");
    make_file(directory, long_name, "long");
    make_link(directory, "link", "dir/file");
    make_node(directory, "pipe", S_IFIFO | 0600, 0);
    make_sparse(directory, "sparse", (off_t)(64 * MIB), 2, (off_t[]){ 4096, 30000000 });

    g_assert_cmpint(make_tar(directory), ==, 7);

    g_autofree char *listed = run_tar(list);
    g_autofree char *differences = run_tar(compare);

    g_assert_nonnull(strstr(listed, " ./dir/\n"));
    g_assert_nonnull(strstr(listed, " ./dir/hard link to ./dir/file\n"));
    g_assert_nonnull(strstr(listed, " ./link -> dir/file\n"));
    g_assert_nonnull(strstr(listed, long_name));
    g_assert_nonnull(strstr(listed, " 67108864 "));
    g_assert_cmpstr(differences, ==, "");
}

/* --- failures --------------------------------------------------------------------------------- */

static void test_an_unwritable_descriptor_is_told(void)
{
    SCRATCH(directory);
    autofd int read_only = open("/dev/null", O_RDONLY | O_CLOEXEC);
    autofd int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    make_dir(directory, NULL);
    make_file(directory, "file", "content");
    assert_fails(directory, read_only, "the tar: write: Bad file descriptor");
    assert_fails(directory, full, "the tar: write: No space left");
}

static void test_an_unreadable_file_is_named(void)
{
    SCRATCH(directory);
    g_autofree char *path = tree_path(directory, "dir/secret");
    autofd int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    if (geteuid() == 0) {
        g_test_skip("root may read everything");
        return;
    }
    make_dir(directory, "dir");
    make_file(directory, "dir/secret", "x");
    g_assert_cmpint(chmod(path, 0), ==, 0);
    assert_fails(directory, null, "entry 'dir/secret': open it: Permission denied");
}

/*
 * Packing into a pipe that nobody reads stops in the middle of the first large file, which is when
 * the tree is changed.
 */
typedef struct SlowPack {
    const char *directory;
    const PackOptions *options; /* NULL: pack_tar() */
    int pipe[2];
    GThread *thread;
    GError *error;
} SlowPack;

static gpointer slow_pack_thread(gpointer data)
{
    SlowPack *slow = data;
    bool done = pack_as(slow->directory, slow->options, slow->pipe[1], NULL, &slow->error);

    fd_cleanup(&slow->pipe[1]);
    return GINT_TO_POINTER(done);
}

static void slow_pack_start_as(SlowPack *slow, const PackOptions *options, const char *directory)
{
    char first;

    *slow = (SlowPack){ .directory = directory, .options = options };
    g_assert_cmpint(pipe2(slow->pipe, O_CLOEXEC), ==, 0);
    slow->thread = g_thread_new("pack", slow_pack_thread, slow);
    g_assert_cmpint(read(slow->pipe[0], &first, 1), ==, 1);
}

static void slow_pack_start(SlowPack *slow, const char *directory)
{
    slow_pack_start_as(slow, NULL, directory);
}

/* Read it to its end: does it succeed? */
static bool slow_pack_finish(SlowPack *slow)
{
    g_autofree char *tar = NULL;

    g_assert_true(fd_read_all(slow->pipe[0], 64 * MIB, &tar, NULL, NULL));
    fd_cleanup(&slow->pipe[0]);
    return GPOINTER_TO_INT(g_thread_join(slow->thread));
}

static void slow_pack_assert_fails(SlowPack *slow, const char *text)
{
    g_assert_false(slow_pack_finish(slow));
    g_assert_true(err_is(slow->error, FLOE_ERROR_IO));
    if (strstr(slow->error->message, text) == NULL)
        g_error("'%s' is not in: %s", text, slow->error->message);
    g_clear_error(&slow->error);
}

static void make_large(const char *directory, const char *name)
{
    g_autofree char *content = g_strnfill(4 * MIB, 'c');

    make_dir(directory, NULL);
    make_file(directory, name, content);
}

static void test_a_file_that_shrinks_is_named(void)
{
    SCRATCH(directory);
    g_autofree char *path = tree_path(directory, "large");
    SlowPack slow;

    make_large(directory, "large");
    slow_pack_start(&slow, directory);
    g_assert_cmpint(truncate(path, 100), ==, 0);
    slow_pack_assert_fails(&slow, "entry 'large': it became shorter while it was read");
}

static void test_a_file_that_vanishes_is_named(void)
{
    SCRATCH(directory);
    g_autofree char *path = tree_path(directory, "later");
    SlowPack slow;

    make_large(directory, "large");
    make_file(directory, "later", "");
    slow_pack_start(&slow, directory);
    g_assert_cmpint(unlink(path), ==, 0);
    slow_pack_assert_fails(&slow, "entry 'later': open it: No such file");
}

static void test_of_a_live_tree_what_changes_is_no_error(void)
{
    static const PackOptions live = { "top", TREE_LIVE };
    SCRATCH(directory);
    g_autofree char *large = tree_path(directory, "large");
    g_autofree char *file = tree_path(directory, "later");
    g_autofree char *dir = tree_path(directory, "later-dir");
    SlowPack slow;

    make_large(directory, "large");
    make_file(directory, "later", "");
    make_dir(directory, "later-dir");
    slow_pack_start_as(&slow, &live, directory);
    g_assert_cmpint(truncate(large, 100), ==, 0);
    g_assert_cmpint(unlink(file), ==, 0);
    g_assert_cmpint(rmdir(dir), ==, 0);
    g_assert_true(slow_pack_finish(&slow));
    g_assert_no_error(slow.error);
}

/* A link put in the place of a directory that was listed leads nowhere. */
static void test_a_directory_that_becomes_a_link_is_one(void)
{
    SCRATCH(directory);
    g_autofree char *path = tree_path(directory, "later");
    SlowPack slow;

    make_large(directory, "large");
    make_dir(directory, "later");
    slow_pack_start(&slow, directory);
    g_assert_cmpint(rmdir(path), ==, 0);
    make_link(directory, "later", "/");
    g_assert_true(slow_pack_finish(&slow));
}

#define ADD(name, function) g_test_add_func("/storage/pack/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("an-empty-directory-is-its-own-entry", test_an_empty_directory_is_its_own_entry);
    ADD("all-types-come-back", test_all_types_come_back);
    ADD("sizes-around-blocks-and-buffers", test_sizes_around_blocks_and_buffers);
    ADD("names-are-bytes-of-any-length", test_names_are_bytes_of_any_length);
    ADD("times-keep-their-nanoseconds", test_times_keep_their_nanoseconds);
    ADD("hard-links-are-one-file", test_hard_links_are_one_file);
    ADD("holes-stay-holes", test_holes_stay_holes);
    ADD("xattrs-are-bytes", test_xattrs_are_bytes);
    ADD("owners-devices-and-capabilities-are-kept", test_owners_devices_and_capabilities_are_kept);
    ADD("sockets-are-left-out", test_sockets_are_left_out);
    ADD("mounts-are-not-crossed", test_mounts_are_not_crossed);
    ADD("links-are-not-followed", test_links_are_not_followed);
    ADD("a-deep-tree-needs-few-descriptors", test_a_deep_tree_needs_few_descriptors);
    ADD("a-deep-tree-comes-back", test_a_deep_tree_comes_back);
    ADD("a-wide-directory-comes-back-in-order", test_a_wide_directory_comes_back_in_order);
    ADD("gnu-tar-reads-it", test_gnu_tar_reads_it);
    ADD("an-unwritable-descriptor-is-told", test_an_unwritable_descriptor_is_told);
    ADD("an-unreadable-file-is-named", test_an_unreadable_file_is_named);
    ADD("a-file-that-shrinks-is-named", test_a_file_that_shrinks_is_named);
    ADD("a-file-that-vanishes-is-named", test_a_file_that_vanishes_is_named);
    ADD("of-a-live-tree-what-changes-is-no-error", test_of_a_live_tree_what_changes_is_no_error);
    ADD("a-directory-that-becomes-a-link-is-one", test_a_directory_that_becomes_a_link_is_one);
    return g_test_run();
}
