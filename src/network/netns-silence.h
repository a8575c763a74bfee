/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeping a network namespace silent until its sockets are there. A restored container gets its
 * address before CRIU has made its connections again: to what a peer sends in between, the kernel
 * would answer that there is no such connection, and the peer would give it up.
 */
#pragma once

#include "base/error.h"

/*
 * What comes in by this interface, which need not be there yet, is dropped without a word. Twice is
 * as once.
 */
bool netns_silence(const char *path, const char *interface, GError **error);

/* It is heard again: the same interface. */
bool netns_unsilence(const char *path, const char *interface, GError **error);
