/* SPDX-License-Identifier: Apache-2.0 */
/* The pod handle, its containers, and what their states together say. */
#pragma once

#include "base/lock.h"
#include "engine/container.h"
#include "state/pod-record.h"

#include <floe/pod.h>

struct floe_pod {
    floe_engine *engine;
    PodRecord *record;
};

void pod_free(floe_pod *pod);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(floe_pod, pod_free)

/* A handle on a record, which it takes over. */
floe_pod *pod_for_record(floe_engine *engine, PodRecord *record);

/* By id. NOT_FOUND. */
bool pod_open(floe_engine *engine, const char *id, floe_pod **ret_pod, GError **error);

/*
 * The lock for what concerns the pod as a whole and must not meet itself: a removal, a checkpoint.
 * It comes before those of containers.
 */
bool pod_lock(floe_pod *pod, Lock *ret_lock, GError **error);

/*
 * The records of its containers as they are at this moment, without their locks, the infra
 * container first: GPtrArray of ContainerRecord *.
 */
bool pod_members(floe_pod *pod, GPtrArray **ret_records, GError **error);

bool pod_is_infra(const floe_pod *pod, const char *container_id);

/* podman's name for the state of a pod with these containers. Static. */
const char *pod_state_name(const GPtrArray *records);

/* Make its cgroup with its limits, if it has any: before a container is made in it. */
bool pod_prepare_cgroup(floe_engine *engine, const char *pod_id, GError **error);

/*
 * A container has ended or gone: where its pod's exit policy is "stop" and it was the last, the
 * infra container ends, too. Without locks; that it fails is a warning.
 */
void pod_note_member_end(floe_engine *engine, const ContainerConfig *config);
