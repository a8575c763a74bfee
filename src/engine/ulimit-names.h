/* SPDX-License-Identifier: Apache-2.0 */
/* The text of --ulimit. */
#pragma once

#include "base/error.h"

/*
 * "nofile=1024[:2048]", "core=-1" or "unlimited". ret_name "nofile"; -1 is unlimited. INVALID names
 * the text.
 */
bool ulimit_parse(const char *text, char **ret_name, int64_t *ret_soft, int64_t *ret_hard,
                  GError **error);
