/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that a killed floe left at work: found by what their command line names. */
#pragma once

#include "base/error.h"

/* End every conmon that works for this bundle, and wait until it has gone. None is success. */
bool leftover_conmon_kill(const char *bundle, GError **error);
