/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images, their names and their layers, as the database knows them; the bytes are storage's. A list of
 * images for several platforms has a record, too: with a random id, and without layers.
 */
#pragma once

#include "base/json.h"
#include "state/database.h"
#include "state/image-name.h"

typedef struct ImageRecord {
    char *id;              /* hex digest of the configuration */
    char *manifest_digest; /* "sha256:..." */
    int64_t created_unix_ns;
    int64_t size_bytes; /* of the unpacked layers together */
    char **names;       /* "localhost/redis:latest" */
    char **digests;     /* "quay.io/x@sha256:...": what registries called it when it was pulled */
    char **layers;      /* chain ids (hex), lowest first */
    json_t *config;     /* the OCI image configuration; of a list empty */
    json_t *list;       /* what a list names: storage/image-index.h; NULL: it is an image */
} ImageRecord;

void image_record_free(ImageRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImageRecord, image_record_free)

/*
 * Insert, or take over the names and digests of one that is there already: a name moves from the
 * image that had it.
 */
bool image_insert(Database *db, const ImageRecord *record, GError **error);

/* NOT_FOUND. */
bool image_load(Database *db, const char *id, ImageRecord **ret_record, GError **error);

/*
 * By full id; by name: as given, with :latest, with localhost/, with docker.io/library/; by unique
 * id prefix (3 digits or more); as the last components of exactly one name's path ("redis" finds
 * "quay.io/x/redis:latest"). With a digest: what was pulled by it, or has it and a name there. An
 * id may have "sha256:" in front. ret_full_name: the name that led there, NULL for an id; may be
 * NULL. NOT_FOUND, AMBIGUOUS.
 */
bool image_find(Database *db, const char *name, char **ret_id, char **ret_full_name, GError **error);

/* The same, and load it. */
bool image_find_record(Database *db, const char *name, ImageRecord **ret_record,
                       char **ret_full_name, GError **error);

/* The image with this manifest ("sha256:HEX"), or that was pulled by this digest; NULL: none. */
bool image_find_by_manifest(Database *db, const char *digest, char **ret_id, GError **error);

/* Give an image one more name, which moves from the image that had it. NOT_FOUND. */
bool image_add_name(Database *db, const char *id, const char *full_name, GError **error);

/* GPtrArray of ImageRecord *, newest first. */
bool image_list(Database *db, GPtrArray **ret_records, GError **error);

/* NOT_FOUND when the image does not have the name. */
bool image_remove_name(Database *db, const char *id, const char *full_name, GError **error);

/*
 * Delete the image; ret_orphans: chain ids of layers that no image has any more, top first.
 * NOT_FOUND; IN_USE: a container has it.
 */
bool image_delete(Database *db, const char *id, char ***ret_orphans, GError **error);
