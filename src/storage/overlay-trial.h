/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does overlayfs work on a file system as the root of a container: a layer below, one that is
 * written to?
 */
#pragma once

#include "base/error.h"

/*
 * Try it in an empty directory, which is left with directories in it. Nothing is mounted that another
 * process could see. The error says why it does not work.
 */
bool overlay_try(const char *scratch, GError **error);
