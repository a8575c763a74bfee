/* SPDX-License-Identifier: Apache-2.0 */
/* The filters of a list of networks. What each means is podman's (podman-network-ls(1)). */
#pragma once

#include "engine/object-filter.h"
#include "network/network.h"

/*
 * Read "key=value" texts; NULL: none. Of one key but label and label! one must match. INVALID names
 * the text. for_prune: only label, label! and until are known.
 */
bool network_filter_new(const char *const *filters, bool for_prune, ObjectFilter **ret_filter,
                        GError **error);

bool network_filter_matches(const ObjectFilter *filter, const Network *network, bool is_used);
