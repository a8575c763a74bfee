/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <stdio.h>

static int update(Cli *cli, const char *name, const floe_update_options *options)
{
    g_autoptr(floe_error) error = NULL;
    int status = STATUS_OK;
    g_autoptr(floe_container) container = selection_one(cli, name, false, &status);

    if (container == NULL)
        return status;
    if (!floe_container_update(container, options, &error))
        return cli_report(error);
    puts(floe_container_id(container));
    return STATUS_OK;
}

int cmd_update(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "update [options] CONTAINER",
        .about = "Change the limits of a container, of a running one at once, or its restart\n"
                 "policy. What no flag is given for stays as it is.",
        .later = "blkio-weight-device cpu-rt-period cpu-rt-runtime device-read-bps "
                 "device-read-iops device-write-bps device-write-iops memory-swappiness",
        .min_words = 1,
        .max_words = 1,
        .words_missing = "you must provide the name or id of a container",
    };
    floe_update_options u = FLOE_UPDATE_OPTIONS_INIT;
    int64_t blkio_weight = 0, cpu_shares = 0;
    char **words;
    int status;
    const Option options[] = {
        { "blkio-weight", 0, OPTION_UNSIGNED, &blkio_weight, "N",
          "Relative weight of disk time, 10 to 1000" },
        { "cpu-period", 0, OPTION_UNSIGNED, &u.cpu_period_us, "MICROSECONDS",
          "Period of the processor quota" },
        { "cpu-quota", 0, OPTION_INTEGER, &u.cpu_quota_us, "MICROSECONDS",
          "Processor time in each period; -1: no limit" },
        { "cpu-shares", 'c', OPTION_UNSIGNED, &cpu_shares, "N",
          "Relative weight of processor time" },
        { "cpus", 0, OPTION_CPUS, &u.nano_cpus, "N", "Limit processor time (1.5: one and a half)" },
        { "cpuset-cpus", 0, OPTION_TEXT, &u.cpuset_cpus, "LIST",
          "Run on these processors only: 0-3,5" },
        { "cpuset-mems", 0, OPTION_TEXT, &u.cpuset_mems, "LIST",
          "Use the memory of these nodes only" },
        { "memory", 'm', OPTION_SIZE, &u.memory_bytes, "SIZE", "Limit memory (512m, 1.5g)" },
        { "memory-reservation", 0, OPTION_SIZE, &u.memory_reservation_bytes, "SIZE",
          "What it is pressed to when memory is short" },
        { "memory-swap", 0, OPTION_SIZE_OR_NONE, &u.memory_swap_bytes, "SIZE",
          "Limit memory and swap together; -1: no limit" },
        { "pids-limit", 0, OPTION_INTEGER, &u.pids_limit, "N", "Limit processes; -1: no limit" },
        { "restart", 0, OPTION_TEXT, &u.restart_policy, "POLICY",
          "no, always, on-failure[:N] or unless-stopped" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    u.blkio_weight = (int)MIN(blkio_weight, G_MAXINT);
    u.cpu_shares = (uint64_t)cpu_shares;
    return update(cli, words[0], &u);
}
