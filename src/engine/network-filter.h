/* SPDX-License-Identifier: Apache-2.0 */
/* The filters of a list of networks. What each means is podman's (podman-network-ls(1)). */
#pragma once

#include "network/network.h"

typedef struct NetworkFilter NetworkFilter;

/*
 * Read "key=value" texts; NULL: none. Of one key but label and label! one must match. INVALID names
 * the text. for_prune: only label, label! and until are known.
 */
bool network_filter_new(const char *const *filters, bool for_prune, NetworkFilter **ret_filter,
                        GError **error);
void network_filter_free(NetworkFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NetworkFilter, network_filter_free)

bool network_filter_matches(const NetworkFilter *filter, const Network *network, bool is_used);
