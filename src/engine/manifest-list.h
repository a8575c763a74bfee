/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of images for several platforms, which are records among the images and nothing else: what
 * they name has bytes of its own, or a registry has it. All changes are one transaction each.
 */
#pragma once

#include "engine/engine.h"
#include "state/image-record.h"

/* NOT_FOUND, AMBIGUOUS; INVALID: it is an image. ret_full_name may be NULL, and become it. */
bool manifest_list_load(floe_engine *engine, const char *name, ImageRecord **ret_list,
                        char **ret_full_name, GError **error);

/*
 * The full name of a list that is there, or may be made. INVALID: it is no name; EXISTS: it is an
 * image's.
 */
bool manifest_list_name(floe_engine *engine, const char *name, char **ret_full_name, GError **error);

/*
 * Put the entries of an index into the list of a full name, which is made where there is none.
 * EXISTS: there is one, and not `amend`, or the name is an image's.
 */
bool manifest_list_extend(floe_engine *engine, const char *full_name, bool amend,
                          const json_t *index, char **ret_id, GError **error);
