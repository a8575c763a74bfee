/* SPDX-License-Identifier: Apache-2.0 */
/* The records of a pod that is to be. */
#pragma once

#include "engine/pod.h"

/*
 * From options, whose `infra` is not NULL, to the records of a pod and of its infra container (NULL:
 * none), which are not in the database yet. `id` NULL: a random one.
 */
bool pod_records_make(floe_engine *engine, const floe_pod_create_options *options, const char *name,
                      const char *id, PodRecord **ret_pod, ContainerRecord **ret_infra,
                      GError **error);
