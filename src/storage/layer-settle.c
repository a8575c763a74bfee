/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer-settle.h"

#include "base/fd.h"
#include "base/path.h"
#include "storage/layer-changes.h"
#include "storage/tree-walk.h"

#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#define XATTR_NAMES_MAX 65536 /* as much as the kernel has of one file */
#define XATTR_VALUE_MAX 65536

typedef struct Settling {
    int diff_fd;
    int *lower_fds; /* topmost first */
    guint n_lowers;
} Settling;

static void settling_clear(Settling *settling)
{
    fd_cleanup(&settling->diff_fd);
    for (guint i = 0; i < settling->n_lowers; i++)
        fd_cleanup(&settling->lower_fds[i]);
    g_free(settling->lower_fds);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Settling, settling_clear)

/* What the layers below show of a name. False: nothing. */
static bool is_below(const Settling *settling, const char *path, int *ret_fd)
{
    const char *slash = strrchr(path, '/');
    g_autofree char *parent = g_strndup(path, slash != NULL ? (gsize)(slash - path) : 0);

    if (*path != '\0' && layer_hides(settling->diff_fd, parent))
        return false;
    for (guint i = 0; i < settling->n_lowers; i++) {
        autofd int fd = tree_open_below(settling->lower_fds[i], path, O_PATH | O_NOFOLLOW);
        struct stat st;

        if (fd >= 0) {
            bool is_there = fstat(fd, &st) == 0 && !layer_is_whiteout(&st);

            *ret_fd = is_there ? g_steal_fd(&fd) : -1;
            return is_there;
        }
        if (layer_hides(settling->lower_fds[i], path))
            return false;
    }
    return false;
}

/* --- directories ------------------------------------------------------------------------------ */

static bool copy_xattrs(int from, int to, GError **error)
{
    g_autofree char *names = g_malloc(XATTR_NAMES_MAX);
    g_autofree char *value = g_malloc(XATTR_VALUE_MAX);
    ssize_t length = flistxattr(from, names, XATTR_NAMES_MAX);

    for (const char *name = names; length > 0 && name < names + length; name += strlen(name) + 1) {
        ssize_t size = tree_xattr_is_kept(name) ? fgetxattr(from, name, value, XATTR_VALUE_MAX) : -1;

        if (size >= 0 && fsetxattr(to, name, value, (size_t)size, 0) < 0)
            return err_set_errno(error, "set xattr '%s'", name);
    }
    return true;
}

static bool copy_attributes(int from, int to, GError **error)
{
    struct stat st;

    if (fstat(from, &st) < 0)
        return err_set_errno(error, "look at it below");

    const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, st.st_mtim };

    if (fchown(to, st.st_uid, st.st_gid) < 0 || fchmod(to, st.st_mode & 07777) < 0)
        return err_set_errno(error, "give it its owner and mode");
    if (!copy_xattrs(from, to, error))
        return false;
    return futimens(to, times) == 0 || err_set_errno(error, "give it its time");
}

static bool settle_directory(const Settling *settling, const char *path, GError **error)
{
    autofd int below = -1;

    if (!is_below(settling, path, &below))
        return true;

    autofd int from = openat(below, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    autofd int to = tree_open_below(settling->diff_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

    /* It may have become a file on either side. */
    return from < 0 || to < 0 || layer_is_opaque(to) || copy_attributes(from, to, error) ||
           err_prefix(error, "directory '%s'", path);
}

bool layer_root_inherit(const char *diff, const char *upper, GError **error)
{
    autofd int from = open(diff, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    autofd int to = open(upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (from < 0 || to < 0)
        return err_set_errno(error, "open '%s'", from < 0 ? diff : upper);
    return copy_attributes(from, to, error) || err_prefix(error, "'%s'", upper);
}

/* --- whiteouts -------------------------------------------------------------------------------- */

/* The directory that it is in keeps its time. */
static bool remove_whiteout(int parent, const char *leaf, GError **error)
{
    struct stat st;

    if (fstat(parent, &st) < 0 || unlinkat(parent, leaf, 0) < 0)
        return err_set_errno(error, "remove it");

    const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, st.st_mtim };

    return futimens(parent, times) == 0 || err_set_errno(error, "set its directory's time");
}

/* What is behind a link stays: it may be another layer's. */
static bool settle_whiteout(const Settling *settling, const char *path, GError **error)
{
    g_autofree char *parent_path = g_path_get_dirname(path);
    g_autofree char *leaf = g_path_get_basename(path);
    autofd int below = -1;
    autofd int parent = -1;
    struct stat st;

    if (is_below(settling, path, &below))
        return true;
    parent = tree_open_below(settling->diff_fd, parent_path, O_RDONLY | O_DIRECTORY);
    return parent < 0 || fstatat(parent, leaf, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
           !layer_is_whiteout(&st) || remove_whiteout(parent, leaf, error) ||
           err_prefix(error, "whiteout '%s'", path);
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool settle_all(const Settling *settling, GHashTable *paths,
                       bool (*settle)(const Settling *, const char *, GError **), GError **error)
{
    GHashTableIter iter;
    gpointer path;

    g_hash_table_iter_init(&iter, paths);
    while (g_hash_table_iter_next(&iter, &path, NULL)) {
        if (!settle(settling, path, error))
            return false;
    }
    return true;
}

bool layer_settle(const TreeNotes *notes, const char *diff, char *const *lowers, GError **error)
{
    g_auto(Settling) settling = { .diff_fd = -1 };
    guint n_lowers = g_strv_length((char **)lowers);

    if (!root_open(diff, &settling.diff_fd, error))
        return false;
    settling.lower_fds = g_new0(int, n_lowers);
    for (; settling.n_lowers < n_lowers; settling.n_lowers++) {
        if (!root_open(lowers[settling.n_lowers], &settling.lower_fds[settling.n_lowers], error))
            return false;
    }
    return settle_all(&settling, notes->whiteouts, settle_whiteout, error) &&
           settle_all(&settling, notes->implied, settle_directory, error);
}
