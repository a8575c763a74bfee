/* SPDX-License-Identifier: Apache-2.0 */
/* The process part of a new container: what runs, as whom, where, with which environment and labels. */
#pragma once

#include "engine/create-options.h"

bool create_process_apply(const CreateInput *input, ContainerConfig *config, GError **error);
