/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of images: [host[:port]/]path[:tag] or [host[:port]/]path@digest, and what a short one can
 * stand for.
 */
#pragma once

#include "base/error.h"

/*
 * The full form of a name: "redis" -> "localhost/redis:latest", "host:5000/x" ->
 * "host:5000/x:latest", "docker.io/redis" -> "docker.io/library/redis:latest". With a digest there
 * is no tag. INVALID: not a reference.
 */
bool image_name_normalize(const char *name, char **ret_full_name, GError **error);

/*
 * The full names that a name can stand for, the first one first. `ret_tail`: how a full name may
 * end that is meant too, such as "/redis:latest"; NULL when the name has a host. INVALID: not a
 * reference.
 */
bool image_name_expand(const char *name, char ***ret_full_names, char **ret_tail, GError **error);

/*
 * The parts of a name as it is written: host (NULL: none), path, and ":tag" (":latest" where there
 * is none) or "@digest". INVALID: not a reference.
 */
bool image_name_split(const char *name, char **ret_host, char **ret_path, char **ret_version,
                      GError **error);

/* The full name of such parts: with library/ for Docker's own. */
char *image_name_join(const char *host, const char *path, const char *version);

/* "host:5000/path:tag", "host/path@digest" -> "host:5000/path", "host/path". */
char *image_name_repository(const char *full_name);
