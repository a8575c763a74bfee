/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Freezing a pod. All its containers stand still before the first is dumped and until the last one
 * has been, so that none sees another gone; with connections its traffic is held up, too, so that no
 * end of one is told more than its image knows. The dumps leave the processes alive: until the archive
 * is whole, and has its name, whatever goes wrong lets the pod go on as if nothing had been. Then, in
 * one transaction, all are recorded to end, and end.
 */
#include "engine/pod-checkpoint.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/new-file.h"
#include "base/sigpipe.h"
#include "base/tree.h"
#include "engine/archive-export.h"
#include "engine/cgroup-names.h"
#include "engine/checkpoint.h"
#include "engine/container-processes.h"
#include "engine/container-release.h"
#include "engine/container-remove.h"
#include "engine/event.h"
#include "engine/operation.h"
#include "engine/pod-archive.h"
#include "engine/pod-checkpoint-check.h"
#include "engine/pod-ipc.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "network/netns-lock.h"
#include "oci/cgroup-freezer.h"
#include "oci/conmon.h"
#include "storage/archive-writer.h"

#include <string.h>
#include <time.h>

#define ARCHIVE_MODE      0600
#define FREEZE_TIMEOUT_MS 10000
#define EXIT_TIMEOUT_MS   10000
#define MARK_LENGTH       12

/* One container at it. */
typedef struct Part {
    floe_container *ctr;
    Operation op;
    Lock checks;
    ArchiveExport export;
} Part;

typedef struct PodCheckpoint {
    floe_pod *pod;
    const floe_pod_checkpoint_options *options;
    floe_checkpoint_options one; /* of each container */
    GPtrArray *parts;            /* Part, by the ids of their containers: the order of locks */
    PodArchive archive;
    char *netns; /* of the infra container; NULL: nothing is locked */
    NewFile file;
    bool is_begun; /* intents are on record */
} PodCheckpoint;

static void part_free(Part *part)
{
    archive_export_clear(&part->export);
    lock_release(&part->checks);
    operation_leave(&part->op);
    container_free(part->ctr);
    g_free(part);
}

static void pod_checkpoint_clear(PodCheckpoint *work)
{
    g_clear_pointer(&work->parts, g_ptr_array_unref);
    pod_archive_clear(&work->archive);
    g_clear_pointer(&work->netns, g_free);
    new_file_clear(&work->file);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PodCheckpoint, pod_checkpoint_clear)

static Part *part_at(const PodCheckpoint *work, guint i)
{
    return g_ptr_array_index(work->parts, i);
}

static Part *part_of(const PodCheckpoint *work, const char *id)
{
    for (guint i = 0; i < work->parts->len; i++) {
        if (g_str_equal(part_at(work, i)->ctr->record->id, id))
            return part_at(work, i);
    }
    return NULL;
}

/* --- whom it is about ------------------------------------------------------------------------- */

static int compare_ids(const void *a, const void *b)
{
    const ContainerRecord *x = *(ContainerRecord *const *)a, *y = *(ContainerRecord *const *)b;

    return strcmp(x->id, y->id);
}

/* All locks, in the order of ids; then nobody changes anything any more. */
static bool enter_all(PodCheckpoint *work, GPtrArray *records, GError **error)
{
    floe_engine *engine = work->pod->engine;

    g_ptr_array_sort(records, compare_ids);
    for (guint i = 0; i < records->len; i++) {
        const ContainerRecord *record = g_ptr_array_index(records, i);
        Part *part = g_new0(Part, 1);

        part->checks = (Lock)LOCK_NONE;
        part->export = (ArchiveExport)ARCHIVE_EXPORT_NONE;
        g_ptr_array_add(work->parts, part);
        if (!container_open(engine, record->id, &part->ctr, error) ||
            !operation_enter(part->ctr, OPERATION_CHECKPOINT, &part->op, error))
            return false;
    }
    return true;
}

static bool check_all(PodCheckpoint *work, GError **error)
{
    g_autoptr(GPtrArray) records = NULL;

    /* One that has joined the pod since cannot run without the infra container that is locked. */
    return pod_members(work->pod, &records, error) &&
           pod_checkpoint_check(work->pod, records, error) &&
           pod_archive_describe(work->pod, records, &work->archive, error);
}

/* --- before the freezing ---------------------------------------------------------------------- */

/* A volume is in the archive of the first container that has it. */
static void share_out_volumes(PodCheckpoint *work)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < work->archive.containers->len; i++) {
        const PodArchiveContainer *container = g_ptr_array_index(work->archive.containers, i);
        Part *part = part_of(work, container->id);
        g_autoptr(GStrvBuilder) own = g_strv_builder_new();

        for (char **volume = part->export.volumes; *volume != NULL; volume++) {
            if (g_hash_table_add(seen, g_strdup(*volume)))
                g_strv_builder_add(own, *volume);
        }
        g_strfreev(part->export.volumes);
        part->export.volumes = g_strv_builder_end(own);
    }
}

static bool prepare_all(PodCheckpoint *work, GError **error)
{
    const floe_pod_checkpoint_options *options = work->options;
    g_autofree char *mark = g_strndup(work->pod->record->id, MARK_LENGTH);

    for (guint i = 0; i < work->parts->len; i++) {
        Part *part = part_at(work, i);

        if (!checkpoint_prepare(part->ctr, &work->one, &part->checks, error) ||
            !archive_export_collect(part->ctr, &work->one, &part->export, error))
            return false;
    }
    share_out_volumes(work);
    return options->export_path == NULL ||
           new_file_open(options->export_path, ARCHIVE_MODE, mark, &work->file, error);
}

static bool record_all(PodCheckpoint *work, const char *intent, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    if (!transaction_begin(work->pod->engine->db, false, &transaction, error))
        return false;
    for (guint i = 0; i < work->parts->len; i++) {
        floe_container *ctr = part_at(work, i)->ctr;

        g_free(ctr->record->status.export_aside);
        ctr->record->status.export_aside = g_strdup(
            ctr->record->config.is_infra && intent != NULL ? work->file.aside : NULL);
        if (!container_save_intent(ctr, intent, error))
            return false;
    }
    return transaction_commit(&transaction, error);
}

/* --- standing still --------------------------------------------------------------------------- */

/*
 * At one instant by the pod's cgroup; then each for itself, because the dump of one lets its cgroup go
 * for a moment, which one that is frozen by its parent would not. Those that are in services of their
 * own (CGROUPS_SPLIT) follow in there: no dump begins before all stand still.
 */
static bool freeze_all(PodCheckpoint *work, GError **error)
{
    g_autofree char *cgroup = pod_cgroup(work->pod->engine, work->pod->record);
    bool ok;

    if (!cgroup_freeze(cgroup, FREEZE_TIMEOUT_MS, error))
        return false;
    ok = true;
    for (guint i = 0; ok && i < work->parts->len; i++)
        ok = cgroup_freeze(part_at(work, i)->ctr->paths.cgroup, FREEZE_TIMEOUT_MS, error);
    return cgroup_thaw(cgroup, ok ? error : NULL) && ok;
}

static bool hold_up_traffic(PodCheckpoint *work, GError **error)
{
    const Part *infra = part_of(work, work->pod->record->config.infra_id);

    if (!work->options->tcp_established || infra->ctr->record->status.netns_path == NULL)
        return true;
    work->netns = g_strdup(infra->ctr->record->status.netns_path);
    return netns_lock(work->netns, error);
}

static void let_go(PodCheckpoint *work)
{
    g_autoptr(GError) err = NULL;

    if (work->netns != NULL && !netns_unlock(work->netns, &err))
        log_ignored(g_steal_pointer(&err), "let the traffic of pod \"%s\" go",
                    work->pod->record->name);
    for (guint i = 0; i < work->parts->len; i++) {
        floe_container *ctr = part_at(work, i)->ctr;

        g_clear_error(&err);
        if (!cgroup_thaw(ctr->paths.cgroup, &err) && !err_is(err, FLOE_ERROR_NOT_FOUND))
            log_ignored(g_steal_pointer(&err), "thaw container \"%s\"", ctr->record->name);
    }
}

static void remove_dump(const floe_container *ctr)
{
    g_autoptr(GError) err = NULL;

    if (!tree_remove(ctr->paths.checkpoint_new, &err) || !tree_remove(ctr->paths.criu_work, &err))
        log_ignored(g_steal_pointer(&err), "remove the dump of container \"%s\"", ctr->record->name);
}

static void remove_dumps(PodCheckpoint *work)
{
    for (guint i = 0; i < work->parts->len; i++)
        remove_dump(part_at(work, i)->ctr);
}

/* The infra container, and those that have its IPC namespace. */
static GPtrArray *sharers_of_ipc(const PodCheckpoint *work)
{
    GPtrArray *sharers = g_ptr_array_new();

    for (guint i = 0; i < work->parts->len; i++) {
        floe_container *ctr = part_at(work, i)->ctr;

        if (ctr->record->config.is_infra || ctr->record->config.ipc_container != NULL)
            g_ptr_array_add(sharers, ctr);
    }
    return sharers;
}

static bool dump_all(PodCheckpoint *work, GError **error)
{
    g_autoptr(GPtrArray) sharers = sharers_of_ipc(work);
    PodIpc ipc = { NULL };
    int64_t runtime_us = 0;

    if (!pod_ipc_find_owner(sharers, &ipc, error))
        return false;
    for (guint i = 0; i < work->parts->len; i++) {
        floe_container *ctr = part_at(work, i)->ctr;

        if (!checkpoint_dump_frozen(ctr, &work->one, &runtime_us, error))
            return operation_blame_end(ctr, OPERATION_CHECKPOINT, error);
        if (g_ptr_array_find(sharers, ctr, NULL) && !pod_ipc_drop(&ipc, ctr, error))
            return false;
    }
    return true;
}

/* --- the archive ------------------------------------------------------------------------------ */

static bool container_add(PodCheckpoint *work, TarWriter *tar, const char *id, GError **error)
{
    g_autofree char *name = g_strdup_printf(POD_ARCHIVE_CONTAINERS "/%s.tar", id);
    TreeEntry entry = archive_writer_entry(name, S_IFREG | ARCHIVE_MODE);
    Part *part = part_of(work, id);

    return tar_add_tar(tar, &entry, archive_export_fill, &part->export, error);
}

/* In the order in which they are to be restored, the descriptions first. */
static bool write_entries(PodCheckpoint *work, TarWriter *tar, GError **error)
{
    const PodArchive *archive = &work->archive;
    g_autofree char *options = pod_archive_options_text(archive);
    g_autofree char *dump = pod_archive_dump_text(archive);
    TreeEntry directory = archive_writer_entry(POD_ARCHIVE_CONTAINERS "/", S_IFDIR | 0700);

    if (!archive_writer_add_text(tar, POD_ARCHIVE_OPTIONS, options, error) ||
        !archive_writer_add_text(tar, POD_ARCHIVE_DUMP, dump, error) ||
        !tar_add(tar, &directory, error) || !container_add(work, tar, archive->infra_id, error))
        return false;
    for (guint i = 0; i < archive->containers->len; i++) {
        const PodArchiveContainer *container = g_ptr_array_index(archive->containers, i);

        if (!container_add(work, tar, container->id, error))
            return false;
    }
    return true;
}

static bool write_archive(PodCheckpoint *work, GError **error)
{
    const floe_pod_checkpoint_options *options = work->options;
    int fd = options->export_path != NULL ? work->file.fd : options->export_fd;
    Compression compression = COMPRESSION_ZSTD;
    g_autoptr(ArchiveWriter) writer = NULL;

    work->archive.tcp_established = options->tcp_established;
    work->archive.file_locks = options->file_locks;
    if (options->compression != NULL &&
        !compression_from_text(options->compression, &compression, error))
        return false;
    return archive_writer_new(fd, compression, NULL, NULL, &writer, error) &&
           write_entries(work, archive_writer_tar(writer), error) &&
           archive_writer_finish(writer, error) &&
           (options->export_path == NULL ||
            new_file_keep(&work->file, !options->leave_running, error));
}

/* --- the end ---------------------------------------------------------------------------------- */

/*
 * conmon's exit file must be there before it is removed, or it would be taken for that of a later run.
 */
bool pod_checkpoint_end_one(floe_container *ctr, GError **error)
{
    ContainerStatus *status = &ctr->record->status;
    g_autoptr(GError) err = NULL;
    bool conmon_gone = false;

    archive_export_forget(ctr);
    if (!container_kill_processes(ctr, error))
        return false;
    if (!conmon_wait_exit(ctr->paths.exit_dir, ctr->record->id, status->conmon_pid, EXIT_TIMEOUT_MS,
                          &conmon_gone, &err) &&
        !err_is(err, FLOE_ERROR_NOT_FOUND))
        log_ignored(g_steal_pointer(&err), "wait for conmon of container \"%s\"", ctr->record->name);
    status->exit_code = 0;
    status->exited = true;
    status->stopped_by_user = true;
    status->finished_unix_ns = clock_unix_ns();
    remove_dump(ctr);
    if (!container_release(ctr, RELEASE_ALL, error))
        return false;
    container_set_state(ctr, FLOE_STATE_EXITED);
    return true;
}

static bool end_part(Part *part, GError **error)
{
    floe_container *ctr = part->ctr;

    archive_export_clear(&part->export);
    if (!pod_checkpoint_end_one(ctr, error) || !container_save_intent(ctr, NULL, error))
        return false;
    event_note(ctr, FLOE_EVENT_CHECKPOINT);
    return !ctr->record->config.auto_remove || container_clean_up_locked(ctr, true, error);
}

/*
 * The infra container, whose namespaces they have, goes last. What fails is healed by the next command.
 */
static bool end_all(PodCheckpoint *work, GError **error)
{
    Part *infra = part_of(work, work->pod->record->config.infra_id);

    for (guint i = 0; i < work->parts->len; i++) {
        if (part_at(work, i) != infra && !end_part(part_at(work, i), error))
            return false;
    }
    return end_part(infra, error);
}

static void go_on(PodCheckpoint *work)
{
    g_autoptr(GError) err = NULL;

    let_go(work);
    remove_dumps(work);
    if (!record_all(work, NULL, &err))
        log_ignored(g_steal_pointer(&err), "record the end of the checkpoint of pod \"%s\"",
                    work->pod->record->name);
}

/* --- healing ---------------------------------------------------------------------------------- */

bool pod_checkpoint_heal(floe_container *ctr, GError **error)
{
    const char *pod_id = ctr->record->config.pod_id;
    g_autoptr(floe_pod) pod = NULL;
    g_autoptr(GPtrArray) records = NULL;

    if (pod_id == NULL)
        return true;
    /* Who was at it held the lock of this container until it was killed. */
    if (!pod_open(ctr->engine, pod_id, &pod, error) || !pod_members(pod, &records, error))
        return false;
    for (guint i = 0; i < records->len; i++) {
        const ContainerRecord *record = g_ptr_array_index(records, i);
        g_autofree char *cgroup = container_cgroup(ctr->engine, record);
        g_autoptr(GError) err = NULL;

        if (g_strcmp0(record->status.intent, INTENT_CHECKPOINT) == 0 &&
            !cgroup_thaw(cgroup, &err) && !err_is(err, FLOE_ERROR_NOT_FOUND))
            log_ignored(g_steal_pointer(&err), "thaw container \"%s\"", record->name);
        if (record->config.is_infra && record->status.netns_path != NULL &&
            g_strcmp0(record->status.intent, INTENT_CHECKPOINT) == 0 &&
            !netns_unlock(record->status.netns_path, error))
            return false;
    }
    return true;
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool freeze_and_write(PodCheckpoint *work, GError **error)
{
    return freeze_all(work, error) && hold_up_traffic(work, error) && dump_all(work, error) &&
           write_archive(work, error);
}

static bool check_options(const floe_pod_checkpoint_options *options, GError **error)
{
    Compression compression;

    if ((options->export_path != NULL) == (options->export_fd >= 0))
        return err_set(error, FLOE_ERROR_INVALID,
                       "the checkpoint of a pod needs a path or a descriptor for its archive, not "
                       "both");
    return options->compression == NULL ||
           compression_from_text(options->compression, &compression, error);
}

static bool pod_checkpoint(floe_pod *pod, const floe_pod_checkpoint_options *options, GError **error)
{
    g_auto(SigpipeBlock) block = sigpipe_block();
    g_auto(Lock) lock = LOCK_NONE;
    g_auto(PodCheckpoint) work = { .pod = pod, .options = options, .file = NEW_FILE_NONE };
    g_autoptr(GPtrArray) records = NULL;

    work.parts = g_ptr_array_new_with_free_func((GDestroyNotify)part_free);
    work.one = (floe_checkpoint_options)FLOE_CHECKPOINT_OPTIONS_INIT;
    work.one.leave_running = true;
    work.one.tcp_established = options->tcp_established;
    work.one.file_locks = options->file_locks;
    work.one.ignore_rootfs = options->ignore_rootfs;
    work.one.ignore_volumes = options->ignore_volumes;
    work.one.end_exec_sessions = options->end_exec_sessions;
    if (!check_options(options, error) || !pod_lock(pod, &lock, error) ||
        !pod_members(pod, &records, error) || !enter_all(&work, records, error) ||
        !check_all(&work, error) || !prepare_all(&work, error) ||
        !record_all(&work, INTENT_CHECKPOINT, error))
        return false;
    if (!freeze_and_write(&work, error)) {
        go_on(&work);
        return false;
    }
    if (options->leave_running)
        go_on(&work);
    else if (!record_all(&work, INTENT_POD_END, error) || !end_all(&work, error))
        return err_prefix(error, "the archive is written, but the pod does not end");
    event_note_pod(pod, FLOE_EVENT_CHECKPOINT);
    return true;
}

bool floe_pod_checkpoint(floe_pod *pod, const floe_pod_checkpoint_options *options,
                         floe_error **error)
{
    floe_pod_checkpoint_options known = FLOE_POD_CHECKPOINT_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;
    bool ok = public_given(&err, GIVEN(pod), NULL) &&
              public_options(options, &known, sizeof(known), &err) &&
              (pod_checkpoint(pod, &known, &err) ||
               err_prefix(&err, "checkpoint pod \"%s\"", pod->record->name));

    return public_result(ok, &err, error);
}
