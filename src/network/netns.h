/* SPDX-License-Identifier: Apache-2.0 */
/* Network namespaces that outlive their maker: bind mounts of nsfs in a directory. */
#pragma once

#include "base/error.h"

/* Where podman and iproute2 have theirs too. It is made a shared mount, as they do. */
#define NETNS_DIRECTORY "/run/netns"

/*
 * Make a namespace with lo up, at a path of the caller's choice: EXISTS when there is something.
 * The caller's threads stay in their own. Of a directory other than NETNS_DIRECTORY the propagation
 * is the caller's business.
 */
bool netns_create_at(const char *path, GError **error);

/* The same at DIRECTORY/netns-<uuid>. */
bool netns_create(const char *directory, char **ret_path, GError **error);

/* Unmount and remove. One that is not there is success. */
bool netns_remove(const char *path, GError **error);

/* Is there a network namespace at the path? A plain file, left by a reboot, is none. */
bool netns_exists(const char *path);
