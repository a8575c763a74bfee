/* SPDX-License-Identifier: Apache-2.0 */
/* The filters of a list of pods, "key=value": of one key but label one value has to be met. */
#pragma once

#include "engine/pod.h"

/* A pod with its containers, both borrowed; the infra container first. */
typedef struct PodEntry {
    const PodRecord *record;
    GPtrArray *members; /* ContainerRecord */
} PodEntry;

typedef struct PodFilter PodFilter;

/* `filters` may be NULL. INVALID. */
bool pod_filter_new(const char *const *filters, PodFilter **ret_filter, GError **error);
void pod_filter_free(PodFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PodFilter, pod_filter_free)

bool pod_filter_matches(const PodFilter *filter, const PodEntry *pod);
