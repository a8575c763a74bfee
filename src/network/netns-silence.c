/* SPDX-License-Identifier: Apache-2.0 */
/*
 * By the rules of routing (ip-rule(8), rtnetlink(7)), for they need no other program: a rule that
 * drops comes before the one that finds the namespace's own addresses. That one is always the first,
 * so it moves down one place meanwhile. CRIU's connect(2) goes by the rules for output, which stay.
 */
#include "network/netns-silence.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST  0
#define SECOND 1

typedef struct Rule {
    uint16_t type; /* RTM_NEWRULE, RTM_DELRULE */
    uint32_t priority;
    const char *interface; /* drop what comes by it; NULL: look up the namespace's addresses */
} Rule;

typedef struct Request {
    struct nlmsghdr header;
    struct fib_rule_hdr rule;
    char attributes[128];
} Request;

typedef struct Work {
    const char *path;
    const char *interface;
    bool silence;
    GError *error;
} Work;

static void add_attribute(Request *request, uint16_t type, const void *data, size_t length)
{
    struct rtattr *attribute = (struct rtattr *)((char *)request +
                                                 NLMSG_ALIGN(request->header.nlmsg_len));

    g_assert(NLMSG_ALIGN(request->header.nlmsg_len) + RTA_SPACE(length) <= sizeof(*request));
    attribute->rta_type = type;
    attribute->rta_len = (uint16_t)RTA_LENGTH(length);
    memcpy(RTA_DATA(attribute), data, length);
    request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + (uint32_t)RTA_SPACE(length);
}

static void request_init(Request *request, const Rule *rule)
{
    *request = (Request){
        .header = {
            .nlmsg_len = NLMSG_LENGTH(sizeof(struct fib_rule_hdr)),
            .nlmsg_type = rule->type,
            .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK |
                           (rule->type == RTM_NEWRULE ? NLM_F_CREATE | NLM_F_EXCL : 0),
        },
        .rule = {
            .family = AF_INET,
            .table = rule->interface != NULL ? RT_TABLE_UNSPEC : RT_TABLE_LOCAL,
            .action = rule->interface != NULL ? FR_ACT_BLACKHOLE : FR_ACT_TO_TBL,
        },
    };
    add_attribute(request, FRA_PRIORITY, &rule->priority, sizeof(rule->priority));
    if (rule->interface != NULL)
        add_attribute(request, FRA_IIFNAME, rule->interface, strlen(rule->interface) + 1);
}

/* Is there already, or is gone already: success. */
static bool send_rule(int fd, const Rule *rule, GError **error)
{
    Request request;
    struct {
        struct nlmsghdr header;
        struct nlmsgerr answer;
        char rest[512];
    } reply;

    request_init(&request, rule);
    if (send(fd, &request, request.header.nlmsg_len, 0) < 0 ||
        recv(fd, &reply, sizeof(reply), 0) < (ssize_t)NLMSG_LENGTH(sizeof(reply.answer.error)))
        return err_set_errno(error, "talk to the kernel");
    if (reply.header.nlmsg_type != NLMSG_ERROR || reply.answer.error == 0)
        return true;
    /* With a second interface the rule has moved already. */
    if (rule->type == RTM_DELRULE && reply.answer.error == -ENOENT)
        return true;
    errno = -reply.answer.error;
    if (errno == (rule->type == RTM_NEWRULE ? EEXIST : ENOENT))
        return true;
    return err_set_errno(error, "change the rules of routing");
}

static bool send_rules(const Rule *rules, size_t n_rules, GError **error)
{
    autofd int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

    if (fd < 0)
        return err_set_errno(error, "talk to the kernel");
    for (size_t i = 0; i < n_rules; i++) {
        if (!send_rule(fd, &rules[i], error))
            return false;
    }
    return true;
}

/* A thread may enter a namespace and leave it by its end. At no moment is there no rule for output. */
static void *worker_thread(void *data)
{
    Work *work = data;
    const Rule silence[] = {
        { RTM_NEWRULE, SECOND, NULL },
        { RTM_NEWRULE, FIRST, work->interface },
        { RTM_DELRULE, FIRST, NULL },
    };
    const Rule unsilence[] = {
        { RTM_NEWRULE, FIRST, NULL },
        { RTM_DELRULE, FIRST, work->interface },
        { RTM_DELRULE, SECOND, NULL },
    };
    autofd int fd = open(work->path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
        err_set_errno(&work->error, "enter '%s'", work->path);
    else
        send_rules(work->silence ? silence : unsilence, G_N_ELEMENTS(silence), &work->error);
    return NULL;
}

static bool work_in(Work *work, GError **error)
{
    pthread_t thread;

    errno = pthread_create(&thread, NULL, worker_thread, work);
    if (errno == 0)
        pthread_join(thread, NULL);
    else
        err_set_errno(&work->error, "start a thread");
    if (work->error == NULL)
        return true;
    g_propagate_prefixed_error(error, work->error,
                               "%s network namespace: ", work->silence ? "silence" : "unsilence");
    return false;
}

bool netns_silence(const char *path, const char *interface, GError **error)
{
    return work_in(&(Work){ .path = path, .interface = interface, .silence = true }, error);
}

bool netns_unsilence(const char *path, const char *interface, GError **error)
{
    return work_in(&(Work){ .path = path, .interface = interface }, error);
}
