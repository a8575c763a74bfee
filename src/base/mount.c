/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounting, unmounting and finding of mounts. What is mounted is the kernel's to know: it is asked
 * with statx() for one path, and through /proc/self/mountinfo for all below a directory.
 */
#include "base/mount.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define MOUNTINFO     "/proc/self/mountinfo"
#define MOUNTINFO_MAX ((size_t)64 * 1024 * 1024)
#define PASSES_MAX    16

bool mount_at(const char *source, const char *target, const char *type, unsigned long flags,
              const char *data, GError **error)
{
    if (mount(source, target, type, flags, data) == 0)
        return true;

    bool unknown_type = errno == ENODEV;
    const char *what = type != NULL ? type : source;

    err_set_errno(error, "mount %s on '%s'", what != NULL ? what : "other options", target);
    if (unknown_type)
        err_recode(error, FLOE_ERROR_UNSUPPORTED);
    return false;
}

bool unmount_at(const char *target, GError **error)
{
    int done = 0;

    while (done == 0) {
        done = umount2(target, UMOUNT_NOFOLLOW);
        if (done < 0 && errno == EBUSY)
            done = umount2(target, UMOUNT_NOFOLLOW | MNT_DETACH);
    }
    /* EINVAL: not, or no longer, a mount point. */
    if (errno == EINVAL || errno == ENOENT)
        return true;
    return err_set_errno(error, "unmount '%s'", target);
}

bool mount_is_at(const char *path, bool *ret_mounted, GError **error)
{
    struct statx st;

    if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE, &st) < 0) {
        if (errno != ENOENT)
            return err_set_errno(error, "look at '%s'", path);
        *ret_mounted = false;
        return true;
    }
    /* Linux 5.8; close_range(), without which nothing can be started, is younger. */
    if ((st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) == 0)
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "the kernel cannot tell whether '%s' is a mount point", path);
    *ret_mounted = (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
    return true;
}

/*
 * The mount point in a line of mountinfo, its fifth field, or NULL. Space, tab, newline and
 * backslash are written as \ and three octal digits.
 */
static char *mount_point_of(const char *line)
{
    g_auto(GStrv) fields = g_strsplit(line, " ", 6);

    if (g_strv_length(fields) < 6)
        return NULL;
    return g_strcompress(fields[4]);
}

static bool is_at_or_below(const char *path, const char *directory)
{
    size_t length = strlen(directory);

    if (strncmp(path, directory, length) != 0)
        return false;
    return path[length] == '\0' || path[length] == '/' || g_str_equal(directory, "/");
}

static int compare_longest_first(const void *a, const void *b)
{
    size_t length_a = strlen(*(char *const *)a);
    size_t length_b = strlen(*(char *const *)b);

    return (length_a < length_b) - (length_a > length_b);
}

/* The mount points at or below a directory, the longest path, and so the deepest, first. */
static bool mounts_below(const char *directory, GPtrArray **ret_paths, GError **error)
{
    g_autofree char *text = NULL;

    if (!file_read(MOUNTINFO, MOUNTINFO_MAX, &text, NULL, error))
        return false;

    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (size_t i = 0; lines[i] != NULL; i++) {
        g_autofree char *path = mount_point_of(lines[i]);

        if (path != NULL && is_at_or_below(path, directory))
            g_ptr_array_add(paths, g_steal_pointer(&path));
    }
    g_ptr_array_sort(paths, compare_longest_first);
    *ret_paths = g_steal_pointer(&paths);
    return true;
}

bool unmount_below(const char *directory, GError **error)
{
    g_autofree char *real = realpath(directory, NULL);

    if (real == NULL)
        return errno == ENOENT || err_set_errno(error, "look at '%s'", directory);

    /* More than once: a mount over a directory hides the mounts that were made below it before. */
    for (int pass = 0; pass < PASSES_MAX; pass++) {
        g_autoptr(GPtrArray) paths = NULL;

        if (!mounts_below(real, &paths, error))
            return false;
        if (paths->len == 0)
            return true;
        for (guint i = 0; i < paths->len; i++) {
            if (!unmount_at(g_ptr_array_index(paths, i), error))
                return false;
        }
    }
    return err_set(error, FLOE_ERROR_IN_USE, "mounts below '%s' cannot be unmounted", directory);
}

bool mount_self(const char *directory, unsigned long propagation, GError **error)
{
    bool mounted = false;

    if (!mount_is_at(directory, &mounted, error))
        return false;
    if (!mounted && !mount_at(directory, directory, NULL, MS_BIND, NULL, error))
        return false;

    /* Also for a mount that is there: who made it may have been killed right after. */
    if (mount(NULL, directory, NULL, propagation, NULL) < 0)
        return err_set_errno(error, "set the propagation of '%s'", directory);
    return true;
}
