/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets, as the database knows them. What is secret is in none of its files: see engine/secret.h.
 */
#pragma once

#include "base/json.h"
#include "state/database.h"

typedef struct SecretRecord {
    char *id; /* hex digits; a new one with each replacement */
    char *name;
    int64_t created_unix_ns;
    int64_t updated_unix_ns;
    json_t *labels; /* object of strings */
} SecretRecord;

SecretRecord *secret_record_new(void);
void secret_record_free(SecretRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SecretRecord, secret_record_free)

/* The error of a secret that is not there, in podman's words. Returns false. */
bool secret_not_found(const char *name_or_id, GError **error);

/* EXISTS: the name is taken. */
bool secret_insert(Database *db, const SecretRecord *record, GError **error);

/* By full name, full id, or unique prefix of an id, in this order. NOT_FOUND, AMBIGUOUS. */
bool secret_lookup(Database *db, const char *name_or_id, SecretRecord **ret_record, GError **error);

/* By exactly this name; *ret_record is NULL when there is none. */
bool secret_find(Database *db, const char *name, SecretRecord **ret_record, GError **error);

/* All by name: GPtrArray of SecretRecord *. */
bool secret_list(Database *db, GPtrArray **ret_records, GError **error);

/* By id; one that is not there is fine. */
bool secret_delete(Database *db, const char *id, GError **error);
