/* SPDX-License-Identifier: Apache-2.0 */
/* Linux capabilities: the default eleven, and --cap-add and --cap-drop on them. */
#pragma once

#include "base/error.h"

/*
 * The resulting list, sorted, NULL-terminated, freed with g_strfreev(). Names with or without "CAP_", any case, "ALL".
 * What this kernel or this process's bounding set does not have is left out of ALL, and INVALID (or UNSUPPORTED) when named.
 */
bool capabilities_resolve(const char *const *add, const char *const *drop, bool privileged,
                          char ***ret_capabilities, GError **error);
