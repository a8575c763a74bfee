/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/tree-file.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Somebody else's programs see it, if only for a moment. */
static char *aside_name(void)
{
    return g_strdup_printf(".floe-%08x%08x.tmp", g_random_int(), g_random_int());
}

static bool open_aside(TreeFile *file)
{
    file->fd = openat(file->dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (file->fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return file->fd >= 0;
    file->fd = openat(file->dir, file->aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                      0600);
    file->has_aside = file->fd >= 0;
    return file->has_aside;
}

bool tree_file_open(TreeWriter *writer, const TreeEntry *entry, TreeFile *ret_file, GError **error)
{
    g_auto(TreeFile) file = TREE_FILE_NONE;

    if (!tree_parent_open(writer, entry->path, &file.dir, error))
        return false;
    file.name = g_path_get_basename(entry->path);
    file.aside = aside_name();
    if (!open_aside(&file))
        return err_set_errno(error, "create it");
    *ret_file = file;
    file = TREE_FILE_NONE;
    return true;
}

/* A name that nobody has is given at once; over another's only rename(2) leads. */
static bool name_give(TreeFile *file)
{
    if (!file->has_aside) {
        g_autofree char *nameless = g_strdup_printf("/proc/self/fd/%d", file->fd);

        if (linkat(AT_FDCWD, nameless, file->dir, file->name, AT_SYMLINK_FOLLOW) == 0)
            return true;
        if (errno != EEXIST ||
            linkat(AT_FDCWD, nameless, file->dir, file->aside, AT_SYMLINK_FOLLOW) < 0)
            return false;
        file->has_aside = true;
    }
    if (renameat(file->dir, file->aside, file->dir, file->name) < 0)
        return false;
    file->has_aside = false;
    return true;
}

bool tree_file_keep(TreeFile *file, const TreeEntry *entry, GError **error)
{
    if (!tree_entry_dress(file->fd, entry, error))
        return false;
    if (!name_give(file))
        return err_set_errno(error, "put it in its place");
    return fd_close(&file->fd, entry->path, error);
}

void tree_file_clear(TreeFile *file)
{
    fd_cleanup(&file->fd);
    if (file->has_aside)
        unlinkat(file->dir, file->aside, 0);
    g_free(file->aside);
    g_free(file->name);
}
