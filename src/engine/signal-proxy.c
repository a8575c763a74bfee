/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/signal-proxy.h"

#include "base/fd.h"
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* What people and supervisors send. Stops, faults and SIGCHLD are this process's own business. */
static const int proxied[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM };

struct SignalProxy {
    sigset_t set;
    sigset_t blocked; /* those of them that were not before */
    int pidfd;        /* of the container's process; -1: it has ended */
    int signal_fd;
    int end_fd;
    bool has_thread;
    pthread_t thread;
};

SignalProxy *signal_proxy_new(void)
{
    SignalProxy *proxy = g_new0(SignalProxy, 1);
    sigset_t before;

    proxy->pidfd = -1;
    proxy->signal_fd = -1;
    proxy->end_fd = -1;
    sigemptyset(&proxy->set);
    sigemptyset(&proxy->blocked);
    pthread_sigmask(SIG_BLOCK, NULL, &before);
    for (size_t i = 0; i < G_N_ELEMENTS(proxied); i++) {
        sigaddset(&proxy->set, proxied[i]);
        if (!sigismember(&before, proxied[i]))
            sigaddset(&proxy->blocked, proxied[i]);
    }
    pthread_sigmask(SIG_BLOCK, &proxy->blocked, NULL);
    return proxy;
}

static void pass_on(SignalProxy *proxy)
{
    struct signalfd_siginfo info;

    if (read(proxy->signal_fd, &info, sizeof(info)) == sizeof(info) &&
        pidfd_send_signal(proxy->pidfd, (int)info.ssi_signo, NULL, 0) < 0)
        log_debug("signal %u came too late: %s", info.ssi_signo, g_strerror(errno));
}

static void *proxy_thread(void *data)
{
    SignalProxy *proxy = data;
    struct pollfd fds[] = { { .fd = proxy->signal_fd, .events = POLLIN },
                            { .fd = proxy->end_fd, .events = POLLIN } };

    while (poll(fds, G_N_ELEMENTS(fds), -1) >= 0 && fds[1].revents == 0) {
        if (fds[0].revents != 0)
            pass_on(proxy);
    }
    return NULL;
}

bool signal_proxy_begin(SignalProxy *proxy, floe_container *ctr, GError **error)
{
    g_autoptr(GError) ended = NULL;

    if (!container_open_process(ctr, &proxy->pidfd, &ended))
        log_debug("no signals are passed on: %s", ended->message);
    proxy->signal_fd = signalfd(-1, &proxy->set, SFD_CLOEXEC | SFD_NONBLOCK);
    proxy->end_fd = eventfd(0, EFD_CLOEXEC);
    if (proxy->signal_fd < 0 || proxy->end_fd < 0)
        return err_set_errno(error, "wait for signals");
    errno = pthread_create(&proxy->thread, NULL, proxy_thread, proxy);
    if (errno != 0)
        return err_set_errno(error, "start a thread for signals");
    proxy->has_thread = true;
    return true;
}

void signal_proxy_free(SignalProxy *proxy)
{
    if (proxy == NULL)
        return;
    if (proxy->has_thread) {
        eventfd_write(proxy->end_fd, 1);
        pthread_join(proxy->thread, NULL);
    }
    fd_cleanup(&proxy->pidfd);
    fd_cleanup(&proxy->signal_fd);
    fd_cleanup(&proxy->end_fd);
    pthread_sigmask(SIG_UNBLOCK, &proxy->blocked, NULL);
    g_free(proxy);
}
