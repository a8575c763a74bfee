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
    FLOE_EVENT_REFRESH = 14, /* of the engine: what a reboot left was set right */
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
} floe_event_kind;

/** The name, as `podman events` has it: "create", "died", "exec_died" ... Static. */
FLOE_API const char *floe_event_kind_name(floe_event_kind kind);

#ifdef __cplusplus
}
#endif
