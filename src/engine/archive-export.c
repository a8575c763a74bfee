/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.dump and spec.dump come first, so that who reads a pipe knows at once what it brings; CRIU's
 * images, which are long, last. A tar in the archive is measured and then written, so there is no
 * copy of it: a container's files may be more than there is room for.
 */
#include "engine/archive-export.h"

#include "base/log.h"
#include "base/path.h"
#include "base/tree.h"
#include "engine/archive-config.h"
#include "engine/archive-network.h"
#include "engine/archive-spec.h"
#include "engine/archive.h"
#include "engine/checkpoint-image.h"
#include "engine/container-layer.h"
#include "engine/diff.h"
#include "engine/mount-options.h"
#include "engine/volume.h"
#include "oci/criu.h"
#include "state/image-name.h"
#include "storage/pack.h"
#include "storage/root-diff.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARCHIVE_MODE 0600
#define DIR_MODE     0700
#define MARK_LENGTH  12

/* Is there to be an archive, or an image, which is one too? */
static bool is_wanted(const floe_checkpoint_options *options)
{
    return options->export_path != NULL || options->export_fd >= 0 || options->create_image != NULL;
}

bool archive_export_check(const floe_checkpoint_options *options, GError **error)
{
    bool has_target = options->export_path != NULL || options->export_fd >= 0;
    g_autofree char *name = NULL;
    Compression compression;

    if (options->export_path != NULL && options->export_fd >= 0)
        return err_set(error, FLOE_ERROR_INVALID, "an archive goes to a path or to a descriptor");
    if (has_target && options->create_image != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "a checkpoint becomes an archive or an image");
    if (options->pre_checkpoint && options->with_previous)
        return err_set(error, FLOE_ERROR_INVALID,
                       "a pre-checkpoint does not build on another: --pre-checkpoint and "
                       "--with-previous exclude each other");
    if (options->pre_checkpoint && options->create_image != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "a pre-checkpoint cannot become an image");
    if (!has_target && options->compression != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "a compression is for an export");
    if (!is_wanted(options) && (options->ignore_rootfs || options->ignore_volumes))
        return err_set(error, FLOE_ERROR_INVALID,
                       "files and volumes can be left out of an export only");
    return (options->create_image == NULL ||
            image_name_normalize(options->create_image, &name, error)) &&
           (options->compression == NULL ||
            compression_from_text(options->compression, &compression, error));
}

/* --- before the dump -------------------------------------------------------------------------- */

/* The containers that it needs, but for its pod's own: that one is there where it is restored. */
static bool list_needed(const floe_container *ctr, char ***ret_ids, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;
    g_auto(GStrv) ids = container_config_dependencies(config);
    g_autoptr(GStrvBuilder) needed = g_strv_builder_new();

    for (char **id = ids; *id != NULL; id++) {
        g_autoptr(ContainerRecord) other = NULL;

        if (!container_load(ctr->engine->db, *id, &other, error))
            return false;
        if (!other->config.is_infra || g_strcmp0(other->config.pod_id, config->pod_id) != 0)
            g_strv_builder_add(needed, *id);
    }
    *ret_ids = g_strv_builder_end(needed);
    return true;
}

/* Where the archive goes there is only this one container. */
static bool refuse_dependencies(const floe_container *ctr, GError **error)
{
    g_auto(GStrv) ids = NULL;
    g_autofree char *list = NULL;

    if (ctr->record->config.is_infra)
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "cannot export container \"%s\": it is the infra container of a pod",
                       ctr->record->name);
    if (!list_needed(ctr, &ids, error))
        return false;
    if (ids[0] == NULL)
        return true;
    list = g_strjoinv(", ", ids);
    return err_set(error, FLOE_ERROR_UNSUPPORTED,
                   "cannot export container \"%s\": it needs other containers, which would not be "
                   "in its archive: %s",
                   ctr->record->name, list);
}

/* What is in an overlay is in no archive, and elsewhere there is nothing that it could be put over. */
static bool refuse_overlays(const floe_container *ctr, GError **error)
{
    const GPtrArray *mounts = ctr->record->config.mounts;

    for (guint i = 0; mounts != NULL && i < mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(mounts, i);

        if (mount_is_overlay(mount))
            return err_set(error, FLOE_ERROR_UNSUPPORTED,
                           "cannot export container \"%s\": it has %s at '%s', which is in no archive",
                           ctr->record->name,
                           g_str_equal(mount->type, "image") ? "an image" : "an overlay (option O)",
                           mount->destination);
    }
    return true;
}

static bool collect_config(ArchiveExport *export, GError **error)
{
    const floe_checkpoint_options *options = export->options;
    g_auto(Runtime) runtime = { 0 };
    g_autoptr(JsonValue) config = NULL;
    g_autofree char *version = NULL;
    g_autofree char *criu = NULL;
    ArchiveFacts facts = {
        .tcp_established = options->tcp_established,
        .file_locks = options->file_locks,
    };

    container_runtime(export->ctr, &runtime);
    if (!criu_find(&runtime, &criu, &facts.criu_version, error) ||
        !runtime_version(&runtime, &version, error))
        return false;
    facts.runtime_name = runtime_is_crun(&runtime) ? "crun" : runtime.name;
    facts.runtime_version = version;
    config = archive_config(export->ctr->record, &facts);
    export->config = json_dumps(config, JSON_INDENT(1));
    export->annotations = archive_annotations(export->ctr->record, &facts);
    return export->config != NULL ||
           err_set(error, FLOE_ERROR_INVALID, "its configuration is no JSON");
}

static bool target_open(ArchiveExport *export, GError **error)
{
    const floe_checkpoint_options *options = export->options;
    g_autofree char *mark = g_strndup(export->ctr->record->id, MARK_LENGTH);

    if (options->export_path == NULL) {
        export->fd = options->export_fd;
        return true;
    }
    if (!new_file_open(options->export_path, ARCHIVE_MODE, mark, &export->file, error))
        return false;
    export->fd = export->file.fd;
    return true;
}

bool archive_export_collect(floe_container *ctr, const floe_checkpoint_options *options,
                            ArchiveExport *ret_export, GError **error)
{
    g_auto(ArchiveExport) export = ARCHIVE_EXPORT_NONE;

    export.ctr = ctr;
    export.options = options;
    export.compression = options->create_image != NULL ? COMPRESSION_GZIP : COMPRESSION_ZSTD;
    export.volumes = container_config_volumes(&ctr->record->config);
    if (!refuse_overlays(ctr, error))
        return false;
    if (options->compression != NULL &&
        !compression_from_text(options->compression, &export.compression, error))
        return false;
    if (!collect_config(&export, error) || !archive_spec(ctr, &export.spec, error))
        return err_prefix(error, "export container \"%s\"", ctr->record->name);
    *ret_export = export;
    export = (ArchiveExport)ARCHIVE_EXPORT_NONE;
    return true;
}

bool archive_export_begin(floe_container *ctr, const floe_checkpoint_options *options,
                          ArchiveExport *ret_export, GError **error)
{
    g_auto(ArchiveExport) export = ARCHIVE_EXPORT_NONE;

    if (!is_wanted(options))
        return true;
    if (!refuse_dependencies(ctr, error) || !archive_export_collect(ctr, options, &export, error))
        return false;
    if (!target_open(&export, error))
        return err_prefix(error, "export container \"%s\"", ctr->record->name);
    if (export.file.fd >= 0 && !export.file.is_in_place)
        ctr->record->status.export_aside = g_strdup(export.file.aside);
    *ret_export = export;
    export = (ArchiveExport)ARCHIVE_EXPORT_NONE;
    return true;
}

void archive_export_clear(ArchiveExport *export)
{
    g_clear_pointer(&export->writer, archive_writer_free);
    new_file_clear(&export->file);
    g_clear_pointer(&export->config, free);
    g_clear_pointer(&export->spec, g_free);
    g_clear_pointer(&export->annotations, json_decref);
    g_clear_pointer(&export->volumes, g_strfreev);
    export->ctr = NULL;
}

void archive_export_forget(floe_container *ctr)
{
    g_clear_pointer(&ctr->record->status.export_aside, g_free);
}

void archive_export_heal(floe_container *ctr)
{
    const char *aside = ctr->record->status.export_aside;

    if (aside != NULL && unlink(aside) < 0 && errno != ENOENT)
        log_warn("cannot remove what is left of an export, '%s': %s", aside, g_strerror(errno));
    archive_export_forget(ctr);
}

/* --- entries ---------------------------------------------------------------------------------- */

static TarWriter *tar_of(const ArchiveExport *export)
{
    return export->tar != NULL ? export->tar : archive_writer_tar(export->writer);
}

static bool text_add(ArchiveExport *export, const char *name, const char *text, GError **error)
{
    return archive_writer_add_text(tar_of(export), name, text, error);
}

static bool json_add(ArchiveExport *export, const char *name, const json_t *value, GError **error)
{
    g_autofree char *text = json_to_text(value);

    return text_add(export, name, text, error);
}

/* A file of the host, if it is there. */
static bool file_add(ArchiveExport *export, const char *name, const char *path, GError **error)
{
    autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    TreeEntry entry = archive_writer_entry(name, S_IFREG | ARCHIVE_MODE);

    if (fd < 0 && errno == ENOENT)
        return true;
    return (fd >= 0 ? tar_add_file(tar_of(export), &entry, fd, error)
                    : err_set_errno(error, "open it")) ||
           err_prefix(error, "'%s'", path);
}

/* A directory with what is in it; one that is not there is empty. */
static bool tree_add(ArchiveExport *export, const char *name, const char *path, GError **error)
{
    const PackOptions options = { name, TREE_AT_REST };
    g_autofree char *directory = g_strconcat(name, "/", NULL);
    TreeEntry entry = archive_writer_entry(directory, S_IFDIR | DIR_MODE);
    autofd int fd = -1;

    if (!path_exists(path))
        return tar_add(tar_of(export), &entry, error);
    return root_open(path, &fd, error) && pack_into(fd, &options, tar_of(export), NULL, error);
}

/* --- the container's files -------------------------------------------------------------------- */

static bool root_diff_add(ArchiveExport *export, GError **error)
{
    g_auto(RootDiff) diff = ROOT_DIFF_NONE;
    g_auto(ContainerLayer) own = { 0 };
    TreeEntry entry = archive_writer_entry(ARCHIVE_ROOT_DIFF, S_IFREG | ARCHIVE_MODE);
    g_autoptr(JsonValue) deleted = NULL;

    if (!container_layer_init(export->ctr->engine, export->ctr->record, &own, error) ||
        !root_diff_make(&own.layer, container_engine_files, &diff, error) ||
        !tar_add_tar(tar_of(export), &entry, root_diff_fill, &diff, error))
        return err_prefix(error, "the changed files");
    deleted = json_from_strv((const char *const *)diff.deleted);
    return json_array_size(deleted) == 0 || json_add(export, ARCHIVE_DELETED, deleted, error);
}

static bool volume_entry_add(const TreeNode *node, void *packer, GError **error)
{
    g_autofree char *name = g_strconcat(node->path, S_ISDIR(node->stat.st_mode) ? "/" : "", NULL);

    return pack_node(packer, node, name, error);
}

/* The directory itself is "/", as in the root's tar. Others may be at work in it. */
static bool volume_fill(TarWriter *writer, void *directory_fd, GError **error)
{
    g_auto(Packer) packer = { .writer = writer, .linked = tree_links_new() };

    writer->fills_up = true;
    return tree_walk(*(int *)directory_fd, TREE_LIVE, volume_entry_add, &packer, error);
}

static bool volume_add(ArchiveExport *export, const char *volume, GError **error)
{
    g_autofree char *path = volume_path(export->ctr->engine, volume);
    g_autofree char *name = g_strdup_printf(ARCHIVE_VOLUMES "/%s.tar", volume);
    TreeEntry entry = archive_writer_entry(name, S_IFREG | ARCHIVE_MODE);
    autofd int fd = -1;

    return (root_open(path, &fd, error) &&
            tar_add_tar(tar_of(export), &entry, volume_fill, &fd, error)) ||
           err_prefix(error, "volume '%s'", volume);
}

/* Each once, even if it is mounted at several places. */
static bool volumes_add(ArchiveExport *export, GError **error)
{
    char **volumes = export->volumes;
    TreeEntry entry = archive_writer_entry(ARCHIVE_VOLUMES "/", S_IFDIR | DIR_MODE);

    if (volumes[0] != NULL && !tar_add(tar_of(export), &entry, error))
        return false;
    for (char **volume = volumes; *volume != NULL; volume++) {
        if (!volume_add(export, *volume, error))
            return false;
    }
    return true;
}

static bool log_add(ArchiveExport *export, GError **error)
{
    return file_add(export, ARCHIVE_LOG, export->ctr->paths.log, error);
}

static bool stats_add(ArchiveExport *export, GError **error)
{
    g_autofree char *path = g_build_filename(export->ctr->paths.criu_work, ARCHIVE_STATS, NULL);

    return file_add(export, ARCHIVE_STATS, path, error);
}

/* In the container's directory it is among CRIU's images. */
static bool shm_add(ArchiveExport *export, const char *checkpoint_dir, GError **error)
{
    g_autofree char *path = g_build_filename(checkpoint_dir, ARCHIVE_SHM, NULL);

    return file_add(export, ARCHIVE_SHM, path, error);
}

/* --- the whole -------------------------------------------------------------------------------- */

static void tell_progress(int64_t in_bytes, int64_t out_bytes, void *data)
{
    const ArchiveExport *export = data;
    floe_export_progress progress = {
        .size = sizeof(progress),
        .done_bytes = in_bytes,
        .total_bytes = MAX(in_bytes, export->total_bytes),
        .written_bytes = out_bytes,
    };

    export->options->progress(&progress, export->options->progress_data);
}

/* What is nearly all of it; the rest need not be counted. */
static void total_estimate(ArchiveExport *export, const char *checkpoint_dir)
{
    int64_t images = 0, files = 0;

    if (export->options->progress == NULL)
        return;
    tree_size(checkpoint_dir, &images, NULL);
    if (!export->options->ignore_rootfs)
        container_layer_size(export->ctr->engine, export->ctr->record, &files, NULL);
    export->total_bytes = images + files;
}

static bool files_write(ArchiveExport *export, const char *checkpoint_dir, GError **error)
{
    const floe_container *ctr = export->ctr;
    g_autoptr(JsonValue) networks = archive_network_status(&ctr->record->status);

    return text_add(export, ARCHIVE_CONFIG, export->config, error) &&
           text_add(export, ARCHIVE_SPEC, export->spec, error) &&
           json_add(export, ARCHIVE_NETWORK, networks, error) &&
           tree_add(export, ARCHIVE_ARTIFACTS, ctr->paths.artifacts, error) &&
           shm_add(export, checkpoint_dir, error) &&
           (export->options->ignore_rootfs || container_has_bare_root(&ctr->record->config) ||
            root_diff_add(export, error)) &&
           log_add(export, error) &&
           (export->options->ignore_volumes || volumes_add(export, error)) &&
           stats_add(export, error);
}

typedef struct ImagePack {
    Packer *packer;
    const char *directory; /* in the archive */
} ImagePack;

static bool image_add(const TreeNode *node, void *data, GError **error)
{
    const ImagePack *pack = data;
    bool is_directory = S_ISDIR(node->stat.st_mode);
    g_autofree char *name = g_strconcat(pack->directory, "/", node->path,
                                        is_directory && *node->path != '\0' ? "/" : "", NULL);

    return g_str_equal(node->path, ARCHIVE_SHM) || pack_node(pack->packer, node, name, error);
}

static bool images_write(ArchiveExport *export, GError **error)
{
    bool is_pre = export->options->pre_checkpoint;
    ImagePack pack = { .directory = is_pre ? ARCHIVE_PRE_CHECKPOINT : ARCHIVE_CHECKPOINT };
    g_auto(Packer) packer = { .writer = tar_of(export), .linked = tree_links_new() };
    autofd int fd = -1;

    pack.packer = &packer;
    tar_of(export)->fills_up = false;
    return root_open(export->checkpoint_dir, &fd, error) &&
           tree_walk(fd, TREE_AT_REST, image_add, &pack, error);
}

bool archive_export_fill(TarWriter *tar, void *data, GError **error)
{
    ArchiveExport *export = data;
    bool ok;

    export->tar = tar;
    export->checkpoint_dir = export->ctr->paths.checkpoint_new;
    ok = files_write(export, export->checkpoint_dir, error) && images_write(export, error);
    export->tar = NULL;
    return ok || err_prefix(error, "container \"%s\"", export->ctr->record->name);
}

/* The whole tar, to a descriptor. */
static bool tar_write(int fd, void *data, GError **error)
{
    ArchiveExport *export = data;
    bool is_told = export->options->progress != NULL;

    if (!archive_writer_new(fd, export->compression, is_told ? tell_progress : NULL, export,
                            &export->writer, error) ||
        !files_write(export, export->checkpoint_dir, error))
        return false;
    if (export->files_done != NULL)
        export->files_done(export->ctr);
    return images_write(export, error) && archive_writer_finish(export->writer, error);
}

static bool image_make(ArchiveExport *export, GError **error)
{
    const CheckpointImageRequest request = {
        .name = export->options->create_image,
        .annotations = export->annotations,
        .write_layer = tar_write,
        .user_data = export,
    };

    return checkpoint_image_create(export->ctr->engine, &request, NULL, error);
}

bool archive_export_write(ArchiveExport *export, const char *checkpoint_dir,
                          void (*files_done)(floe_container *ctr), GError **error)
{
    bool is_last_copy = export->ctr->record->config.auto_remove;

    export->checkpoint_dir = checkpoint_dir;
    export->files_done = files_done;
    total_estimate(export, checkpoint_dir);
    if (export->options->create_image != NULL)
        return image_make(export, error);
    return tar_write(export->fd, export, error) &&
           (export->file.fd < 0 || new_file_keep(&export->file, is_last_copy, error));
}
