/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is recorded of a pod. Its containers are container records with its id; what it is doing is
 * told by their states. Containers and pods share one space of ids and one of names.
 */
#pragma once

#include "base/json.h"
#include "state/database.h"

typedef struct PodConfig {
    int64_t created_unix_ns;
    char **create_command;
    char *hostname;    /* of the containers that share its UTS namespace; "" without an infra */
    json_t *labels;    /* object of strings */
    char **shared;     /* namespaces of the infra container: "cgroup", "ipc", "net", "pid", "uts" */
    char *infra_id;    /* NULL: it has none */
    char *exit_policy; /* when the last container ends: "continue", or "stop" what is left */
    char *cgroup_manager; /* as in ContainerConfig: of the pod's cgroup and of its containers' */
    char *cgroup_parent;

    int64_t memory_bytes; /* of all containers together; units as in ContainerConfig */
    int64_t memory_swap_bytes;
    int64_t nano_cpus;
    uint64_t cpu_shares;
    char *cpuset_cpus;
    char *cpuset_mems;
    int blkio_weight;
} PodConfig;

typedef struct PodRecord {
    char *id;
    char *name;
    bool is_removing; /* no container may join it any more */
    PodConfig config;
} PodRecord;

PodRecord *pod_record_new(void);
void pod_record_free(PodRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PodRecord, pod_record_free)

extern const JsonStruct pod_config_fields;

/* EXISTS: the id or the name is taken, by a pod or a container. */
bool pod_insert(Database *db, const PodRecord *record, GError **error);

/* NOT_FOUND. */
bool pod_load(Database *db, const char *id, PodRecord **ret_record, GError **error);

/* From now on no container can join it. NOT_FOUND. */
bool pod_begin_removal(Database *db, const char *id, GError **error);

/*
 * The end of an import: a pod that is imported is one that is being removed until it is whole.
 * NOT_FOUND.
 */
bool pod_cancel_removal(Database *db, const char *id, GError **error);

/* Missing is success. IN_USE: it still has containers. */
bool pod_delete(Database *db, const char *id, GError **error);

/* By full name, full id, or unique prefix of an id, in this order. NOT_FOUND, AMBIGUOUS. */
bool pod_find(Database *db, const char *name_or_id, char **ret_id, GError **error);

/* The id of the one created last; NULL when there is none. */
bool pod_find_latest(Database *db, char **ret_id, GError **error);

/* All records in order of creation: GPtrArray of PodRecord *. */
bool pod_list(Database *db, GPtrArray **ret_records, GError **error);

/* --- for container records, within their transaction ------------------------------------------ */

/* EXISTS: a pod has this name or id. */
bool pod_check_free(Database *db, const char *id, const char *name, GError **error);

/* May a container join it? NOT_FOUND, BAD_STATE: it is being removed. */
bool pod_check_open(Database *db, const char *id, GError **error);
