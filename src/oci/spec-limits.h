/* SPDX-License-Identifier: Apache-2.0 */
/* What a container may use: the "resources" of its document, and of the runtime's "update". */
#pragma once

#include "base/json.h"

/* 0 and NULL: no limit, or the kernel's default. */
typedef struct SpecLimits {
    int64_t memory_bytes;
    int64_t memory_swap_bytes; /* memory and swap together; 0: twice the memory; -1: no limit */
    int64_t memory_reservation_bytes;
    bool no_swap_limit; /* see cgroup_limits_swap(): limit the memory alone */
    int64_t nano_cpus;  /* not together with a quota */
    int64_t cpu_period_us;
    int64_t cpu_quota_us; /* -1: no limit */
    uint64_t cpu_shares;
    const char *cpuset_cpus; /* "0-3,5" */
    const char *cpuset_mems;
    int64_t pids_limit; /* -1: none */
    int blkio_weight;   /* 10 to 1000 */
    bool oom_kill_disable;
    bool has_memory_swappiness;
    int memory_swappiness; /* 0 to 100; cgroup v1 */
    const json_t *unified; /* object of strings: files of cgroup v2, and what is written there */
} SpecLimits;

/* Into the object of resources; INVALID for a value the runtime would refuse, with the reason. */
bool spec_limits_add(const SpecLimits *limits, json_t *resources, GError **error);

/*
 * Weights as cgroup v2 has them, 1 to 10000: what crun and runc make of shares (2 to 262144; runc,
 * libcontainer/cgroups/utils.go), and of a weight of block devices (10 to 1000).
 */
uint64_t spec_cpu_weight(uint64_t shares);
uint64_t spec_io_weight(int blkio_weight);
