/* SPDX-License-Identifier: Apache-2.0 */
/* The filters of a list of volumes: all must be met. What each means is podman's (podman-volume-ls(1)). */
#pragma once

#include "state/volume-record.h"

typedef struct VolumeFilter VolumeFilter;

/*
 * Read "key=value" texts; NULL: none. INVALID names the text. for_prune: only label, label! and until
 * are known.
 */
bool volume_filter_new(const char *const *filters, bool for_prune, VolumeFilter **ret_filter,
                       GError **error);
void volume_filter_free(VolumeFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VolumeFilter, volume_filter_free)

/* Does it ask whether containers use a volume? Then `is_used` matters below. */
bool volume_filter_has_use(const VolumeFilter *filter);

bool volume_filter_matches(const VolumeFilter *filter, const VolumeRecord *record, bool is_used);
