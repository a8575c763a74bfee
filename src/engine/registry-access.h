/* SPDX-License-Identifier: Apache-2.0 */
/* From what a caller says of a registry to what skopeo is told. */
#pragma once

#include "storage/skopeo.h"

#include <floe/image.h>

/* What a caller says into `known`; NULL says nothing. INVALID: a bad struct. */
bool registry_options_read(const floe_registry_options *given, floe_registry_options *known,
                           GError **error);

/*
 * Credentials go to skopeo in a file that has no name: not in its command line, which everyone can
 * read. full_name: what they are for. Freed with registry_access_clear(); the texts stay the
 * options'.
 */
bool registry_access(const floe_registry_options *options, const char *full_name,
                     SkopeoAccess *ret_access, GError **error);
void registry_access_clear(SkopeoAccess *access);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkopeoAccess, registry_access_clear)
