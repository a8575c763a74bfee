/* SPDX-License-Identifier: Apache-2.0 */
/* A cgroup's directory in one hierarchy, the cgroups below it, and the processes of each. */
#pragma once

#include "base/error.h"

typedef bool (*CgroupVisit)(const char *directory, void *data, GError **error);

/* Call for each cgroup below a directory and then for itself: children first. A missing one is none. */
bool cgroup_tree_visit(const char *directory, CgroupVisit visit, void *data, GError **error);

/*
 * The processes (pid_t) of one cgroup; none where it has gone meanwhile: ENOENT, or ENODEV from the
 * read.
 */
bool cgroup_read_processes(const char *directory, GArray **ret_pids, GError **error);
