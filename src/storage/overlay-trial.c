/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mount gets no place in the tree of any namespace: it is looked into by its descriptor, and
 * goes with it.
 */
#include "storage/overlay-trial.h"

#include "base/fd.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/vfs.h>

static bool option_set(int fs_fd, const char *scratch, const char *option, GError **error)
{
    g_autofree char *path = g_build_filename(scratch, option, NULL);

    return dir_make(path, 0700, error) &&
           (fsconfig(fs_fd, FSCONFIG_SET_STRING, option, path, 0) == 0 ||
            err_set_errno(error, "overlay option %s", option));
}

static bool mount_try(int fs_fd, const char *scratch, GError **error)
{
    autofd int mount_fd = -1;
    autofd int file_fd = -1;

    if (!option_set(fs_fd, scratch, "lowerdir", error) ||
        !option_set(fs_fd, scratch, "upperdir", error) ||
        !option_set(fs_fd, scratch, "workdir", error))
        return false;
    if (fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
        mount_fd = fsmount(fs_fd, FSMOUNT_CLOEXEC, 0);
    if (mount_fd < 0)
        return err_set_errno(error, "mount an overlay");
    file_fd = openat(mount_fd, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    return file_fd >= 0 || err_set_errno(error, "write to an overlay");
}

bool overlay_try(const char *scratch, GError **error)
{
    autofd int fs_fd = fsopen("overlay", FSOPEN_CLOEXEC);
    struct statfs fs;

    if (fs_fd < 0 && errno == ENODEV)
        return err_set(error, FLOE_ERROR_UNSUPPORTED, "the kernel has no overlayfs");
    if (fs_fd < 0)
        return err_set_errno(error, "open overlayfs");
    if (mount_try(fs_fd, scratch, error))
        return true;
    if (statfs(scratch, &fs) == 0 && fs.f_type == OVERLAYFS_SUPER_MAGIC)
        err_prefix(error, "it is itself on an overlay, and one cannot be written to another");
    return false;
}
