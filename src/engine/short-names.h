/* SPDX-License-Identifier: Apache-2.0 */
/* Which images in which registries a name may stand for. */
#pragma once

#include "base/error.h"

/*
 * The full names to try, the first one first: that of a name with a host; else by registries.conf's
 * aliases and search list. ret_is_choice: it is the user who is to say which of them is meant; NULL:
 * nobody can be asked. NOT_FOUND: nothing says where to look; INVALID: not a reference, or several
 * registries where the mode wants one.
 */
bool short_name_resolve(const char *name, char ***ret_full_names, bool *ret_is_choice,
                        GError **error);

/* The user's choice, for the next time. That it cannot be noted is no failure. */
void short_name_remember(const char *name, const char *full_name);
