/* SPDX-License-Identifier: Apache-2.0 */
/* The part of an import that comes after the checks, for one of several containers. */
#pragma once

#include "engine/container.h"
#include "storage/archive-reader.h"

#include <floe/checkpoint.h>

/*
 * A container that is on record with the intent of an import: unpack the rest of its archive into its
 * place, and restore it. new_volumes: those that are made for it, whose contents the archive has,
 * NULL-terminated. What it leaves when it fails is the caller's to take away.
 */
bool archive_bring_back(floe_container *ctr, ArchiveReader *reader,
                        const floe_archive_restore_options *options, const char *const *new_volumes,
                        GError **error);
