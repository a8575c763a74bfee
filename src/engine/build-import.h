/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image of buildah's store becomes one of floe's: what floe has of its layers does not come again.
 */
#pragma once

#include "engine/engine.h"

typedef struct BuildPlaces {
    char *store;  /* buildah's --root */
    char *runs;   /* its --runroot */
    char *base;   /* floe's images in its form: storage/build-base.h */
    char *option; /* "overlay.imagestore=BASE" */
} BuildPlaces;

/* names: full ones that it gets; none: NULL or an empty array. NOT_FOUND, INVALID, IO. */
bool build_import(floe_engine *engine, const BuildPlaces *places, const char *id, char **names,
                  GError **error);
