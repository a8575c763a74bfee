/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Networks, as the database knows them: names to find them by, and a document that is the network
 * layer's. Who is in one is recorded with the container (container_insert()).
 */
#pragma once

#include "base/json.h"
#include "state/database.h"

typedef struct NetworkRecord {
    char *id;
    char *name;
    char *bridge; /* its interface, which no other may have; NULL: it has none */
    json_t *info; /* netavark's network_info */
} NetworkRecord;

NetworkRecord *network_record_new(void);
void network_record_free(NetworkRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NetworkRecord, network_record_free)

/* The error of a network that is not there, in podman's words. Returns false. */
bool network_not_found(const char *name_or_id, GError **error);

/* EXISTS: another has its name or its bridge. */
bool network_insert(Database *db, const NetworkRecord *record, GError **error);

/* The document of one that is there. NOT_FOUND. */
bool network_save_info(Database *db, const char *name, const json_t *info, GError **error);

/* By name, id, or the unique beginning of one. *ret_record is NULL when there is none. AMBIGUOUS. */
bool network_find(Database *db, const char *name_or_id, NetworkRecord **ret_record, GError **error);

/* All, in order of creation: GPtrArray of NetworkRecord *. */
bool network_list(Database *db, GPtrArray **ret_records, GError **error);

/* Ids of the containers in it, in order of creation. */
bool network_list_users(Database *db, const char *name, char ***ret_ids, GError **error);

/* IN_USE: containers are in it, the text names them. */
bool network_refuse_users(Database *db, const char *name, GError **error);

/* With what is remembered of its addresses. Missing is success. IN_USE. */
bool network_delete(Database *db, const char *name, GError **error);
