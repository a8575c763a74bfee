/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the cgroups of containers, pods and conmons are, by the manager that each was made with:
 *
 *            cgroupfs                     systemd
 * container  /floe/ID, /floe/POD/ID       libpod-ID.scope in machine.slice, or in its pod's slice
 * pod        /floe/POD                    machine-libpod_pod_POD.slice
 * conmon     /floe/conmon                 libpod-conmon-ID.scope, beside the container's
 *
 * With CGROUPS_SPLIT the container's is CALLER/libpod-payload-ID, and conmon's CALLER/runtime, in a pod
 * as well: then neither is in the pod's.
 *
 * The names are podman's with systemd, so that what looks for its containers finds these; another
 * parent can be asked for. An engine with another run directory has its tag in each.
 */
#pragma once

#include "engine/container.h"
#include "oci/cgroup-place.h"
#include "state/pod-record.h"

#define CGROUP_MANAGER_CGROUPFS "cgroupfs"
#define CGROUP_MANAGER_SYSTEMD  "systemd"

/* What ContainerConfig.cgroups_mode is; NULL is "enabled". */
#define CGROUPS_NO_CONMON "no-conmon" /* conmon stays where its starter is */
#define CGROUPS_SPLIT     "split"     /* so does the container, in a cgroup of its own in there */
#define CGROUPS_DISABLED  "disabled"  /* so does the container, and has none of its own */

/* A cgroup namespace of its own: by default with cgroup v2. */
bool config_has_cgroup_namespace(const ContainerConfig *config);

/* Not with CGROUPS_DISABLED: then ContainerPaths.cgroup names one that nobody makes. */
bool config_has_cgroup(const ContainerConfig *config);

/* Is it in the cgroup of whoever starts it? */
bool config_splits_cgroup(const ContainerConfig *config);

/* Is the OCI runtime told to have systemd make its cgroup? */
bool config_uses_systemd(const ContainerConfig *config);

/* Fill in ContainerPaths.cgroup and those behind it. */
void cgroup_names_of(ContainerPaths *paths, const floe_engine *engine,
                     const ContainerRecord *record);

/* Again for a status that was read again: with CGROUPS_SPLIT it tells where the cgroup is. */
void cgroup_names_renew(floe_container *ctr);

/* With CGROUPS_SPLIT: its cgroup is in this process's from now on, by its record. Not saved yet. */
bool cgroup_names_split(floe_container *ctr, GError **error);

/* The cgroup of a container by its record: ContainerPaths.cgroup. Freed by the caller. */
char *container_cgroup(const floe_engine *engine, const ContainerRecord *record);

/* Where conmon, and what else floe leaves in the background, goes. NULL: it stays. */
const CgroupPlace *container_conmon_place(const floe_container *ctr, CgroupPlace *place);

/* "/floe", or "/floe-1a2b3c4d": the parent of the containers' cgroups without systemd. */
char *engine_cgroup_parent(const floe_engine *engine);

/* In it, that of the conmons. */
char *engine_conmon_cgroup(const floe_engine *engine);

/* Of a pod: its cgroup, its slice (NULL: it has none), its parent as inspect tells it. The caller's. */
char *pod_cgroup(const floe_engine *engine, const PodRecord *pod);
char *pod_slice(const floe_engine *engine, const PodRecord *pod);
char *pod_cgroup_parent(const floe_engine *engine, const PodRecord *pod);

/* Remove the cgroup or slice of a pod that has no containers any more. */
bool pod_cgroup_remove(const floe_engine *engine, const PodRecord *pod, GError **error);

/*
 * --cgroup-parent as it is recorded: a slice's name with systemd, else an absolute path. `text` NULL:
 * NULL. INVALID, in podman's words.
 */
bool cgroup_parent_check(const char *text, const char *manager, char **ret_parent, GError **error);

/* --cgroups as it is recorded. INVALID, UNSUPPORTED. */
bool cgroups_mode_check(const char *text, char **ret_mode, GError **error);

/*
 * For a container that is new here: record the manager, and the parent where its pod has one of its own
 * choice. `manager` is the engine's; a pod's is its containers', too.
 */
void cgroup_names_choose(const floe_engine *engine, const PodRecord *pod, const char *manager,
                         ContainerConfig *config);
