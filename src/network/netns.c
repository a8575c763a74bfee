/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making and removing named network namespaces. A short-lived thread moves into the new
 * namespace, brings lo up and pins the namespace with a bind mount: a thread, because unshare(2)
 * moves the caller for good, and this way no other thread of the program ever leaves its own.
 */
#include "network/netns.h"

#include "base/digest.h"
#include "base/fd.h"
#include "base/mount.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

typedef struct Maker {
    const char *path;
    GError *error;
} Maker;

static bool loopback_up(GError **error)
{
    struct ifreq request = { .ifr_name = "lo" };
    autofd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
        return err_set_errno(error, "look up lo");
    request.ifr_flags |= IFF_UP;
    if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
        return err_set_errno(error, "bring lo up");
    return true;
}

static void *maker_thread(void *data)
{
    Maker *maker = data;

    if (unshare(CLONE_NEWNET) < 0)
        err_set_errno(&maker->error, "unshare the network namespace");
    else if (loopback_up(&maker->error))
        mount_at("/proc/thread-self/ns/net", maker->path, NULL, MS_BIND, NULL, &maker->error);
    return NULL;
}

/*
 * Make the directory a shared mount of itself. Two processes that do this at once would stack two
 * mounts, the upper one without what was bound on the lower: so it is done under the lock that
 * iproute2 takes for the same purpose (flock on the directory; ip/ipnetns.c, netns_add()).
 */
static bool share_directory(const char *directory, GError **error)
{
    autofd int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return err_set_errno(error, "open '%s'", directory);
    if (TEMP_FAILURE_RETRY(flock(fd, LOCK_EX)) < 0)
        return err_set_errno(error, "lock '%s'", directory);
    return mount_self(directory, MS_SHARED, error);
}

/* Version 4. GLib's would be the same in two processes that one program forked. */
static char *uuid_random(void)
{
    g_autofree char *digits = id_random();

    digits[12] = '4';
    digits[16] = "89ab"[g_ascii_xdigit_value(digits[16]) % 4];
    return g_strdup_printf("%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8, digits + 12,
                           digits + 16, digits + 20);
}

/* An empty file is what a namespace is bound on. */
static bool make_mount_point(const char *path, GError **error)
{
    autofd int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);

    if (fd < 0)
        return err_set_errno(error, "create '%s'", path);
    return true;
}

static bool make_pinned(const char *path, GError **error)
{
    Maker maker = { .path = path };

    if (!make_mount_point(path, error))
        return false;

    pthread_t thread;

    errno = pthread_create(&thread, NULL, maker_thread, &maker);
    if (errno == 0)
        pthread_join(thread, NULL);
    else
        err_set_errno(&maker.error, "start a thread");
    if (!maker.error)
        return true;

    unlink(path);
    g_propagate_error(error, maker.error);
    return false;
}

bool netns_create_at(const char *path, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(path);

    if (!dir_make(directory, 0755, error) ||
        (g_str_equal(directory, NETNS_DIRECTORY) && !share_directory(directory, error)) ||
        !make_pinned(path, error))
        return err_prefix(error, "make a network namespace");
    return true;
}

bool netns_create(const char *directory, char **ret_path, GError **error)
{
    g_autofree char *uuid = uuid_random();
    g_autofree char *path = g_strdup_printf("%s/netns-%s", directory, uuid);

    if (!netns_create_at(path, error))
        return false;
    *ret_path = g_steal_pointer(&path);
    return true;
}

bool netns_remove(const char *path, GError **error)
{
    /* Lazily: a process that looks at the namespace at this moment is no reason to keep it. */
    if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
        return err_set_errno(error, "unmount network namespace '%s'", path);
    if (unlink(path) < 0 && errno != ENOENT)
        return err_set_errno(error, "remove network namespace '%s'", path);
    return true;
}

bool netns_exists(const char *path)
{
    struct statfs fs = { 0 };

    return statfs(path, &fs) == 0 && fs.f_type == NSFS_MAGIC;
}
