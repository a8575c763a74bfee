/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The imports that are at work: a file each in ROOT/imports, locked by the floe that imports, with
 * the names of the volumes that it makes. One that nobody holds belongs to a floe that was killed:
 * the container, or pod, and its volumes are removed by the next floe that opens the engine.
 */
#pragma once

#include "base/lock.h"
#include "engine/container.h"

typedef struct ImportMark {
    char *path; /* NULL: none */
    Lock lock;
} ImportMark;

#define IMPORT_MARK_NONE \
    { \
        NULL, LOCK_NONE \
    }

/* Before anything is made. volumes: those that will be, NULL-terminated. */
bool import_mark_set(floe_engine *engine, const char *id, const char *const *volumes,
                     ImportMark *ret_mark, GError **error);

/* The import has ended, well or undone. */
void import_mark_clear(ImportMark *mark);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ImportMark, import_mark_clear)

/* Remove what an import has made so far; what cannot be is a warning. */
void import_undo(floe_engine *engine, const char *id, const char *const *volumes);

/* For the opening of an engine. A failure is a warning: the command may be about something else. */
void imports_heal(floe_engine *engine);
