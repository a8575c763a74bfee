/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define FLOE_API __attribute__((visibility("default")))
#else
#define FLOE_API
#endif

/**
 * What kind of failure it is, for programs that act on it. The text of the error is for people.
 */
typedef enum floe_error_code {
    FLOE_ERROR_INTERNAL = 1,          /* a defect in floe */
    FLOE_ERROR_INVALID = 2,           /* an argument, option or input that cannot be right */
    FLOE_ERROR_NOT_FOUND = 3,         /* no such container, image, network, file */
    FLOE_ERROR_AMBIGUOUS = 4,         /* an id prefix or name that fits several objects */
    FLOE_ERROR_EXISTS = 5,            /* the name or id is taken */
    FLOE_ERROR_BAD_STATE = 6,         /* the object's state does not allow the operation */
    FLOE_ERROR_STOPPED = 7,           /* BAD_STATE, and it is because the container has stopped */
    FLOE_ERROR_RUNNING = 8,           /* BAD_STATE, and it is because the container runs */
    FLOE_ERROR_IN_USE = 9,            /* others depend on the object */
    FLOE_ERROR_REMOVED = 10,          /* the object was removed while the caller waited for it */
    FLOE_ERROR_UNSUPPORTED = 11,      /* this host, kernel or version of a part cannot do it */
    FLOE_ERROR_MISSING_PART = 12,     /* conmon, the runtime, CRIU, netavark ... is not installed */
    FLOE_ERROR_RUNTIME = 13,          /* the OCI runtime failed */
    FLOE_ERROR_CMD_NOT_FOUND = 14,    /* the container's command does not exist (exit code 127) */
    FLOE_ERROR_CMD_NOT_RUNNABLE = 15, /* the container's command cannot be run (exit code 126) */
    FLOE_ERROR_CONMON = 16,           /* conmon failed or has gone */
    FLOE_ERROR_CRIU = 17,             /* CRIU refused or failed to dump or restore */
    FLOE_ERROR_NETWORK = 18,          /* netavark failed, no address left, port in use */
    FLOE_ERROR_IO = 19,               /* the system refused: disk full, read-only, permission ... */
    FLOE_ERROR_TIMEOUT = 20,          /* it took too long */
    FLOE_ERROR_DETACHED = 21,         /* the user typed the detach keys */
    FLOE_ERROR_SCHEMA = 22,           /* the database is of another floe's making */
    FLOE_ERROR_PARTIAL = 23,          /* of several containers it failed for some */
} floe_error_code;

/** An error: a code and a text. Made by libfloe, freed by the caller with floe_error_free(). */
typedef struct floe_error floe_error;

/** The kind of failure. NULL gives 0. */
FLOE_API floe_error_code floe_error_get_code(const floe_error *error);

/** The text, in one line, without a final newline or full stop. Owned by the error; never NULL. */
FLOE_API const char *floe_error_get_message(const floe_error *error);

/** Free an error. NULL is fine. */
FLOE_API void floe_error_free(floe_error *error);

#ifdef __cplusplus
}
#endif
