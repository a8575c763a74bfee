/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json of a container (opencontainers/runtime-spec 1.0.2), from what the engine knows of it.
 * Pure: it looks at nothing but its arguments, except for the host's devices with `privileged`.
 */
#pragma once

#include "base/json.h"
#include "oci/spec-devices.h"
#include "oci/spec-limits.h"
#include "oci/spec-masks.h"

#include <sys/types.h>

typedef struct SpecMount {
    const char *type;
    const char *source;
    const char *destination;
    const char *const *options;
} SpecMount;

/* A file or a directory of the engine's that is bound into the container. */
typedef struct SpecFile {
    const char *source;
    const char *destination;
} SpecFile;

typedef struct SpecUlimit {
    const char *name;   /* "nofile" */
    int64_t soft, hard; /* -1: unlimited */
} SpecUlimit;

typedef struct SpecInput {
    const char *rootfs; /* absolute */
    bool rootfs_read_only;
    const char *const *argv;
    const char *const *env;
    const char *workdir; /* NULL: "/" */
    uid_t uid;
    gid_t gid;
    const gid_t *extra_gids;
    size_t n_extra_gids;
    mode_t umask;
    int oom_score_adj; /* 0: the runtime's own */
    bool tty;
    unsigned rows, columns; /* of the terminal; 0: not known */
    const char *hostname;   /* set only where the UTS namespace is a new one */

    /*
     * "CAP_CHOWN"; see capabilities_resolve(). A user other than root begins with the added ones
     * only.
     */
    const char *const *capabilities;
    const char *const *added_capabilities;
    bool no_new_privileges;
    bool privileged; /* nothing masked or read-only, all devices */
    SpecMasks masks;
    const json_t *seccomp; /* the OCI object from seccomp_load(); NULL: unconfined */
    const SpecUlimit *ulimits;
    size_t n_ulimits;
    const json_t *sysctls;     /* object of strings, or NULL */
    const json_t *annotations; /* object of strings, or NULL */

    /* Namespaces: NULL a new one, "" the host's, else the path of one to enter. */
    const char *pid_ns;
    const char *network_ns;
    const char *ipc_ns;
    const char *uts_ns;
    bool cgroup_ns;             /* a cgroup namespace: on cgroup v2 */
    const char *cgroup_ns_path; /* of one to enter; NULL: a new one */

    /* Files of the engine that are bound into the container; NULL: not. */
    const char *resolv_conf;
    const char *hosts;
    const char *hostname_file;
    const char *containerenv;
    const char *localtime;
    const char *shm_dir;     /* NULL: the host's /dev/shm with ipc_ns "", else a tmpfs of its own */
    const char *init_binary; /* catatonit: bound to /run/podman-init, becomes argv[0] */

    /*
     * The user's, in any order; they win over the defaults. A bind is private unless it says
     * otherwise.
     */
    const SpecMount *mounts;
    size_t n_mounts;
    const SpecFile *secrets; /* where the user has no mount; each destination once */
    size_t n_secrets;

    const SpecDevice *devices;
    size_t n_devices;
    const char *const *device_rules; /* see spec_device_rule() */

    bool cgroup_writable; /* the process may divide its cgroup: where it has a cgroup namespace */
    const char *cgroup_path; /* "/floe/ID", or "machine.slice:libpod:ID" for systemd */
    bool no_cgroup;          /* then nothing can be limited, devices included */
    SpecLimits limits;
    const SpecThrottle *throttles;
    size_t n_throttles;
} SpecInput;

/* The document; INVALID for a value the runtime would refuse, with the value and the reason. */
bool spec_build(const SpecInput *input, json_t **ret_spec, GError **error);

/*
 * The "process" object alone, for an exec: of SpecInput only argv, env, workdir, uid, gid,
 * extra_gids, umask, tty, rows, columns, capabilities, added_capabilities, no_new_privileges and
 * ulimits are read. INVALID as above.
 */
bool spec_build_process(const SpecInput *input, json_t **ret_process, GError **error);

/*
 * The text of either, for the file that the runtime reads. "unlimited" is 2^64-1 there, which
 * jansson cannot hold: in the document it is -1, and here it becomes what it means.
 */
char *spec_to_text(const json_t *document);

/*
 * The way back, also for another engine's text, and for a document that has such a one in it. The
 * text ends with a NUL. INVALID; `what` names it.
 */
bool spec_from_text(const char *text, size_t length, const char *what, json_t **ret_document,
                    GError **error);
