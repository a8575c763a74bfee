/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <floe/engine.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Secrets: named data that containers are given when they run, and that are in no image and in no
 * container's configuration. Each is a file that only root can read, not encrypted. A secret is
 * named by its name, its id, or the beginning of an id that no other secret's id begins with.
 *
 * Who has a secret is floe_create_options.secrets' to say; removing or replacing one changes no
 * container that has it as a file.
 */

typedef struct floe_secret_options {
    size_t size;
    const char *name; /* 1 to 64 letters, digits, '_', '.', '-'; the first a letter or digit, the last
                         no '.' or '-' */
    const void *data;
    size_t length;             /* of data: 1 to 511999 */
    const char *driver;        /* "file", the only one; NULL: that */
    const char *const *labels; /* "key=value", "key" */
    bool replace; /* the secret of this name, which then has another id; else it is an error */
} floe_secret_options;

#define FLOE_SECRET_OPTIONS_INIT \
    { \
        sizeof(floe_secret_options), 0, 0, 0, 0, 0, false \
    }

/**
 * Keep a secret. It is on disk when this returns; when the process dies before that, there is
 * nothing of it, or, with replace, the one before.
 * @options  name and data must be given.
 * @ret_id  freed with floe_free(); may be NULL.
 * Errors: EXISTS, INVALID (name, length, label), UNSUPPORTED (driver), IO.
 */
FLOE_API bool floe_secret_create(floe_engine *engine, const floe_secret_options *options,
                                 char **ret_id, floe_error **error);

/** Is there such a secret? Errors: AMBIGUOUS. */
FLOE_API bool floe_secret_exists(floe_engine *engine, const char *name_or_id, bool *ret_exists,
                                 floe_error **error);

/**
 * Secrets by name, as a JSON array of what floe_secret_inspect() gives, without what is secret.
 * @filters  NULL: all. "id=REGEX", "name=REGEX": any of several of one key, and each key.
 * @ret_json  freed with floe_free(). Errors: INVALID (a filter).
 */
FLOE_API bool floe_secret_list(floe_engine *engine, const char *const *filters, char **ret_json,
                               floe_error **error);

/**
 * A secret as a JSON object with the keys of `podman secret inspect`: ID, CreatedAt, UpdatedAt, Spec
 * (Name, Driver, Labels).
 * @show_data  with what is secret, as the text SecretData. Bytes that are no UTF-8 are U+FFFD in it.
 * @ret_json  freed with floe_free(). Errors: NOT_FOUND, AMBIGUOUS, IO.
 */
FLOE_API bool floe_secret_inspect(floe_engine *engine, const char *name_or_id, bool show_data,
                                  char **ret_json, floe_error **error);

/**
 * Remove a secret. Containers that have it as a file keep it; those that have it in their
 * environment do not start any more.
 * @ret_id  freed with floe_free(); may be NULL. Errors: NOT_FOUND, AMBIGUOUS, IO.
 */
FLOE_API bool floe_secret_remove(floe_engine *engine, const char *name_or_id, char **ret_id,
                                 floe_error **error);

#ifdef __cplusplus
}
#endif
