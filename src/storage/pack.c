/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tree becomes a tar: this file walks the tree and looks at each entry, tar-writer writes it. An
 * entry is opened once, as a place only (O_PATH), and everything about it is read through that
 * descriptor: a name may be given to something else at any time. A tree of any depth takes
 * OPEN_LEVELS descriptors.
 */
#include "storage/pack.h"

#include "base/fd.h"
#include "base/log.h"
#include "storage/tar-writer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

/* So many directories of one branch are kept open; one further up is found again through "..". */
#define OPEN_LEVELS  64
#define SCRATCH_SIZE ((size_t)XATTR_LIST_MAX)

/* A directory of the branch being walked. */
typedef struct Level {
    int fd; /* -1: closed for now */
    dev_t device;
    ino_t inode; /* to know it again */
    gsize path_length;
    GPtrArray *names;
    guint next; /* index in names */
} Level;

typedef struct Packer {
    TarWriter writer;
    GString *path; /* of the entry at hand, as the tar has it */
    GArray *levels;
    GHashTable *linked; /* "device:inode" of what has several names -> the path it was packed as */
    char *scratch;      /* for lists of names: a directory's, or those of its xattrs */
    int64_t n_entries;
} Packer;

/* The xattrs of one entry. */
typedef struct XattrList {
    GPtrArray *owned; /* names and values */
    TreeXattr items[TREE_XATTRS_MAX];
    size_t n_items;
} XattrList;

static void packer_init(Packer *packer, int fd)
{
    *packer = (Packer){
        .path = g_string_new("./"),
        .levels = g_array_new(FALSE, FALSE, sizeof(Level)),
        .linked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
        .scratch = g_malloc(SCRATCH_SIZE),
    };
    tar_writer_init(&packer->writer, fd);
}

static void level_clear(Level *level)
{
    fd_cleanup(&level->fd);
    g_clear_pointer(&level->names, g_ptr_array_unref);
}

static void packer_clear(Packer *packer)
{
    for (guint i = 0; i < packer->levels->len; i++)
        level_clear(&g_array_index(packer->levels, Level, i));
    g_array_unref(packer->levels);
    g_hash_table_unref(packer->linked);
    g_string_free(packer->path, TRUE);
    g_free(packer->scratch);
    tar_writer_clear(&packer->writer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Packer, packer_clear)

static void xattr_list_clear(XattrList *list)
{
    g_clear_pointer(&list->owned, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(XattrList, xattr_list_clear)

/* EXDEV: it is a mount point. */
static int open_below(int dir_fd, const char *name, int flags)
{
    const struct open_how how = {
        .flags = (uint64_t)(flags | O_CLOEXEC),
        .resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
    };

    return (int)TEMP_FAILURE_RETRY(syscall(SYS_openat2, dir_fd, name, &how, sizeof(how)));
}

/* The way to what a place is, for calls that take no descriptor of a place. */
typedef struct PlacePath {
    char text[32];
} PlacePath;

static PlacePath place_path(int place)
{
    PlacePath path;

    g_snprintf(path.text, sizeof(path.text), "/proc/self/fd/%d", place);
    return path;
}

/* --- one entry -------------------------------------------------------------------------------- */

static bool xattr_read(const char *path, const char *name, XattrList *list, GError **error)
{
    char value[XATTR_SIZE_MAX];
    ssize_t size = getxattr(path, name, value, sizeof(value));

    if (size < 0 && errno == ENODATA) /* removed meanwhile */
        return true;
    if (size < 0)
        return err_set_errno(error, "read its xattr '%s'", name);
    if (list->n_items == TREE_XATTRS_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "it has more than %d xattrs", TREE_XATTRS_MAX);

    TreeXattr *xattr = &list->items[list->n_items++];

    xattr->name = g_strdup(name);
    xattr->value = g_memdup2(value, (gsize)size);
    xattr->size = (size_t)size;
    g_ptr_array_add(list->owned, (void *)xattr->name);
    g_ptr_array_add(list->owned, (void *)xattr->value);
    return true;
}

static bool xattrs_read(Packer *packer, int place, XattrList *list, GError **error)
{
    PlacePath path = place_path(place);
    ssize_t length = listxattr(path.text, packer->scratch, SCRATCH_SIZE);

    if (length < 0 && errno == ENOTSUP)
        return true;
    if (length < 0)
        return err_set_errno(error, "list its xattrs");

    list->owned = g_ptr_array_new_with_free_func(g_free);
    for (const char *name = packer->scratch; name < packer->scratch + length;
         name += strlen(name) + 1) {
        if (tree_xattr_is_kept(name) && !xattr_read(path.text, name, list, error))
            return false;
    }
    return true;
}

static bool file_pack(Packer *packer, int place, const TreeEntry *entry, GError **error)
{
    autofd int fd = open(place_path(place).text, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return err_set_errno(error, "open it");
    return tar_add_file(&packer->writer, entry, fd, error);
}

static bool symlink_pack(Packer *packer, int place, const TreeEntry *entry, GError **error)
{
    TreeEntry symlink = *entry;
    char target[PATH_MAX];
    ssize_t length = readlinkat(place, "", target, sizeof(target) - 1);

    if (length < 0)
        return err_set_errno(error, "read the symbolic link");
    target[length] = '\0';
    symlink.target = target;
    return tar_add(&packer->writer, &symlink, error);
}

/* The path under which the file with these other names was packed; NULL: this is its first. */
static const char *first_name(Packer *packer, const struct stat *st)
{
    g_autofree char *key = g_strdup_printf("%" G_GINT64_MODIFIER "x:%" G_GINT64_MODIFIER "x",
                                           (guint64)st->st_dev, (guint64)st->st_ino);
    const char *first = g_hash_table_lookup(packer->linked, key);

    if (first == NULL)
        g_hash_table_insert(packer->linked, g_steal_pointer(&key), g_strdup(packer->path->str));
    return first;
}

/* Anything but the content of a directory. */
static bool object_pack(Packer *packer, int place, const struct stat *st, GError **error)
{
    g_auto(XattrList) xattrs = { 0 };
    TreeEntry entry = {
        .path = packer->path->str,
        .mode = st->st_mode,
        .uid = st->st_uid,
        .gid = st->st_gid,
        .mtime = st->st_mtim,
        .device = S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode) ? st->st_rdev : 0,
        .xattrs = xattrs.items,
    };
    bool has_other_names = st->st_nlink > 1 && !S_ISDIR(st->st_mode);
    const char *first = has_other_names ? first_name(packer, st) : NULL;

    if (first != NULL)
        return tar_add_hardlink(&packer->writer, &entry, first, error);
    if (!xattrs_read(packer, place, &xattrs, error))
        return false;
    entry.n_xattrs = xattrs.n_items;
    if (S_ISREG(st->st_mode))
        return file_pack(packer, place, &entry, error);
    if (S_ISLNK(st->st_mode))
        return symlink_pack(packer, place, &entry, error);
    return tar_add(&packer->writer, &entry, error);
}

/* --- directories ------------------------------------------------------------------------------ */

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool names_read(Packer *packer, int fd, GPtrArray *names, GError **error)
{
    ssize_t length;

    while ((length = getdents64(fd, packer->scratch, SCRATCH_SIZE)) > 0) {
        const struct dirent64 *found;

        for (ssize_t at = 0; at < length; at += found->d_reclen) {
            found = (const void *)(packer->scratch + at);
            if (!g_str_equal(found->d_name, ".") && !g_str_equal(found->d_name, ".."))
                g_ptr_array_add(names, g_strdup(found->d_name));
        }
    }
    if (length < 0)
        return err_set_errno(error, "list it");
    g_ptr_array_sort(names, compare_names);
    return true;
}

/* The directory itself, and make its entries the next ones; packer->path ends with a slash. */
static bool directory_enter(Packer *packer, int place, const struct stat *st, GError **error)
{
    Level level = {
        .fd = -1,
        .device = st->st_dev,
        .inode = st->st_ino,
        .path_length = packer->path->len,
        .names = g_ptr_array_new_with_free_func(g_free),
    };

    g_array_append_val(packer->levels, level);
    if (!object_pack(packer, place, st, error))
        return false;

    Level *self = &g_array_index(packer->levels, Level, packer->levels->len - 1);

    self->fd = open_below(place, ".", O_RDONLY | O_DIRECTORY);
    if (self->fd < 0)
        return err_set_errno(error, "open it");
    if (packer->levels->len > OPEN_LEVELS)
        fd_cleanup(&(self - OPEN_LEVELS)->fd);
    return names_read(packer, self->fd, self->names, error);
}

/* Open a level again from the directory below it, if it was closed. */
static bool level_reopen(Level *level, int below_fd, GError **error)
{
    struct stat st;

    if (level->fd >= 0)
        return true;
    level->fd = open_below(below_fd, "..", O_RDONLY | O_DIRECTORY);
    if (level->fd < 0 || fstat(level->fd, &st) < 0)
        return err_set_errno(error, "open the directory above it");
    if (st.st_dev != level->device || st.st_ino != level->inode)
        return err_set(error, FLOE_ERROR_IO, "it is being moved about");
    return true;
}

/* The lowest directory is done: go up one level. */
static bool directory_leave(Packer *packer, GError **error)
{
    guint last = packer->levels->len - 1;
    Level *done = &g_array_index(packer->levels, Level, last);

    g_string_truncate(packer->path, done->path_length);
    if (last > 0 && !level_reopen(done - 1, done->fd, error))
        return false;
    level_clear(done);
    g_array_set_size(packer->levels, last);
    return true;
}

static bool name_pack(Packer *packer, int dir_fd, const char *name, GError **error)
{
    autofd int place = open_below(dir_fd, name, O_PATH | O_NOFOLLOW);
    struct stat st;

    if (place < 0 && errno == EXDEV) {
        log_debug("'%s' is left out: something is mounted there", packer->path->str);
        return true;
    }
    if (place < 0 || fstat(place, &st) < 0)
        return err_set_errno(error, "open it");
    if (S_ISSOCK(st.st_mode))
        return true;
    packer->n_entries++;
    if (!S_ISDIR(st.st_mode))
        return object_pack(packer, place, &st, error);
    g_string_append_c(packer->path, '/');
    return directory_enter(packer, place, &st, error);
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool next_pack(Packer *packer, GError **error)
{
    Level *level = &g_array_index(packer->levels, Level, packer->levels->len - 1);

    if (level->next == level->names->len)
        return directory_leave(packer, error);

    const char *name = g_ptr_array_index(level->names, level->next++);

    g_string_truncate(packer->path, level->path_length);
    g_string_append(packer->path, name);
    return name_pack(packer, level->fd, name, error);
}

static bool tree_pack(Packer *packer, int directory_fd, GError **error)
{
    struct stat st;

    if (fstat(directory_fd, &st) < 0)
        return err_set_errno(error, "look at it");
    if (!directory_enter(packer, directory_fd, &st, error))
        return false;
    while (packer->levels->len > 0) {
        if (!next_pack(packer, error))
            return false;
    }
    return true;
}

bool pack_tar(int directory_fd, int fd, int64_t *ret_n_entries, GError **error)
{
    g_auto(Packer) packer = { 0 };

    packer_init(&packer, fd);
    if (!tree_pack(&packer, directory_fd, error)) {
        g_autofree char *label = tree_path_label(packer.path->str);

        err_recode(error, FLOE_ERROR_IO); /* what vanished is not NOT_FOUND to the caller */
        return err_prefix(error, "entry '%s'", label);
    }
    if (!tar_writer_finish(&packer.writer, error))
        return false;
    if (ret_n_entries != NULL)
        *ret_n_entries = packer.n_entries;
    return true;
}
