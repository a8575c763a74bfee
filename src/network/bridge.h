/* SPDX-License-Identifier: Apache-2.0 */
/* A bridge in our network namespace, as the kernel has it. */
#pragma once

#include "base/error.h"

/*
 * Is nothing in the bridge, or one interface whose other end is in the namespace at `netns_path`? Not
 * when there is no bridge.
 */
bool bridge_has_no_other(const char *bridge, const char *netns_path, bool *ret_answer,
                         GError **error);

/*
 * If nothing is in the bridge, make an interface of this name in the namespace that leads to it. That
 * it is there, or no bridge, is fine.
 */
bool bridge_fill_empty(const char *bridge, const char *netns_path, const char *interface,
                       GError **error);

/*
 * Have the bridge keep the hardware address that it has. Else it takes the lowest of its interfaces'
 * (br_stp_recalculate_bridge_id()), and when that one goes, the others send what is for their
 * gateway and name server to nobody, until they ask again: up to 40 s.
 */
bool bridge_keep_address(const char *bridge, GError **error);
