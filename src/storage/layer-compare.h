/* SPDX-License-Identifier: Apache-2.0 */
/* What is different between two stacks of layers. */
#pragma once

#include "storage/layer-changes.h"

/*
 * What makes of the files of `before` those of `now` (directories of layers, lowest first), in the
 * order of their paths: GPtrArray of LayerChange *. As podman's second argument of `diff`: a
 * directory is "changed" where its mode or owner is another or something in it is; of one that is
 * "deleted" nothing else is told, of one that is "added" all that is in it.
 * @hidden  absolute paths that are not compared; what is below one is. NULL: none.
 */
bool layer_compare(const char *const *now, const char *const *before, const char *const *hidden,
                   GPtrArray **ret_changes, GError **error);
