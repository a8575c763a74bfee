/* SPDX-License-Identifier: Apache-2.0 */
/* floe.conf(5): the file that an administrator writes. */
#pragma once

#include "base/error.h"

/* The path of the file, for messages. */
const char *config_file_path(void);

/* What it has; a file that is not there has nothing. g_key_file_unref(). INVALID. */
bool config_file_load(GKeyFile **ret_file, GError **error);
