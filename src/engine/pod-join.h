/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a new container's options in a pod. */
#pragma once

#include "base/error.h"
#include "state/pod-record.h"

#include <floe/container.h>

/* The options with the infra container's namespaces. */
typedef struct PodJoin {
    floe_create_options options;
    char *mode;            /* "container:ID" */
    const char **networks; /* a list with nothing but that */
} PodJoin;

void pod_join_clear(PodJoin *join);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PodJoin, pod_join_clear)

/*
 * Where no mode says otherwise, a namespace that the pod shares is the infra container's. INVALID:
 * an option is the pod's to have, as a published port.
 */
bool pod_join(const PodRecord *pod, const floe_create_options *options, PodJoin *ret_join,
              GError **error);

/* Is a namespace ("cgroup", "ipc", "net", "pid", "uts") shared? */
bool pod_shares(const PodRecord *pod, const char *kind);
