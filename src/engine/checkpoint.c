/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order: refuse what cannot work, record the intent, freeze the cgroup (CRIU then finds it
 * frozen and does not wait for it in steps of 100 ms), dump, and take down all but the network: its
 * namespace keeps the address, and CRIU's lock in it drops the peers' packets until the restore, so
 * that established connections live on.
 */
#include "engine/checkpoint.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "base/sigpipe.h"
#include "base/tree.h"
#include "engine/archive-export.h"
#include "engine/container-files.h"
#include "engine/container-release.h"
#include "engine/container-remove.h"
#include "engine/event.h"
#include "engine/health-run.h"
#include "engine/operation.h"
#include "engine/pod-checkpoint.h"
#include "engine/pod-ipc.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "oci/cgroup-freezer.h"
#include "oci/conmon.h"
#include "oci/criu.h"

#include <floe/checkpoint.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_TAIL          4096
#define PRE_CHECKPOINT    "../pre-checkpoint" /* from the directory of the images */
#define LOG_SUCCESS       "Dumping finished successfully"
#define FREEZE_TIMEOUT_MS 10000
#define EXIT_TIMEOUT_MS   10000

/* What the record said of a checkpoint before this one. */
typedef struct Before {
    bool had_tcp, had_locks;
} Before;

static bool prepare_directories(floe_container *ctr, GError **error);
static bool dump(floe_container *ctr, const floe_checkpoint_options *options,
                 int64_t *ret_runtime_us, GError **error);
static void read_stats(floe_container *ctr, int64_t runtime_us, floe_checkpoint_stats *ret_stats);
static bool keep_checkpoint(floe_container *ctr, const floe_checkpoint_options *options,
                            ArchiveExport *export, GError **error);
static bool keep_pre_checkpoint(floe_container *ctr, ArchiveExport *export, const Before *before,
                                GError **error);
static void let_go(floe_container *ctr);
static bool export_frozen(floe_container *ctr, ArchiveExport *export, GError **error);
static bool export_running(floe_container *ctr, const floe_checkpoint_options *options,
                           ArchiveExport *export, const Before *before, GError **error);
static bool finish_running(floe_container *ctr, GError **error);
static bool finish_frozen(floe_container *ctr, GError **error);
static bool put_in_place(floe_container *ctr, GError **error);
static bool save_checkpoint(floe_container *ctr, bool keep, const char *intent, GError **error);
static void remove_logs(floe_container *ctr);
static void undo(floe_container *ctr, const Before *before);

static bool container_checkpoint(floe_container *ctr, const floe_checkpoint_options *options,
                                 floe_checkpoint_stats *ret_stats, GError **error)
{
    ContainerStatus *status = &ctr->record->status;
    g_auto(SigpipeBlock) block = sigpipe_block();
    g_auto(Operation) op = OPERATION_NONE;
    g_auto(ArchiveExport) export = ARCHIVE_EXPORT_NONE;
    g_auto(Lock) checks = LOCK_NONE;
    g_autoptr(GError) err = NULL;
    int64_t runtime_us = 0;
    Before before;

    if (!archive_export_check(options, error) ||
        !operation_enter(ctr, OPERATION_CHECKPOINT, &op, error) ||
        !checkpoint_check(ctr, options, error))
        return false;
    container_wait_for_command(ctr); /* a dump of the runtime's program could not be restored */
    if (!archive_export_begin(ctr, options, &export, error) || !health_halt(ctr, &checks, error) ||
        !prepare_directories(ctr, error))
        return false;
    before = (Before){ status->checkpoint_tcp, status->checkpoint_locks };
    /*
     * If floe is killed it is not known which checkpoint stays: what either of them needs is asked
     * for.
     */
    status->checkpoint_tcp = before.had_tcp || options->tcp_established;
    status->checkpoint_locks = before.had_locks || options->file_locks;
    if (!container_save_intent(ctr, INTENT_CHECKPOINT, error))
        return false;
    if (!dump(ctr, options, &runtime_us, error)) {
        undo(ctr, &before);
        /* Of processes that end meanwhile CRIU tells all sorts of things. */
        return operation_blame_end(ctr, OPERATION_CHECKPOINT, error);
    }
    if (ctr->record->config.ipc_container != NULL && !pod_ipc_drop(NULL, ctr, &err))
        log_ignored(g_steal_pointer(&err), "the restore of container \"%s\" may fail",
                    ctr->record->name);
    if (ret_stats != NULL)
        read_stats(ctr, runtime_us, ret_stats);
    if (options->pre_checkpoint)
        return keep_pre_checkpoint(ctr, &export, &before, error);
    if (options->leave_running && export.ctr != NULL)
        return export_running(ctr, options, &export, &before, error);
    return keep_checkpoint(ctr, options, &export, error);
}

/* It takes the place of the one before; the container runs on. */
static bool keep_pre_checkpoint(floe_container *ctr, ArchiveExport *export, const Before *before,
                                GError **error)
{
    const char *from = ctr->paths.checkpoint_new;
    const char *to = ctr->paths.pre_checkpoint;
    bool is_written = export->ctr == NULL || archive_export_write(export, from, let_go, error);
    bool is_kept;

    let_go(ctr);
    archive_export_clear(export);
    is_kept = is_written && tree_remove(to, error) &&
              (rename(from, to) == 0 || err_set_errno(error, "rename '%s' to '%s'", from, to));
    undo(ctr, before);
    if (is_kept)
        event_note(ctr, FLOE_EVENT_CHECKPOINT);
    return is_kept || err_prefix(error, "container \"%s\" runs on", ctr->record->name);
}

/* The dump becomes the container's checkpoint, and goes into the archive from there. */
static bool keep_checkpoint(floe_container *ctr, const floe_checkpoint_options *options,
                            ArchiveExport *export, GError **error)
{
    ContainerStatus *status = &ctr->record->status;
    bool has_export = export->ctr != NULL;

    status->checkpoint_tcp = options->tcp_established;
    status->checkpoint_locks = options->file_locks;
    if (options->leave_running ? !finish_running(ctr, error) : !finish_frozen(ctr, error))
        return false;
    if (!save_checkpoint(ctr, options->keep, has_export ? INTENT_EXPORT : NULL, error) ||
        (has_export && !export_frozen(ctr, export, error)))
        return false;
    if (!options->keep)
        remove_logs(ctr);
    return !has_export || !ctr->record->config.auto_remove ||
           container_clean_up_locked(ctr, true, error);
}

/* The checkpoint is saved: whatever becomes of the archive, nothing is lost. */
static bool export_frozen(floe_container *ctr, ArchiveExport *export, GError **error)
{
    const char *name = ctr->record->name;
    g_autoptr(GError) err = NULL;
    bool is_written = archive_export_write(export, ctr->paths.checkpoint, NULL, error);

    archive_export_clear(export);
    archive_export_forget(ctr);
    if (!container_save_intent(ctr, NULL, &err))
        log_ignored(g_steal_pointer(&err), "note the end of an export");
    return is_written || err_prefix(error,
                                    "container \"%s\" is checkpointed here (`floe restore %s` "
                                    "thaws it), but its archive could not be written",
                                    name, name);
}

static void let_go(floe_container *ctr)
{
    g_autoptr(GError) err = NULL;

    if (!cgroup_thaw(ctr->paths.cgroup, &err))
        log_ignored(g_steal_pointer(&err), "thaw container \"%s\"", ctr->record->name);
}

/*
 * The files are read while the processes stand still, for they have to fit their memory. What stays
 * is the archive: a dump beside a container that runs on would soon be older than its files.
 */
static bool export_running(floe_container *ctr, const floe_checkpoint_options *options,
                           ArchiveExport *export, const Before *before, GError **error)
{
    bool is_written = archive_export_write(export, ctr->paths.checkpoint_new, let_go, error);

    let_go(ctr);
    archive_export_clear(export);
    if (is_written && options->keep)
        return put_in_place(ctr, error) && save_checkpoint(ctr, true, NULL, error);
    undo(ctr, before);
    if (is_written)
        event_note(ctr, FLOE_EVENT_CHECKPOINT);
    return is_written ||
           err_prefix(error, "container \"%s\" runs on, but its archive could not be written",
                      ctr->record->name);
}

/* CRIU does without them if it must, on a full disk for example: then they are 0. */
static void read_stats(floe_container *ctr, int64_t runtime_us, floe_checkpoint_stats *ret_stats)
{
    g_autofree char *path = g_build_filename(ctr->paths.criu_work, "stats-dump", NULL);
    g_autoptr(GError) err = NULL;
    CriuDumpStats criu = { 0 };

    if (!criu_read_dump_stats(path, &criu, &err))
        log_ignored(g_steal_pointer(&err), "read the statistics of the checkpoint");
    *ret_stats = (floe_checkpoint_stats){
        .runtime_us = runtime_us,
        .freezing_us = criu.freezing_us,
        .frozen_us = criu.frozen_us,
        .memdump_us = criu.memdump_us,
        .memwrite_us = criu.memwrite_us,
        .pages_scanned = criu.pages_scanned,
        .pages_written = criu.pages_written,
    };
}

bool checkpoint_prepare(floe_container *ctr, const floe_checkpoint_options *options,
                        Lock *ret_checks, GError **error)
{
    if (!checkpoint_check_processes(ctr, options->end_exec_sessions, error))
        return false;
    container_wait_for_command(ctr);
    return health_halt(ctr, ret_checks, error) && prepare_directories(ctr, error);
}

/* The dump is made aside, so that a checkpoint that was kept outlives one that fails. */
static bool prepare_directories(floe_container *ctr, GError **error)
{
    return tree_remove(ctr->paths.checkpoint_new, error) &&
           tree_remove(ctr->paths.criu_work, error) &&
           dir_make(ctr->paths.checkpoint_new, 0700, error) &&
           dir_make(ctr->paths.criu_work, 0700, error) &&
           checkpoint_write_criu_config(ctr, false, NULL, error);
}

static bool dump(floe_container *ctr, const floe_checkpoint_options *options,
                 int64_t *ret_runtime_us, GError **error)
{
    g_autoptr(GError) err = NULL;

    /* crun lets CRIU thaw what it cannot work in when it is frozen, but not for a pre-dump. */
    if (!options->pre_checkpoint && !cgroup_freeze(ctr->paths.cgroup, FREEZE_TIMEOUT_MS, error))
        return false;
    if (checkpoint_dump_frozen(ctr, options, ret_runtime_us, error))
        return true;
    if (!cgroup_thaw(ctr->paths.cgroup, &err) && !err_is(err, FLOE_ERROR_NOT_FOUND))
        log_ignored(g_steal_pointer(&err), "thaw container \"%s\"", ctr->record->name);
    return false;
}

bool checkpoint_dump_frozen(floe_container *ctr, const floe_checkpoint_options *options,
                            int64_t *ret_runtime_us, GError **error)
{
    g_autofree char *log = g_build_filename(ctr->paths.criu_work, "dump.log", NULL);
    g_auto(Runtime) runtime = { 0 };
    int64_t begun_us = g_get_monotonic_time();
    bool is_done;

    container_runtime(ctr, &runtime);
    RuntimeCheckpoint checkpoint = {
        .id = ctr->record->id,
        .image_dir = ctr->paths.checkpoint_new,
        .work_dir = ctr->paths.criu_work,
        .criu_config = ctr->paths.criu_config,
        .parent_dir = options->with_previous ? PRE_CHECKPOINT : NULL,
        .pre_dump = options->pre_checkpoint,
        .leave_running = options->leave_running,
        .tcp_established = options->tcp_established,
        .file_locks = options->file_locks,
        .held_fd = ctr->lock.fd,
    };
    is_done = runtime_checkpoint(&runtime, &checkpoint, error);
    *ret_runtime_us = g_get_monotonic_time() - begun_us;
    ctr->record->status.checkpoint_criu = criu_log_version(log);
    if (!is_done)
        checkpoint_explain(ctr, ctr->paths.criu_work, "dump.log", error);
    /* Of processes that are gone finish_frozen() saves it, as often as it takes. */
    else if (options->leave_running && !options->pre_checkpoint)
        is_done = container_save_shm(ctr, ctr->paths.checkpoint_new, error);
    return is_done || err_prefix(error, "checkpoint container \"%s\"", ctr->record->name);
}

/*
 * The container runs on, and nothing of the dump stays but the log of one that failed; an earlier
 * checkpoint that was kept does.
 */
static void undo(floe_container *ctr, const Before *before)
{
    g_autoptr(GError) err = NULL;

    ctr->record->status.checkpoint_tcp = before->had_tcp;
    ctr->record->status.checkpoint_locks = before->had_locks;
    archive_export_forget(ctr);
    if (!tree_remove(ctr->paths.checkpoint_new, &err) || !tree_remove(ctr->paths.criu_work, &err) ||
        !container_save_intent(ctr, NULL, &err))
        log_ignored(g_steal_pointer(&err), "clean up after a failed checkpoint");
}

bool checkpoint_is_in(const char *directory)
{
    g_autofree char *inventory = g_build_filename(directory, "inventory.img", NULL);

    return path_exists(inventory);
}

/* Of two checkpoints the one whose images were written later is the new one. */
static bool is_newer(const char *directory, const char *other)
{
    g_autofree char *inventory = g_build_filename(directory, "inventory.img", NULL);
    g_autofree char *other_inventory = g_build_filename(other, "inventory.img", NULL);
    struct stat info, other_info;

    if (stat(inventory, &info) < 0)
        return false;
    if (stat(other_inventory, &other_info) < 0)
        return true;
    return info.st_mtim.tv_sec != other_info.st_mtim.tv_sec
               ? info.st_mtim.tv_sec > other_info.st_mtim.tv_sec
               : info.st_mtim.tv_nsec > other_info.st_mtim.tv_nsec;
}

/*
 * At every moment there is a whole checkpoint in place, if there was one. A healed checkpoint may
 * have got this far before.
 */
static bool put_in_place(floe_container *ctr, GError **error)
{
    const char *from = ctr->paths.checkpoint_new;
    const char *to = ctr->paths.checkpoint;

    if (is_newer(from, to) &&
        renameat2(AT_FDCWD, from, AT_FDCWD, to, path_exists(to) ? RENAME_EXCHANGE : 0) < 0)
        return err_set_errno(error, "rename '%s' to '%s'", from, to);
    return tree_remove(from, error);
}

static bool save_checkpoint(floe_container *ctr, bool keep, const char *intent, GError **error)
{
    ContainerStatus *status = &ctr->record->status;

    status->checkpointed_unix_ns = clock_unix_ns();
    g_free(status->checkpoint_path);
    status->checkpoint_path = g_strdup(ctr->paths.checkpoint);
    g_clear_pointer(&status->restore_log, g_free);
    g_free(status->checkpoint_log);
    status->checkpoint_log = keep ? g_build_filename(ctr->paths.criu_work, "dump.log", NULL) : NULL;
    if (!container_save_intent(ctr, intent, error))
        return false;
    event_note(ctr, FLOE_EVENT_CHECKPOINT);
    return true;
}

/* They go when the record does not need them any more: a floe that heals judges by them. */
static void remove_logs(floe_container *ctr)
{
    g_autoptr(GError) err = NULL;

    if (!tree_remove(ctr->paths.criu_work, &err))
        log_ignored(g_steal_pointer(&err), "remove CRIU's logs");
}

static bool finish_running(floe_container *ctr, GError **error)
{
    return cgroup_thaw(ctr->paths.cgroup, error) && put_in_place(ctr, error);
}

/*
 * The processes are gone, so conmon writes an exit file (137). It must be there before it is
 * removed, or it would be taken for the end of the restored container.
 */
static bool finish_frozen(floe_container *ctr, GError **error)
{
    ContainerStatus *status = &ctr->record->status;
    g_autoptr(GError) err = NULL;
    bool conmon_gone = false;

    if (!conmon_wait_exit(ctr->paths.exit_dir, ctr->record->id, status->conmon_pid, EXIT_TIMEOUT_MS,
                          &conmon_gone, &err) &&
        !err_is(err, FLOE_ERROR_NOT_FOUND))
        log_ignored(g_steal_pointer(&err), "wait for conmon of container \"%s\"", ctr->record->name);
    status->checkpointed = true;
    status->restored = false;
    status->restored_unix_ns = 0;
    status->exit_code = 0;
    status->finished_unix_ns = clock_unix_ns();
    if ((path_exists(ctr->paths.checkpoint_new) &&
         !container_save_shm(ctr, ctr->paths.checkpoint_new, error)) ||
        !put_in_place(ctr, error) || !container_release(ctr, RELEASE_FOR_RESTORE, error))
        return false;
    container_set_state(ctr, FLOE_STATE_EXITED);
    return true;
}

/* CRIU's statistics, which it may fail to write, or its last words in the log. */
static bool dump_was_complete(const char *work_dir)
{
    g_autofree char *stats = g_build_filename(work_dir, "stats-dump", NULL);
    g_autofree char *path = g_build_filename(work_dir, "dump.log", NULL);
    autofd int fd = open(path, O_RDONLY | O_CLOEXEC);
    char tail[LOG_TAIL];
    ssize_t length;

    if (path_exists(stats))
        return true;
    if (fd < 0 || (lseek(fd, -LOG_TAIL, SEEK_END) < 0 && lseek(fd, 0, SEEK_SET) < 0))
        return false;
    length = read(fd, tail, LOG_TAIL);
    return length > 0 && memmem(tail, (size_t)length, LOG_SUCCESS, strlen(LOG_SUCCESS)) != NULL;
}

/*
 * The runtime's process held the container's lock until it ended, so the dump is over: with CRIU's
 * word for it, and without the processes, it was complete.
 */
bool checkpoint_heal(floe_container *ctr, GError **error)
{
    g_autoptr(GError) err = NULL;
    bool is_running = container_signal(ctr, 0, NULL);

    archive_export_heal(ctr);
    if (!pod_checkpoint_heal(ctr, error))
        return false;
    if (!is_running && dump_was_complete(ctr->paths.criu_work) &&
        (checkpoint_is_in(ctr->paths.checkpoint_new) || checkpoint_is_in(ctr->paths.checkpoint))) {
        if (!finish_frozen(ctr, error) || !save_checkpoint(ctr, false, NULL, error))
            return false;
        remove_logs(ctr);
        return true;
    }
    if (!checkpoint_is_in(ctr->paths.checkpoint)) {
        ctr->record->status.checkpoint_tcp = false;
        ctr->record->status.checkpoint_locks = false;
    }
    if (!cgroup_thaw(ctr->paths.cgroup, &err) && !err_is(err, FLOE_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    return tree_remove(ctr->paths.checkpoint_new, error) && tree_remove(ctr->paths.criu_work, error);
}

bool floe_container_checkpoint(floe_container *container, const floe_checkpoint_options *options,
                               floe_checkpoint_stats *ret_stats, floe_error **error)
{
    floe_checkpoint_options known = FLOE_CHECKPOINT_OPTIONS_INIT;
    floe_checkpoint_stats stats = { 0 };
    g_autoptr(GError) err = NULL;
    bool ok = public_given(&err, GIVEN(container), NULL) &&
              public_options(options, &known, sizeof(known), &err) &&
              public_result_check(ret_stats, &err);

    known.leave_running |= known.pre_checkpoint;
    ok = ok && container_checkpoint(container, &known, ret_stats != NULL ? &stats : NULL, &err);

    if (ok)
        public_result_write(ret_stats, &stats, sizeof(stats));
    return public_result(ok, &err, error);
}
