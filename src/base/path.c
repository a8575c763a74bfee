/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making directories, and opening and making things below a root that is not ours to trust. Links and
 * names are a container's to choose: every step goes by openat2(), which says at once that it must not
 * leave the root.
 */
#include "base/path.h"

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

/* EAGAIN means that something was renamed while ".." was resolved: try again. */
int open_resolved(int dir_fd, const char *path, int flags, mode_t mode, uint64_t resolve)
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

char *path_above(const char *path)
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
