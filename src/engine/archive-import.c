/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an archive to a running container: look at its two documents, check them, record the
 * container with the intent, unpack the rest into its place, and restore it as one that was
 * checkpointed here. Until it runs, whatever goes wrong takes all of it away again; if floe is
 * killed, the next one does so (imports.h).
 */
#include "engine/archive-import.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "engine/archive-checks.h"
#include "engine/archive-policy.h"
#include "engine/archive-unpack.h"
#include "engine/checkpoint-image.h"
#include "engine/checkpoint.h"
#include "engine/container-network-plan.h"
#include "engine/container-ports.h"
#include "engine/container-start.h"
#include "engine/dependencies.h"
#include "engine/image-remove.h"
#include "engine/imports.h"
#include "engine/network.h"
#include "engine/operation.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "engine/volume.h"
#include "network/address-choice.h"
#include "oci/criu-images.h"
#include "oci/criu.h"
#include "state/container-networks.h"

#include <floe/checkpoint.h>

#include <sys/stat.h>

typedef struct Import {
    floe_engine *engine;
    const floe_archive_restore_options *options;
    ArchiveReader *reader;
    ArchiveConfig archive;
    GPtrArray *volumes; /* names of those that are made, NULL-terminated */
    floe_container *ctr;
    CriuImages images;
    int64_t runtime_us;
} Import;

static void import_clear(Import *import)
{
    archive_reader_free(import->reader);
    archive_config_clear(&import->archive);
    g_clear_pointer(&import->volumes, g_ptr_array_unref);
    container_free(import->ctr);
    criu_images_clear(&import->images);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Import, import_clear)

/* --- before anything is made ------------------------------------------------------------------ */

/* The file, or the layer of the image. */
static bool open_archive(Import *import, GError **error)
{
    const floe_archive_restore_options *options = import->options;
    const char *spool_dir = import->engine->root;
    g_auto(CheckpointImage) image = CHECKPOINT_IMAGE_NONE;
    g_autofree char *label = NULL;

    if (options->archive != NULL)
        return archive_reader_open(options->archive, spool_dir, &import->reader, error);
    label = g_strdup_printf("image '%s'", options->image);
    return checkpoint_image_open(import->engine, options->image, &image, error) &&
           archive_reader_open_fd(image.layer_fd, label, spool_dir, &import->reader, error);
}

static bool read_archive(Import *import, GError **error)
{
    g_auto(ArchiveDocuments) documents = { 0 };
    ArchiveCheck check = { import->engine, import->options, &import->archive, NULL };
    bool ok;

    if (!open_archive(import, error) ||
        !archive_reader_documents(import->reader, &documents, error) ||
        !archive_config_read(&documents, &import->archive, error))
        return false;
    ok = archive_checks_run(&check, error);
    g_free(check.archive_id);
    return ok;
}

/* The volumes that are not here. */
static bool list_volumes(Import *import, GError **error)
{
    g_auto(GStrv) names = container_config_volumes(&import->archive.record->config);

    import->volumes = g_ptr_array_new_with_free_func(g_free);
    for (char **name = names; *name != NULL; name++) {
        bool exists = false;

        if (!volume_exists(import->engine, *name, &exists, error))
            return false;
        if (!exists)
            g_ptr_array_add(import->volumes, g_strdup(*name));
    }
    g_ptr_array_add(import->volumes, NULL);
    return true;
}

static const char *const *new_volumes(const Import *import)
{
    return (const char *const *)import->volumes->pdata;
}

/* --- making it -------------------------------------------------------------------------------- */

static bool make_volumes(Import *import, GError **error)
{
    for (const char *const *name = new_volumes(import); *name != NULL; name++) {
        VolumeWish wish = { .name = *name };

        if (volume_create(import->engine, &wish, error))
            continue;
        /* It, and those after it, are not ours to remove. */
        g_ptr_array_set_size(import->volumes, (gint)(name - new_volumes(import)));
        g_ptr_array_add(import->volumes, NULL);
        return false;
    }
    return true;
}

static bool record_container(Import *import, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    ContainerRecord *record = import->archive.record;

    record->status.intent = g_strdup(INTENT_IMPORT);
    if (!transaction_begin(import->engine->db, true, &transaction, error) ||
        !container_insert(import->engine->db, record, error) ||
        !transaction_commit(&transaction, error))
        return false;
    import->ctr = container_for_record(import->engine, g_steal_pointer(&import->archive.record));
    return true;
}

/* What the images hold has to be wished for: CRIU would fail, or lose it without a word. */
static bool check_images(Import *import, GError **error)
{
    const floe_archive_restore_options *options = import->options;
    const char *directory = import->ctr->paths.checkpoint;
    CriuPrivileges privileges = { 0 };

    if (!criu_images_look(directory, &import->images, error) ||
        !criu_privileges_look(directory, &privileges, error) ||
        !archive_policy_check_processes(&import->ctr->record->config, &privileges, options->allow,
                                        error))
        return false;
    if (import->images.has_tcp && !options->tcp_established && !options->tcp_close)
        return err_set(error, FLOE_ERROR_INVALID,
                       "the checkpoint holds established TCP connections; use --tcp-established to "
                       "restore them, or --tcp-close to drop them");
    if (import->images.has_locks && !options->file_locks)
        return err_set(error, FLOE_ERROR_INVALID,
                       "the checkpoint holds file locks; use --file-locks to restore them");
    return true;
}

/* An address that this network does not have is of use only to connections, which would be dead. */
static bool check_address(Import *import, const Network *network, const char *address,
                          bool *ret_fits, GError **error)
{
    g_autofree char *subnets = NULL;

    *ret_fits = network_check_address(network, address, NULL, NULL);
    if (*ret_fits)
        return true;
    subnets = network_subnets_text(network);
    if (import->options->tcp_established)
        return err_set(error, FLOE_ERROR_INVALID,
                       "--tcp-established: the container had the address %s, which network '%s' "
                       "(%s) does not have here, so that its connections cannot go on; use "
                       "--tcp-close to drop them",
                       address, network->name, subnets);
    log_warn("the container gets a new address: network '%s' (%s) does not have %s, which it had",
             network->name, subnets, address);
    return true;
}

static bool fit_addresses(Import *import, NetworkConfig *wish, GError **error)
{
    NetworkStatus *had = network_statuses_find(import->ctr->record->status.networks, wish->name);
    g_auto(GStrv) addresses = had != NULL ? network_status_addresses(had)
                                          : g_strdupv((char *[]){ wish->static_ip, NULL });
    g_autoptr(Network) network = NULL;
    bool fits = true;

    if (!engine_network(import->engine, wish->name, &network, error))
        return false;
    for (size_t i = 0; addresses[i] != NULL && fits; i++) {
        if (!check_address(import, network, addresses[i], &fits, error))
            return false;
    }
    if (!fits)
        network_forget(wish, had);
    return true;
}

/*
 * The addresses it had come before those that a user once asked for, as long as it is the same
 * container in the same networks. For this run only: the record keeps what was asked for.
 */
static bool choose_addresses(Import *import, GError **error)
{
    const floe_archive_restore_options *options = import->options;
    ContainerRecord *record = import->ctr->record;

    if (!g_str_equal(record->config.network_mode, "bridge"))
        return true;
    if (options->name == NULL && options->network == NULL &&
        !archive_read_networks(import->ctr, &record->status.networks, error))
        return false;
    container_network_forget(import->ctr, options->ignore_static_ip, options->ignore_static_mac);
    for (guint i = 0; i < record->config.networks->len; i++) {
        if (!fit_addresses(import, g_ptr_array_index(record->config.networks, i), error))
            return false;
    }
    return true;
}

/*
 * Engines differ in the mode that a root directory has (podman's is 0555, whatever the image says), no
 * archive of podman's tells it, and CRIU compares it.
 */
static bool fill_root(floe_container *ctr, void *data, GError **error)
{
    const Import *import = data;

    if (!archive_apply_root(ctr, error) || !archive_forget(ctr, error))
        return false;
    return import->images.root_mode == 0 || container_has_bare_root(&ctr->record->config) ||
           chmod(ctr->paths.merged, import->images.root_mode) == 0 ||
           err_set_errno(error, "set the mode of '%s'", ctr->paths.merged);
}

/* CRIU's reason instead of the runtime's word, without a log that would be left behind. */
static void explain(const floe_container *ctr, GError **error)
{
    g_autofree char *log = g_build_filename(ctr->paths.bundle, RESTORE_LOG, NULL);
    g_autofree char *reason = criu_log_reason(log, 0);

    if (reason == NULL)
        return;
    g_clear_error(error);
    err_set(error, FLOE_ERROR_CRIU, "%s", reason);
}

static bool bring_up(Import *import, GError **error)
{
    floe_container *ctr = import->ctr;
    RestoreRequest request = {
        .tcp_established = import->options->tcp_established,
        .file_locks = import->options->file_locks,
        .fill_root = fill_root,
        .data = import,
    };

    if (!dir_make(ctr->paths.run, 0711, error) ||
        !checkpoint_write_criu_config(ctr, import->options->tcp_close,
                                      import->images.empty_directory, error))
        return false;
    ctr->record->status.started_unix_ns = clock_unix_ns();
    if (!container_bring_up(ctr, INTENT_IMPORT, &request, error)) {
        explain(ctr, error);
        return false;
    }
    import->runtime_us = request.runtime_us;
    return true;
}

/* What the images go on from, of an archive made with --pre-checkpoint. */
static bool unpack_previous(Import *import, GError **error)
{
    static const ArchiveUnpack unpack = { .is_previous = true };
    g_auto(ArchiveDocuments) documents = { 0 };
    g_autoptr(ArchiveReader) reader = NULL;

    return import->options->previous == NULL ||
           (archive_reader_open(import->options->previous, import->engine->root, &reader, error) &&
            archive_reader_documents(reader, &documents, error) &&
            archive_unpack(reader, import->ctr, &unpack, error));
}

static bool unpack(Import *import, GError **error)
{
    const ArchiveUnpack unpack = {
        .ignore_rootfs = import->options->ignore_rootfs ||
                         container_has_bare_root(&import->ctr->record->config),
        .ignore_volumes = import->options->ignore_volumes,
        .is_image = import->options->image != NULL,
    };

    return unpack_previous(import, error) &&
           archive_unpack(import->reader, import->ctr, &unpack, error) &&
           check_images(import, error) && choose_addresses(import, error) &&
           (import->options->ignore_volumes ||
            archive_apply_volumes(import->ctr, new_volumes(import), error));
}

static bool restore(Import *import, GError **error)
{
    ContainerStatus *status = &import->ctr->record->status;
    g_auto(Operation) op = OPERATION_NONE;

    if (!dependencies_start(import->ctr, OPERATION_RESTORE, error) ||
        !container_ports_settle(import->ctr, error) ||
        !operation_enter_broken(import->ctr, &op, error) || !unpack(import, error) ||
        !bring_up(import, error))
        return false;
    /* What a checkpoint that is kept was made with. */
    status->checkpoint_tcp = import->options->tcp_established;
    status->checkpoint_locks = import->options->file_locks;
    return restore_finish(import->ctr, import->options->keep, error) &&
           (import->options->keep || archive_forget_previous(import->ctr, error));
}

bool archive_bring_back(floe_container *ctr, ArchiveReader *reader,
                        const floe_archive_restore_options *options, const char *const *new_volumes,
                        GError **error)
{
    Import import = {
        .engine = ctr->engine,
        .options = options,
        .reader = reader,
        .ctr = ctr,
        .volumes = g_ptr_array_new(),
    };
    bool ok;

    for (; *new_volumes != NULL; new_volumes++)
        g_ptr_array_add(import.volumes, (gpointer)*new_volumes);
    g_ptr_array_add(import.volumes, NULL);
    ok = restore(&import, error);
    g_ptr_array_unref(import.volumes);
    return ok;
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool make(Import *import, GError **error)
{
    g_auto(ImportMark) mark = IMPORT_MARK_NONE;
    g_autofree char *id = g_strdup(import->archive.record->id);
    bool ok = list_volumes(import, error) &&
              import_mark_set(import->engine, id, new_volumes(import), &mark, error);

    if (!ok)
        return false;
    ok = make_volumes(import, error) && record_container(import, error) && restore(import, error);
    if (!ok)
        import_undo(import->engine, id, new_volumes(import));
    return ok;
}

static bool container_import(floe_engine *engine, const floe_archive_restore_options *options,
                             floe_restore_stats *ret_stats, floe_container **ret_container,
                             GError **error)
{
    g_auto(Import) import = { .engine = engine, .options = options };

    if (!archive_check_options(options, error) || !read_archive(&import, error) ||
        !make(&import, error)) {
        image_forget_pulled(engine, import.archive.pulled_image);
        return err_prefix(error, "import");
    }
    if (ret_stats != NULL)
        restore_read_stats(import.ctr, import.runtime_us, ret_stats);
    if (ret_container != NULL)
        *ret_container = g_steal_pointer(&import.ctr);
    return true;
}

bool floe_archive_restore(floe_engine *engine, const floe_archive_restore_options *options,
                          floe_restore_stats *ret_stats, floe_container **ret_container,
                          floe_error **error)
{
    floe_archive_restore_options known = FLOE_ARCHIVE_RESTORE_OPTIONS_INIT;
    floe_restore_stats stats = { 0 };
    g_autoptr(GError) err = NULL;
    bool ok = public_given(&err, GIVEN(engine), NULL) &&
              public_options(options, &known, sizeof(known), &err) &&
              public_result_check(ret_stats, &err) &&
              container_import(engine, &known, ret_stats != NULL ? &stats : NULL, ret_container,
                               &err);

    if (ok)
        public_result_write(ret_stats, &stats, sizeof(stats));
    return public_result(ok, &err, error);
}
