/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters of what containers use, networks and volumes: "key=value" texts, read by a table of the keys.
 */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct FilterValue {
    const struct FilterKey *key;
    char *text;
    GRegex *regex;
    int64_t number; /* a moment, or whether it is used */
} FilterValue;

typedef struct FilterKey {
    const char *name;
    bool (*read)(FilterValue *value, GError **error); /* NULL: the text as it is */
    bool (*test)(const FilterValue *value, const void *object, bool is_used);
    bool all; /* of several, all must match */
    bool for_prune;
} FilterKey;

/* What one kind of objects, "volume", can be asked for. */
typedef struct FilterKeys {
    const char *kind;
    const FilterKey *keys;
    size_t n_keys;
} FilterKeys;

typedef struct ObjectFilter ObjectFilter;

/*
 * NULL: no texts. for_prune: only the keys that a prune has. keys lives as long. INVALID names the
 * text.
 */
bool object_filter_new(const FilterKeys *keys, const char *const *filters, bool for_prune,
                       ObjectFilter **ret_filter, GError **error);
void object_filter_free(ObjectFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ObjectFilter, object_filter_free)

/* Does it ask whether containers use an object? Then `is_used` matters below. */
bool object_filter_has_use(const ObjectFilter *filter);

bool object_filter_matches(const ObjectFilter *filter, const void *object, bool is_used);

/* Readers of values. The first one's key is what object_filter_has_use() looks for. */
bool filter_read_dangling(FilterValue *value, GError **error);
bool filter_read_regex(FilterValue *value, GError **error);
bool filter_read_moment(FilterValue *value, GError **error);
