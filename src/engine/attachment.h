/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection to the streams of a container or an exec session, which the public API hands out.
 * Made in two steps: what can be refused is looked at before anything runs, and the connection is
 * made between the runtime's create and the start.
 */
#pragma once

#include "engine/container.h"
#include "engine/exec.h"
#include "engine/signal-proxy.h"
#include "oci/attach.h"

#include <floe/attach.h>

struct floe_attachment {
    floe_container *ctr;
    AttachStreams streams;
    unsigned rows, columns; /* of the window; 0: not known, or no terminal is wanted */
    SignalProxy *proxy;     /* NULL: signals are this process's own */
    AttachPump *pump;       /* NULL: not connected yet */
    char *directory;        /* conmon's: its attach socket and control pipe */
    int conmon_fd;          /* a pidfd; -1: of an exec session, or it has ended */
    ExecSession *session;   /* NULL: the container's own process */
};

void attachment_free(floe_attachment *attachment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(floe_attachment, attachment_free)

/* Not connected yet. From here on signals that are to be passed on wait. INVALID: the detach keys. */
bool attachment_new(floe_container *ctr, const floe_attach_streams *streams, bool has_tty,
                    floe_attachment **ret_attachment, GError **error);

/* Connect to conmon's socket in this directory. */
bool attachment_connect(floe_attachment *attachment, const char *directory, bool has_stdin,
                        GError **error);

/*
 * Set the window's size where it is known; a failure is not worth more than a word in the log. A
 * program that runs already draws itself anew only for a change: with `redraw` there is one.
 */
void attachment_set_size(floe_attachment *attachment, bool redraw);
