/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tar of a layer leaves open, and only the layers below tell. A layer is applied on top of
 * them (image-spec, layer.md, "Applying Changesets"), but unpacked alone, beside the others:
 *
 * A directory that is only on the way to an entry keeps what it is below; in overlayfs the topmost
 * one shows its mode and owner. A whiteout of what is not there hides nothing; overlayfs, which makes
 * none such itself, lists it where a directory has nothing to be merged with.
 */
#pragma once

#include "storage/tree-writer.h"

/* diff: the unpacked layer; lowers: the same of those below it, topmost first, NULL-terminated. */
bool layer_settle(const TreeNotes *notes, const char *diff, char *const *lowers, GError **error);

/* The same for a container's own layer, which is made empty: its root directory is the image's. */
bool layer_root_inherit(const char *diff, const char *upper, GError **error);
