/* SPDX-License-Identifier: Apache-2.0 */
/* One action on several containers of a pod. */
#pragma once

#include "engine/pod.h"

/* May be called in several threads, each with a handle of its own. */
typedef bool (*MemberAction)(floe_container *ctr, void *data, GError **error);

/* Containers for which an action failed, in their order: MemberFailure *. */
typedef struct MemberFailure {
    char *id;
    GError *error;
} MemberFailure;

GPtrArray *member_failures_new(void);

/*
 * Do it to each, several at a time; one that needs others of them that are not done yet comes after
 * them. That a container has gone is no failure.
 */
void members_do(floe_pod *pod, const GPtrArray *ids, MemberAction action, void *data,
                GPtrArray *failures);

/*
 * Tell the caller of the failures: PARTIAL, "what" of some containers failed. True if there are
 * none.
 */
bool members_report(const GPtrArray *failures, const floe_pod_options *options, const char *what,
                    GError **error);
