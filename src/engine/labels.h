/* SPDX-License-Identifier: Apache-2.0 */
/* Labels, and whatever else is a set of names with texts: an object of strings. */
#pragma once

#include "base/json.h"

/*
 * "key=value" or "key" texts (NULL: none), over those of `base` (which may be NULL). INVALID: one has
 * no key; `option` is what the user calls it.
 */
bool labels_parse(const char *option, const json_t *base, const char *const *texts,
                  json_t **ret_labels, GError **error);

/* Is there the one that "key" or "key=value" wants? */
bool labels_match(const json_t *labels, const char *wanted);
