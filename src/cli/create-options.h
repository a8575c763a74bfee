/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flags of `create` and `run`: what the container is to be. Most go to libfloe as they were
 * typed; here they are only collected, and what concerns floe's own files (--env-file, --cidfile)
 * is done.
 */
#pragma once

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/pull-flags.h"

#define CREATE_N_RATES 5 /* limits of devices: --blkio-weight-device, --device-read-bps ... */

typedef struct CreateOptions {
    floe_create_options container; /* handed to libfloe; its strings live in argv and below */

    /* only `run` has these */
    bool detach;
    bool sig_proxy;
    const char *detach_keys;
    int64_t preserve_fds;
    int *fds;
    bool remove_image;
    const char *image; /* as it was typed */
    bool from_rootfs;  /* instead, the first word is a directory */
    char *rootfs;      /* that, made absolute */

    char **attach; /* "stdin", "stdout", "stderr"; NULL: the last two, and stdin with -i */
    const char *cidfile;
    const char *pod_id_file;
    char *pod_id; /* out of that file */
    const char *entrypoint;
    PullFlags pull;
    const char *userns;
    int64_t blkio_weight;
    int64_t cpu_shares;
    int64_t stop_timeout;
    int64_t pids_limit;
    int64_t health_retries, health_startup_retries, health_startup_success;
    int64_t oom_score_adj;
    int64_t memory_swappiness;
    int64_t timeout;
    const char *seccomp_policy;
    bool proxy_env;

    char **env, **env_files, **labels, **label_files, **annotations;
    char **volumes, **volumes_from, **mounts, **tmpfs;
    char **networks, **network_aliases, **publish, **dns, **dns_search, **dns_options, **add_hosts;
    char **cap_add, **cap_drop, **security_opts, **ulimits, **sysctls, **required;
    char **expose, **group_add, **unset_env, **env_merge;
    char **cgroup_conf, **devices, **device_rules, **throttles, **log_options, **secrets;
    char **device_rates[CREATE_N_RATES]; /* as they were typed; all of them end up in throttles */
    char **entrypoint_words;
    bool replace;
} CreateOptions;

#define CREATE_OPTIONS_INIT \
    { \
        .container = FLOE_CREATE_OPTIONS_INIT, .sig_proxy = true, .stop_timeout = -1, \
        .memory_swappiness = -1, .health_retries = -1, .proxy_env = true, .pull = PULL_FLAGS_INIT \
    }

void create_options_clear(CreateOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CreateOptions, create_options_clear)

/*
 * Read argv and fill options->container, all but env and labels from files checked by libfloe. As
 * options_parse().
 */
bool create_options_parse(CreateOptions *options, const Usage *usage, bool for_run, char **argv,
                          int *ret_status);

/* Make the container, and write --cidfile. NULL: the error is printed, *ret_status set. */
floe_container *create_options_create(Cli *cli, CreateOptions *options, int *ret_status);

/* "[\"sh\",\"-c\"]" is a list of words, "" no entry point, anything else one word. */
bool create_options_entrypoint(const char *text, char ***ret_words, GError **error);
