/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that a killed floe left at work: found by what their command line names. */
#pragma once

#include "base/error.h"

/*
 * Wait until the runtime that a left conmon started for this bundle has done its work, well or not: what it was about to make can
 * only be found, or taken down, afterwards. TIMEOUT.
 */
bool leftover_runtime_wait(const char *bundle, int timeout_ms, GError **error);

/* The same, and end every conmon that works for this bundle. None is success. */
bool leftovers_end(const char *bundle, int timeout_ms, GError **error);
