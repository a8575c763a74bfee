/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <floe/container.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What CRIU tells of its work: microseconds and pages of memory. */
typedef struct floe_checkpoint_stats {
    size_t size;         /* set by FLOE_CHECKPOINT_STATS_INIT */
    uint64_t runtime_us; /* the OCI runtime's call as a whole */
    uint64_t freezing_us;
    uint64_t frozen_us;
    uint64_t memdump_us;
    uint64_t memwrite_us;
    uint64_t pages_scanned;
    uint64_t pages_written;
} floe_checkpoint_stats;

#define FLOE_CHECKPOINT_STATS_INIT \
    { \
        .size = sizeof(floe_checkpoint_stats) \
    }

/** How far the writing of an archive is. */
typedef struct floe_export_progress {
    size_t size;
    int64_t done_bytes;    /* so much of the container is in the archive */
    int64_t total_bytes;   /* of so much, about */
    int64_t written_bytes; /* the archive's size so far */
} floe_export_progress;

/** Called now and then from the thread that called floe_container_checkpoint(). */
typedef void (*floe_export_callback)(const floe_export_progress *progress, void *data);

typedef struct floe_checkpoint_options {
    size_t size;
    bool keep; /* keep the logs and statistics of CRIU */
    bool leave_running;
    bool tcp_established; /* freeze established TCP connections too */
    bool file_locks;      /* and held file locks */

    bool end_exec_sessions;   /* which a checkpoint does not hold; else they are an error */
    const char *export_path;  /* write an archive there, with mode 0600; NULL: none */
    int export_fd;            /* write it to this, which stays the caller's; -1: not */
    const char *compression;  /* of an archive: "zstd" (NULL), "gzip", "none" */
    bool pre_checkpoint;      /* only the memory, for a checkpoint with_previous; it runs on */
    bool with_previous;       /* only the memory that has changed since the last pre_checkpoint */
    const char *create_image; /* make an image of this name instead of an archive; NULL: none */
    bool ignore_rootfs;       /* leave what changed of the image's files out of the archive */
    bool ignore_volumes;      /* and the named volumes */
    floe_export_callback progress; /* or NULL */
    void *progress_data;
} floe_checkpoint_options;

#define FLOE_CHECKPOINT_OPTIONS_INIT \
    { \
        .size = sizeof(floe_checkpoint_options), .export_fd = -1 \
    }

/**
 * Freeze a running container with all its processes' state into its checkpoint directory, and write
 * all that another host needs to thaw it into an archive, if one is asked for.
 *
 * States: running -> exited, marked as checkpointed (running with leave_running; none, as it is
 * removed, if it was created with --rm and is exported). When the checkpoint fails the container runs
 * on. When it succeeds and the archive cannot be written, the container is checkpointed as without an
 * archive (with leave_running it runs on), and the error says so. An archive is at export_path when
 * it is whole, and not before. Memory contents, so secrets, are in both: directory and file are for
 * root alone.
 *
 * An exported container that is left running stands still until its files are in the archive, so that
 * they fit its memory; it runs while the memory is written. The container is locked to the end.
 *
 * A pre-checkpoint, and one that builds on it, need a kernel and a CRIU that track changes of memory.
 *
 * Format of an archive: podman's, a tar of entries that checkpointctl, lib/metadata.go, names. An
 * image has the same as its one layer, and podman's annotations (pkg/checkpoint/checkpoint_image.go).
 * @ret_stats  may be NULL; else begin with its _INIT macro.
 * Errors: BAD_STATE, IN_USE (exec sessions are active, or other containers use its namespaces),
 * UNSUPPORTED (its pid namespace is shared, its ipc namespace is the host's, or its network is
 * shared, with tcp_established; for an export:
 * it needs other containers), CRIU (the text says the reason from CRIU's log, and what to do where
 * that is known), MISSING_PART, RUNTIME, INVALID (a container with --rm that is not exported; options
 * that exclude each other), NOT_FOUND (with_previous: there was no pre-checkpoint), IO (the archive).
 */
FLOE_API bool floe_container_checkpoint(floe_container *container,
                                        const floe_checkpoint_options *options,
                                        floe_checkpoint_stats *ret_stats, floe_error **error);

typedef struct floe_restore_stats {
    size_t size; /* set by FLOE_RESTORE_STATS_INIT */
    uint64_t runtime_us;
    uint64_t forking_us;
    uint64_t restore_us;
    uint64_t pages_compared;
    uint64_t pages_skipped_cow;
    uint64_t pages_restored;
} floe_restore_stats;

#define FLOE_RESTORE_STATS_INIT \
    { \
        .size = sizeof(floe_restore_stats) \
    }

typedef struct floe_restore_options {
    size_t size;
    bool keep; /* keep the checkpoint, to restore it again */
    bool tcp_established;
    bool file_locks;
    bool tcp_close;         /* restore without the connections: programs find them closed */
    bool ignore_static_ip;  /* any address of the network, not the one it had */
    bool ignore_static_mac; /* any MAC */
} floe_restore_options;

#define FLOE_RESTORE_OPTIONS_INIT \
    { \
        .size = sizeof(floe_restore_options) \
    }

/**
 * Thaw a checkpointed container: its processes go on where they were, with the same address and
 * MAC.
 *
 * States: configured|stopped|exited -> running. When it fails the checkpoint stays and can be tried
 * again.
 * @ret_stats  may be NULL; else begin with its _INIT macro.
 * Errors: BAD_STATE, NOT_FOUND (no checkpoint), INVALID (the checkpoint has connections or file
 * locks and the option is missing), CRIU, NETWORK, MISSING_PART.
 */
FLOE_API bool floe_container_restore(floe_container *container, const floe_restore_options *options,
                                     floe_restore_stats *ret_stats, floe_error **error);

typedef struct floe_archive_restore_options {
    size_t size;
    const char *archive;  /* path; "-": standard input; NULL: `image` */
    const char *image;    /* a checkpoint that was made an image; NULL: `archive` */
    const char *previous; /* path of the archive that it goes on from (pre-checkpoint); or NULL */
    const char *pod;      /* for a container of a pod: name or id of one that is here */
    const char *name;     /* a new name, and with it a new id and address; NULL: as it was */
    const char *network;  /* "NAME[:ip=ADDRESS,mac=ADDRESS]" instead of the one it was in; NULL */
    const char *const *publish; /* ports as for a create, instead of its own; NULL: its own */
    /*
     * What it may have beside what every container has: "mounts" (directories of the host),
     * "privileged", "capabilities", "namespaces" (the host's), "seccomp" (no filter), "secrets"
     * (what those of the same names hold here), "annotations"
     * (that make the runtime do things), "image" (another one of the same name), "host" (a host that
     * lacks something), "all". A container that is here with the same id gives what it has itself.
     */
    const char *const *allow;
    bool keep; /* keep the checkpoint, to restore it again */
    bool tcp_established;
    bool file_locks;
    bool tcp_close;
    bool ignore_static_ip;
    bool ignore_static_mac;
    bool ignore_rootfs;  /* without the changes to the image's files */
    bool ignore_volumes; /* with volumes that are here, instead of the archive's */
} floe_archive_restore_options;

#define FLOE_ARCHIVE_RESTORE_OPTIONS_INIT \
    { \
        .size = sizeof(floe_archive_restore_options) \
    }

/**
 * Make a container of a checkpoint archive, floe's or podman's, and thaw it: its processes go on
 * where they were. Nobody vouches for an archive: what would give it power over the host is refused
 * unless options->allow names it. When it fails, or floe is killed, nothing of it stays.
 *
 * States: none -> running.
 * @ret_stats      may be NULL; else begin with its _INIT macro.
 * @ret_container  its handle, the caller's; may be NULL.
 * Errors: INVALID (no archive, a damaged one, options that exclude each other or that it needs),
 * EXISTS (name, id or volume are taken), NOT_FOUND (image, network, a directory of the host),
 * UNSUPPORTED (this host, CRIU or floe cannot have such a container), CRIU, NETWORK, MISSING_PART,
 * IO.
 */
FLOE_API bool floe_archive_restore(floe_engine *engine, const floe_archive_restore_options *options,
                                   floe_restore_stats *ret_stats, floe_container **ret_container,
                                   floe_error **error);

/**
 * What is in a checkpoint archive, floe's or podman's, without restoring or unpacking it. It needs no
 * engine, no container and no right but to read the file, which is read once from its start to its
 * end; nobody has to vouch for it.
 *
 * @path      a file; "-": standard input, from its position on.
 * @ret_json  an object; freed with floe_free(). Its keys, which are left out where nothing is known:
 *   Archive: {Path, Size, Compression, Kind}: Size in bytes of the file; Compression "zstd", "gzip",
 *     "none"; Kind "container", or "pre-checkpoint" (memory only, of a container that ran on).
 *   Id, Name, Pod, Image, ImageID, Command ([text]), Hostname, Labels, Annotations, Created,
 *   Checkpointed (RFC 3339).
 *   MadeBy: {Engine ("floe", "podman", "cri-o"), EngineVersion, Runtime, RuntimeVersion, CriuVersion,
 *     Machine (of the processes, as uname(2) calls it), Kernel, Cgroups ("v1", "v2")}.
 *   Needs: the options without which a restore fails or loses something: "tcp-established",
 *     "file-locks", "import-previous".
 *   Sizes: bytes: {Total, Images, Memory, RootFiles, Volumes, SharedMemory, Log, Artifacts}; Images
 *     are CRIU's, with the Memory.
 *   DeletedFiles: [path] of the image's files that the container deleted.
 *   NetworkMode, Networks: [{Name, Interface, Addresses, Mac}].
 *   Ports: [{HostIp, HostPort, ContainerPort, Protocol, Range}].
 *   Mounts: [{Type, Source, Destination, Options}] of spec.dump.
 *   Volumes: [{Name, Destination, Options, Size}]; without Size its contents are not in the archive.
 *   Statistics: CRIU's own names, microseconds and pages: freezing_time, frozen_time, memdump_time,
 *     memwrite_time, pages_scanned, pages_written.
 *   FileLocks: [{Pid, Fd, Kind ("posix", "flock", "ofd", "lease"), Type ("read", "write")}].
 *   Processes: [{Pid, Ppid, Pgid, Sid, Name, State ("running", "stopped", "zombie"), ExitCode (of a
 *     zombie), Uid, Gid, Threads ([id], its own first), Command ([text], from its memory), Executable,
 *     Directory (where it is), Memory, MemoryBefore (bytes; the latter are in the archive before this
 *     one), Files, Sockets}], ids as in the container.
 *     Files: [{Fd, Type ("file", "pipe", "fifo", "tty", "memfd", "eventfd", "epoll", "inotify",
 *       "signalfd", "timerfd", ...), Path, Access ("r", "w", "rw"), Position, Size, Deleted, Name (of a
 *       memfd), Pipe (both ends of a pipe have the same)}].
 *     Sockets: [{Fd, Family ("inet", "inet6", "unix", "netlink", "packet"), Type, Protocol, State
 *       ("listening", "established", ...), Local, Remote ("ADDRESS:PORT", or a path; "@name" in the
 *       abstract), Inode, Peer (of unix sockets: the other's Inode)}].
 * Errors: NOT_FOUND, IO, INVALID (no archive, a damaged or truncated one).
 */
FLOE_API bool floe_checkpoint_inspect(const char *path, char **ret_json, floe_error **error);

#ifdef __cplusplus
}
#endif
