/* SPDX-License-Identifier: Apache-2.0 */
/* JSON printed as YAML, for people to read: block style, plain scalars where they are safe. */
#pragma once

#include <glib.h>
#include <jansson.h>

void yaml_append(GString *out, const json_t *value);
