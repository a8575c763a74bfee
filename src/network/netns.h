/* SPDX-License-Identifier: Apache-2.0 */
/* Network namespaces that outlive their maker: bind mounts of nsfs under a directory (default /run/netns). */
#pragma once

#include "base/error.h"

/* Make one with lo up, at DIRECTORY/netns-<uuid>. The calling thread stays in its own namespace. */
bool netns_create(const char *directory, char **ret_path, GError **error);

/* Unmount and remove. One that is not there is success. */
bool netns_remove(const char *path, GError **error);
