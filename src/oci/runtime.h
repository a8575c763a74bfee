/* SPDX-License-Identifier: Apache-2.0 */
/* The OCI runtime: which one, and its command line (runc 1.1, crun 1.8 and later). */
#pragma once

#include "base/json.h"
#include "base/spawn-run.h"
#include "oci/runtime-error.h"

#define RUNTIME_NO_CGROUPS "--cgroup-manager=disabled" /* crun.1 */

typedef struct Runtime {
    char *path;        /* "/usr/sbin/runc" */
    char *name;        /* "runc", "crun": what its command line is like */
    char *root_dir;    /* its state directory, below the root_dir it was made with: --root */
    char *path_env;    /* "PATH=...": the private prefix first, so that it finds the right CRIU */
    bool uses_systemd; /* it is to make its containers' cgroups by systemd: --systemd-cgroup */
    bool no_cgroups;   /* it is to make none, which crun alone can: --cgroup-manager */
} Runtime;

void runtime_clear(Runtime *runtime);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Runtime, runtime_clear)

/*
 * Choose: `wanted` (a name or path; NULL: crun, else runc), from the private prefix first, then
 * PATH and the usual directories. Without `wanted` each is tried on this host (a real check that it
 * accepts the host's cgroups and has checkpoint support, some 30 ms): the engine records the result
 * once per boot. MISSING_PART names the packages; UNSUPPORTED tells why none works.
 * @root_dir  absolute; where runtimes keep their state, each kind in a directory of its own.
 */
bool runtime_choose(const char *wanted, const char *root_dir, bool use_systemd,
                    Runtime *ret_runtime, GError **error);

/* The one at a path that was chosen before: nothing is tried. */
void runtime_from_path(const char *path, const char *root_dir, bool use_systemd,
                       Runtime *ret_runtime);

/*
 * Also "crun-1.28", which somebody keeps beside another; a link with another name has been
 * followed.
 */
bool runtime_is_crun(const Runtime *runtime);

/* runc or crun by name: floe knows what they keep, and does some small things of theirs itself. */
bool runtime_is_familiar(const Runtime *runtime);

/*
 * The whole environment of the runtime and of what it starts: PATH, floe's own variables
 * (FLOE_...), CRIU_CONFIG_FILE when @criu_config is given, and for crun XDG_RUNTIME_DIR and
 * SYSTEMD_BUS_TIMEOUT. Nothing else: NOTIFY_SOCKET, LISTEN_FDS, HOME (CRIU reads options there)
 * are the user's.
 */
char **runtime_environment(const Runtime *runtime, const char *criu_config);

/* "runc version 1.1.5 ...", the first line of --version. */
bool runtime_version(const Runtime *runtime, char **ret_version, GError **error);

typedef struct RuntimeCall {
    const char *const *arguments; /* after the global ones */
    const char *criu_config;      /* NULL: none */
    const char *input;            /* for its standard input; NULL: nothing */
    int held_fd;     /* open in the runtime too: a lock on it lasts as long as its work; 0: none */
    int timeout_ms;  /* -1: no limit */
    bool is_private; /* what it writes is for its owner alone */
    bool own_mounts; /* what it mounts for its work is for itself alone */
} RuntimeCall;

/* Run it to its end, without asking. An exit status other than 0 is no error here. */
bool runtime_run(const Runtime *runtime, const RuntimeCall *call, SpawnResult *ret_result,
                 GError **error);

/*
 * Does the runtime accept this host's control groups at this moment? Where crun (1.28) does not, it
 * may kill every process of the host (oci/crun-guard.h). All that follows, and conmon's start, asks
 * this itself; the engine also does before it changes anything for a restore. Costs no process.
 * UNSUPPORTED.
 */
bool runtime_check_cgroups(const Runtime *runtime, GError **error);

/*
 * The verbs the engine calls itself. held_fd as in RuntimeCall. RUNTIME, with the runtime's own
 * message, CMD_NOT_FOUND and CMD_NOT_RUNNABLE where it says so.
 */
bool runtime_pause(const Runtime *runtime, const char *id, int held_fd, GError **error);
bool runtime_resume(const Runtime *runtime, const char *id, int held_fd, GError **error);

/* The limits of its cgroup: an object like a document's linux.resources; what it lacks stays. */
bool runtime_update(const Runtime *runtime, const char *id, const json_t *resources, GError **error);

/*
 * Start a created container, whose first process is `pid`. Where that can be done without the
 * runtime's "start", its process start is saved (oci/exec-fifo.h). Errors as above.
 */
bool runtime_start(const Runtime *runtime, const char *id, pid_t pid, int held_fd, GError **error);

/*
 * After a floe that was killed in runtime_start(): do what it left undone. `*ret_begun` is false when
 * the process, which may have ended by now, still waits, for anybody's start.
 */
bool runtime_start_finish(const Runtime *runtime, const char *id, pid_t pid, bool *ret_begun,
                          GError **error);

/*
 * Is a container's first process still the runtime's own program? "start" returns a moment before
 * the process executes the container's command.
 */
bool runtime_is_setting_up(const Runtime *runtime, pid_t pid);

/* delete --force; one that the runtime does not know is success. */
bool runtime_delete(const Runtime *runtime, const char *id, GError **error);

/*
 * The same when the container's processes have ended: what is left then is the state directory, and
 * of runc and crun it is removed without their help (no hooks, no intelRdt are ever configured). The
 * cgroup is the caller's.
 */
bool runtime_delete_ended(const Runtime *runtime, const char *id, GError **error);

/* Is there a state directory of this id? No process is started. */
bool runtime_knows(const Runtime *runtime, const char *id);

typedef struct RuntimeCheckpoint {
    const char *id;
    const char *image_dir;
    const char *work_dir;    /* CRIU's dump.log and stats-dump */
    const char *criu_config; /* given to CRIU through CRIU_CONFIG_FILE; NULL: none */
    const char *parent_dir;  /* of a pre-dump, relative to image_dir; NULL: none */
    bool pre_dump;           /* the memory only; the container runs on */
    bool leave_running;
    bool tcp_established;
    bool file_locks;
    int held_fd; /* as RuntimeCall.held_fd */
} RuntimeCheckpoint;

/* RUNTIME with the runtime's text only; the reason is in work_dir/dump.log: criu_log_reason(). */
bool runtime_checkpoint(const Runtime *runtime, const RuntimeCheckpoint *checkpoint, GError **error);
