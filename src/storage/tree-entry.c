/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/tree-entry.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/xattr.h>

#define PERMISSIONS 07777
#define LABEL_MAX   200

/* --- paths ------------------------------------------------------------------------------------ */

bool tree_path_clean(const char *path, char **ret_clean, GError **error)
{
    g_autoptr(GString) clean = g_string_new(NULL);

    if (strlen(path) >= PATH_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "the path is longer than %d bytes", PATH_MAX - 1);

    for (const char *name = path; *name != '\0'; name += strspn(name, "/")) {
        size_t length = strcspn(name, "/");
        bool is_dot = length == 1 && name[0] == '.';

        if (length == 2 && name[0] == '.' && name[1] == '.') {
            const char *last = strrchr(clean->str, '/');

            if (clean->len == 0)
                return err_set(error, FLOE_ERROR_INVALID, "the path leads out of the root");
            g_string_truncate(clean, last != NULL ? (gsize)(last - clean->str) : 0);
        } else if (length > 0 && !is_dot) {
            if (clean->len > 0)
                g_string_append_c(clean, '/');
            g_string_append_len(clean, name, (gssize)length);
        }
        name += length;
    }
    *ret_clean = g_string_free(g_steal_pointer(&clean), FALSE);
    return true;
}

char *tree_path_label(const char *path)
{
    g_autofree char *start = g_strndup(path != NULL ? path : "", LABEL_MAX);
    bool is_plain = g_utf8_validate(start, -1, NULL);

    for (const char *c = start; *c != '\0'; c++)
        is_plain = is_plain && !g_ascii_iscntrl(*c);
    return is_plain ? g_steal_pointer(&start) : g_strescape(start, NULL);
}

/* --- owner, mode, xattrs, times --------------------------------------------------------------- */

void tree_owner_apply(const TreeOwner *owner, TreeEntry *entry)
{
    if (owner == NULL)
        return;
    if (!S_ISDIR(entry->mode) && owner->uid != entry->uid)
        entry->mode &= ~(mode_t)S_ISUID;
    if (!S_ISDIR(entry->mode) && owner->gid != entry->gid)
        entry->mode &= ~(mode_t)S_ISGID;
    entry->uid = owner->uid;
    entry->gid = owner->gid;
}

/*
 * What a container can see and needs. Not "trusted": with trusted.overlay.redirect an archive could
 * have overlayfs show other directories of the lower layers. Not labels (security.selinux, .ima,
 * .evm): they belong to the host's policy.
 */
bool tree_xattr_is_kept(const char *name)
{
    return g_str_has_prefix(name, "user.") || g_str_equal(name, "security.capability") ||
           g_str_has_prefix(name, "system.posix_acl_");
}

/*
 * Set the xattrs of an open file, or of the path when fd is -1 (symbolic links and nodes cannot be
 * opened).
 */
static bool xattrs_set(int fd, const char *path, const TreeEntry *entry, GError **error)
{
    for (size_t i = 0; i < entry->n_xattrs; i++) {
        const TreeXattr *xattr = &entry->xattrs[i];
        int result;

        if (!tree_xattr_is_kept(xattr->name))
            continue;
        if (fd >= 0)
            result = fsetxattr(fd, xattr->name, xattr->value, xattr->size, 0);
        else
            result = lsetxattr(path, xattr->name, xattr->value, xattr->size, 0);
        if (result == 0)
            continue;
        if (errno != ENOTSUP && errno != EPERM)
            return err_set_errno(error, "set xattr '%s'", xattr->name);
        log_line(g_str_has_prefix(xattr->name, "user.") ? FLOE_LOG_DEBUG : FLOE_LOG_WARNING,
                 "xattr '%s' of '%s' is left out: %s", xattr->name, entry->path, g_strerror(errno));
    }
    return true;
}

/* In this order: a change of owner takes setuid bits and capabilities away. */
bool tree_entry_dress_but_time(int fd, const TreeEntry *entry, GError **error)
{
    if (fchown(fd, entry->uid, entry->gid) < 0)
        return err_set_errno(error, "set its owner to %u:%u", entry->uid, entry->gid);
    if (fchmod(fd, entry->mode & PERMISSIONS) < 0)
        return err_set_errno(error, "set its mode");
    return xattrs_set(fd, NULL, entry, error);
}

bool file_set_time(int fd, const struct timespec *mtime, GError **error)
{
    const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, *mtime };

    return futimens(fd, times) == 0 || err_set_errno(error, "set its time");
}

bool tree_entry_dress(int fd, const TreeEntry *entry, GError **error)
{
    return tree_entry_dress_but_time(fd, entry, error) && file_set_time(fd, &entry->mtime, error);
}

bool tree_entry_dress_at(int parent_fd, const char *leaf, const TreeEntry *entry, GError **error)
{
    const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, entry->mtime };

    if (fchownat(parent_fd, leaf, entry->uid, entry->gid, AT_SYMLINK_NOFOLLOW) < 0)
        return err_set_errno(error, "set its owner to %u:%u", entry->uid, entry->gid);
    if (!S_ISLNK(entry->mode) && fchmodat(parent_fd, leaf, entry->mode & PERMISSIONS, 0) < 0)
        return err_set_errno(error, "set its mode");
    if (entry->n_xattrs > 0) {
        g_autofree char *path = g_strdup_printf("/proc/self/fd/%d/%s", parent_fd, leaf);

        if (!xattrs_set(-1, path, entry, error))
            return false;
    }
    if (utimensat(parent_fd, leaf, times, AT_SYMLINK_NOFOLLOW) < 0)
        return err_set_errno(error, "set its time");
    return true;
}
