/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is recorded of a container: its configuration, which never changes but for its name, and its
 * status, which every operation saves. Both are stored as one JSON text each, beside the columns
 * that are searched.
 */
#pragma once

#include "base/json.h"
#include "state/database.h"

#include <floe/container.h>

typedef struct MountConfig {
    char *type;        /* "bind", "tmpfs", "volume", "image", "devpts" */
    char *source;      /* absolute; NULL for tmpfs; of a volume its name, of an image its id */
    char *destination; /* absolute, in the container */
    char **options;    /* as in config.json's mounts: "rbind", "ro", "rprivate", "size=1m" ..., and
                          floe's own: "U", "nocopy", "O", "upperdir=/x" */
    bool is_anonymous; /* a volume that is made for this container, without a name of the user's */
    json_t *volume_options; /* of a volume that is not there yet, as VolumeRecord has them */
} MountConfig;

typedef struct PortConfig {
    char *host_ip; /* "" or NULL: every address */
    int container_port;
    int host_port;
    int range;      /* that many consecutive ports, at least 1 */
    char *protocol; /* "tcp", "udp", "sctp" */
} PortConfig;

typedef struct NetworkConfig {
    char *name;
    char *interface_name;
    char *static_ip;  /* IPv4, asked for by the user; NULL: any */
    char *static_ip6; /* likewise; NULL: any, where the network has IPv6 */
    char *static_mac;
    char **aliases; /* more names of it in the network */
} NetworkConfig;

/* What it has in one of its networks, from the plan of a start on until its network is taken down. */
typedef struct NetworkStatus {
    char *network; /* the network's name */
    char *interface_name;
    char **addresses; /* "10.88.0.5/16", "fd00::5/64" */
    char **gateways;
    char *mac;
    char **dns_servers; /* aardvark's, where the network has names; else NULL */
    json_t *request;    /* what netavark's setup was given: teardown needs the same */
    bool is_up;         /* netavark's setup has ended well */
} NetworkStatus;

typedef struct UlimitConfig {
    char *name; /* "RLIMIT_NOFILE" */
    int64_t soft;
    int64_t hard;
} UlimitConfig;

/* Looked up at each start: numbers of devices may change. */
typedef struct DeviceConfig {
    char *source;      /* on the host: a device, or a directory of them */
    char *destination; /* in the container */
    char *access;      /* of "rwm" */
} DeviceConfig;

typedef struct ThrottleConfig {
    char *kind; /* "weight", "read-bps", "write-bps", "read-iops", "write-iops" */
    char *path; /* of a block device */
    int64_t rate;
} ThrottleConfig;

/* A secret that it has: as a file, or in the environment of its processes. */
typedef struct SecretConfig {
    char *name;
    char *id;          /* when the container was created */
    char *destination; /* in the container, absolute; NULL: it is no file */
    char *variable;    /* its name; NULL: it is not in the environment */
    int64_t uid, gid, mode;
} SecretConfig;

typedef struct ContainerConfig {
    char *pod_id;        /* NULL: in no pod */
    bool is_infra;       /* the container of a pod that has the namespaces which the others share */
    char *image_id;      /* NULL: none, as an infra container's */
    char *image_name;    /* as the user wrote it, made full: "localhost/redis:latest" */
    char *rootfs;        /* a directory of the host's in the place of an image; NULL: none */
    bool rootfs_overlay; /* it is below an overlay; else it is the container's root itself */
    char *storage_driver; /* engine/storage-driver.h; NULL: "overlay" */
    int64_t created_unix_ns;
    char **create_command;

    char **argv; /* what runs: entrypoint and command together */
    char **entrypoint;
    char **command;
    char **env; /* all of it: image's, defaults, user's */
    char *workdir;
    char *user;       /* as asked for; looked up in the root at each start */
    char **group_add; /* likewise */
    char *umask;      /* octal digits; NULL: 0022 */
    char *timezone;   /* below zoneinfo, or "local"; NULL: none */
    int oom_score_adj;
    char *hostname;
    json_t *labels; /* object of strings */
    json_t *annotations;

    GPtrArray *mounts;  /* MountConfig: of the user only */
    GPtrArray *secrets; /* SecretConfig */
    bool read_only;
    int64_t shm_size_bytes;

    char *network_mode;      /* "bridge", "none", "host", "container", "path" */
    char *network_container; /* id, for "container" */
    char *network_path;      /* of a namespace that somebody else made, for "path" */
    GPtrArray *networks;     /* NetworkConfig, for "bridge" */
    GPtrArray *ports;        /* PortConfig */
    char **exposed_ports;    /* "80/tcp" */
    char **dns;
    char **dns_search;
    char **dns_options;
    char **add_hosts; /* "name:address" */
    bool no_hosts;    /* the image's file stays */
    char *pid_mode;   /* "private", "host", "container" */
    char *pid_container;
    char *ipc_mode;
    char *ipc_container;
    char *uts_mode;
    char *uts_container;
    char *cgroup_ns_mode;   /* "private", "host"; NULL: as the host's cgroups have it */
    char *cgroup_container; /* whose cgroup namespace it has; NULL: its own, or the host's */
    char *cgroup_manager;   /* "systemd", "cgroupfs"; NULL: "cgroupfs" */
    char *cgroup_parent;    /* a slice with systemd, else a path; NULL: its pod's or the engine's */
    char *cgroups_mode;     /* "no-conmon", "split"; NULL: "enabled" */
    bool systemd;           /* its first process is a systemd */
    char **required;        /* ids of containers that must run, beside those above */

    bool privileged;
    char **cap_add; /* as the user wrote them, for inspect */
    char **cap_drop;
    char **capabilities;       /* "CAP_CHOWN" ...: the result */
    char **added_capabilities; /* of these, the ones that were asked for: a user other than root has
                                  them */
    char *seccomp_profile;     /* "unconfined", a path, or NULL: the default one */
    bool no_new_privileges;
    char **security_opts;
    char **mask;         /* absolute paths that it does not see, beside the usual ones */
    char **unmask;       /* "all", or patterns of usual ones that it does */
    GPtrArray *ulimits;  /* UlimitConfig */
    json_t *sysctls;     /* object of strings */
    GPtrArray *devices;  /* DeviceConfig */
    char **device_rules; /* "c 10:229 rwm": what it may use beside them */

    int64_t memory_bytes;
    int64_t nano_cpus;
    uint64_t cpu_shares;
    int64_t pids_limit;        /* -1: none */
    int64_t memory_swap_bytes; /* memory and swap together; 0: twice the memory; -1: no limit */
    int64_t memory_reservation_bytes;
    int64_t cpu_period_us;
    int64_t cpu_quota_us;
    char *cpuset_cpus;
    char *cpuset_mems;
    int blkio_weight;
    bool oom_kill_disable;
    bool has_memory_swappiness;
    int memory_swappiness; /* 0 to 100 */
    json_t *cgroup_conf;   /* object of strings: files of cgroup v2, and what is written there */
    GPtrArray *throttles;  /* ThrottleConfig */

    int stop_signal;
    int stop_timeout_s;
    int64_t timeout_s;     /* it is killed when it has run so long; 0: never */
    char *pid_file;        /* of the user's, written at each start; NULL: none */
    char *conmon_pid_file; /* likewise */
    bool init;
    char *init_path; /* NULL: catatonit */
    bool open_stdin;
    bool tty;
    bool auto_remove;
    char *restart_policy;       /* "no", "always", "on-failure", "unless-stopped"; NULL: "no" */
    int restart_retries;        /* of "on-failure"; 0: any number */
    char **health_test;         /* {"CMD", word ...}, {"CMD-SHELL", line}, {"NONE"}; NULL: none */
    int64_t health_interval_ns; /* 0: only when it is asked for */
    int64_t health_timeout_ns;
    int64_t health_start_period_ns;
    int health_retries;
    char **health_startup_test;         /* as health_test; NULL: none */
    int64_t health_startup_interval_ns; /* 0: only when it is asked for */
    int64_t health_startup_timeout_ns;
    int health_startup_retries; /* so many failures start it anew; 0: none does */
    int health_startup_success; /* so many successes end it; 0: one */
    char *health_on_failure;    /* "kill", "restart", "stop"; NULL: nothing */
    char *log_driver;           /* engine/log-source.h */
    char *log_path;             /* of the user's; NULL: with the container's files */
    int64_t log_max_bytes;      /* conmon begins a new file then; 0: never */
    char *log_tag;              /* for the journal; NULL: none */
    char *sdnotify;             /* engine/service.h; NULL: "container" */
    char *runtime;              /* path of the OCI runtime, recorded at creation */
} ContainerConfig;

typedef struct ContainerStatus {
    int state; /* floe_container_state; stored in a column of its own */
    int exit_code;
    bool exited; /* exit_code is from a real end */
    bool oom_killed;
    bool stopped_by_user;
    int64_t started_unix_ns;
    int64_t finished_unix_ns;
    int pid; /* of the container's first process on the host; 0: none */
    int conmon_pid;
    int state_before_boot;       /* created, running or paused: what a reboot ended; 0: nothing */
    int config_revision;         /* counts the changes of the configuration */
    int restart_count;           /* by the policy, since the last start by a user */
    int quick_ends;              /* in a row, of runs that were short */
    int64_t restart_due_unix_ns; /* when the policy starts it again; 0: it does not */
    bool restarting;             /* the policy's start has begun */
    char *health;                /* "starting", "healthy", "unhealthy"; NULL: there is no check */
    int health_streak;           /* checks that failed in a row */
    bool health_started;         /* its startup check has succeeded in this run */
    int health_startup_good;     /* successes of that so far */
    int health_startup_bad;      /* and failures */
    json_t *health_log;          /* array of the last results */
    char *error;                 /* why the last start, stop or attach failed; NULL: it did not */
    char *intent;       /* the operation that has begun and not ended: "init", "remove" ...; NULL */
    char *split_cgroup; /* with cgroups_mode "split": in which its own is; NULL: it never started */
    bool mounted;       /* the root file system, for the container itself */
    int mount_count;    /* how many times users have mounted it beside */
    char **mount_holds; /* processes (process_identity()) that need it for a while; NULL: none */
    bool has_notify;    /* its process has a directory with a socket of the service manager's */
    char *netns_path;   /* NULL: none of its own */
    GPtrArray *networks; /* NetworkStatus, in the order of the configuration's; NULL: none is planned */
    bool checkpointed;
    bool checkpoint_tcp;   /* the checkpoint was made with tcp_established */
    bool checkpoint_locks; /* with file_locks */
    int checkpoint_criu;   /* the version of the CRIU that made it, 40201 is 4.2.1; 0: unknown */
    bool restored;
    int64_t checkpointed_unix_ns;
    int64_t restored_unix_ns;
    char *checkpoint_log; /* path, when it was kept */
    char *checkpoint_path;
    char *restore_log;
    char *export_aside; /* a file that an export may leave if it is killed; NULL: none */
} ContainerStatus;

typedef struct ContainerRecord {
    char *id;
    char *name;
    ContainerConfig config;
    ContainerStatus status;
} ContainerRecord;

ContainerRecord *container_record_new(void);
void container_record_free(ContainerRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ContainerRecord, container_record_free)

void container_status_clear(ContainerStatus *status);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ContainerStatus, container_status_clear)

/* The error of a container that is not there, in podman's words. Returns false. */
bool container_not_found(const char *name_or_id, GError **error);

/* The ids of the containers that it needs, each once. g_strfreev(). */
char **container_config_dependencies(const ContainerConfig *config);

/* The names of the volumes that it uses, each once, in order. g_strfreev(). */
char **container_config_volumes(const ContainerConfig *config);

/*
 * EXISTS when the id or the name is taken, by a container or a pod: the text names it and its owner.
 * Dependencies are recorded, and the volumes and networks that it uses. NOT_FOUND when the image, the
 * pod, a dependency, a volume or a network is not in the database, BAD_STATE when the pod or the
 * dependency is being removed.
 */
bool container_insert(Database *db, const ContainerRecord *record, GError **error);

/* NOT_FOUND. */
bool container_load(Database *db, const char *id, ContainerRecord **ret_record, GError **error);

/* Only the status, for a record that is loaded: cheaper than container_load. NOT_FOUND. */
bool container_load_status(Database *db, const char *id, ContainerStatus *ret_status,
                           GError **error);

/* NOT_FOUND when the container went meanwhile; EXISTS: another one, or itself, has the name. */
bool container_save_name(Database *db, const char *id, const char *name, GError **error);

/* NOT_FOUND when the container went meanwhile. */
bool container_save_status(Database *db, const char *id, const ContainerStatus *status,
                           GError **error);

/*
 * The configuration, with the status that has its revision; which networks it uses is recorded anew.
 * NOT_FOUND: the container, or a network.
 */
bool container_save_config(Database *db, const char *id, const ContainerConfig *config,
                           const ContainerStatus *status, GError **error);

/*
 * Exit codes stay for a while in a table of their own, so that `wait` can answer after `rm`.
 * Missing is success. IN_USE: others depend on it, the text names them.
 */
bool container_delete(Database *db, const char *id, GError **error);

/*
 * By full name, full id, or unique prefix of an id, in this order. NOT_FOUND "no container with
 * name or ID "x" found", AMBIGUOUS.
 */
bool container_find(Database *db, const char *name_or_id, char **ret_id, GError **error);

/* The id of the one created last; NULL when there is none. */
bool container_find_latest(Database *db, char **ret_id, GError **error);

/* All records in order of creation: GPtrArray of ContainerRecord *. */
bool container_list(Database *db, GPtrArray **ret_records, GError **error);

/* Ids of the containers that need this one. */
bool container_list_dependents(Database *db, const char *id, char ***ret_ids, GError **error);

/* Ids of the containers of a pod, its infra container too, in order of creation. */
bool container_list_by_pod(Database *db, const char *pod_id, char ***ret_ids, GError **error);

/* Ids (and nothing else) of containers of an image. */
bool container_list_by_image(Database *db, const char *image_id, char ***ret_ids, GError **error);
