/* SPDX-License-Identifier: Apache-2.0 */
/* The processes of a container, as its users would see them by ps. */
#pragma once

#include "base/error.h"

#include <stdint.h>
#include <sys/types.h>

/* The capability sets of a process (capabilities(7)). */
typedef enum ProcessCapSet {
    PROCESS_CAP_INHERITABLE,
    PROCESS_CAP_PERMITTED,
    PROCESS_CAP_EFFECTIVE,
    PROCESS_CAP_BOUNDING,
    PROCESS_CAP_AMBIENT,
    PROCESS_N_CAP_SETS,
} ProcessCapSet;

typedef struct ProcessEntry {
    pid_t host_pid;
    pid_t pid;  /* in the container's process namespace, as the next two */
    pid_t ppid; /* 0: outside */
    pid_t pgid;
    uid_t uid, ruid;
    gid_t gid, rgid;
    char state; /* 'R', 'S' ... */
    int tty;    /* device number; 0: none */
    long nice;
    uint64_t time_ticks;    /* of the processor */
    uint64_t started_ticks; /* since the boot */
    uint64_t vsz_kib;
    uint64_t rss_kib;
    int seccomp;                       /* 0 off, 1 strict, 2 filter */
    uint64_t caps[PROCESS_N_CAP_SETS]; /* a bit each, by their numbers */
    GArray *groups;                    /* gid_t: the supplementary ones */
    char *label;                       /* of the security module; NULL: none */
    char *comm;
    char *args; /* with blanks between; the name in brackets when there are none */
} ProcessEntry;

void process_entry_free(ProcessEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProcessEntry, process_entry_free)

/*
 * All in a cgroup, or below it; NULL: in the PID namespace of the process `first`, which may have
 * ended. By their pids: GPtrArray of ProcessEntry *.
 */
bool process_list(const char *cgroup_path, pid_t first, GPtrArray **ret_entries, GError **error);
