/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says of a bridge in our network namespace. */
#pragma once

#include "base/error.h"

/*
 * Is there one interface in the bridge alone, and its other end in the namespace at `netns_path`?
 * Not when the bridge or the namespace is not there.
 */
bool bridge_leads_only_to(const char *bridge, const char *netns_path, bool *ret_answer,
                          GError **error);

/*
 * Have the bridge keep the hardware address that it has. Else it takes the lowest of its interfaces'
 * (br_stp_recalculate_bridge_id()), and when that one goes, the others send what is for their
 * gateway and name server to nobody, until they ask again: up to 40 s.
 */
bool bridge_keep_address(const char *bridge, GError **error);
