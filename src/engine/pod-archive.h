/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The description of a pod in its checkpoint archive, and what an archive may say that it is. The
 * format is written down in docs/pod-archive.md; names as far as there are any are those that
 * github.com/checkpoint-restore/checkpointctl, lib/metadata.go, reserves.
 */
#pragma once

#include "engine/pod.h"
#include "storage/archive-reader.h"

#define POD_ARCHIVE_OPTIONS    "pod.options"
#define POD_ARCHIVE_DUMP       ARCHIVE_POD
#define POD_ARCHIVE_CONTAINERS "containers" /* containers/ID.tar: a container's archive each */
#define POD_ARCHIVE_VERSION    1

/* Of each of the two documents. */
#define POD_ARCHIVE_DOCUMENT_LIMIT ((size_t)4 * 1024 * 1024)

typedef struct PodArchiveContainer {
    char *id;
    char *name;
    char **required; /* ids of others, before it in the list, that have to run */
} PodArchiveContainer;

/* What floe_pod_create_options and the infra container's floe_create_options are made of. */
typedef struct PodArchive {
    char *id;
    char *name;
    char *exit_policy;
    char *shared; /* "ipc,net,uts" */
    char **labels;
    char **create_command;
    char *infra_id;
    char *infra_name;
    char *hostname;
    char *network;   /* "bridge", "none" */
    char **networks; /* with "bridge": "NAME:ip=A,mac=M ..."; NULL in archives of one network */
    char *ip;        /* of the first network; the same for: */
    char *mac;
    char **publish;
    char **dns, **dns_search, **dns_options, **add_hosts, **sysctls;
    int64_t shm_size_bytes;
    int64_t memory_bytes, memory_swap_bytes, nano_cpus;
    uint64_t cpu_shares;
    char *cpuset_cpus, *cpuset_mems;
    int blkio_weight;
    bool tcp_established, file_locks; /* what the dump was made with */
    GPtrArray *containers; /* PodArchiveContainer, without the infra, in order of start */
} PodArchive;

void pod_archive_clear(PodArchive *archive);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PodArchive, pod_archive_clear)

/* Of a pod and its containers' records. UNSUPPORTED: it has what an archive cannot hold. */
bool pod_archive_describe(const floe_pod *pod, const GPtrArray *records, PodArchive *ret_archive,
                          GError **error);

/*
 * The options that make such a pod: what an archive, or another pod, says goes the way of what a user
 * says, with all of its checks. Borrowed from the archive; infra_options become pod_options->infra.
 */
void pod_archive_to_options(const PodArchive *archive, floe_pod_create_options *pod_options,
                            floe_create_options *infra_options);

/* The two documents; both the caller's, freed with g_free(). */
char *pod_archive_dump_text(const PodArchive *archive);
char *pod_archive_options_text(const PodArchive *archive);

/* pod.dump, which nobody vouches for. INVALID names the key. */
bool pod_archive_parse(const char *text, size_t length, PodArchive *ret_archive, GError **error);
