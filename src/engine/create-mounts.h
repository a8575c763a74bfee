/* SPDX-License-Identifier: Apache-2.0 */
/* The mounts of a new container: those of the user, of other containers, of the image. */
#pragma once

#include "engine/create-options.h"

bool create_mounts_apply(const CreateInput *input, ContainerConfig *config, GError **error);
