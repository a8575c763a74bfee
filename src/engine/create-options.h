/* SPDX-License-Identifier: Apache-2.0 */
/* The options of a create and the image's configuration, made into a ContainerConfig. */
#pragma once

#include "engine/engine.h"
#include "state/container-record.h"
#include "state/pod-record.h"

typedef struct CreateInput {
    floe_engine *engine;
    const floe_create_options *options;
    const json_t *image_config; /* "config" of the OCI image configuration; NULL: none */
    const char *container_id;
    const PodRecord *pod; /* the one it joins; NULL: none */
} CreateInput;

/*
 * Fill all but the image's fields and the runtime. INVALID, NOT_FOUND (a container or file that is
 * named).
 */
bool create_options_apply(const CreateInput *input, ContainerConfig *config, GError **error);

/* Add the ports of -p to those of the container. INVALID names the text. */
bool ports_publish(const char *const *texts, ContainerConfig *config, GError **error);
