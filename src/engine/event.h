/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Noting that something happened, for `floe events`. An operation does so once, when what it did is
 * recorded. A failure is a warning: the operation has happened all the same.
 */
#pragma once

#include "engine/container.h"

#include <floe/events.h>
#include <floe/pod.h>

void event_note(const floe_container *ctr, floe_event_kind kind);

/*
 * With the exit code of the container (FLOE_EVENT_DIED) or of an exec session (FLOE_EVENT_EXEC_DIED).
 */
void event_note_exit(const floe_container *ctr, floe_event_kind kind, int exit_code);

/* `name` may be NULL. */
void event_note_image(const floe_engine *engine, floe_event_kind kind, const char *id,
                      const char *name);

void event_note_volume(const floe_engine *engine, floe_event_kind kind, const char *name);

/* Of a network as a whole, or, with a container, of that one's place in it. */
void event_note_network(const floe_engine *engine, floe_event_kind kind, const char *id,
                        const char *network, const char *driver);
void event_note_network_use(const floe_container *ctr, floe_event_kind kind, const char *network);

void event_note_pod(const floe_pod *pod, floe_event_kind kind);

/* What concerns the engine as a whole. */
void event_note_system(const floe_engine *engine, floe_event_kind kind);

/* Where the event log is; the caller's. */
char *event_directory(const floe_engine *engine);

/* FLOE_EVENT_OTHER for a name that is not known. */
floe_event_kind event_kind_by_name(const char *name);
