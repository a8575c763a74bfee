/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules that netavark has made with iptables for a container. Its teardown removes them one by
 * one, and for each of them the kernel waits until no packet can be at it: most of a teardown's time.
 * Here they go in one transaction, before: netavark then finds that they are gone. What is not
 * recognized is left to it, so nothing depends on this but the time.
 */
#pragma once

#include "base/json.h"

/*
 * What iptables-restore --noflush is to read, from the text of iptables-save: without the rules for
 * the ports of the request's container; `is_last`: also without those of its network. NULL when there
 * is nothing to remove. Freed by the caller.
 */
char *netavark_rules_removal(const char *saved, const json_t *request, bool is_last);

/*
 * Remove them, before the teardown of this request, which leaves the network namespace at `netns_path`.
 * The networks' lock must be held; a failure is told at level debug only.
 */
void netavark_rules_remove(const json_t *request, const char *netns_path);
