/* SPDX-License-Identifier: Apache-2.0 */
/* The files of --cidfile and --pod-id-file: the id of what was made, without a newline. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Never over another's; `what` names it in the error. */
bool id_file_write(const char *path, const char *id, const char *what, GError **error);
