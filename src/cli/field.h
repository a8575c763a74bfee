/* SPDX-License-Identifier: Apache-2.0 */
/* The members of an object of libfloe's JSON, where one that is not there is as good as empty. */
#pragma once

#include <jansson.h>
#include <stdint.h>

static inline const char *field_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

static inline int64_t field_integer(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}
