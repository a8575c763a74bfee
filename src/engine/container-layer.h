/* SPDX-License-Identifier: Apache-2.0 */
/* A container's own files as a layer on top of its image's, by whatever storage driver it has them. */
#pragma once

#include "engine/engine.h"
#include "state/container-record.h"
#include "storage/layer-changes.h"

typedef struct ContainerLayer {
    Layer layer;
    char *dir; /* what the layer's members point to */
    char **lower_dirs;
} ContainerLayer;

bool container_layer_init(floe_engine *engine, const ContainerRecord *record,
                          ContainerLayer *ret_layer, GError **error);
void container_layer_clear(ContainerLayer *layer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ContainerLayer, container_layer_clear)

/* The directories of the first `count` layers, lowest first. g_strfreev(). */
char **layer_dirs(const Layout *layout, char **layers, size_t count);

/* Is there anything of it yet? Not before its first start or mount. */
bool container_layer_exists(const ContainerLayer *layer);

/* The bytes that it takes. */
bool container_layer_size(floe_engine *engine, const ContainerRecord *record, int64_t *ret_bytes,
                          GError **error);
