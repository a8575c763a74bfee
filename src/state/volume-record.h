/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Named volumes, as the database knows them; what is in them is storage's. Who uses one is recorded
 * with the container (container_insert()).
 */
#pragma once

#include "base/json.h"
#include "state/database.h"

typedef struct VolumeRecord {
    char *name;
    int64_t created_unix_ns;
    json_t *labels;     /* object of strings */
    json_t *options;    /* object of strings: "type", "device", "o", as podman's */
    bool is_anonymous;  /* nobody gave it a name: it goes with its container */
    bool needs_owner;   /* its directory gets owner and mode from the first container that has it */
    bool needs_content; /* and what the image has there; until then it is empty, or a user's */
    bool removing;      /* its removal has begun: nobody can have it any more */
    int mount_count;    /* of a volume that has to be mounted: how many times users have done so */
    char **mounted_by;  /* and the ids of the containers that have; NULL: none */
} VolumeRecord;

VolumeRecord *volume_record_new(void);
void volume_record_free(VolumeRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VolumeRecord, volume_record_free)

/* The error of a volume that is not there, in podman's words. Returns false. */
bool volume_not_found(const char *name, GError **error);

/* EXISTS. */
bool volume_insert(Database *db, const VolumeRecord *record, GError **error);

/* Everything but the name. NOT_FOUND. */
bool volume_save(Database *db, const VolumeRecord *record, GError **error);

/* By its whole name. *ret_record is NULL when there is none. */
bool volume_find(Database *db, const char *name, VolumeRecord **ret_record, GError **error);

/* By name, or the unique beginning of one. NOT_FOUND, AMBIGUOUS. */
bool volume_lookup(Database *db, const char *name, VolumeRecord **ret_record, GError **error);

/* All, ordered by name: GPtrArray of VolumeRecord *. */
bool volume_list(Database *db, GPtrArray **ret_records, GError **error);

/* Ids of the containers that use it, in order of creation. */
bool volume_list_users(Database *db, const char *name, char ***ret_ids, GError **error);

/* IN_USE: containers use it, the text names them. */
bool volume_refuse_users(Database *db, const char *name, GError **error);

/* Missing is success. IN_USE. */
bool volume_delete(Database *db, const char *name, GError **error);
