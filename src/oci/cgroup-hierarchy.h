/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the control group hierarchies of this host are mounted: one with cgroup v2, several with v1
 * or both.
 */
#pragma once

#include "base/error.h"

typedef struct CgroupHierarchy {
    char *mount_point; /* "/sys/fs/cgroup/freezer" */
    char **options; /* the file system's: its controllers among them, "name=systemd" for a named one */
    bool is_v2;
} CgroupHierarchy;

/*
 * On a v2 host only the one at /sys/fs/cgroup, else every one that is mounted. An array of
 * CgroupHierarchy.
 */
bool cgroup_hierarchies_load(GPtrArray **ret_hierarchies, GError **error);

/*
 * The hierarchies of a mountinfo file's text (proc(5)); of several mounts of one, the first whole one.
 */
GPtrArray *cgroup_hierarchies_parse(const char *mountinfo);

/*
 * The processors ("cpus") or memory nodes ("mems") that a cgroup may use, "0-3,5"; NULL: that is not
 * known here.
 */
char *cgroup_read_set(const char *cgroup_path, const char *which);

/* Does it have this v1 controller ("freezer") or v1 name ("name=systemd")? Never for v2. */
bool cgroup_hierarchy_has(const CgroupHierarchy *hierarchy, const char *controller);
