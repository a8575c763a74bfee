/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/tree-walk.h"

#include "base/fd.h"
#include "base/log.h"
#include "base/text-order.h"

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

typedef struct Walk {
    TreeWalkMode mode;
    TreeVisit visit;
    void *data;
    GString *path; /* of the entry at hand */
    GArray *levels;
    char *scratch; /* for lists of names */
} Walk;

static void level_clear(Level *level)
{
    fd_cleanup(&level->fd);
    g_clear_pointer(&level->names, g_ptr_array_unref);
}

static void walk_clear(Walk *walk)
{
    for (guint i = 0; i < walk->levels->len; i++)
        level_clear(&g_array_index(walk->levels, Level, i));
    g_array_unref(walk->levels);
    g_string_free(walk->path, TRUE);
    g_free(walk->scratch);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Walk, walk_clear)

/* EXDEV: it is a mount point. */
int tree_open_below(int dir_fd, const char *path, int flags)
{
    const struct open_how how = {
        .flags = (uint64_t)(flags | O_CLOEXEC),
        .resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
    };

    return (int)TEMP_FAILURE_RETRY(
        syscall(SYS_openat2, dir_fd, *path != '\0' ? path : ".", &how, sizeof(how)));
}

/* Is what errno says nothing but that somebody has just removed it? */
static bool has_vanished(const Walk *walk)
{
    return walk->mode == TREE_LIVE && errno == ENOENT;
}

/* --- directories ------------------------------------------------------------------------------ */

static bool names_read(const Walk *walk, int fd, GPtrArray *names, GError **error)
{
    ssize_t length;

    while ((length = getdents64(fd, walk->scratch, SCRATCH_SIZE)) > 0) {
        const struct dirent64 *found;

        for (ssize_t at = 0; at < length; at += found->d_reclen) {
            found = (const void *)(walk->scratch + at);
            if (!g_str_equal(found->d_name, ".") && !g_str_equal(found->d_name, ".."))
                g_ptr_array_add(names, g_strdup(found->d_name));
        }
    }
    if (length < 0 && !has_vanished(walk))
        return err_set_errno(error, "list it");
    g_ptr_array_sort(names, text_order);
    return true;
}

/* The directory itself, and make its entries the next ones. */
static bool directory_enter(Walk *walk, const TreeNode *node, GError **error)
{
    autofd int fd = -1;
    Level level = {
        .fd = -1,
        .device = node->stat.st_dev,
        .inode = node->stat.st_ino,
        .path_length = walk->path->len,
        .names = g_ptr_array_new_with_free_func(g_free),
    };

    g_array_append_val(walk->levels, level);
    if (!walk->visit(node, walk->data, error))
        return false;
    fd = tree_open_below(node->place, ".", O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return has_vanished(walk) || err_set_errno(error, "open it");
    if (!names_read(walk, fd, level.names, error))
        return false;

    Level *self = &g_array_index(walk->levels, Level, walk->levels->len - 1);

    self->fd = g_steal_fd(&fd);
    if (walk->levels->len > OPEN_LEVELS)
        fd_cleanup(&(self - OPEN_LEVELS)->fd);
    return true;
}

/* Open a level again from the directory below it, if it was closed. */
static bool level_reopen(Level *level, int below_fd, GError **error)
{
    struct stat st;

    if (level->fd >= 0)
        return true;
    level->fd = tree_open_below(below_fd, "..", O_RDONLY | O_DIRECTORY);
    if (level->fd < 0 || fstat(level->fd, &st) < 0)
        return err_set_errno(error, "open the directory above it");
    if (st.st_dev != level->device || st.st_ino != level->inode)
        return err_set(error, FLOE_ERROR_IO, "it is being moved about");
    return true;
}

/* The lowest directory is done: go up one level. */
static bool directory_leave(Walk *walk, GError **error)
{
    guint last = walk->levels->len - 1;
    Level *done = &g_array_index(walk->levels, Level, last);

    g_string_truncate(walk->path, done->path_length);
    if (last > 0 && !level_reopen(done - 1, done->fd, error))
        return false;
    level_clear(done);
    g_array_set_size(walk->levels, last);
    return true;
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool name_visit(Walk *walk, int dir_fd, const char *name, GError **error)
{
    autofd int place = tree_open_below(dir_fd, name, O_PATH | O_NOFOLLOW);
    TreeNode node = { .path = walk->path->str, .place = place };

    if (place < 0 && errno == EXDEV) {
        log_debug("'%s' is left out: something is mounted there", walk->path->str);
        return true;
    }
    if (place < 0 && has_vanished(walk))
        return true;
    if (place < 0 || fstat(place, &node.stat) < 0)
        return err_set_errno(error, "open it");
    if (S_ISDIR(node.stat.st_mode))
        return directory_enter(walk, &node, error);
    return walk->visit(&node, walk->data, error);
}

static bool next_visit(Walk *walk, GError **error)
{
    Level *level = &g_array_index(walk->levels, Level, walk->levels->len - 1);

    if (level->next == level->names->len)
        return directory_leave(walk, error);

    const char *name = g_ptr_array_index(level->names, level->next++);

    g_string_truncate(walk->path, level->path_length);
    if (level->path_length > 0)
        g_string_append_c(walk->path, '/');
    g_string_append(walk->path, name);
    return name_visit(walk, level->fd, name, error);
}

static bool walk_all(Walk *walk, int directory_fd, GError **error)
{
    TreeNode top = { .path = "", .place = directory_fd };

    if (fstat(directory_fd, &top.stat) < 0)
        return err_set_errno(error, "look at it");
    if (!directory_enter(walk, &top, error))
        return false;
    while (walk->levels->len > 0) {
        if (!next_visit(walk, error))
            return false;
    }
    return true;
}

bool tree_walk(int directory_fd, TreeWalkMode mode, TreeVisit visit, void *data, GError **error)
{
    g_auto(Walk) walk = {
        .mode = mode,
        .visit = visit,
        .data = data,
        .path = g_string_new(NULL),
        .levels = g_array_new(FALSE, FALSE, sizeof(Level)),
        .scratch = g_malloc(SCRATCH_SIZE),
    };

    if (walk_all(&walk, directory_fd, error))
        return true;

    g_autofree char *label = tree_path_label(walk.path->len > 0 ? walk.path->str : ".");

    return err_prefix(error, "entry '%s'", label);
}

/* --- one entry -------------------------------------------------------------------------------- */

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

static void *own(TreeFacts *facts, void *memory)
{
    g_ptr_array_add(facts->owned, memory);
    return memory;
}

static bool xattr_read(const char *path, const char *name, TreeFacts *facts, GError **error)
{
    char value[XATTR_SIZE_MAX];
    ssize_t size = getxattr(path, name, value, sizeof(value));

    if (size < 0 && errno == ENODATA) /* removed meanwhile */
        return true;
    if (size < 0)
        return err_set_errno(error, "read its xattr '%s'", name);
    if (facts->entry.n_xattrs == TREE_XATTRS_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "it has more than %d xattrs", TREE_XATTRS_MAX);
    facts->xattrs[facts->entry.n_xattrs++] = (TreeXattr){
        .name = own(facts, g_strdup(name)),
        .value = own(facts, g_memdup2(value, (gsize)size)),
        .size = (size_t)size,
    };
    return true;
}

static bool xattrs_read(int place, TreeFacts *facts, GError **error)
{
    PlacePath path = place_path(place);
    g_autofree char *names = g_malloc(SCRATCH_SIZE);
    ssize_t length = listxattr(path.text, names, SCRATCH_SIZE);

    if (length < 0 && errno == ENOTSUP)
        return true;
    if (length < 0)
        return err_set_errno(error, "list its xattrs");
    for (const char *name = names; name < names + length; name += strlen(name) + 1) {
        if (tree_xattr_is_kept(name) && !xattr_read(path.text, name, facts, error))
            return false;
    }
    return true;
}

static bool target_read(int place, TreeFacts *facts, GError **error)
{
    char target[PATH_MAX];
    ssize_t length = readlinkat(place, "", target, sizeof(target) - 1);

    if (length < 0)
        return err_set_errno(error, "read the symbolic link");
    facts->entry.target = own(facts, g_strndup(target, (gsize)length));
    return true;
}

bool tree_node_facts(const TreeNode *node, TreeFacts *ret_facts, GError **error)
{
    const struct stat *st = &node->stat;

    ret_facts->owned = g_ptr_array_new_with_free_func(g_free);
    ret_facts->entry = (TreeEntry){
        .path = node->path,
        .mode = st->st_mode,
        .uid = st->st_uid,
        .gid = st->st_gid,
        .mtime = st->st_mtim,
        .device = S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode) ? st->st_rdev : 0,
        .xattrs = ret_facts->xattrs,
    };
    return xattrs_read(node->place, ret_facts, error) &&
           (!S_ISLNK(st->st_mode) || target_read(node->place, ret_facts, error));
}

void tree_facts_clear(TreeFacts *facts)
{
    g_clear_pointer(&facts->owned, g_ptr_array_unref);
}

GHashTable *tree_links_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

const char *tree_first_name(GHashTable *linked, const TreeNode *node, const char *name)
{
    const struct stat *st = &node->stat;
    g_autofree char *key = NULL;
    const char *first;

    if (st->st_nlink < 2 || S_ISDIR(st->st_mode))
        return NULL;
    key = g_strdup_printf("%" G_GINT64_MODIFIER "x:%" G_GINT64_MODIFIER "x", (guint64)st->st_dev,
                          (guint64)st->st_ino);
    first = g_hash_table_lookup(linked, key);
    if (first == NULL)
        g_hash_table_insert(linked, g_steal_pointer(&key), g_strdup(name));
    return first;
}

bool tree_node_open(const TreeNode *node, int *ret_fd, GError **error)
{
    int fd = open(place_path(node->place).text, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return err_set_errno(error, "open it");
    *ret_fd = fd;
    return true;
}
