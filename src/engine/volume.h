/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Named volumes: making and removing them, and what is in them. A volume's row is written before its
 * directory is made, and says that it is being removed before that is begun; whoever finds either
 * half-done finishes it.
 *
 * Locks: a volume's comes after those of containers; of several volumes in the order of their names.
 */
#pragma once

#include "base/json.h"
#include "base/lock.h"
#include "engine/engine.h"
#include "state/volume-record.h"

/* What a new volume is to be. */
typedef struct VolumeWish {
    const char *name;
    json_t *labels; /* object of strings; NULL: none */
    json_t *options;
    bool is_anonymous;
} VolumeWish;

/* INVALID. */
bool volume_name_check(const char *name, GError **error);

/* ROOT/volumes/NAME. Freed by the caller. */
char *volume_directory(const floe_engine *engine, const char *name);

/* What containers see. Freed by the caller. */
char *volume_path(const floe_engine *engine, const char *name);

/* Is there a volume of exactly this name? */
bool volume_exists(floe_engine *engine, const char *name, bool *ret_exists, GError **error);

/* EXISTS; INVALID: name or options. */
bool volume_create(floe_engine *engine, const VolumeWish *wish, GError **error);

/* NOT_FOUND, IN_USE: containers use it; the text names them. */
bool volume_remove(floe_engine *engine, const char *name, GError **error);

/* Write what is in it as an uncompressed tar, for volume_unpack_into(). NOT_FOUND. */
bool volume_pack_from(floe_engine *engine, const char *name, int fd, GError **error);

/*
 * Unpack a tar that nobody vouches for into it. It counts as filled from now on: no image's content
 * comes into it. Where that fails, what was unpacked before stays. NOT_FOUND, INVALID.
 */
bool volume_unpack_into(floe_engine *engine, const char *name, int fd, GError **error);

/* --- for what works on volumes ---------------------------------------------------------------- */

bool volume_lock(floe_engine *engine, const char *name, Lock *ret_lock, GError **error);

/*
 * Under its lock: *ret_record is NULL when there is none, which it is after a removal that was begun.
 */
bool volume_settle(floe_engine *engine, const char *name, VolumeRecord **ret_record, GError **error);

/* Lock it and get its record. NOT_FOUND. */
bool volume_enter(floe_engine *engine, const char *name, Lock *ret_lock, VolumeRecord **ret_record,
                  GError **error);

/* The row of a new volume. INVALID: name or options. EXISTS. */
bool volume_insert_new(floe_engine *engine, const VolumeWish *wish, GError **error);

/* Its directory, where that is missing. */
bool volume_make_directory(floe_engine *engine, const VolumeRecord *record, GError **error);

/* Under its lock, of one that is on record as being removed: all of it. */
bool volume_finish_removal(floe_engine *engine, const char *name, GError **error);
