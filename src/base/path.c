/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making directories, opening and making things below a root that is not ours to trust, and walking
 * of whole trees. Links, names and depth of a tree are a container's to choose: every step goes by
 * openat2(), which says at once that it must not leave the root, follow a link or cross a mount.
 */
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OPEN_TRIES_MAX 64
#define LINKS_MAX      40 /* as many as the kernel follows */

/* openat2(2). EAGAIN means that something was renamed while ".." was resolved: try again. */
static int open_resolved(int dir_fd, const char *path, int flags, mode_t mode, uint64_t resolve)
{
    struct open_how how = {
        .flags = (uint64_t)(flags | O_CLOEXEC),
        .mode = (flags & O_CREAT) != 0 ? mode : 0,
        .resolve = resolve,
    };
    int fd = -1;

    for (int tries = 0; fd < 0 && tries < OPEN_TRIES_MAX; tries++) {
        fd = (int)syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));
        if (fd < 0 && errno != EAGAIN && errno != EINTR)
            break;
    }
    return fd;
}

/* --- on the host ------------------------------------------------------------------------------ */

bool path_exists(const char *path)
{
    return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_directory(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The directory above, for a path with or without slashes at its end. NULL: there is none. */
static char *path_above(const char *path)
{
    size_t length = strlen(path);

    while (length > 1 && path[length - 1] == '/')
        length--;

    g_autofree char *trimmed = g_strndup(path, length);
    char *above = g_path_get_dirname(trimmed);

    if (g_str_equal(above, trimmed))
        g_clear_pointer(&above, g_free);
    return above;
}

bool dir_make(const char *path, mode_t mode, GError **error)
{
    int made = mkdir(path, mode);

    if (made < 0 && errno == ENOENT) {
        g_autofree char *above = path_above(path);

        if (above != NULL && !dir_make(above, mode, error))
            return false;
        made = mkdir(path, mode);
    }
    if (made < 0 && errno == EEXIST) {
        if (is_directory(path))
            return true;
        errno = ENOTDIR;
    }
    if (made < 0)
        return err_set_errno(error, "make directory '%s'", path);
    if (chmod(path, mode) < 0) /* whatever the umask took */
        return err_set_errno(error, "set the mode of '%s'", path);
    return true;
}

/* --- inside a root ---------------------------------------------------------------------------- */

bool root_open(const char *path, int *ret_fd, GError **error)
{
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return err_set_errno(error, "open directory '%s'", path);
    *ret_fd = fd;
    return true;
}

static int open_in_root(int root_fd, const char *path, int flags, mode_t mode)
{
    int no_terminal = (flags & O_PATH) != 0 ? 0 : O_NOCTTY; /* openat2() refuses both together */

    return open_resolved(root_fd, path, flags | no_terminal, mode,
                         RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

bool root_open_file(int root_fd, const char *path, int flags, mode_t mode, int *ret_fd,
                    GError **error)
{
    int fd = open_in_root(root_fd, path, flags, mode);

    if (fd < 0)
        return err_set_errno(error, "open '%s' in the container's root", path);
    *ret_fd = fd;
    return true;
}

bool root_read_file(int root_fd, const char *path, size_t limit, char **ret_data,
                    size_t *ret_length, GError **error)
{
    autofd int place = -1;
    struct stat st;

    if (!root_open_file(root_fd, path, O_PATH, 0, &place, error))
        return false;
    if (fstat(place, &st) < 0)
        return err_set_errno(error, "look at '%s' in the container's root", path);

    /* Opening in earnest comes after this: a FIFO would block, a device might do anything. */
    if (!S_ISREG(st.st_mode))
        return err_set(error, FLOE_ERROR_INVALID,
                       "'%s' in the container's root is not a regular file", path);

    char by_number[32];

    g_snprintf(by_number, sizeof(by_number), "/proc/self/fd/%d", place);
    if (!file_read(by_number, limit, ret_data, ret_length, error))
        return err_prefix(error, "read '%s' in the container's root", path);
    return true;
}

/* What is to be made at the end of a path. */
typedef struct Making {
    int root_fd;
    bool is_file;
    uid_t uid;
    gid_t gid;
} Making;

/* Make one entry of a directory, and open it. EEXIST when there is something, a link too. */
static int make_entry(int dir_fd, const char *name, bool is_file, const Making *making)
{
    mode_t mode = is_file ? 0644 : 0755;
    int flags = is_file ? O_WRONLY | O_CREAT | O_EXCL : O_RDONLY | O_DIRECTORY;

    if (!is_file && mkdirat(dir_fd, name, mode) < 0)
        return -1;

    autofd int fd = openat(dir_fd, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);

    if (fd < 0 || fchown(fd, making->uid, making->gid) < 0 || fchmod(fd, mode) < 0)
        return -1;
    return g_steal_fd(&fd);
}

/*
 * The path to go on with after EEXIST: `name` is a link to nothing, and the rest continues where it
 * points; or somebody has just made it, and the same path is tried again.
 */
static char *path_behind(int dir_fd, const char *above, const char *name, const char *rest)
{
    char target[PATH_MAX];
    ssize_t length = readlinkat(dir_fd, name, target, sizeof(target) - 1);

    if (length < 0 && errno != EINVAL)
        return NULL;
    if (length < 0)
        return g_strconcat(above, "/", name, "/", rest, NULL);
    target[length] = '\0';
    return g_strconcat(target[0] == '/' ? "" : above, "/", target, "/", rest, NULL);
}

/* The names in a path, without the empty ones of doubled slashes. */
static char **path_names(const char *path)
{
    char **names = g_strsplit(path, "/", -1);
    size_t n_names = 0;

    for (size_t i = 0; names[i] != NULL; i++) {
        if (names[i][0] != '\0')
            names[n_names++] = names[i];
        else
            g_free(names[i]);
    }
    names[n_names] = NULL;
    return names;
}

/*
 * One try: walk from the root, open what is there and make what is not. True when it is done; else
 * *ret_next is the path to try next, after a link to nothing, or NULL with errno.
 */
static bool make_along(const Making *making, const char *path, char **ret_next)
{
    g_auto(GStrv) names = path_names(path);
    g_autoptr(GString) prefix = g_string_new(NULL);
    autofd int dir_fd = open_in_root(making->root_fd, "/", O_PATH | O_DIRECTORY, 0);

    *ret_next = NULL;
    for (size_t i = 0; dir_fd >= 0 && names[i] != NULL; i++) {
        bool is_file = making->is_file && names[i + 1] == NULL;
        g_autofree char *above = g_strdup(prefix->str);

        g_string_append_printf(prefix, "/%s", names[i]);
        autofd int fd = open_in_root(making->root_fd, prefix->str,
                                     O_PATH | (is_file ? 0 : O_DIRECTORY), 0);

        if (fd < 0 && errno == ENOENT)
            fd = make_entry(dir_fd, names[i], is_file, making);
        if (fd < 0 && errno == EEXIST) {
            g_autofree char *rest = g_strjoinv("/", names + i + 1);
            *ret_next = path_behind(dir_fd, above, names[i], rest);
        }
        fd_cleanup(&dir_fd);
        dir_fd = g_steal_fd(&fd);
    }
    return dir_fd >= 0;
}

static bool make_in_root(const Making *making, const char *path, GError **error)
{
    g_autofree char *current = g_strdup(path);

    for (int links = 0; links < LINKS_MAX; links++) {
        g_autofree char *next = NULL;

        if (make_along(making, current, &next))
            return true;
        if (next == NULL)
            return err_set_errno(error, "make '%s' in the container's root", path);
        g_free(current);
        current = g_steal_pointer(&next);
    }
    errno = ELOOP;
    return err_set_errno(error, "make '%s' in the container's root", path);
}

bool root_make_dir(int root_fd, const char *path, uid_t uid, gid_t gid, GError **error)
{
    autofd int there = open_in_root(root_fd, path, O_PATH | O_DIRECTORY, 0);

    if (there >= 0)
        return true;
    return make_in_root(&(Making){ .root_fd = root_fd, .uid = uid, .gid = gid }, path, error);
}

bool root_make_file(int root_fd, const char *path, GError **error)
{
    autofd int there = open_in_root(root_fd, path, O_PATH, 0);

    if (there >= 0)
        return true;
    return make_in_root(&(Making){ .root_fd = root_fd, .is_file = true }, path, error);
}

/* --- whole trees ------------------------------------------------------------------------------ */

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
