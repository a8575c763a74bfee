/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store's bytes, which are storage's, and its records, which are the database's, in step: what
 * adds or removes images goes through here.
 */
#pragma once

#include "base/lock.h"
#include "engine/engine.h"
#include "state/image-record.h"
#include "storage/staged-image.h"

/*
 * What adds or removes layers does so alone: an import may find the layer it needs just being
 * removed.
 */
bool image_store_lock(floe_engine *engine, Lock *ret_lock, GError **error);

/* Remove what a killed floe left and the database does not know. The lock is held. */
bool image_store_clean(floe_engine *engine, const Layout *layout, GError **error);

/* Record an image whose bytes have their place, under its names and digests (NULL: none). */
bool image_store_record(floe_engine *engine, const ImportedImage *image, char **names,
                        char **digests, GError **error);

/*
 * Unpack the image of a staging and make it one of the store, under the lock where it has to be. A
 * checkpoint's is kept packed. ret_id: 64 hex digits.
 */
bool image_store_add(floe_engine *engine, const Staging *staging, const char *manifest_digest,
                     char **names, char **digests, char **ret_id, GError **error);

/* The same of an image that was made here, whose digests need no look, and that is kept packed. */
bool image_store_add_made(floe_engine *engine, const Staging *staging, const char *manifest_digest,
                          char **names, char **ret_id, GError **error);

/*
 * If the store has the image of this id (hex) already, give it these names too (NULL: none); else
 * *ret_known is false.
 */
bool image_store_name(floe_engine *engine, const char *id, char **names, bool *ret_known,
                      GError **error);

/*
 * If the store has the image of this manifest already, give it these names too; else *ret_id is
 * NULL.
 */
bool image_store_reuse(floe_engine *engine, const char *manifest_digest, char **names,
                       char **digests, char **ret_id, GError **error);
