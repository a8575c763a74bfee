/* SPDX-License-Identifier: Apache-2.0 */
/* The time zone of a container: a file of the host's, put where its programs look for it. */
#pragma once

#include "base/error.h"

/* "Europe/Berlin", or "local" for the host's. INVALID: it is no name; NOT_FOUND: this host lacks it. */
bool timezone_check(const char *name, GError **error);

/* Write it where it will be bound from. */
bool timezone_write(const char *name, const char *path, GError **error);
