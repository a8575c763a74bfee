/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/archive-unpack.h"

#include "base/json.h"
#include "base/log.h"
#include "base/path.h"
#include "base/tree.h"
#include "engine/archive-network.h"
#include "engine/archive.h"
#include "engine/volume.h"
#include "storage/tree-writer.h"
#include "storage/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define STAGE         "import" /* in the container's directory */
#define VOLUME_SUFFIX ".tar"
#define STATUS_LIMIT  ((size_t)1024 * 1024)
#define DELETED_LIMIT ((size_t)64 * 1024 * 1024)
#define RESERVE       ((int64_t)64 * 1024 * 1024) /* of the disk's room, for all others */
#define ARTIFACT_MODE 0740                        /* podman's */

/* --- where entries go ------------------------------------------------------------------------- */

/* A directory of the archive whose files are taken, or a file of its top. */
typedef struct Place {
    const char *name;
    bool is_directory;
    char *target; /* of the directory, or of the file; NULL: it is not taken */
    mode_t mode;  /* of its files */
} Place;

typedef struct Unpacking {
    ArchiveReader *reader;
    Place places[9];
} Unpacking;

static char *stage_path(const floe_container *ctr, const char *name)
{
    return g_build_filename(ctr->paths.dir, STAGE, name, NULL);
}

static char *previous_path(const floe_container *ctr)
{
    return g_build_filename(ctr->paths.dir, ARCHIVE_PRE_CHECKPOINT, NULL);
}

/* The address and the log of an image's checkpoint are not those of what is made of it. */
static char *unless(bool is_left_out, char *taken_path)
{
    if (is_left_out)
        g_clear_pointer(&taken_path, g_free);
    return taken_path;
}

static void unpacking_init(Unpacking *unpacking, ArchiveReader *reader, const floe_container *ctr,
                           const ArchiveUnpack *options)
{
    const ContainerPaths *paths = &ctr->paths;
    bool no_rootfs = options->ignore_rootfs || options->is_previous;
    bool no_volumes = options->ignore_volumes || options->is_previous;
    bool no_network = options->is_image || options->is_previous;
    const Place places[] = {
        { ARCHIVE_CHECKPOINT, true, unless(options->is_previous, g_strdup(paths->checkpoint)),
          0600 },
        { ARCHIVE_PRE_CHECKPOINT, true, previous_path(ctr), 0600 },
        { ARCHIVE_ARTIFACTS, true, unless(options->is_previous, g_strdup(paths->artifacts)),
          ARTIFACT_MODE },
        { ARCHIVE_VOLUMES, true, unless(no_volumes, stage_path(ctr, ARCHIVE_VOLUMES)), 0600 },
        { ARCHIVE_SHM, false,
          unless(options->is_previous, g_build_filename(paths->checkpoint, ARCHIVE_SHM, NULL)),
          0600 },
        { ARCHIVE_LOG, false, unless(no_network, g_strdup(paths->log)), 0600 },
        { ARCHIVE_ROOT_DIFF, false, unless(no_rootfs, stage_path(ctr, ARCHIVE_ROOT_DIFF)), 0600 },
        { ARCHIVE_DELETED, false, unless(no_rootfs, stage_path(ctr, ARCHIVE_DELETED)), 0600 },
        { ARCHIVE_NETWORK, false, unless(no_network, stage_path(ctr, ARCHIVE_NETWORK)), 0600 },
    };

    G_STATIC_ASSERT(sizeof(places) == sizeof(unpacking->places));
    unpacking->reader = reader;
    memcpy(unpacking->places, places, sizeof(places));
}

static void unpacking_clear(Unpacking *unpacking)
{
    for (size_t i = 0; i < G_N_ELEMENTS(unpacking->places); i++)
        g_free(unpacking->places[i].target);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Unpacking, unpacking_clear)

static const Place *place_find(const Unpacking *unpacking, const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(unpacking->places); i++) {
        const Place *place = &unpacking->places[i];
        size_t length = strlen(place->name);

        if (g_str_equal(name, place->name) ||
            (place->is_directory && g_str_has_prefix(name, place->name) && name[length] == '/'))
            return place;
    }
    return NULL;
}

static bool bad_entry(const char *name, const char *why, GError **error)
{
    g_autofree char *label = tree_path_label(name);

    return err_set(error, FLOE_ERROR_INVALID, "entry '%s': %s", label, why);
}

/* The path of the entry in the container's directory; NULL: it needs none. */
static bool target_of(const Place *place, const ArchiveEntry *entry, char **ret_target,
                      GError **error)
{
    bool is_top = g_str_equal(entry->name, place->name);
    const char *leaf;

    *ret_target = NULL;
    if (!place->is_directory) {
        *ret_target = g_strdup(place->target);
        return entry->kind == ARCHIVE_ENTRY_FILE || bad_entry(entry->name, "it is no file", error);
    }
    if (is_top)
        return entry->kind == ARCHIVE_ENTRY_DIRECTORY ||
               bad_entry(entry->name, "it is no directory", error);
    leaf = entry->name + strlen(place->name) + 1;
    if (strchr(leaf, '/') != NULL || entry->kind == ARCHIVE_ENTRY_DIRECTORY)
        return bad_entry(entry->name, "there are no directories in this one", error);
    *ret_target = g_build_filename(place->target, leaf, NULL);
    return true;
}

static bool write_file(ArchiveReader *reader, const char *path, mode_t mode, GError **error)
{
    autofd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

    if (fd < 0)
        return err_set_errno(error, "create '%s'", path);
    return archive_reader_write(reader, fd, error) && fd_close(&fd, path, error);
}

static bool unpack_entry(Unpacking *unpacking, const ArchiveEntry *entry, GError **error)
{
    const Place *place = place_find(unpacking, entry->name);
    g_autofree char *target = NULL;
    g_autofree char *directory = NULL;

    if (place == NULL) {
        log_debug("entry '%s' of the archive is not known", entry->name);
        return true;
    }
    if (place->target == NULL)
        return true;
    if (!target_of(place, entry, &target, error))
        return false;
    directory = target != NULL ? g_path_get_dirname(target) : g_strdup(place->target);
    if (!dir_make(directory, 0700, error))
        return false;
    if (target == NULL)
        return true;
    if (entry->kind == ARCHIVE_ENTRY_PARENT)
        return symlink("../" ARCHIVE_PRE_CHECKPOINT, target) == 0 ||
               err_set_errno(error, "make the link '%s'", target);
    return write_file(unpacking->reader, target, place->mode, error);
}

/* Of the room on the disk, all but a reserve: a full disk hurts everybody. */
bool archive_limit_to_room(ArchiveReader *reader, const char *directory, GError **error)
{
    struct statvfs disk;
    int64_t room;

    if (statvfs(directory, &disk) < 0)
        return err_set_errno(error, "look for room below '%s'", directory);
    room = (int64_t)MIN((uint64_t)disk.f_bavail, INT64_MAX / disk.f_frsize) * (int64_t)disk.f_frsize;
    archive_reader_limit(reader, MAX(room - RESERVE, 0));
    return true;
}

bool archive_unpack(ArchiveReader *reader, floe_container *ctr, const ArchiveUnpack *options,
                    GError **error)
{
    g_auto(Unpacking) unpacking = { 0 };
    const ArchiveEntry *entry;

    unpacking_init(&unpacking, reader, ctr, options);
    if (!dir_make(ctr->paths.dir, 0700, error) ||
        !archive_limit_to_room(reader, ctr->paths.dir, error))
        return false;
    for (;;) {
        if (!archive_reader_next(reader, &entry, error))
            return false;
        if (entry == NULL)
            return true;
        if (!unpack_entry(&unpacking, entry, error))
            return false;
    }
}

/* --- the networks ----------------------------------------------------------------------------- */

bool archive_read_networks(const floe_container *ctr, GPtrArray **ret_networks, GError **error)
{
    g_autofree char *path = stage_path(ctr, ARCHIVE_NETWORK);
    g_autoptr(JsonValue) status = NULL;

    *ret_networks = NULL;
    if (!path_exists(path))
        return true;
    if (!json_read_file(path, STATUS_LIMIT, &status, error) ||
        !archive_network_read(status, ret_networks, error))
        return err_prefix(error, "entry '" ARCHIVE_NETWORK "'");
    return true;
}

/* --- what is applied later -------------------------------------------------------------------- */

static bool refuse_compressed(Compression compression, const void *data G_GNUC_UNUSED,
                              size_t length G_GNUC_UNUSED, void *user_data G_GNUC_UNUSED,
                              GError **error)
{
    return compression == COMPRESSION_NONE ||
           err_set(error, FLOE_ERROR_INVALID, "it is compressed, which only the archive may be");
}

/*
 * A tar in the archive. Compressed, it could be more than the disk has room for; see limit_to_room().
 */
static bool open_tar(const char *path, int *ret_fd, GError **error)
{
    g_autoptr(Decompressor) look = NULL;
    autofd int fd = open(path, O_RDONLY | O_CLOEXEC);
    const void *data;
    size_t length;

    if (fd < 0)
        return err_set_errno(error, "open '%s'", path);
    look = decompressor_new(fd, refuse_compressed, NULL);
    if (!decompressor_next(look, &data, &length, error))
        return false;
    if (lseek(fd, 0, SEEK_SET) < 0)
        return err_set_errno(error, "read '%s' again", path);
    *ret_fd = g_steal_fd(&fd);
    return true;
}

static bool unpack_root_diff(const floe_container *ctr, int root_fd, GError **error)
{
    static const UnpackOptions options = { 0 };
    g_autofree char *path = stage_path(ctr, ARCHIVE_ROOT_DIFF);
    UnpackResult result = { 0 };
    autofd int fd = -1;

    if (!path_exists(path))
        return true;
    return (open_tar(path, &fd, error) && unpack_tar(fd, root_fd, &options, &result, error)) ||
           err_prefix(error, "entry '" ARCHIVE_ROOT_DIFF "'");
}

static bool remove_deleted(const floe_container *ctr, int root_fd, GError **error)
{
    g_autofree char *path = stage_path(ctr, ARCHIVE_DELETED);
    g_autoptr(JsonValue) list = NULL;
    size_t i;
    json_t *item;

    if (!path_exists(path))
        return true;
    if (!json_read_file(path, DELETED_LIMIT, &list, error))
        return err_prefix(error, "entry '" ARCHIVE_DELETED "'");
    if (!json_is_array(list) && !json_is_null(list))
        return bad_entry(ARCHIVE_DELETED, "it is not an array", error);
    json_array_foreach(list, i, item) {
        const char *name = json_string_value(item);

        if (name == NULL || !g_path_is_absolute(name))
            return bad_entry(ARCHIVE_DELETED, "it holds something that is no absolute path", error);
        if (!root_remove(root_fd, name, error))
            return err_prefix(error, "entry '" ARCHIVE_DELETED "'");
    }
    return true;
}

bool archive_apply_root(floe_container *ctr, GError **error)
{
    autofd int root_fd = -1;

    /* In this order: where a directory was made anew, podman has the old one among the deleted. */
    return root_open(ctr->paths.merged, &root_fd, error) && remove_deleted(ctr, root_fd, error) &&
           unpack_root_diff(ctr, root_fd, error);
}

bool archive_apply_volumes(floe_container *ctr, const char *const *names, GError **error)
{
    for (; *names != NULL; names++) {
        g_autofree char *file = g_strconcat(*names, VOLUME_SUFFIX, NULL);
        g_autofree char *below = g_build_filename(ARCHIVE_VOLUMES, file, NULL);
        g_autofree char *path = stage_path(ctr, below);
        autofd int fd = -1;

        if (!path_exists(path))
            return err_set(error, FLOE_ERROR_INVALID,
                           "the archive has no content of volume '%s' (no entry '%s'); use "
                           "--ignore-volumes to restore with the volume that is here",
                           *names, below);
        if (!open_tar(path, &fd, error) || !volume_unpack_into(ctr->engine, *names, fd, error))
            return err_prefix(error, "entry '%s'", below);
    }
    return true;
}

bool archive_forget(floe_container *ctr, GError **error)
{
    g_autofree char *stage = g_build_filename(ctr->paths.dir, STAGE, NULL);

    return tree_remove(stage, error);
}

bool archive_forget_previous(floe_container *ctr, GError **error)
{
    g_autofree char *previous = previous_path(ctr);

    return tree_remove(previous, error);
}
