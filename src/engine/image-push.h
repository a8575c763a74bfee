/* SPDX-License-Identifier: Apache-2.0 */
/* What pushing an image and pushing a list have in common. */
#pragma once

#include "storage/skopeo.h"

#define PUSH_DOCKER "docker://"

/* INVALID: neither oci nor v2s2, nor NULL. */
bool push_check_format(const char *format, GError **error);

/*
 * What skopeo calls the place, the caller's. wanted: what the user says, or NULL; full_name: the
 * image's own, or NULL. INVALID: neither says it.
 */
bool push_destination(const char *wanted, const char *full_name, char **ret_destination,
                      GError **error);

/* "docker://HOST/PATH" -> "HOST/PATH"; others as they are. */
const char *push_place(const char *destination);

/* What the registry has now: skopeo may have compressed layers, or changed the manifest's form. */
bool push_digest_there(const SkopeoCopy *copy, char **ret_digest, GError **error);
