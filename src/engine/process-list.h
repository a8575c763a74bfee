/* SPDX-License-Identifier: Apache-2.0 */
/* The processes of a container, as its users would see them by ps. */
#pragma once

#include "base/error.h"

#include <stdint.h>
#include <sys/types.h>

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
    int seccomp; /* 0 off, 1 strict, 2 filter */
    char *comm;
    char *args; /* with blanks between; the name in brackets when there are none */
} ProcessEntry;

void process_entry_free(ProcessEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProcessEntry, process_entry_free)

/* All in a cgroup, or below it, by their pids: GPtrArray of ProcessEntry *. */
bool process_list(const char *cgroup_path, GPtrArray **ret_entries, GError **error);
