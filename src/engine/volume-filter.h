/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filters of a list of volumes: all must be met. What each means is podman's (podman-volume-ls(1)).
 */
#pragma once

#include "engine/object-filter.h"
#include "state/volume-record.h"

/*
 * Read "key=value" texts; NULL: none. INVALID names the text. for_prune: only label, label! and until
 * are known.
 */
bool volume_filter_new(const char *const *filters, bool for_prune, ObjectFilter **ret_filter,
                       GError **error);

bool volume_filter_matches(const ObjectFilter *filter, const VolumeRecord *record, bool is_used);
