/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounting overlays. From Linux 6.8 on each lower layer is an option of its own ("lowerdir+"), so
 * that any number fits; before, all options are one page of text for mount(2). A path that an
 * option cannot hold as it is (too long, or with characters that overlayfs reads as separators) is
 * given as /proc/self/fd/N instead.
 */
#include "storage/rootfs.h"

#include "base/fd.h"
#include "base/mount.h"
#include "base/path.h"
#include "base/tree.h"
#include "storage/layer-settle.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#define OPTION_MAX        255  /* of one string for fsconfig(2) */
#define MOUNT_OPTIONS_MAX 4095 /* of all for mount(2) */

/*
 * What is not in the defaults of every kernel. An upper directory must hold plain files that can be
 * archived and compared: no redirects, no metadata without data. An inode index would tie it to
 * this very lower directory.
 */
static const char *const fixed_options[][2] = {
    { "redirect_dir", "off" },
    { "metacopy", "off" },
    { "index", "off" },
};

/* The overlay's directories, as the kernel is told them. */
typedef struct OverlayPaths {
    GPtrArray *lower; /* topmost first */
    char *upper, *work;
    GArray *fds; /* of those given by number */
} OverlayPaths;

static void overlay_paths_clear(OverlayPaths *paths)
{
    for (guint i = 0; i < paths->fds->len; i++)
        close(g_array_index(paths->fds, int, i));
    g_array_unref(paths->fds);
    g_ptr_array_unref(paths->lower);
    g_free(paths->upper);
    g_free(paths->work);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OverlayPaths, overlay_paths_clear)

static bool path_as_option(OverlayPaths *paths, const char *path, bool by_number, char **ret_option,
                           GError **error)
{
    int fd;

    if (!by_number && strlen(path) <= OPTION_MAX && strpbrk(path, ":,\\") == NULL) {
        *ret_option = g_strdup(path);
        return true;
    }
    if (!root_open(path, &fd, error))
        return false;
    g_array_append_val(paths->fds, fd);
    *ret_option = g_strdup_printf("/proc/self/fd/%d", fd);
    return true;
}

static size_t count_layers(const RootfsMount *mount)
{
    return mount->layers != NULL ? g_strv_length((char **)mount->layers) : 0;
}

static bool add_lower(OverlayPaths *paths, const char *path, bool by_number, GError **error)
{
    char *option;

    if (!path_as_option(paths, path, by_number, &option, error))
        return false;
    g_ptr_array_add(paths->lower, option);
    return true;
}

/* An overlay has two directories at least, one of them a lower one: an empty one makes up for it. */
static bool add_empty_layer(OverlayPaths *paths, const RootfsMount *mount, bool by_number,
                            GError **error)
{
    const char *beside = mount->upper_dir != NULL ? mount->upper_dir : mount->target;
    g_autofree char *parent = g_path_get_dirname(beside);
    g_autofree char *path = g_build_filename(parent, "lower", NULL);

    return dir_make(path, 0755, error) && add_lower(paths, path, by_number, error);
}

static bool overlay_paths_init(OverlayPaths *paths, const RootfsMount *mount, bool by_number,
                               GError **error)
{
    guint n_needed = mount->upper_dir != NULL ? 1 : 2;

    *paths = (OverlayPaths){
        .lower = g_ptr_array_new_with_free_func(g_free),
        .fds = g_array_new(FALSE, FALSE, sizeof(int)),
    };
    for (size_t i = count_layers(mount); i-- > 0;) {
        g_autofree char *path = g_build_filename(mount->layers_dir, mount->layers[i], "diff", NULL);

        if (!add_lower(paths, path, by_number, error))
            return err_prefix(error, "layer %s", mount->layers[i]);
    }
    if (mount->lower_dir != NULL && !add_lower(paths, mount->lower_dir, by_number, error))
        return false;
    if (paths->lower->len < n_needed && !add_empty_layer(paths, mount, by_number, error))
        return false;
    if (mount->upper_dir == NULL)
        return true;
    return path_as_option(paths, mount->upper_dir, by_number, &paths->upper, error) &&
           path_as_option(paths, mount->work_dir, by_number, &paths->work, error);
}

/* --- the new mount API (fsopen(2)) ------------------------------------------------------------ */

/* What the kernel has to say beside errno: lines like "e overlay: ...". */
static char *kernel_messages(int fs_fd)
{
    GString *text = g_string_new(NULL);
    char line[512];
    ssize_t length;

    while ((length = read(fs_fd, line, sizeof(line))) > 2) {
        g_autofree char *message = g_strndup(line + 2, (gsize)length - 2);

        g_string_append_printf(text, ": %s", g_strchomp(message));
    }
    return g_string_free(text, FALSE);
}

static bool fs_failed(int fs_fd, const char *what, const char *value, GError **error)
{
    int saved_errno = errno;
    g_autofree char *messages = kernel_messages(fs_fd);

    errno = saved_errno;
    return err_set_errno(error, "%s '%s'%s", what, value, messages);
}

static bool option_set(int fs_fd, const char *key, const char *value, GError **error)
{
    if (fsconfig(fs_fd, FSCONFIG_SET_STRING, key, value, 0) == 0)
        return true;

    g_autofree char *what = g_strconcat("overlay option ", key, NULL);

    return fs_failed(fs_fd, what, value, error);
}

/*
 * Before Linux 6.5 overlayfs has the new calls put the text for mount(2) together, takes every option
 * for known until the end, and says so only by refusing descriptors, before it looks at this one.
 */
static bool is_text_only(int fs_fd)
{
    return fsconfig(fs_fd, FSCONFIG_SET_FD, "lowerdir+", NULL, INT_MAX) < 0 && errno == EOPNOTSUPP;
}

/* *ret_supported: is each layer an option? No error if not. */
static bool layers_set(int fs_fd, const GPtrArray *lower, bool *ret_supported, GError **error)
{
    *ret_supported = true;
    for (guint i = 0; i < lower->len; i++) {
        const char *path = g_ptr_array_index(lower, i);

        if (i > 0) {
            if (!option_set(fs_fd, "lowerdir+", path, error))
                return false;
        } else if (fsconfig(fs_fd, FSCONFIG_SET_STRING, "lowerdir+", path, 0) < 0) {
            *ret_supported = errno != EINVAL; /* so an option is called that nobody knows */
            return !*ret_supported || fs_failed(fs_fd, "overlay option lowerdir+", path, error);
        }
    }
    return true;
}

static bool other_options_set(int fs_fd, const OverlayPaths *paths, bool is_volatile, GError **error)
{
    if (!option_set(fs_fd, "source", "overlay", error) ||
        (paths->upper != NULL && (!option_set(fs_fd, "upperdir", paths->upper, error) ||
                                  !option_set(fs_fd, "workdir", paths->work, error))))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(fixed_options); i++) {
        if (!option_set(fs_fd, fixed_options[i][0], fixed_options[i][1], error))
            return false;
    }
    return !is_volatile || fsconfig(fs_fd, FSCONFIG_SET_FLAG, "volatile", NULL, 0) == 0 ||
           fs_failed(fs_fd, "overlay option", "volatile", error);
}

/* *ret_supported: does the kernel have all of this? No error if not. */
static bool mount_by_fsopen(const RootfsMount *mount, const OverlayPaths *paths,
                            bool *ret_supported, GError **error)
{
    autofd int fs_fd = fsopen("overlay", FSOPEN_CLOEXEC);
    autofd int mount_fd = -1;

    *ret_supported = fs_fd >= 0 && !is_text_only(fs_fd);
    if (!*ret_supported)
        return true;
    if (!layers_set(fs_fd, paths->lower, ret_supported, error))
        return false;
    if (!*ret_supported)
        return true;
    if (!other_options_set(fs_fd, paths, mount->is_volatile, error))
        return false;

    if (fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
        mount_fd = fsmount(fs_fd, FSMOUNT_CLOEXEC, 0);
    if (mount_fd < 0 ||
        move_mount(mount_fd, "", AT_FDCWD, mount->target, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return fs_failed(fs_fd, "mount overlay on", mount->target, error);
    return true;
}

/* --- mount(2) --------------------------------------------------------------------------------- */

static char *options_text(const OverlayPaths *paths, bool is_volatile)
{
    GString *text = g_string_new("lowerdir=");

    for (guint i = 0; i < paths->lower->len; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ":" : "",
                               (const char *)g_ptr_array_index(paths->lower, i));
    if (paths->upper != NULL)
        g_string_append_printf(text, ",upperdir=%s,workdir=%s", paths->upper, paths->work);
    for (size_t i = 0; i < G_N_ELEMENTS(fixed_options); i++)
        g_string_append_printf(text, ",%s=%s", fixed_options[i][0], fixed_options[i][1]);
    if (is_volatile)
        g_string_append(text, ",volatile");
    return g_string_free(text, FALSE);
}

static bool mount_by_text(const RootfsMount *mount, const OverlayPaths *paths, GError **error)
{
    g_autofree char *text = options_text(paths, mount->is_volatile);

    if (strlen(text) <= MOUNT_OPTIONS_MAX)
        return mount_at("overlay", mount->target, "overlay", 0, text, error);

    g_auto(OverlayPaths) numbered = { 0 };

    if (!overlay_paths_init(&numbered, mount, true, error))
        return false;

    g_autofree char *short_text = options_text(&numbered, mount->is_volatile);

    if (strlen(short_text) > MOUNT_OPTIONS_MAX)
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "the image has %u layers: more than a kernel before Linux 6.8 can mount",
                       paths->lower->len);
    return mount_at("overlay", mount->target, "overlay", 0, short_text, error);
}

/* --- the root file system --------------------------------------------------------------------- */

/* The upper directory becomes the container's "/". */
static bool upper_make(const RootfsMount *mount, GError **error)
{
    size_t n_layers = count_layers(mount);
    g_autofree char *top = NULL;

    if (path_exists(mount->upper_dir))
        return true;
    if (!dir_make(mount->upper_dir, 0755, error))
        return false;
    if (mount->lower_dir != NULL)
        top = g_strdup(mount->lower_dir);
    else if (n_layers > 0)
        top = g_build_filename(mount->layers_dir, mount->layers[n_layers - 1], "diff", NULL);
    else
        return true;
    return !path_exists(top) || layer_root_inherit(top, mount->upper_dir, error);
}

static bool directories_make(const RootfsMount *mount, GError **error)
{
    return (mount->upper_dir == NULL ||
            (upper_make(mount, error) && dir_make(mount->work_dir, 0700, error))) &&
           dir_make(mount->target, 0700, error);
}

/*
 * overlayfs marks the work directory of a volatile mount and refuses to mount it again, since after
 * a crash of the machine the upper directory may be damaged. Who asks for volatile can lose it.
 */
static bool volatile_mark_remove(const RootfsMount *mount, GError **error)
{
    g_autofree char *mark = g_build_filename(mount->work_dir, "work", "incompat", NULL);

    return tree_remove(mark, error);
}

/* Put in words what the kernel only has a number for. */
static bool explain_failure(const RootfsMount *mount, GError **error)
{
    struct statfs fs;

    for (size_t i = 0; i < count_layers(mount); i++) {
        g_autofree char *path = g_build_filename(mount->layers_dir, mount->layers[i], "diff", NULL);

        if (!path_exists(path))
            return err_prefix(error, "layer '%s' is missing", path);
    }
    if (mount->upper_dir != NULL && statfs(mount->upper_dir, &fs) == 0 &&
        fs.f_type == OVERLAYFS_SUPER_MAGIC) {
        err_prefix(error,
                   "'%s' is on an overlay, and an overlay cannot be written to another "
                   "(choose a --root on ext4, xfs, btrfs or tmpfs)",
                   mount->upper_dir);
        return err_recode(error, FLOE_ERROR_UNSUPPORTED);
    }
    return false;
}

static bool overlay_mount(const RootfsMount *mount, GError **error)
{
    g_auto(OverlayPaths) paths = { 0 };
    bool is_supported = false;

    if (!overlay_paths_init(&paths, mount, false, error) ||
        !mount_by_fsopen(mount, &paths, &is_supported, error))
        return false;
    return is_supported || mount_by_text(mount, &paths, error);
}

bool rootfs_mount(const RootfsMount *mount, GError **error)
{
    bool is_mounted = false;

    if (!directories_make(mount, error) || !mount_is_at(mount->target, &is_mounted, error))
        return false;
    if (is_mounted)
        return true;
    if (mount->is_volatile && !volatile_mark_remove(mount, error))
        return false;
    if (!overlay_mount(mount, error))
        return explain_failure(mount, error);

    /* What a shared parent gave it: from here on nothing of the container's propagates. */
    return mount_at(NULL, mount->target, NULL, MS_PRIVATE, NULL, error);
}

/* Private before it has a place: else to unmount it would unmount what the host has below it, too. */
static int clone_private(const char *directory)
{
    struct mount_attr private = { .propagation = MS_PRIVATE };
    autofd int tree_fd = open_tree(AT_FDCWD, directory,
                                   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

    if (tree_fd < 0 ||
        mount_setattr(tree_fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &private, sizeof(private)) < 0)
        return -1;
    return g_steal_fd(&tree_fd);
}

bool rootfs_bind(const char *directory, const char *target, GError **error)
{
    bool is_mounted = false;
    autofd int tree_fd = -1;

    if (!dir_make(target, 0700, error) || !mount_is_at(target, &is_mounted, error))
        return false;
    if (is_mounted)
        return true;
    tree_fd = clone_private(directory);
    if (tree_fd >= 0 && move_mount(tree_fd, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) == 0)
        return true;

    bool is_unknown = errno == ENOSYS;

    err_set_errno(error, "mount '%s' on '%s'", directory, target);
    if (is_unknown)
        err_recode(error, FLOE_ERROR_UNSUPPORTED);
    return false;
}

bool rootfs_unmount(const char *target, GError **error)
{
    return unmount_at(target, error);
}
