/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process of an infra container: it does nothing but be there, so that the namespaces which a
 * pod's containers share stay. With a shared pid namespace it is their process 1 and reaps what
 * they leave. Linked statically, for its root directory has nothing else in it.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void reap(void)
{
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

int main(void)
{
    sigset_t waited;
    int signal_number = 0;

    sigemptyset(&waited);
    sigaddset(&waited, SIGTERM);
    sigaddset(&waited, SIGINT);
    sigaddset(&waited, SIGHUP);
    sigaddset(&waited, SIGCHLD);
    sigprocmask(SIG_BLOCK, &waited, NULL);
    for (;;) {
        reap();
        if (sigwait(&waited, &signal_number) == 0 && signal_number != SIGCHLD)
            return 0;
    }
}
