/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names and depth of a tree are a container's to choose, and it may change meanwhile: every step goes
 * by openat2(), which says at once that it must not follow a link or cross a mount, and few directories
 * are open at a time.
 */
#include "base/tree.h"

#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* So many directories of one branch are kept open; one further up is found again through "..". */
#define OPEN_LEVELS  64
#define ENTRIES_SIZE ((size_t)32 * 1024)
#define MAX_ATTEMPTS 10

typedef struct TreeLevel {
    int fd;           /* -1: closed for now */
    struct stat self; /* to know it again; valid while closed */
    GPtrArray *subdirs;
    guint next; /* index in subdirs */
} TreeLevel;

typedef struct TreeWalk {
    const char *path;  /* for errors */
    bool removes;      /* otherwise it adds up sizes */
    bool was_refilled; /* somebody put an entry into a directory that was empty */
    int64_t bytes;
    GHashTable *counted; /* hard links */
    GArray *levels;      /* from the top to the directory being visited */
    char *entries;       /* buffer of getdents64() */
} TreeWalk;

static void tree_walk_clear(TreeWalk *walk)
{
    for (guint i = 0; i < walk->levels->len; i++) {
        TreeLevel *level = &g_array_index(walk->levels, TreeLevel, i);

        fd_cleanup(&level->fd);
        g_ptr_array_unref(level->subdirs);
    }
    g_array_unref(walk->levels);
    g_hash_table_unref(walk->counted);
    g_free(walk->entries);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TreeWalk, tree_walk_clear)

static bool tree_failed(const TreeWalk *walk, const char *name, GError **error)
{
    return err_set_errno(error, "%s '%s' of '%s'", walk->removes ? "remove" : "look at", name,
                         walk->path);
}

static bool count_file(TreeWalk *walk, int dir_fd, const char *name, GError **error)
{
    struct statx st;

    if (statx(dir_fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &st) < 0)
        return errno == ENOENT || tree_failed(walk, name, error);
    if ((st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0)
        return true;
    if (st.stx_nlink > 1 &&
        !g_hash_table_add(walk->counted,
                          g_strdup_printf("%x:%x:%" G_GINT64_MODIFIER "x", st.stx_dev_major,
                                          st.stx_dev_minor, (guint64)st.stx_ino)))
        return true;

    /* The sizes of sparse files can add up to more than any number holds. */
    int64_t size = (int64_t)MIN(st.stx_size, (uint64_t)INT64_MAX);

    walk->bytes = size > INT64_MAX - walk->bytes ? INT64_MAX : walk->bytes + size;
    return true;
}

static bool visit_file(TreeWalk *walk, int dir_fd, const char *name, GError **error)
{
    if (!walk->removes)
        return count_file(walk, dir_fd, name, error);
    return unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT || tree_failed(walk, name, error);
}

static bool entry_is_directory(int dir_fd, const char *name, unsigned char type)
{
    struct stat st;

    if (type != DT_UNKNOWN)
        return type == DT_DIR;
    return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* Visit all files of a directory, and note its directories. */
static bool read_level(TreeWalk *walk, const TreeLevel *level, GError **error)
{
    ssize_t length;

    while ((length = getdents64(level->fd, walk->entries, ENTRIES_SIZE)) > 0) {
        const struct dirent64 *entry;

        for (ssize_t at = 0; at < length; at += entry->d_reclen) {
            entry = (const void *)(walk->entries + at);
            if (g_str_equal(entry->d_name, ".") || g_str_equal(entry->d_name, ".."))
                continue;
            if (entry_is_directory(level->fd, entry->d_name, entry->d_type))
                g_ptr_array_add(level->subdirs, g_strdup(entry->d_name));
            else if (!visit_file(walk, level->fd, entry->d_name, error))
                return false;
        }
    }
    return length == 0 || tree_failed(walk, "entries", error);
}

/* Close the directory OPEN_LEVELS above the lowest one. */
static bool close_far_level(TreeWalk *walk, GError **error)
{
    if (walk->levels->len <= OPEN_LEVELS)
        return true;

    TreeLevel *far = &g_array_index(walk->levels, TreeLevel, walk->levels->len - 1 - OPEN_LEVELS);

    if (far->fd >= 0 && fstat(far->fd, &far->self) < 0)
        return tree_failed(walk, "a directory", error);
    fd_cleanup(&far->fd);
    return true;
}

static bool enter_directory(TreeWalk *walk, int dir_fd, const char *name, GError **error)
{
    autofd int fd = open_resolved(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
                                  RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS);

    if (fd < 0 && errno == EXDEV)
        return !walk->removes ||
               err_set(error, FLOE_ERROR_IN_USE, "remove '%s' of '%s': something is mounted there",
                       name, walk->path);
    if (fd < 0) /* it may have been removed or replaced since it was listed */
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ||
               tree_failed(walk, name, error);

    TreeLevel level = { .fd = g_steal_fd(&fd), .subdirs = g_ptr_array_new_with_free_func(g_free) };

    g_array_append_val(walk->levels, level);
    return close_far_level(walk, error) && read_level(walk, &level, error);
}

/* Open a level again from the directory below it, if it was closed. */
static bool reopen_level(TreeWalk *walk, TreeLevel *level, int below_fd, GError **error)
{
    struct stat found;

    if (level->fd >= 0)
        return true;
    level->fd = open_resolved(below_fd, "..", O_RDONLY | O_DIRECTORY, 0, RESOLVE_NO_XDEV);
    if (level->fd < 0 || fstat(level->fd, &found) < 0)
        return tree_failed(walk, "..", error);
    if (found.st_dev != level->self.st_dev || found.st_ino != level->self.st_ino)
        return err_set(error, FLOE_ERROR_IO, "'%s' is being moved about", walk->path);
    return true;
}

static bool remove_directory(TreeWalk *walk, int dir_fd, const char *name, GError **error)
{
    if (unlinkat(dir_fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
        return true;
    walk->was_refilled = errno == ENOTEMPTY;
    return tree_failed(walk, name, error);
}

/* The lowest directory is done: go up one level. */
static bool leave_directory(TreeWalk *walk, GError **error)
{
    guint last = walk->levels->len - 1;
    TreeLevel done = g_array_index(walk->levels, TreeLevel, last);
    autofd int done_fd = done.fd;

    g_ptr_array_unref(done.subdirs);
    g_array_set_size(walk->levels, last);
    if (last == 0)
        return true;

    TreeLevel *above = &g_array_index(walk->levels, TreeLevel, last - 1);
    const char *name = g_ptr_array_index(above->subdirs, above->next - 1);

    if (!reopen_level(walk, above, done_fd, error))
        return false;
    return !walk->removes || remove_directory(walk, above->fd, name, error);
}

/* Visit a directory and all below it; the top itself is left standing. */
static bool visit_directory(TreeWalk *walk, int dir_fd, const char *name, GError **error)
{
    if (!enter_directory(walk, dir_fd, name, error))
        return false;
    while (walk->levels->len > 0) {
        TreeLevel *level = &g_array_index(walk->levels, TreeLevel, walk->levels->len - 1);
        bool done = level->next == level->subdirs->len;

        if (done && !leave_directory(walk, error))
            return false;
        if (!done) {
            const char *subdir = g_ptr_array_index(level->subdirs, level->next++);

            if (!enter_directory(walk, level->fd, subdir, error))
                return false;
        }
    }
    return true;
}

static bool walk_tree(TreeWalk *walk, GError **error)
{
    g_autofree char *above = path_above(walk->path);
    g_autofree char *name = g_path_get_basename(walk->path);

    if (above == NULL || g_str_equal(name, ".") || g_str_equal(name, ".."))
        return err_set(error, FLOE_ERROR_INVALID, "'%s' does not name an entry of a directory",
                       walk->path);

    autofd int above_fd = open(above, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat st;

    if (above_fd < 0 || fstatat(above_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT || err_set_errno(error, "look at '%s'", walk->path);
    if (!S_ISDIR(st.st_mode))
        return visit_file(walk, above_fd, name, error);
    if (!visit_directory(walk, above_fd, name, error))
        return false;
    return !walk->removes || remove_directory(walk, above_fd, name, error);
}

static void tree_walk_init(TreeWalk *walk, const char *path, bool removes)
{
    *walk = (TreeWalk){
        .path = path,
        .removes = removes,
        .counted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .levels = g_array_new(FALSE, FALSE, sizeof(TreeLevel)),
        .entries = g_malloc(ENTRIES_SIZE),
    };
}

bool tree_remove(const char *path, GError **error)
{
    /* What others put there meanwhile goes, too, as long as they come to an end. */
    for (int attempt = 1;; attempt++) {
        g_auto(TreeWalk) walk = { 0 };
        g_autoptr(GError) err = NULL;

        tree_walk_init(&walk, path, true);
        if (walk_tree(&walk, &err))
            return true;
        if (!walk.was_refilled || attempt == MAX_ATTEMPTS) {
            g_propagate_error(error, g_steal_pointer(&err));
            return false;
        }
    }
}

bool root_remove(int root_fd, const char *path, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    g_autofree char *place = NULL;
    g_autoptr(GError) why = NULL;
    autofd int fd = -1;

    if (strchr(name, '/') != NULL || g_str_equal(name, ".") || g_str_equal(name, ".."))
        return err_set(error, FLOE_ERROR_INVALID, "'%s' does not name an entry of a directory",
                       path);
    if (!root_open_file(root_fd, parent, O_PATH | O_DIRECTORY, 0, &fd, &why)) {
        if (err_is(why, FLOE_ERROR_NOT_FOUND))
            return true;
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    place = g_strdup_printf("/proc/self/fd/%d/%s", fd, name);
    return tree_remove(place, error) || err_prefix(error, "remove '%s'", path);
}

bool tree_size(const char *path, int64_t *ret_bytes, GError **error)
{
    g_auto(TreeWalk) walk = { 0 };

    tree_walk_init(&walk, path, false);
    if (!walk_tree(&walk, error))
        return false;
    *ret_bytes = walk.bytes;
    return true;
}
