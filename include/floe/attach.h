/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <floe/container.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Which descriptors are connected to a container's streams, and how. */
typedef struct floe_attach_streams {
    size_t size;
    int stdin_fd;  /* read and passed on until its end; -1: none */
    int stdout_fd; /* what the container writes goes here; with a terminal all of it; -1: dropped */
    int stderr_fd;
    const char *detach_keys; /* "ctrl-p,ctrl-q" or other keys, each a character or ctrl- and one; "":
                                none; NULL: those, if stdin_fd or the container has a terminal */
    bool proxy_signals; /* HUP INT QUIT TERM USR1 USR2 ALRM for this process go to the container's; not
                           for exec. They are blocked in this thread; others must not take them. */
    unsigned rows, columns; /* of the container's terminal; 0: of the one that stdin_fd or stdout_fd
                                is */
} floe_attach_streams;

#define FLOE_ATTACH_STREAMS_INIT \
    { \
        sizeof(floe_attach_streams), -1, 1, 2, 0, false, 0, 0 \
    }

/**
 * A connection to the streams of a container or of an exec session. It has duplicates of the
 * descriptors it was given; the container's handle has to outlive it. Several can be connected to
 * the same container, from several processes: all get all output.
 */
typedef struct floe_attachment floe_attachment;

/**
 * Connect to a running container. What it wrote before is in its log, not here.
 * @streams  NULL: FLOE_ATTACH_STREAMS_INIT.
 * States: running. Errors: BAD_STATE, INVALID (detach keys), IO.
 */
FLOE_API bool floe_container_attach(floe_container *container, const floe_attach_streams *streams,
                                    floe_attachment **ret_attachment, floe_error **error);

/**
 * Connect to the container's streams and start it. The connection is made before the start, so no
 * output is lost. Returns when the container has started; output waits in the attachment.
 * Errors: as for start; INVALID (detach keys).
 */
FLOE_API bool floe_container_start_and_attach(floe_container *container,
                                              const floe_attach_streams *streams,
                                              floe_attachment **ret_attachment, floe_error **error);

/** Readable (poll, epoll) when there is work for floe_attachment_pump(). Owned by the attachment. */
FLOE_API int floe_attachment_fd(const floe_attachment *attachment);

/**
 * Pass on what there is now, in both directions. It does not wait, but for an output that blocks:
 * one with O_NONBLOCK does not.
 * @ret_over  the other side has ended and all its output is written: floe_attachment_wait() comes
 * next. Errors: DETACHED (the detach keys came, now or earlier), IO.
 */
FLOE_API bool floe_attachment_pump(floe_attachment *attachment, bool *ret_over, floe_error **error);

/**
 * Pass data on until the process has ended, and tell its exit code. Blocks.
 * @ret_exit_code  128+N for signal N; may be NULL.
 * Errors: DETACHED, REMOVED (the container went, and its exit code is not known), CONMON, IO (also:
 * output could not be written, to a full disk for example; a reader that went is no error).
 */
FLOE_API bool floe_attachment_wait(floe_attachment *attachment, int *ret_exit_code,
                                   floe_error **error);

/**
 * Set the size of the window, if there is a terminal.
 * Errors: NOT_FOUND (it has ended), TIMEOUT (conmon does not take it), IO.
 */
FLOE_API bool floe_attachment_resize(floe_attachment *attachment, unsigned rows, unsigned columns,
                                     floe_error **error);

/** Disconnect; the process goes on. NULL is fine. */
FLOE_API void floe_attachment_free(floe_attachment *attachment);

/**
 * Set the window size of the container's terminal.
 * States: created|running|paused. Errors: BAD_STATE, UNSUPPORTED (it has no terminal), TIMEOUT
 * (conmon does not take it), IO.
 */
FLOE_API bool floe_container_resize(floe_container *container, unsigned rows, unsigned columns,
                                    floe_error **error);

#ifdef __cplusplus
}
#endif
