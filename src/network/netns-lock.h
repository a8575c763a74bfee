/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holding up all traffic of a network namespace, also over its loopback device: while the two ends of
 * a connection are frozen, ended or made anew one after the other, neither may hear of it.
 */
#pragma once

#include "base/error.h"

/*
 * Drop every packet in it, in both directions and silently, but for those that CRIU marks: it sends
 * some to bring a socket into its state. Already locked: success. MISSING_PART: nft is not installed.
 */
bool netns_lock(const char *path, GError **error);

/*
 * Remove the tables in which CRIU's dump has left its own lock. A CRIU before 4.2 wants to make
 * them again when it restores, and gives up because they are there. Until then nothing else keeps
 * peers' packets from being refused: call netns_silence() first.
 */
bool netns_remove_criu_lock(const char *path, GError **error);

/* Not locked, or gone: success. */
bool netns_unlock(const char *path, GError **error);
