/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that a killed floe left at work: found by what their command line names. */
#pragma once

#include "engine/container.h"

/*
 * Wait until the runtime that a left conmon started for this bundle has done its work, well or not:
 * what it was about to make can only be found afterwards. TIMEOUT.
 */
bool leftover_runtime_wait(const ContainerPaths *paths, int timeout_ms, GError **error);

/*
 * End every conmon and every runtime that works for this bundle, without waiting for what they do.
 * What they made is there then: the container's release takes it down. None is success.
 */
bool leftovers_end(const ContainerPaths *paths, GError **error);
