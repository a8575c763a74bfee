/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel can do, tried in namespaces of their own by a thread of its own: all that it mounts
 * and makes goes when it ends, and no other thread leaves its namespaces.
 */
#include "engine/doctor.h"

#include "base/mount.h"
#include "base/path.h"
#include "engine/host-facts.h"
#include "engine/storage-driver.h"
#include "storage/overlay-trial.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#define OLDEST_KERNEL      50600 /* openat2, pidfd_getfd */
#define OLDEST_KERNEL_TEXT "5.6"

typedef struct Trial {
    int netns_fd;
    GError *namespaces;
    GError *bridge;
    GError *veth;
} Trial;

/* --- the tries -------------------------------------------------------------------------------- */

typedef struct LinkRequest {
    struct nlmsghdr header;
    struct ifinfomsg info;
    char attributes[128];
} LinkRequest;

static struct rtattr *add_attribute(LinkRequest *request, unsigned short type, const char *text)
{
    size_t length = text != NULL ? strlen(text) : 0;
    struct rtattr *attribute = (struct rtattr *)((char *)request +
                                                 NLMSG_ALIGN(request->header.nlmsg_len));

    g_assert((char *)attribute + RTA_SPACE(length) <= (char *)request + sizeof(*request));
    attribute->rta_type = type;
    attribute->rta_len = (unsigned short)RTA_LENGTH(length);
    if (length > 0)
        memcpy(RTA_DATA(attribute), text, length);
    request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + (unsigned)RTA_SPACE(length);
    return attribute;
}

/* RTM_NEWLINK; the kernel loads the module that it needs. */
static bool try_link(const char *kind, GError **error)
{
    LinkRequest request = {
        .header = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
                    .nlmsg_type = RTM_NEWLINK,
                    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL },
    };
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char rest[512];
    } answer = { 0 };
    autofd int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    struct rtattr *link_info = add_attribute(&request, IFLA_LINKINFO, NULL);

    add_attribute(&request, IFLA_INFO_KIND, kind);
    link_info->rta_len = (unsigned short)((char *)&request + request.header.nlmsg_len -
                                          (char *)link_info);
    if (fd < 0 || send(fd, &request, request.header.nlmsg_len, 0) < 0 ||
        recv(fd, &answer, sizeof(answer), 0) < 0)
        return err_set_errno(error, "ask the kernel for a %s", kind);
    errno = answer.header.nlmsg_type == NLMSG_ERROR ? -answer.error.error : EPROTO;
    return errno == 0 || err_set_errno(error, "make a %s", kind);
}

static void *trial_thread(void *data)
{
    Trial *trial = data;

    if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        err_set_errno(&trial->namespaces, "make namespaces");
        return NULL;
    }
    trial->netns_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    try_link("bridge", &trial->bridge);
    try_link("veth", &trial->veth);
    return NULL;
}

/* --- the results ------------------------------------------------------------------------------ */

static void tell_version(Doctor *doctor)
{
    g_autofree char *kernel = host_kernel();

    if (version_number(kernel) < OLDEST_KERNEL)
        doctor_tell(doctor, "kernel", CHECK_FAILED,
                    "boot Linux " OLDEST_KERNEL_TEXT " or newer (Debian 12 has 6.1)", "Linux %s",
                    kernel);
    else
        doctor_tell(doctor, "kernel", CHECK_OK, NULL, "Linux %s", kernel);
}

static char *missing_namespaces(void)
{
    static const char *const kinds[] = { "pid", "net", "ipc", "uts", "mnt", "cgroup" };
    GString *missing = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *path = g_build_filename("/proc/self/ns", kinds[i], NULL);

        if (!path_exists(path))
            g_string_append_printf(missing, "%s%s", missing->len > 0 ? ", " : "", kinds[i]);
    }
    return g_string_free(missing, FALSE);
}

static void tell_namespaces(Doctor *doctor, const Trial *trial)
{
    g_autofree char *missing = missing_namespaces();

    if (missing[0] != '\0')
        doctor_tell(doctor, "namespaces", CHECK_FAILED,
                    "use a kernel with CONFIG_NAMESPACES and all kinds of them",
                    "the kernel has no namespaces of the kinds %s", missing);
    else if (trial->namespaces != NULL)
        doctor_tell(doctor, "namespaces", CHECK_FAILED, "run floe as root, outside of a container",
                    "%s", trial->namespaces->message);
    else
        doctor_tell(doctor, "namespaces", CHECK_OK, NULL, "pid, net, ipc, uts, mnt, cgroup");
}

/* What happens without it, unless it is asked for, is a copy of each image's files. */
static void tell_overlay(Doctor *doctor)
{
    bool wants_vfs = g_strcmp0(doctor->wanted_storage, STORAGE_VFS) == 0;
    bool needs_overlay = g_strcmp0(doctor->wanted_storage, STORAGE_OVERLAY) == 0;
    g_autoptr(GError) why = NULL;

    if (doctor->scratch == NULL)
        doctor_tell(doctor, "overlay", CHECK_FAILED, "see above",
                    "could not be tried on the file system of %s", doctor->root);
    else if (!overlay_try(doctor->scratch, &why))
        doctor_tell(doctor, "overlay", needs_overlay ? CHECK_FAILED : CHECK_WARNING,
                    "modprobe overlay; if root is itself on an overlay (in a container), put "
                    "--root on a file system such as ext4, xfs or tmpfs",
                    "does not work on %s: %s%s", doctor->root, why->message,
                    needs_overlay ? ""
                                  : "; so each container gets a copy of its image's files (storage "
                                    "driver vfs), which takes time and room");
    else
        doctor_tell(doctor, "overlay", CHECK_OK, NULL, "works on the file system of %s%s",
                    doctor->root,
                    wants_vfs
                        ? ", but the storage driver vfs is asked for: containers get copies of "
                          "their images' files"
                        : "");
}

static void tell_link(Doctor *doctor, const char *kind, const Trial *trial, const GError *failure)
{
    g_autofree char *name = g_strconcat("network: ", kind, NULL);
    g_autofree char *advice = g_strdup_printf("modprobe %s, or use a kernel with that module", kind);

    if (trial->namespaces != NULL)
        doctor_tell(doctor, name, CHECK_FAILED, "see above", "could not be tried");
    else if (failure != NULL)
        doctor_tell(doctor, name, CHECK_FAILED, advice, "%s", failure->message);
    else
        doctor_tell(doctor, name, CHECK_OK, NULL, "can be made in a network namespace");
}

static void tell_seccomp(Doctor *doctor)
{
    const char *profile = host_seccomp_profile();

    if (!path_exists("/proc/sys/kernel/seccomp/actions_avail"))
        doctor_tell(doctor, "seccomp", CHECK_FAILED,
                    "use a kernel with CONFIG_SECCOMP_FILTER; until then, run containers with "
                    "--security-opt seccomp=unconfined",
                    "the kernel cannot filter system calls");
    else if (profile == NULL)
        doctor_tell(doctor, "seccomp", CHECK_FAILED,
                    "make deps, or: apt install golang-github-containers-common",
                    "the kernel can filter system calls, but there is no default profile");
    else
        doctor_tell(doctor, "seccomp", CHECK_OK, NULL, "default profile %s", profile);
}

void doctor_check_kernel(Doctor *doctor)
{
    Trial trial = { .netns_fd = -1 };
    pthread_t thread;

    errno = pthread_create(&thread, NULL, trial_thread, &trial);
    if (errno == 0)
        pthread_join(thread, NULL);
    else
        err_set_errno(&trial.namespaces, "start a thread");
    doctor->netns_fd = trial.netns_fd;

    tell_version(doctor);
    tell_namespaces(doctor, &trial);
    tell_overlay(doctor);
    tell_link(doctor, "bridge", &trial, trial.bridge);
    tell_link(doctor, "veth", &trial, trial.veth);
    tell_seccomp(doctor);
    g_clear_error(&trial.namespaces);
    g_clear_error(&trial.bridge);
    g_clear_error(&trial.veth);
}
