/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of /proc and /sys a container does not see (linux.maskedPaths) or cannot write
 * (linux.readonlyPaths): the usual ones, which are podman's, and what a user wants otherwise.
 */
#pragma once

#include "base/error.h"

#include <jansson.h>

/* What a user wants; both may be NULL. */
typedef struct SpecMasks {
    const char *const *mask;   /* absolute paths, hidden as well */
    const char *const *unmask; /* "all", or patterns: of the usual ones those that match are not */
} SpecMasks;

/* Is this one among those that the patterns unmask? */
bool spec_is_unmasked(const char *const *unmask, const char *path);

/* "/a:/b" of --security-opt mask= and unmask=, which may be "ALL", added to a list. INVALID. */
bool spec_masks_parse(const char *text, bool is_unmask, char ***list, GError **error);

/* Set both keys of the section "linux". */
void spec_masks_set(const SpecMasks *masks, bool privileged, json_t *linux_section);

/*
 * The other way round: what was wanted, by these keys of the section. Freed with g_strfreev(); NULL:
 * nothing. INVALID.
 */
bool spec_masks_read(const json_t *linux_section, bool privileged, char ***ret_mask,
                     char ***ret_unmask, GError **error);
