/* SPDX-License-Identifier: Apache-2.0 */
/* The lists among the images: what changes of them, and which images they hold. */
#pragma once

#include "state/image-record.h"

/* What a list names now, with its digest and size. NOT_FOUND: there is no such list. */
bool manifest_list_update(Database *db, const ImageRecord *list, GError **error);

/* The lists that name an image's manifest ("sha256:HEX"): a name of each, or its id. */
bool manifest_list_holders(Database *db, const char *manifest_digest, char ***ret_lists,
                           GError **error);
