/* SPDX-License-Identifier: Apache-2.0 */
/* What went through the interfaces of a network namespace. */
#pragma once

#include "base/error.h"

#include <stdint.h>
#include <sys/types.h>

typedef struct InterfaceStats {
    uint64_t received_bytes;
    uint64_t sent_bytes;
} InterfaceStats;

/* All interfaces but lo of the namespace that a process is in, together. NOT_FOUND: no process. */
bool interface_stats_read(pid_t pid, InterfaceStats *ret_stats, GError **error);

/* The same of the text of a /proc/PID/net/dev file (proc(5)). */
void interface_stats_parse(const char *text, InterfaceStats *ret_stats);
