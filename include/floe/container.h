/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <floe/engine.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A handle on one container. The container may be removed by others while the handle exists. */
typedef struct floe_container floe_container;

/**
 * What a container is to be. Strings are copied; arrays are NULL-terminated, NULL means none.
 *
 * The textual values have the syntax of the podman and docker options they are named after; what
 * does not parse gives INVALID and a text that names the value.
 */
typedef struct floe_create_options {
    size_t size;
    const char *image;          /* name or id; required, unless there is a `rootfs` */
    const char *name;           /* NULL: a random one, adjective_noun */
    const char *const *command; /* replaces the image's Cmd */
    const char *const *entrypoint; /* replaces the image's Entrypoint and drops its Cmd; {NULL}: none */
    const char *const *create_command; /* the command line of the user, for inspect */

    const char *const *env; /* "NAME=value", or "NAME": taken from this process's environment */
    const char *workdir;    /* NULL: the image's, else / */
    const char *user; /* "name|uid[:group|gid]", looked up in the container; NULL: the image's */
    const char *hostname;           /* NULL: the first 12 digits of the id */
    const char *const *labels;      /* "key=value" or "key" */
    const char *const *annotations; /* "key=value" */

    const char *const *volumes; /* -v "/host:/path[:options]", "NAME:/path[:options]", "/path" */
    const char *const *mounts;  /* --mount "type=bind|volume|tmpfs|image|devpts,..." */
    const char *const *tmpfs;   /* --tmpfs "/path[:options]" */
    bool read_only;             /* the root file system */
    bool read_only_tmpfs;       /* with it: /run, /tmp and /var/tmp are writable, in memory */
    int64_t shm_size_bytes;     /* 0: 65536000 */

    /*
     * "NAME[:ip=A,ip6=A,mac=M,alias=NAME,interface_name=N]" or "NAME,NAME", of networks; or one of
     * "none", "host", "container:NAME", "ns:/PATH" alone. "bridge" is the default network, and NULL
     * too.
     */
    const char *const *networks;
    const char *const *network_aliases; /* more names of it, in all its networks */
    const char *const *publish;         /* -p "[[address:][host port]:]port[-end][/tcp|udp|sctp]" */
    const char *ip;                     /* static address, with a single network; or NULL */
    const char *ip6;                    /* likewise */
    const char *mac_address;            /* likewise */
    const char *const *dns;             /* name servers */
    const char *const *dns_search;
    const char *const *dns_options;
    const char *const *add_hosts; /* "name:address" */
    const char *pid_mode; /* "private", "host", "container:NAME"; NULL: private; the same for: */
    const char *ipc_mode;
    const char *uts_mode;
    const char *const *required; /* names or ids of containers that must run for this one to start */

    bool privileged;
    const char *const *cap_add; /* "NET_ADMIN", "CAP_NET_ADMIN", "ALL" */
    const char *const *cap_drop;
    const char *const *security_opts; /* "seccomp=unconfined|FILE", "no-new-privileges[=true|false]",
                                         "mask=/PATH[:/PATH...]", "unmask=ALL|PATTERN[:PATTERN...]" */
    const char *const *ulimits;       /* "name=soft[:hard]"; "host" alone: those of this process */
    const char *const *sysctls;       /* "net.core.somaxconn=128" */

    int64_t memory_bytes; /* 0: no limit */
    int64_t nano_cpus;    /* billionths of a processor; 0: no limit */
    uint64_t cpu_shares;  /* 0: the default */
    int64_t pids_limit;   /* 0: 2048; -1: no limit */

    const char *stop_signal; /* "SIGTERM", "TERM", "15"; NULL: the image's, else SIGTERM */
    int stop_timeout_s;      /* negative: 10, use floe_stop_options to wait for ever */
    bool init;               /* catatonit as PID 1 */
    bool open_stdin;         /* keep a pipe on standard input (-i) */
    bool tty;                /* a terminal for standard input, output and error (-t) */
    bool auto_remove;        /* remove it when it has ended (--rm) */
    const char *log_driver;  /* "k8s-file", "json-file" (the same), "none"; NULL: k8s-file */

    int64_t memory_swap_bytes; /* memory and swap together; 0: twice the memory; -1: no limit */
    int64_t memory_reservation_bytes; /* what it is pressed down to when memory is short; 0: none */
    int64_t cpu_period_us;   /* a quota of so much in each period; 0: 100000; not with nano_cpus */
    int64_t cpu_quota_us;    /* 0 and -1: no limit */
    const char *cpuset_cpus; /* the processors it may use, "0-3,5"; NULL: all */
    const char *cpuset_mems; /* memory nodes likewise */
    int blkio_weight;        /* relative weight of disk time, 10 to 1000; 0: the default */
    const char *restart_policy; /* "no", "always", "on-failure[:N]", "unless-stopped"; NULL: no */

    const char *health_cmd; /* a shell's line, a JSON list of words, or "none"; NULL: the image's */
    const char *health_interval; /* "30s"; "disable": only floe_container_check_health() runs it */
    const char *health_timeout;  /* "30s" */
    const char *health_start_period; /* "0s"; failures before do not count */
    int health_retries;              /* so many failures in a row are "unhealthy"; 0: 3 */
    const char *health_on_failure;   /* then: "none", "kill", "restart", "stop" */
    bool no_healthcheck;             /* not the image's either */
    const char *const *volumes_from; /* "CONTAINER[:ro]": what that one has bound, and its volumes */
    const char *image_volume; /* what the image wants as volumes: "anonymous", "tmpfs", "ignore" */
    const char *pod; /* name or id of the pod that it joins, whose shared namespaces it has where no
                        mode says otherwise; NULL: none */
    const char *const *expose;    /* "port[-end][/tcp|udp|sctp]", beside the image's */
    bool publish_all;             /* each exposed port on a free one of the host's */
    const char *const *group_add; /* supplementary groups, names of the container's or numbers */
    const char *systemd; /* is its first process a systemd, which needs a cgroup that it may divide,
                            some tmpfs and another stop signal? "true": if the command says so,
                            "always", "false". NULL: true */
    const char *cgroup_parent; /* in which its cgroup is made: a slice's name with the cgroup manager
                                  systemd, else a path; NULL: machine.slice, or the engine's own */
    const char *cgroups; /* "enabled"; "no-conmon": conmon stays in the caller's cgroup; "split": both
                            are in cgroups of their own in the caller's, which must be delegated to it
                            (systemd's Delegate=yes); "disabled": both stay in the caller's, without
                            limits, and cannot be paused, checkpointed or counted (crun only, with a
                            PID namespace of its own). NULL: enabled */

    /* Who tells floe_engine_options.as_service's manager that it is ready: "container" does so itself,
       "conmon": floe, when it has started; "healthy": floe, when its check says so, for which a start
       waits; "ignore": it is told nothing. NULL: container. */
    const char *sdnotify;
    const int *preserved_fds; /* descriptors that become its 3, 4, ... at the next start from the handle
                                 that its creation returns; they are not recorded */
    size_t n_preserved_fds;

    const char *umask;    /* of its process, octal; NULL: 0022 */
    const char *timezone; /* "Europe/Berlin", or "local" for the host's; NULL: what the image has */
    bool host_env;        /* begin with this process's environment */
    bool no_proxy_env;    /* without this process's http_proxy and the like */
    const char *const *unset_env; /* names of variables of the defaults' and the image's to leave out */
    bool unset_all_env;           /* all of them */
    const char *const *env_merge; /* "NAME=text with $NAMES" of the variables that are there so far */
    int oom_score_adj;            /* -1000 to 1000; 0: as this process has it */
    bool oom_kill_disable;        /* cgroup v1: its processes wait when their memory is used up */
    bool no_hosts;                /* leave the image's /etc/hosts as it is */
    const char *const *devices;   /* "/dev/host[:/dev/container][:rwm]", or a directory of them */
    const char *const *device_rules; /* "c 10:229 rwm": what it may use beside them */
    const char *const *throttles; /* "KIND=DEVICE:RATE": weight (10 to 1000), read-bps, write-bps (bytes
                                     a second), read-iops, write-iops */
    unsigned timeout_s;           /* its process is killed when it has run so long; 0: never */
    const char *pid_file; /* each start writes the process's id on this host there; NULL: no file */
    const char *conmon_pid_file; /* likewise conmon's */
    const char *init_path;       /* of the program that `init` runs; NULL: catatonit's */
    const char *cgroupns_mode;   /* "private", "host"; NULL: private with cgroup v2, else host */
    const char *log_path;        /* of k8s-file; NULL: with the container's files */
    int64_t log_max_bytes;       /* of k8s-file: it begins anew then; 0: never */
    const char *log_tag;         /* of journald; NULL: none */
    const char *rootfs; /* in the place of an image a directory of the host's, absolute; with ":O"
                           at its end it stays as it is, and what the container writes is the
                           container's */
    /*
     * "NAME[,OPTION=VALUE...]", floe/secret.h; the options are type=mount|env, target, uid, gid,
     * mode. As a file (mount) it is a copy of now, at /run/secrets/NAME or target; in the
     * environment (env) it is what the secret holds when a process begins.
     */
    const char *const *secrets;
    const char *health_startup_cmd; /* as health_cmd: it is run instead of that until it has succeeded
                                       health_startup_success times; NULL: none */
    const char *health_startup_interval; /* "30s" */
    const char *health_startup_timeout;  /* "30s" */
    int health_startup_retries; /* after so many failures the container is started anew; 0: it is not */
    int health_startup_success; /* 0: once */
    int memory_swappiness; /* cgroup v1: how readily its memory goes to swap, 0 to 100; -1: as the
                              host's */
    const char *const *cgroup_conf; /* cgroup v2: "memory.high=1073741824", a file of its cgroup and what
                                       is written there (OCI: linux.resources.unified) */
} floe_create_options;

/* Set `size` and the fields that are not zero by default. */
#define FLOE_CREATE_OPTIONS_INIT \
    { \
        .size = sizeof(floe_create_options), .read_only_tmpfs = true, .stop_timeout_s = -1, \
        .memory_swappiness = -1 \
    }

/**
 * Make a container of an image, and the volumes that it uses and that are not there. Nothing runs
 * yet. State: configured.
 *
 * Errors: INVALID, NOT_FOUND (image, root directory or a container named in a mode), EXISTS (the
 * name), IO.
 * @ret_container  freed with floe_container_free(); may be NULL.
 */
FLOE_API bool floe_container_create(floe_engine *engine, const floe_create_options *options,
                                    floe_container **ret_container, floe_error **error);

/**
 * Find a container by its name, its id, or a prefix of the id that no other container has.
 * Errors: NOT_FOUND, AMBIGUOUS.
 */
FLOE_API bool floe_container_lookup(floe_engine *engine, const char *name_or_id,
                                    floe_container **ret_container, floe_error **error);

/** The container that was created last. Errors: NOT_FOUND when there is none. */
FLOE_API bool floe_container_latest(floe_engine *engine, floe_container **ret_container,
                                    floe_error **error);

/** Free the handle; the container stays. NULL is fine. */
FLOE_API void floe_container_free(floe_container *container);

/** 64 hex digits. Owned by the handle. */
FLOE_API const char *floe_container_id(const floe_container *container);

/** Owned by the handle. */
FLOE_API const char *floe_container_name(const floe_container *container);

/** Was it created with a terminal (floe_create_options.tty)? */
FLOE_API bool floe_container_has_tty(const floe_container *container);

typedef enum floe_container_state {
    FLOE_STATE_UNKNOWN = 0,
    FLOE_STATE_CONFIGURED = 1, /* shown as "created": the runtime knows nothing of it */
    FLOE_STATE_CREATED = 2, /* shown as "initialized": the runtime made it, its process has not begun */
    FLOE_STATE_RUNNING = 3,
    FLOE_STATE_STOPPED = 4, /* ended; not cleaned up yet */
    FLOE_STATE_PAUSED = 5,
    FLOE_STATE_EXITED = 6,   /* ended and cleaned up */
    FLOE_STATE_REMOVING = 7, /* a removal has begun; only a removal is allowed */
    FLOE_STATE_STOPPING = 8, /* the stop signal was sent */
} floe_container_state;

/** The state's name as podman shows it: "created", "initialized", "running" ... Static. */
FLOE_API const char *floe_container_state_name(floe_container_state state);

/** The state now; what happened since (the process ended) is noticed. Errors: REMOVED. */
FLOE_API bool floe_container_get_state(floe_container *container, floe_container_state *ret_state,
                                       floe_error **error);

typedef struct floe_list_options {
    size_t size;
    bool all;                   /* also those that do not run */
    int last;                   /* the N created last, whatever their state; 0: not asked for */
    const char *const *filters; /* "key=value" as for podman ps: id name status label label! ancestor
                                   before since exited network volume command until
                                   health restart-policy should-start-on-boot pod */
    bool with_size;       /* count the bytes of the containers' files: Size.rwSize, .rootFsSize */
    bool with_namespaces; /* the numbers of those that run: Namespaces.Cgroup, .Ipc, .Mnt ... */
} floe_list_options;

#define FLOE_LIST_OPTIONS_INIT \
    { \
        sizeof(floe_list_options), false, 0, 0, false, false \
    }

/**
 * Containers as a JSON array, with the keys of `podman ps --format json`: Id, Names, Image, State,
 * Status, Created, ExitCode, Pid, Ports, Mounts, Networks, Labels ... Newest last. It takes no
 * container's lock.
 * @ret_json  freed with floe_free(). Errors: INVALID (a filter).
 */
FLOE_API bool floe_container_list(floe_engine *engine, const floe_list_options *options,
                                  char **ret_json, floe_error **error);

/**
 * The container as a JSON object with the keys of `podman container inspect`. States: any.
 * @with_size  count the bytes of its files, too: SizeRw, SizeRootFs.
 * @ret_json   freed with floe_free(). Errors: REMOVED.
 */
FLOE_API bool floe_container_inspect(floe_container *container, bool with_size, char **ret_json,
                                     floe_error **error);

/**
 * Prepare the container in the runtime without starting its process.
 * States: configured|stopped|exited -> created. Errors: BAD_STATE, CMD_NOT_FOUND, CMD_NOT_RUNNABLE,
 * RUNTIME, CONMON, NETWORK, MISSING_PART, IO. On failure everything made is undone.
 */
FLOE_API bool floe_container_init(floe_container *container, floe_error **error);

/**
 * Start the container's process; init comes first where it has not happened, and before all that the
 * containers that it depends on are started where they do not run.
 * States: configured|created|stopped|exited -> running.
 * Errors: as for init; RUNNING.
 */
FLOE_API bool floe_container_start(floe_container *container, floe_error **error);

typedef struct floe_stop_options {
    size_t size;
    int timeout_s; /* until SIGKILL; 0: SIGKILL at once; -1: never; FLOE_STOP_TIMEOUT_DEFAULT */
    bool host_shutdown; /* no user wants it: the restart policy "unless-stopped" starts it at boot;
                           those that depend on it are stopped before it; paused, it goes on first */
} floe_stop_options;

#define FLOE_STOP_TIMEOUT_DEFAULT \
    (-2) /* the container's own, 10 s unless it was created with another */
#define FLOE_STOP_OPTIONS_INIT \
    { \
        sizeof(floe_stop_options), FLOE_STOP_TIMEOUT_DEFAULT, false \
    }

/**
 * Stop a container and wait until its exit code is recorded, then clean up after it.
 *
 * Sends the container's stop signal, waits, then sends SIGKILL. Others can look at the container
 * meanwhile.
 * States: created|running|stopping -> stopped -> exited.
 * Errors: STOPPED (it is stopped already), BAD_STATE, RUNTIME, TIMEOUT (SIGKILL did not end it).
 */
FLOE_API bool floe_container_stop(floe_container *container, const floe_stop_options *options,
                                  floe_error **error);

/**
 * Send a signal to the container's first process. Returns when it was sent; for SIGKILL when the
 * process has ended.
 * States: running|stopping|paused. @signal 1..64.
 * Errors: BAD_STATE, STOPPED (it has just ended), INVALID, TIMEOUT (SIGKILL did not end it).
 */
FLOE_API bool floe_container_kill(floe_container *container, int signal, floe_error **error);

/** The number of a signal by name: "SIGTERM", "TERM", "term", "15", "RTMIN+3"; 0: there is none. */
FLOE_API int floe_signal_number(const char *name);

/**
 * Stop it if it runs, and start it again.
 * States: configured|created|running|stopped|exited -> running. Errors: as for stop and start.
 */
FLOE_API bool floe_container_restart(floe_container *container, const floe_stop_options *options,
                                     floe_error **error);

/**
 * Give the container another name; what it is called inside (/etc/hosts) changes with its next start.
 * States: all but removing. Errors: INVALID (podman's rule: [a-zA-Z0-9][a-zA-Z0-9_.-]*), EXISTS,
 * BAD_STATE.
 */
FLOE_API bool floe_container_rename(floe_container *container, const char *name, floe_error **error);

/**
 * The processes of the container as a JSON object: "Titles", the headers, and "Processes", an array of
 * arrays of texts. Numbers and names are the container's own.
 *
 * States: running|paused|stopping.
 * @descriptors  the columns, podman's names for them ("pid", "user,args" ...), NULL-terminated; may be
 *               NULL or none: user pid ppid pcpu etime tty time args.
 * @ret_json     freed with floe_free(). Errors: INVALID (a descriptor), BAD_STATE.
 */
FLOE_API bool floe_container_top(floe_container *container, const char *const *descriptors,
                                 char **ret_json, floe_error **error);

/** Freeze the container's processes. States: running -> paused. Errors: BAD_STATE, RUNTIME. */
FLOE_API bool floe_container_pause(floe_container *container, floe_error **error);

/** Let them go on. States: paused -> running. Errors: BAD_STATE, RUNTIME. */
FLOE_API bool floe_container_unpause(floe_container *container, floe_error **error);

/**
 * Wait until the container does not run, and tell its exit code. One that never ran gives 0 at
 * once; one that was checkpointed gives the exit code 0. Blocks without the container's lock. One that
 * its restart policy starts again has not ended; without a floe command that sees to that (see
 * floe_engine_options.program) this call does, and fails as a start does.
 * @timeout_ms  -1: no limit. @ret_exit_code  may be NULL.
 * Errors: REMOVED (it went, and its exit code is not known), TIMEOUT.
 */
FLOE_API bool floe_container_wait(floe_container *container, int timeout_ms, int *ret_exit_code,
                                  floe_error **error);

typedef struct floe_wait_options {
    size_t size;
    unsigned states; /* those to wait for, 1U << floe_container_state; stopped or exited: its end */
    int timeout_ms;  /* -1: no limit */
    int interval_ms; /* how often to look for what is not its end */
    bool healthy;    /* also while it runs and its health check says so */
    bool unhealthy;  /* likewise */
} floe_wait_options;

#define FLOE_WAIT_OPTIONS_INIT \
    { \
        sizeof(floe_wait_options), (1U << FLOE_STATE_STOPPED) | (1U << FLOE_STATE_EXITED), -1, \
            250, false, false \
    }

/**
 * Wait until the container is in one of several states. The end is waited for as by
 * floe_container_wait(), without looking at intervals; FLOE_STATE_REMOVING also means that it has
 * gone. Blocks without the container's lock.
 * @ret_exit_code  the exit code if it has ended and that was waited for, else -1; may be NULL.
 * Errors: REMOVED, TIMEOUT, INVALID (nothing to wait for, or the health of one without a check).
 */
FLOE_API bool floe_container_wait_for(floe_container *container, const floe_wait_options *options,
                                      int *ret_exit_code, floe_error **error);

/** What is done in a batch. False: it failed, with an error of libfloe's, or none. */
typedef bool (*floe_batch_callback)(floe_container *container, void *data, floe_error **error);

/**
 * Call back with the container locked and its state brought up to date, so that any number of
 * operations on this handle, from the callback, do without both. Nobody else can work on the
 * container meanwhile, or remove it; nor can the callback. Another handle on the same container would
 * wait for ever. What happens by itself is noticed by floe_container_sync(), wait and stop only.
 * A batch in a batch is part of it.
 *
 * Returns what the callback returns, with its error unchanged. Errors of its own: REMOVED.
 */
FLOE_API bool floe_container_batch(floe_container *container, floe_batch_callback callback,
                                   void *data, floe_error **error);

/** Bring what is known of the container up to date, also within a batch. Errors: REMOVED. */
FLOE_API bool floe_container_sync(floe_container *container, floe_error **error);

/**
 * End whatever runs of the container, take down all that it holds, and make it anew as it was:
 * created, running or paused; after a reboot as it was before that, unless it was started since.
 * Exec sessions end, each with a warning. One that did not run is only cleaned up.
 * States: all but stopping and removing. Errors: as for stop and start.
 */
FLOE_API bool floe_container_refresh(floe_container *container, floe_error **error);

typedef struct floe_cleanup_options {
    size_t size;
    bool remove;    /* and remove it, unless other containers depend on it */
    bool after_end; /* for conmon's exit command: ends what exec sessions are left, and leaves alone a
                       container that is being restarted */
} floe_cleanup_options;

#define FLOE_CLEANUP_OPTIONS_INIT \
    { \
        sizeof(floe_cleanup_options), false, false \
    }

/**
 * Take down what an ended container still holds: network, mounts, the runtime's state. conmon calls
 * it (by `floe container cleanup`) when the process has ended.
 * States: configured|created -> configured; stopped|exited -> exited.
 * @options  NULL: FLOE_CLEANUP_OPTIONS_INIT.
 * Errors: BAD_STATE (also: exec sessions are active).
 */
FLOE_API bool floe_container_cleanup(floe_container *container, const floe_cleanup_options *options,
                                     floe_error **error);

/** What changes; 0 and NULL: it stays as it is. Units and limits are those of floe_create_options. */
typedef struct floe_update_options {
    size_t size;
    int64_t memory_bytes;
    int64_t memory_swap_bytes; /* -1: no limit */
    int64_t memory_reservation_bytes;
    int64_t nano_cpus; /* takes the place of a quota, and the other way round */
    int64_t cpu_period_us;
    int64_t cpu_quota_us; /* -1: no limit */
    uint64_t cpu_shares;
    const char *cpuset_cpus; /* "": all */
    const char *cpuset_mems;
    int64_t pids_limit; /* -1: no limit */
    int blkio_weight;
    const char *restart_policy; /* as in floe_create_options */
} floe_update_options;

#define FLOE_UPDATE_OPTIONS_INIT \
    { \
        .size = sizeof(floe_update_options) \
    }

/**
 * Change the limits of a container, of a running one at once and for every start to come, and what
 * becomes of it after its next end.
 * States: all but removing.
 * Errors: INVALID, RUNTIME (it cannot be done now, as a memory limit below what is in use; then
 * nothing is changed).
 */
FLOE_API bool floe_container_update(floe_container *container, const floe_update_options *options,
                                    floe_error **error);

typedef struct floe_clone_options {
    size_t size;
    const char *name;                  /* NULL: the first one's with "-clone" */
    const char *image;                 /* NULL: the first one's, or its root directory */
    const floe_update_options *limits; /* other than the first one's; NULL: the same */
} floe_clone_options;

#define FLOE_CLONE_OPTIONS_INIT \
    { \
        .size = sizeof(floe_clone_options) \
    }

/**
 * Make a container with the configuration of another, as it is now, but for the user's files of its log
 * and process ids. It has nothing of what that one has written. State: configured.
 *
 * @ret_clone  freed with floe_container_free(); may be NULL.
 * Errors: REMOVED, NOT_FOUND (the image), EXISTS (the name), INVALID (a name, a limit; it is an infra
 * container).
 */
FLOE_API bool floe_container_clone(floe_container *container, const floe_clone_options *options,
                                   floe_container **ret_clone, floe_error **error);

typedef struct floe_connect_options {
    size_t size;
    const char *const *aliases; /* more names of it in the network; or NULL */
    const char *ip;             /* IPv4; NULL: a free one */
    const char *ip6;            /* likewise, where the network has IPv6 */
    const char *mac_address;    /* NULL: a random one */
    const char *interface_name; /* NULL: the next free of eth0, eth1 ... */
} floe_connect_options;

#define FLOE_CONNECT_OPTIONS_INIT \
    { \
        .size = sizeof(floe_connect_options) \
    }

/**
 * Put a container into one more network, at once where it has a network namespace, and for every
 * start to come. If that fails it is in the networks that it was in.
 * @network  name, id, or the unique beginning of one.      @options  NULL: FLOE_CONNECT_OPTIONS_INIT.
 * States: all but removing and stopping.
 * Errors: EXISTS (it is in the network, or an address is taken), NOT_FOUND (the network), INVALID (it
 * has the network of the host or of another container, or none; an address the network does not
 * have), BAD_STATE (a checkpoint keeps its network), NETWORK.
 */
FLOE_API bool floe_container_connect(floe_container *container, const char *network,
                                     const floe_connect_options *options, floe_error **error);

/**
 * Take a container out of a network, at once and for every start to come; its address there is free.
 * States: as for floe_container_connect().
 * Errors: NOT_FOUND (it is not in the network), INVALID, BAD_STATE, NETWORK.
 */
FLOE_API bool floe_container_disconnect(floe_container *container, const char *network,
                                        floe_error **error);

/**
 * Make what a container has in its networks anew, with the same addresses: rules of the firewall that
 * somebody flushed, bridges, names. Its interfaces are away for a moment; connections outlive that.
 * States: created, running, paused.
 * Errors: BAD_STATE, INVALID (it has no networks of its own), NETWORK.
 */
FLOE_API bool floe_container_reload_network(floe_container *container, floe_error **error);

typedef struct floe_remove_options {
    size_t size;
    bool force;    /* kill it first if it runs; go on past what fails and tell it as a warning */
    int timeout_s; /* with force: how long to wait after the stop signal; FLOE_STOP_TIMEOUT_DEFAULT */
    bool dependents; /* remove the containers that depend on it before it, in the same way */
    void (*removed)(const char *id,
                    void *data); /* told of each container when it has gone; or NULL */
    void *removed_data;
    bool volumes; /* and the volumes that it has without a name, unless others use them */
} floe_remove_options;

#define FLOE_REMOVE_OPTIONS_INIT \
    { \
        sizeof(floe_remove_options), false, FLOE_STOP_TIMEOUT_DEFAULT, false, 0, 0, false \
    }

/**
 * Remove the container and all that is its own: processes, mounts, network namespace, addresses,
 * cgroup, files. Of one that removes itself when it has ended, volumes without a name always go.
 * Errors: BAD_STATE (it runs, and force was not given), IN_USE (another container
 * depends on it; `dependents` was not given).
 */
FLOE_API bool floe_container_remove(floe_container *container, const floe_remove_options *options,
                                    floe_error **error);

typedef struct floe_logs_options {
    size_t size;
    int64_t tail;          /* that many last lines; -1: all */
    int64_t since_unix_ns; /* 0: from the beginning */
    int64_t until_unix_ns; /* 0: to the end */
    bool timestamps;       /* put the time before each line */
    bool follow;           /* go on until the container has ended */
} floe_logs_options;

#define FLOE_LOGS_OPTIONS_INIT \
    { \
        sizeof(floe_logs_options), -1, 0, 0, false, false \
    }

/**
 * Write the container's log to two descriptors. Errors: UNSUPPORTED (log driver none), IO.
 * Format read: conmon's k8s-file, `TIME stdout|stderr F|P TEXT` (conmon src/ctr_logging.c).
 */
FLOE_API bool floe_container_logs(floe_container *container, const floe_logs_options *options,
                                  int stdout_fd, int stderr_fd, floe_error **error);

#ifdef __cplusplus
}
#endif
