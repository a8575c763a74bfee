/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/volume.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/tree.h"
#include "storage/pack.h"
#include "storage/tree-copy.h"
#include "storage/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define DATA "_data"
#define COPY "_copy"

char *volume_data_path(const char *directory)
{
    return g_build_filename(directory, DATA, NULL);
}

static bool open_data(const char *directory, int *ret_fd, GError **error)
{
    g_autofree char *data = volume_data_path(directory);

    *ret_fd = open(data, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return *ret_fd >= 0 || err_set_errno(error, "open '%s'", data);
}

/* With its owner from the first moment. */
static bool make_data(const char *copy, const char *data, const TreeOwner *owner, GError **error)
{
    if (!tree_remove(copy, error) || !dir_make(copy, 0755, error))
        return false;
    if (chown(copy, owner->uid, owner->gid) < 0)
        return err_set_errno(error, "give '%s' its owner", copy);
    return rename(copy, data) == 0 || err_set_errno(error, "rename '%s' to '%s'", copy, data);
}

bool volume_make(const char *directory, const TreeOwner *owner, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(directory);
    g_autofree char *copy = g_build_filename(directory, COPY, NULL);
    g_autofree char *data = volume_data_path(directory);

    return path_exists(data) || (dir_make(parent, 0700, error) && dir_make(directory, 0700, error) &&
                                 make_data(copy, data, owner, error));
}

bool volume_set_looks(const char *directory, const TreeOwner *owner, mode_t mode, GError **error)
{
    autofd int fd = -1;

    if (!open_data(directory, &fd, error))
        return false;
    if (fchown(fd, owner->uid, owner->gid) < 0 || (mode != 0 && fchmod(fd, mode & 07777) < 0))
        return err_set_errno(error, "set owner and mode of '%s'", directory);
    return true;
}

static bool node_give(const TreeNode *node, void *data, GError **error)
{
    const TreeOwner *owner = data;

    if (node->stat.st_uid == owner->uid && node->stat.st_gid == owner->gid)
        return true;
    return fchownat(node->place, "", owner->uid, owner->gid, AT_EMPTY_PATH) == 0 ||
           err_set_errno(error, "give it its owner");
}

bool volume_give_path(const char *path, const TreeOwner *owner, GError **error)
{
    autofd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0)
        return tree_walk(fd, TREE_LIVE, node_give, (void *)owner, error);
    if (errno == ENOTDIR && chown(path, owner->uid, owner->gid) == 0)
        return true;
    return err_set_errno(error, "give '%s' its owner", path);
}

/* --- copy-up ---------------------------------------------------------------------------------- */

/* A directory takes the place of another only if that is empty. */
static bool take_place(int dir_fd, bool *ret_done, GError **error)
{
    *ret_done = renameat(dir_fd, COPY, dir_fd, DATA) == 0;
    return *ret_done || errno == ENOTEMPTY || errno == EEXIST ||
           err_set_errno(error, "put the copy in its place");
}

bool volume_copy_up(const char *directory, int from, GError **error)
{
    g_autofree char *copy = g_build_filename(directory, COPY, NULL);
    autofd int dir_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = false;

    if (dir_fd < 0)
        return err_set_errno(error, "open '%s'", directory);
    /* A killed floe may have left one. */
    if (!tree_remove(copy, error))
        return false;
    if (!tree_copy(&(TreeCopy){ .from = from, .to_dir = dir_fd, .name = COPY }, error) ||
        !take_place(dir_fd, &done, error)) {
        tree_remove(copy, NULL);
        return false;
    }
    return done || tree_remove(copy, error);
}

/* --- tar -------------------------------------------------------------------------------------- */

bool volume_pack(const char *directory, int fd, GError **error)
{
    autofd int data_fd = -1;

    return open_data(directory, &data_fd, error) &&
           pack_tree(data_fd, &(PackOptions){ ".", TREE_LIVE }, fd, NULL, error);
}

bool volume_unpack(const char *directory, int fd, bool *ret_has_top, GError **error)
{
    static const UnpackOptions options = { 0 };
    UnpackResult result = { 0 };
    autofd int data_fd = -1;

    if (!open_data(directory, &data_fd, error) || !unpack_tar(fd, data_fd, &options, &result, error))
        return false;
    *ret_has_top = result.has_top;
    return true;
}
