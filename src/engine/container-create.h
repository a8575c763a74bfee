/* SPDX-License-Identifier: Apache-2.0 */
/* Making the record of a container. */
#pragma once

#include "engine/engine.h"
#include "state/container-record.h"
#include "state/pod-record.h"

#include <floe/container.h>

/*
 * From options to a record with an id, which is not in the database yet; without a name where none
 * was asked for. `pod` (or NULL) is the one it joins: as a member, with the namespaces that are
 * shared, or as the infra container, which needs no image but a command.
 */
bool container_record_make(floe_engine *engine, const floe_create_options *options,
                           const PodRecord *pod, bool is_infra, ContainerRecord **ret_record,
                           GError **error);
