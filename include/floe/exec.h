/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <floe/container.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct floe_exec_options {
    size_t size;
    const char *const *command; /* NULL-terminated; required */
    const char *const *env;     /* "NAME=value", added to the container's */
    const char *user;           /* as floe_create_options.user; NULL: the container's */
    const char *workdir;        /* NULL: the container's */
    bool privileged;            /* all capabilities */
    bool tty;                   /* UNSUPPORTED so far */
} floe_exec_options;

#define FLOE_EXEC_OPTIONS_INIT \
    { \
        .size = sizeof(floe_exec_options) \
    }

/**
 * Run one more command in a running container and pass data until it has ended. Blocks; the
 * container's lock is not held while it runs.
 * @streams  NULL: FLOE_ATTACH_STREAMS_INIT.
 * Errors: BAD_STATE, NOT_FOUND (user), CMD_NOT_FOUND, CMD_NOT_RUNNABLE, RUNTIME, CONMON, DETACHED.
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

/** Forget an exec session that has ended; conmon calls it by `floe container cleanup --exec`. */
FLOE_API bool floe_container_exec_cleanup(floe_container *container, const char *session_id,
                                          floe_error **error);

#ifdef __cplusplus
}
#endif
