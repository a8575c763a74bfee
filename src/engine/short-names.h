/* SPDX-License-Identifier: Apache-2.0 */
/* Which images in which registries a name may stand for. */
#pragma once

#include "base/error.h"

/*
 * The full names to try, the first one first: that of a name with a host; else by registries.conf's
 * aliases and search list. NOT_FOUND: nothing says where to look; INVALID: not a reference, or
 * several registries where the mode wants one.
 */
bool short_name_resolve(const char *name, char ***ret_full_names, GError **error);
