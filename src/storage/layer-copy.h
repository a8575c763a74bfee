/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A root that is a copy of what layers show, for where overlayfs does not work: the storage driver
 * "vfs". The copy is made aside and renamed, so that it is there as a whole or not at all, and beside
 * it a mark keeps the moment: whatever has changed since then has another time of change (st_ctime),
 * which no program can set back.
 */
#pragma once

#include "storage/tree-walk.h"

/*
 * Make the directory, which is not there, of what these (lowest first) show. It is on disk before it
 * has its name, unless `is_volatile`. What a killed floe left aside is removed first.
 */
bool layer_copy_make(const char *const *lower_dirs, const char *dir, bool is_volatile,
                     GError **error);

/*
 * Visit what is different from the layers, as if the directory was one of an overlay: what was added or
 * changed, with the directories above it first, and then for each thing that is gone a whiteout, whose
 * place is -1. A file is the same if its type, mode, owner, size, time and number of a device are, and
 * nothing has touched it since the copy was made.
 */
bool layer_copy_walk(const char *dir, const char *const *lower_dirs, TreeVisit visit, void *data,
                     GError **error);
