/* SPDX-License-Identifier: Apache-2.0 */
/* The flags that say what limits a container that is there gets: of update, and of a clone. */
#pragma once

#include "cli/cli.h"
#include "cli/options.h"

typedef struct LimitFlags {
    floe_update_options options;
    int64_t blkio_weight;
    int64_t cpu_shares;
} LimitFlags;

#define LIMIT_FLAGS_INIT \
    { \
        .options = FLOE_UPDATE_OPTIONS_INIT \
    }

/* Rows of an option table. */
/* clang-format off */
#define LIMIT_FLAGS_ROWS(flags) \
    { "blkio-weight", 0, OPTION_UNSIGNED, &(flags)->blkio_weight, "N", \
      "Relative weight of disk time, 10 to 1000" }, \
    { "cpu-period", 0, OPTION_UNSIGNED, &(flags)->options.cpu_period_us, "MICROSECONDS", \
      "Period of the processor quota" }, \
    { "cpu-quota", 0, OPTION_INTEGER, &(flags)->options.cpu_quota_us, "MICROSECONDS", \
      "Processor time in each period; -1: no limit" }, \
    { "cpu-shares", 'c', OPTION_UNSIGNED, &(flags)->cpu_shares, "N", \
      "Relative weight of processor time" }, \
    { "cpus", 0, OPTION_CPUS, &(flags)->options.nano_cpus, "N", \
      "Limit processor time (1.5: one and a half)" }, \
    { "cpuset-cpus", 0, OPTION_TEXT, &(flags)->options.cpuset_cpus, "LIST", \
      "Run on these processors only: 0-3,5" }, \
    { "cpuset-mems", 0, OPTION_TEXT, &(flags)->options.cpuset_mems, "LIST", \
      "Use the memory of these nodes only" }, \
    { "memory", 'm', OPTION_SIZE, &(flags)->options.memory_bytes, "SIZE", \
      "Limit memory (512m, 1.5g)" }, \
    { "memory-reservation", 0, OPTION_SIZE, &(flags)->options.memory_reservation_bytes, "SIZE", \
      "What it is pressed to when memory is short" }, \
    { "memory-swap", 0, OPTION_SIZE_OR_NONE, &(flags)->options.memory_swap_bytes, "SIZE", \
      "Limit memory and swap together; -1: no limit" }
/* clang-format on */

/* Take over what was read. */
static inline void limit_flags_take(LimitFlags *flags)
{
    flags->options.blkio_weight = (int)MIN(flags->blkio_weight, G_MAXINT);
    flags->options.cpu_shares = (uint64_t)flags->cpu_shares;
}
