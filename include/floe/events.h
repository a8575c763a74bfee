/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <floe/engine.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What happened. New ones may come: a program passes over what it does not know. */
typedef enum floe_event_kind {
    FLOE_EVENT_OTHER = 0, /* of another floe's making: only its name is known */
    FLOE_EVENT_ATTACH = 1,
    FLOE_EVENT_CHECKPOINT = 2,
    FLOE_EVENT_CLEANUP = 3,
    FLOE_EVENT_CREATE = 4,
    FLOE_EVENT_DIED = 5, /* the container's process has ended; has an exit code */
    FLOE_EVENT_EXEC = 6,
    FLOE_EVENT_EXEC_DIED = 7, /* has an exit code */
    FLOE_EVENT_EXPORT = 8,
    FLOE_EVENT_IMPORT = 9,
    FLOE_EVENT_INIT = 10,
    FLOE_EVENT_KILL = 11,
    FLOE_EVENT_MOUNT = 12,
    FLOE_EVENT_PAUSE = 13,
    FLOE_EVENT_REFRESH = 14, /* of a container; of the engine: what a reboot left was set right */
    FLOE_EVENT_REMOVE = 15,
    FLOE_EVENT_RENAME = 16, /* the name in the event is the new one */
    FLOE_EVENT_RESTART = 17,
    FLOE_EVENT_RESTORE = 18,
    FLOE_EVENT_START = 19,
    FLOE_EVENT_STOP = 20,
    FLOE_EVENT_SYNC = 21,
    FLOE_EVENT_TAG = 22,
    FLOE_EVENT_UNMOUNT = 23,
    FLOE_EVENT_UNPAUSE = 24,
    FLOE_EVENT_UNTAG = 25,
    FLOE_EVENT_UPDATE = 26,
    FLOE_EVENT_PULL = 27,
    FLOE_EVENT_PUSH = 28,
    FLOE_EVENT_SAVE = 29,
    FLOE_EVENT_LOAD = 30,
    FLOE_EVENT_COMMIT = 31,
    FLOE_EVENT_PRUNE = 32,
    FLOE_EVENT_BUILD = 33,
    FLOE_EVENT_CONNECT = 34, /* of a container to a network */
    FLOE_EVENT_DISCONNECT = 35,
} floe_event_kind;

/** The name, as `podman events` has it: "create", "died", "exec_died" ... Static. */
FLOE_API const char *floe_event_kind_name(floe_event_kind kind);

/** One event. Its texts are never NULL and valid until the next call on the reader. */
typedef struct floe_event {
    size_t size; /* set by the caller to sizeof(floe_event) */
    floe_event_kind kind;
    int64_t time_unix_ns;
    int exit_code;      /* of FLOE_EVENT_DIED and FLOE_EVENT_EXEC_DIED */
    const char *type;   /* "container", "image", "network", "pod", "volume", "system" */
    const char *status; /* the kind's name, also of a kind that this library does not know */
    const char *id;     /* 64 hex digits; "": it has none */
    const char *name;   /* "": it has none */
    const char *image;  /* of a container: the name of its image */
    const char *json;   /* the event as one line of JSON, with the keys of `podman events` */
} floe_event;

typedef struct floe_events_options {
    size_t size;
    int64_t since_unix_ns; /* 0: from the oldest that is kept (the last one or two megabytes) */
    int64_t until_unix_ns; /* 0: no end */
    const char *const *filters; /* "key=value": container (name or beginning of the id), event, image,
                                   label, pod, type, volume; of one key but label one must match */
    bool follow;                /* wait for what comes, up to `until` */
} floe_events_options;

#define FLOE_EVENTS_OPTIONS_INIT \
    { \
        sizeof(floe_events_options), 0, 0, 0, false \
    }

/** A reader of events. Any number, in any number of processes, read the same events. */
typedef struct floe_events floe_events;

/**
 * Begin to read events. Nothing that happens after it returns is missed by one that follows.
 *
 * Of one engine and one boot: they are in a file in its run directory, whose oldest part goes when
 * it grows beyond two megabytes.
 * @options  NULL: FLOE_EVENTS_OPTIONS_INIT. Strings are copied.
 * @ret_events  closed with floe_events_close(); may outlive the engine's handle.
 * Errors: INVALID (a filter), IO.
 */
FLOE_API bool floe_events_open(floe_engine *engine, const floe_events_options *options,
                               floe_events **ret_events, floe_error **error);

/** Stop reading. NULL is fine. */
FLOE_API void floe_events_close(floe_events *events);

/**
 * A descriptor for poll(2), for a program with a loop of its own: readable when there may be more
 * events; then floe_events_next() with a timeout of 0 until it gives TIMEOUT. The reader's; -1 of
 * one that does not follow.
 */
FLOE_API int floe_events_fd(const floe_events *events);

/**
 * The next event; waits for it where the reader follows.
 * @timeout_ms  how long; -1: as long as it takes.
 * @ret_event  its `size` set by the caller. `status` is NULL at the end, which comes at `until`,
 *             or without `follow` after the last event.
 * Errors: TIMEOUT (nothing happened meanwhile), IO.
 */
FLOE_API bool floe_events_next(floe_events *events, int timeout_ms, floe_event *ret_event,
                               floe_error **error);

#ifdef __cplusplus
}
#endif
