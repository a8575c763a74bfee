/* SPDX-License-Identifier: Apache-2.0 */
/* Linux capabilities: the default eleven, and --cap-add and --cap-drop on them. */
#pragma once

#include "base/error.h"

#include <stdint.h>

/*
 * Names come with or without "CAP_", in any case; "ALL" is every one that this kernel knows and
 * this process's bounding set has. INVALID: an unknown name, or one both added and dropped;
 * UNSUPPORTED: a known one that is not to be had here.
 *
 * @privileged        begin with ALL instead of the default eleven.
 * @ret_capabilities  the container's: sorted, NULL-terminated, freed with g_strfreev().
 * @ret_added         likewise, only those that @add names: what a user other than root gets. NULL:
 *                    not wanted.
 */
bool capabilities_resolve(const char *const *add, const char *const *drop, bool privileged,
                          char ***ret_capabilities, char ***ret_added, GError **error);

/*
 * A set of a process, a bit each: "none", "full" (all that the kernel has), or names without
 * "CAP_", sorted.
 */
char *capabilities_text(uint64_t set);

/* Those of a set that a list ("CAP_CHOWN" ...) lacks, likewise; NULL: none. */
char *capabilities_beyond(uint64_t set, const char *const *capabilities);
