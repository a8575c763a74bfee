/* SPDX-License-Identifier: Apache-2.0 */
/* Images, their names and their layers, as the database knows them; the bytes are storage's. */
#pragma once

#include "base/json.h"
#include "state/database.h"

typedef struct ImageRecord {
    char *id;              /* hex digest of the configuration */
    char *manifest_digest; /* "sha256:..." */
    int64_t created_unix_ns;
    int64_t size_bytes;    /* of the unpacked layers together */
    char **names;          /* "localhost/redis:latest" */
    char **layers;         /* chain ids (hex), lowest first */
    json_t *config;        /* the OCI image configuration */
} ImageRecord;

void image_record_free(ImageRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImageRecord, image_record_free)

/* Insert, or take over the names of one that is there already: a name moves from the image that had it. */
bool image_insert(Database *db, const ImageRecord *record, GError **error);
bool image_load(Database *db, const char *id, ImageRecord **ret_record, GError **error);

/*
 * By id, unique id prefix (3 digits or more) or name: as given, with :latest, with localhost/, with docker.io/library/, or as
 * the last components of exactly one name's path ("redis" finds "quay.io/x/redis:latest"). NOT_FOUND, AMBIGUOUS.
 */
bool image_find(Database *db, const char *name, char **ret_id, char **ret_full_name,
                GError **error);

/* GPtrArray of ImageRecord *, newest first. */
bool image_list(Database *db, GPtrArray **ret_records, GError **error);

bool image_remove_name(Database *db, const char *id, const char *full_name, GError **error);

/* Delete the image; ret_orphans: chain ids of layers that no image has any more, top first. */
bool image_delete(Database *db, const char *id, char ***ret_orphans, GError **error);

/* "redis" -> "localhost/redis:latest", "host:5000/x" -> "host:5000/x:latest". INVALID: not a reference. */
bool image_name_normalize(const char *name, char **ret_full_name, GError **error);
