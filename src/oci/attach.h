/* SPDX-License-Identifier: Apache-2.0 */
/* A client of conmon's attach socket (SOCK_SEQPACKET; conmon 2.1, src/conn_sock.c). */
#pragma once

#include "base/fd.h"
#include "oci/detach-keys.h"

/* Connect to DIRECTORY/attach; the path may be longer than a sun_path. */
bool attach_connect(const char *directory, int *ret_socket, GError **error);

/*
 * Wait until the conmon of a connection that was just made, to a container that is not started yet, has
 * taken it; a second at most. When its loop begins conmon looks once whether its container has ended
 * (src/conmon.c, check_child_processes_cb): it then leaves the loop, and a connection that still waits
 * gets nothing of the output.
 */
void attach_wait_taken(int conmon_pid);

typedef struct AttachStreams {
    int socket;
    int stdin_fd;  /* -1: none; its end half-closes the socket */
    int stdout_fd; /* -1: dropped */
    int stderr_fd;
    DetachKeys detach_keys;
} AttachStreams;

/* What passes data between them. It has duplicates of all the descriptors. */
typedef struct AttachPump AttachPump;

bool attach_pump_new(const AttachStreams *streams, AttachPump **ret_pump, GError **error);

void attach_pump_free(AttachPump *pump);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AttachPump, attach_pump_free)

/* Readable when there is something to do for attach_pump_turn(). */
int attach_pump_fd(const AttachPump *pump);

/*
 * Pass on what can be passed on now. It waits for nothing but an output that blocks; those with
 * O_NONBLOCK do not. `*ret_over`: the other side has closed, and all its data is written. A broken
 * output does not end it: its data is dropped, and SIGPIPE does not come through. DETACHED when the
 * keys came, and at every later turn.
 */
bool attach_pump_turn(AttachPump *pump, bool *ret_over, GError **error);

/* The same until it is over. */
bool attach_pump_run(AttachPump *pump, GError **error);

/* Was some output lost that somebody was there to read? IO (a full disk ...). */
bool attach_pump_check_output(const AttachPump *pump, GError **error);
