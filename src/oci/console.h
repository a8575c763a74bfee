/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal of a container or an exec session, which conmon holds. */
#pragma once

#include "base/error.h"

/*
 * Set the window's size, by conmon's control pipe in `directory` (the bundle, or the session's own);
 * its programs get SIGWINCH. NOT_FOUND: there is no conmon; TIMEOUT: it does not listen.
 */
bool console_resize(const char *directory, unsigned rows, unsigned columns, GError **error);
