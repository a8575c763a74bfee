/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON (jansson): reading of untrusted text with errors that name the key, and a table-driven
 * mapping between JSON objects and C structs, so that each stored struct has one list of its
 * fields.
 */
#pragma once

#include "base/error.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

typedef json_t JsonValue;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JsonValue, json_decref)

/*
 * Parse text; INVALID with line and column. `what` names the text in errors. Nesting and size are
 * bounded; a key that is there twice, and anything after the value, is an error.
 */
bool json_parse(const char *text, size_t length, const char *what, json_t **ret_value,
                GError **error);
bool json_read_file(const char *path, size_t limit, json_t **ret_value, GError **error);

/* Compact text; never NULL. Freed with g_free(). */
char *json_to_text(const json_t *value);

/*
 * Reading by key. For a missing key, or a null, a pointer becomes NULL and a number or bool keeps
 * what the caller put there. A value of another type is INVALID and names the key. The object may
 * be NULL, which is an empty one: a chain of optional objects needs no checks in between. Strings,
 * objects and arrays are borrowed from `object`; ret_strings is freed with g_strfreev().
 */
bool json_get_string(const json_t *object, const char *key, const char **ret_text, GError **error);
bool json_get_int64(const json_t *object, const char *key, int64_t *ret_number, GError **error);
bool json_get_bool(const json_t *object, const char *key, bool *ret_value, GError **error);
bool json_get_object(const json_t *object, const char *key, json_t **ret_borrowed, GError **error);
bool json_get_array(const json_t *object, const char *key, json_t **ret_borrowed, GError **error);
bool json_get_strv(const json_t *object, const char *key, char ***ret_strings, GError **error);

/* An integer that must lie between the two; what the caller put there, too. */
bool json_get_number(const json_t *object, const char *key, int64_t min, int64_t max,
                     int64_t *ret_number, GError **error);

/* Is this item of the array `key` an object? INVALID. */
bool json_item_check(const char *key, size_t index, const json_t *item, GError **error);

/*
 * A string value of any C string (NULL: null). Bytes that are no UTF-8 become U+FFFD; json_string()
 * would fail.
 */
json_t *json_from_string(const char *text);

/* A value of strings: array of a NULL-terminated array (NULL: an empty one). */
json_t *json_from_strv(const char *const *strings);

/* A number that may come from anywhere: one above 2^63 - 1 becomes that. */
void json_set_number(json_t *object, const char *key, uint64_t number);

/* --- structs ---------------------------------------------------------------------------------- */

typedef enum JsonKind {
    JSON_FIELD_STRING, /* char *; NULL is left out */
    JSON_FIELD_STRV,   /* char **; NULL is left out */
    JSON_FIELD_INT,    /* int */
    JSON_FIELD_INT64,  /* int64_t */
    JSON_FIELD_UINT64, /* uint64_t, below 2^63 */
    JSON_FIELD_BOOL,   /* bool */
    JSON_FIELD_VALUE,  /* json_t *; NULL is left out */
    JSON_FIELD_ARRAY,  /* GPtrArray * (without a free function) of g_malloc'ed structs described by
                          `element`; NULL is left out */
} JsonKind;

typedef struct JsonField {
    const char *key;
    JsonKind kind;
    size_t offset;
    const struct JsonStruct *element; /* JSON_FIELD_ARRAY */
} JsonField;

typedef struct JsonStruct {
    size_t size;
    const JsonField *fields;
    size_t n_fields;
} JsonStruct;

#define JSON_FIELD(Type, member, kind) \
    { \
#member, JSON_FIELD_##kind, offsetof(Type, member), NULL \
    }
#define JSON_FIELD_OF(Type, member, element) \
    { \
#member, JSON_FIELD_ARRAY, offsetof(Type, member), element \
    }

/* Zero numbers, false and NULL are left out of the object. */
json_t *json_from_struct(const JsonStruct *type, const void *data);

/*
 * Into a zeroed struct, which is zeroed again on failure; keys that the table does not have are
 * ignored. INVALID names the key.
 */
bool json_to_struct(const JsonStruct *type, const json_t *object, void *ret_data, GError **error);

/* Free what the fields hold and zero the struct. */
void json_struct_clear(const JsonStruct *type, void *data);
