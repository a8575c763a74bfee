/* SPDX-License-Identifier: Apache-2.0 */
/* An engine in a directory of its own, with an image and containers that are only recorded: nothing runs. */
#pragma once

#include "engine/container.h"
#include "state/fixture.h"

#include <floe/floe.h>

/* The call of a public function succeeded. */
#define DONE(call) \
    do { \
        floe_error *error = NULL; \
        if (!(call)) \
            g_error("%s", floe_error_get_message(error)); \
    } while (0)

typedef struct Place {
    char *directory;
    floe_engine *engine;
    char *image_id;      /* of localhost/redis:latest, which has the layers "base" and "top" */
    floe_container *ctr; /* place_with()'s */
} Place;

Place *place_new(void);
void place_free(Place *place);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Place, place_free)

/* A handle on a record, which it takes over and saves. */
floe_container *place_insert(const Place *place, ContainerRecord *taken);

/* A place with the container "web" in this state, of no network and a runtime that does not exist. */
Place *place_with(floe_container_state state);
