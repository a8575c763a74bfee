/* SPDX-License-Identifier: Apache-2.0 */
/* Variables as create and exec are given them. */
#pragma once

#include "base/error.h"

/*
 * Set one in an environment (freed with g_strfreev()): "NAME=value", or "NAME" for this process's
 * own value, left out where it has none. INVALID: there is no name.
 */
bool environment_set(char ***environment, const char *text, GError **error);

/* A text with the values of $NAME and ${NAME} in it; of one that is not there, nothing. g_free(). */
char *environment_expand(char **environment, const char *text);
