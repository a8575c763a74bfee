/* SPDX-License-Identifier: Apache-2.0 */
/* What a directory of CRIU's images tells without CRIU. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

typedef struct CriuImages {
    bool has_tcp;     /* established TCP connections */
    bool has_locks;   /* file locks */
    mode_t root_mode; /* of the root directory, where a process has it open; 0: not known */
    /*
     * Where crun had the empty directory that it binds over masked ones: the name by which CRIU asks
     * for it. NULL: nowhere.
     */
    char *empty_directory;
} CriuImages;

void criu_images_clear(CriuImages *images);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CriuImages, criu_images_clear)

/*
 * Look at the names and sizes of the images, and into a few. INVALID: some are missing that every
 * restore needs (inventory.img, pstree.img, and descriptors.json, which the runtime adds).
 */
bool criu_images_look(const char *directory, CriuImages *ret_images, GError **error);
