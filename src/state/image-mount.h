/* SPDX-License-Identifier: Apache-2.0 */
/* How often users have mounted an image on the host; whether it is mounted is the kernel's to say. */
#pragma once

#include "state/database.h"

/* 0: it is not on record. */
bool image_mount_count(Database *db, const char *image_id, int *ret_count, GError **error);

/* 0 takes it off the record. NOT_FOUND: no such image. */
bool image_mount_set_count(Database *db, const char *image_id, int count, GError **error);

/* The ids of the images on record, in their order. */
bool image_mount_list(Database *db, char ***ret_image_ids, GError **error);
