/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sigpipe.h"

#include <errno.h>
#include <unistd.h>

static sigset_t only_sigpipe(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

SigpipeBlock sigpipe_block(void)
{
    SigpipeBlock block = { .was_pending = false };
    sigset_t sigpipe = only_sigpipe();
    sigset_t pending;

    sigpending(&pending);
    block.was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &sigpipe, &block.before);
    return block;
}

void sigpipe_unblock(SigpipeBlock *block)
{
    const struct timespec now = { 0 };
    sigset_t sigpipe = only_sigpipe();
    int saved_errno = errno;

    if (!block->was_pending)
        TEMP_FAILURE_RETRY(sigtimedwait(&sigpipe, NULL, &now));
    pthread_sigmask(SIG_SETMASK, &block->before, NULL);
    errno = saved_errno;
}
