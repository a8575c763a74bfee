/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <floe/attach.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct floe_exec_options {
    size_t size;
    const char *const *command; /* NULL-terminated; required */
    const char *const *env;     /* added to the container's; as floe_create_options.env */
    const char *user;           /* as floe_create_options.user; NULL: the container's */
    const char *workdir;        /* NULL: the container's */
    bool privileged;            /* all capabilities */
    bool tty;                   /* a terminal for its standard input, output and error */
    const int *preserved_fds;   /* descriptors that become the command's 3, 4, ... */
    size_t n_preserved_fds;
} floe_exec_options;

#define FLOE_EXEC_OPTIONS_INIT \
    { \
        .size = sizeof(floe_exec_options) \
    }

/**
 * Begin one more command in a running container, connected to the streams. Returns when the command
 * has begun; its output waits in the attachment, whose wait gives its exit code. When the attachment
 * is freed before its end the command goes on.
 * @streams  NULL: FLOE_ATTACH_STREAMS_INIT.
 * Errors: BAD_STATE, NOT_FOUND (user), CMD_NOT_FOUND, CMD_NOT_RUNNABLE, RUNTIME, CONMON, INVALID.
 */
FLOE_API bool floe_container_exec_and_attach(floe_container *container,
                                             const floe_exec_options *options,
                                             const floe_attach_streams *streams,
                                             floe_attachment **ret_attachment, floe_error **error);

/**
 * The same until it has ended. Blocks; the container's lock is not held while the command runs.
 * @ret_exit_code  may be NULL.
 * Errors: those, and floe_attachment_wait()'s.
 */
FLOE_API bool floe_container_exec(floe_container *container, const floe_exec_options *options,
                                  const floe_attach_streams *streams, int *ret_exit_code,
                                  floe_error **error);

/**
 * The same in the background: returns when the command has begun.
 * @ret_session_id  64 hex digits; freed with floe_free(); may be NULL.
 */
FLOE_API bool floe_container_exec_detached(floe_container *container,
                                           const floe_exec_options *options, char **ret_session_id,
                                           floe_error **error);

/**
 * Wait until the command of a session in the background has ended, and tell its exit code, which is
 * kept for some minutes. Blocks without the container's lock.
 * @ret_exit_code  128+N for signal N; may be NULL. Errors: NOT_FOUND (no such session, or its exit
 * code is not known), INVALID, REMOVED.
 */
FLOE_API bool floe_container_exec_wait(floe_container *container, const char *session_id,
                                       int *ret_exit_code, floe_error **error);

/**
 * The sessions of a container whose commands run, as a JSON array of objects with the keys of
 * `docker exec inspect`: ID, ContainerID, Running, Pid, ExitCode, ProcessConfig {tty, entrypoint,
 * arguments, privileged, user} ... @ret_json: floe_free(). States: any.
 */
FLOE_API bool floe_container_exec_sessions(floe_container *container, char **ret_json,
                                           floe_error **error);

/** Forget an exec session that has ended; conmon calls it by `floe container cleanup --exec`. */
FLOE_API bool floe_container_exec_cleanup(floe_container *container, const char *session_id,
                                          floe_error **error);

#ifdef __cplusplus
}
#endif
