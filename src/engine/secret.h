/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The secrets of an engine: a row each, and what is secret in a file of its own, ROOT/secrets/ID, for
 * root alone. The file is whole before the row names it and outlives the row, so what a killed floe
 * leaves is a file that no row names; whoever changes secrets next removes it.
 *
 * Lock: one for all secrets, after those of containers.
 */
#pragma once

#include "engine/engine.h"
#include "state/secret-record.h"

#define SECRET_BYTES_MAX (512000 - 1)

/* What a new secret is to be. */
typedef struct SecretWish {
    const char *name;
    const void *data;
    size_t length;
    json_t *labels; /* object of strings; NULL: none */
    bool replace;   /* the one that has the name; labels and all */
} SecretWish;

/* ROOT/secrets. Freed by the caller. */
char *secret_directory(const floe_engine *engine);

/* INVALID: the name, the length. EXISTS. */
bool secret_store(floe_engine *engine, const SecretWish *wish, char **ret_id, GError **error);

/* By exactly this name. NUL-terminated; freed with secret_wipe(). NOT_FOUND. */
bool secret_load(floe_engine *engine, const char *name, char **ret_data, size_t *ret_length,
                 GError **error);

/* NOT_FOUND, AMBIGUOUS. */
bool secret_remove(floe_engine *engine, const char *name_or_id, char **ret_id, GError **error);

/* Free what is secret, and leave nothing of it in memory. NULL is fine. */
void secret_wipe(char *data, size_t length);
