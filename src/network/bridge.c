/* SPDX-License-Identifier: Apache-2.0 */
/* By rtnetlink(7) and netdevice(7), for what is mounted on /sys may show another network namespace. */
#include "network/bridge.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define ANSWER_SIZE (32 * 1024) /* the kernel's own for one part of a list */

/* An attribute of four bytes, or `otherwise`. */
static int attribute(const struct rtattr *first, size_t length, unsigned short type, int otherwise)
{
    int left = (int)length;
    int value = otherwise;

    for (const struct rtattr *at = first; RTA_OK(at, left); at = RTA_NEXT(at, left)) {
        if (at->rta_type == type && RTA_PAYLOAD(at) == sizeof(value))
            memcpy(&value, RTA_DATA(at), sizeof(value));
    }
    return value;
}

/*
 * By what number our namespace knows another; NETNSA_NSID_NOT_ASSIGNED: by none, nothing leads there.
 */
static bool ask_for_netns(int fd, int netns_fd, char *answer, int *ret_id, GError **error)
{
    const struct {
        struct nlmsghdr header;
        struct rtgenmsg general;
        char padding[NLMSG_ALIGN(sizeof(struct rtgenmsg)) - sizeof(struct rtgenmsg)];
        struct rtattr attribute;
        int netns_fd;
    } request = {
        .header = { .nlmsg_len = sizeof(request),
                    .nlmsg_type = RTM_GETNSID,
                    .nlmsg_flags = NLM_F_REQUEST },
        .attribute = { .rta_len = RTA_LENGTH(sizeof(int)), .rta_type = NETNSA_FD },
        .netns_fd = netns_fd,
    };
    const struct nlmsghdr *message = (const struct nlmsghdr *)answer;
    const size_t head = NLMSG_LENGTH(NLMSG_ALIGN(sizeof(struct rtgenmsg)));
    ssize_t length;

    if (send(fd, &request, sizeof(request), 0) < 0 ||
        (length = recv(fd, answer, ANSWER_SIZE, 0)) < 0)
        return err_set_errno(error, "ask for the number of a network namespace");
    if (!NLMSG_OK(message, (size_t)length) || message->nlmsg_type != RTM_NEWNSID ||
        message->nlmsg_len < head)
        return err_set(error, FLOE_ERROR_NETWORK, "the kernel has no number of a network namespace");
    *ret_id = attribute((const struct rtattr *)(answer + head), message->nlmsg_len - head,
                        NETNSA_NSID, NETNSA_NSID_NOT_ASSIGNED);
    return true;
}

static bool ask_for_links(int fd, GError **error)
{
    const struct {
        struct nlmsghdr header;
        struct ifinfomsg link;
    } request = {
        .header = { .nlmsg_len = sizeof(request),
                    .nlmsg_type = RTM_GETLINK,
                    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
        .link = { .ifi_family = AF_UNSPEC },
    };

    return send(fd, &request, sizeof(request), 0) >= 0 || err_set_errno(error, "ask for links");
}

typedef struct Count {
    int bridge;
    int netns;
    unsigned all;   /* interfaces in the bridge */
    unsigned there; /* those of them that lead to the namespace */
} Count;

/* One part of the list. */
static bool count_in(const char *part, size_t length, Count *count, bool *ret_is_last,
                     GError **error)
{
    const struct nlmsghdr *message = (const struct nlmsghdr *)part;

    for (; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length)) {
        const struct rtattr *first = IFLA_RTA(NLMSG_DATA(message));
        size_t size = IFLA_PAYLOAD(message);

        if (message->nlmsg_type == NLMSG_ERROR)
            return err_set(error, FLOE_ERROR_NETWORK, "the kernel lists no links");
        *ret_is_last = message->nlmsg_type == NLMSG_DONE;
        if (message->nlmsg_type != RTM_NEWLINK ||
            attribute(first, size, IFLA_MASTER, 0) != count->bridge)
            continue;
        count->all++;
        if (count->netns != NETNSA_NSID_NOT_ASSIGNED &&
            attribute(first, size, IFLA_LINK_NETNSID, NETNSA_NSID_NOT_ASSIGNED) == count->netns)
            count->there++;
    }
    return true;
}

/* Nothing leads to a namespace that has gone (-1). */
static bool count_interfaces(int netns_fd, Count *count, GError **error)
{
    autofd int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    g_autofree char *answer = g_malloc(ANSWER_SIZE);
    bool is_last = false;

    count->netns = NETNSA_NSID_NOT_ASSIGNED;
    if (fd < 0)
        return err_set_errno(error, "talk to the kernel");
    if (netns_fd >= 0 && !ask_for_netns(fd, netns_fd, answer, &count->netns, error))
        return false;
    if (!ask_for_links(fd, error))
        return false;
    while (!is_last) {
        ssize_t length = TEMP_FAILURE_RETRY(recv(fd, answer, ANSWER_SIZE, 0));

        if (length <= 0)
            return err_set_errno(error, "list the links");
        if (!count_in(answer, (size_t)length, count, &is_last, error))
            return false;
    }
    return true;
}

bool bridge_has_no_other(const char *bridge, const char *netns_path, bool *ret_answer,
                         GError **error)
{
    Count count = { .bridge = (int)if_nametoindex(bridge) };
    autofd int netns_fd = open(netns_path, O_RDONLY | O_CLOEXEC);

    *ret_answer = false;
    if (count.bridge == 0)
        return true;
    if (!count_interfaces(netns_fd, &count, error))
        return false;
    *ret_answer = count.all == count.there && count.there <= 1;
    return true;
}

/* --- a substitute ----------------------------------------------------------------------------- */

typedef struct LinkRequest {
    struct nlmsghdr header;
    struct ifinfomsg link;
    char attributes[256]; /* of these, far fewer are used */
} LinkRequest;

/* Returns where it is, for link_nest_end(). */
static struct rtattr *link_add(LinkRequest *request, unsigned short type, const void *data,
                               size_t size)
{
    struct rtattr *at = (struct rtattr *)((char *)request + NLMSG_ALIGN(request->header.nlmsg_len));

    at->rta_type = type;
    at->rta_len = (unsigned short)RTA_LENGTH(size);
    if (size > 0)
        memcpy(RTA_DATA(at), data, size);
    request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + RTA_ALIGN(at->rta_len);
    g_assert(request->header.nlmsg_len <= sizeof(*request));
    return at;
}

static void link_nest_end(LinkRequest *request, struct rtattr *nest)
{
    nest->rta_len = (unsigned short)((char *)request + request->header.nlmsg_len - (char *)nest);
}

/* A veth pair: one end in the bridge, the other under its name in the namespace (man 4 veth). */
static void fill_veth(LinkRequest *request, int bridge, int netns_fd, const char *interface)
{
    const struct ifinfomsg peer_link = { 0 };
    struct rtattr *info, *data, *peer;

    request->header.nlmsg_len = NLMSG_LENGTH(sizeof(request->link));
    request->header.nlmsg_type = RTM_NEWLINK;
    request->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
    link_add(request, IFLA_MASTER, &bridge, sizeof(bridge));
    info = link_add(request, IFLA_LINKINFO, NULL, 0);
    link_add(request, IFLA_INFO_KIND, "veth", sizeof("veth"));
    data = link_add(request, IFLA_INFO_DATA, NULL, 0);
    peer = link_add(request, VETH_INFO_PEER, &peer_link, sizeof(peer_link));
    link_add(request, IFLA_IFNAME, interface, strlen(interface) + 1);
    link_add(request, IFLA_NET_NS_FD, &netns_fd, sizeof(netns_fd));
    link_nest_end(request, peer);
    link_nest_end(request, data);
    link_nest_end(request, info);
}

static bool add_veth(int bridge, int netns_fd, const char *interface, GError **error)
{
    LinkRequest request = { 0 };
    struct {
        struct nlmsghdr header;
        struct nlmsgerr result;
        char rest[sizeof(LinkRequest)];
    } answer = { 0 };
    autofd int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

    fill_veth(&request, bridge, netns_fd, interface);
    if (fd < 0 || send(fd, &request, request.header.nlmsg_len, 0) < 0 ||
        TEMP_FAILURE_RETRY(recv(fd, &answer, sizeof(answer), 0)) < 0)
        return err_set_errno(error, "ask for an interface");
    if (answer.header.nlmsg_type == NLMSG_ERROR && answer.result.error == 0)
        return true;
    errno = answer.header.nlmsg_type == NLMSG_ERROR ? -answer.result.error : EPROTO;
    return errno == EEXIST || err_set_errno(error, "make the interface '%s'", interface);
}

bool bridge_fill_empty(const char *bridge, const char *netns_path, const char *interface,
                       GError **error)
{
    Count count = { .bridge = (int)if_nametoindex(bridge) };
    autofd int netns_fd = -1;

    if (count.bridge == 0)
        return true;
    if (strlen(interface) >= IFNAMSIZ)
        return err_set(error, FLOE_ERROR_INVALID, "no interface can be named '%s'", interface);
    if (!count_interfaces(-1, &count, error))
        return false;
    if (count.all > 0)
        return true;
    netns_fd = open(netns_path, O_RDONLY | O_CLOEXEC);
    if (netns_fd < 0)
        return err_set_errno(error, "open '%s'", netns_path);
    return add_veth(count.bridge, netns_fd, interface, error);
}

/* --- its address ------------------------------------------------------------------------------ */

bool bridge_keep_address(const char *bridge, GError **error)
{
    struct ifreq request = { 0 };
    autofd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    g_strlcpy(request.ifr_name, bridge, sizeof(request.ifr_name));
    if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &request) < 0 || ioctl(fd, SIOCSIFHWADDR, &request) < 0)
        return err_set_errno(error, "keep the hardware address of '%s'", bridge);
    return true;
}
