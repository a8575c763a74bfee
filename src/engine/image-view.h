/* SPDX-License-Identifier: Apache-2.0 */
/* An image of the store, laid out alone for skopeo to copy. */
#pragma once

#include "engine/engine.h"
#include "state/image-record.h"
#include "storage/staging.h"

typedef struct ImageView {
    ImageRecord *image;
    char *full_name; /* as it was named; NULL: by its id */
    Staging staging;
    ImageManifest manifest;
    bool is_converted; /* the manifest is not the store's */
    char *source;      /* for skopeo */
} ImageView;

#define IMAGE_VIEW_NONE \
    { \
        .staging = STAGING_NONE \
    }

typedef enum ViewForm {
    VIEW_AS_IT_IS,
    VIEW_DOCKER,            /* whatever it is */
    VIEW_DOCKER_COMPRESSED, /* with all layers compressed, as a registry wants them */
} ViewForm;

/* NOT_FOUND, AMBIGUOUS; INVALID: a checkpoint's image in docker's form. */
bool image_view_open(floe_engine *engine, const char *name, ViewForm form, ImageView *ret_view,
                     GError **error);

/* INVALID: it is a checkpoint's. */
bool image_view_fits_docker(const ImageView *view, GError **error);

void image_view_clear(ImageView *view);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ImageView, image_view_clear)
