/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing to a pipe that nobody reads raises SIGPIPE. What that does is for the program that uses
 * the library to say, so it is kept from happening where the library writes:
 *
 *     g_auto(SigpipeBlock) block = sigpipe_block();
 */
#pragma once

#include <glib.h>
#include <signal.h>
#include <stdbool.h>

typedef struct SigpipeBlock {
    sigset_t before;
    bool was_pending;
} SigpipeBlock;

/* From here on this thread's SIGPIPE waits; EPIPE tells the writer. */
SigpipeBlock sigpipe_block(void);

/* Take away the one that was raised meanwhile, and let SIGPIPE do what it did before. */
void sigpipe_unblock(SigpipeBlock *block);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SigpipeBlock, sigpipe_unblock)
