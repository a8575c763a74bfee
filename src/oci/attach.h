/* SPDX-License-Identifier: Apache-2.0 */
/* A client of conmon's attach socket (SOCK_SEQPACKET; facts section 2.5). */
#pragma once

#include "base/fd.h"

/* Connect to DIRECTORY/attach; the path may be longer than a sun_path. */
bool attach_connect(const char *directory, int *ret_socket, GError **error);

typedef struct AttachLoop {
    int socket;
    int stdin_fd;  /* -1: none; its end half-closes the socket */
    int stdout_fd; /* -1: dropped */
    int stderr_fd;
    const char *detach_keys; /* notation of oci/detach-keys.h; NULL: not looked for */
    int pidfd;               /* end when this process ends and the socket is drained; -1: none */
} AttachLoop;

/*
 * Pass data until the other side closes. A broken stdout is not an error: its data is dropped, and
 * SIGPIPE does not come through. DETACHED when the keys came; INVALID when they cannot be
 * understood.
 */
bool attach_loop(const AttachLoop *loop, GError **error);
