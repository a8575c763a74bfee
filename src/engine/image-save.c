/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skopeo writes docker's archives and the directories; an OCI archive is the image's own layout in a
 * tar, which needs nobody's help, and no copy of the blobs.
 */
#include "base/fd.h"
#include "base/path.h"
#include "engine/event.h"
#include "engine/image-load.h"
#include "engine/image-view.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "storage/pack.h"
#include "storage/skopeo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum SaveFormat {
    SAVE_DOCKER_ARCHIVE,
    SAVE_OCI_ARCHIVE,
    SAVE_DOCKER_DIR,
    SAVE_OCI_DIR,
} SaveFormat;

typedef struct Save {
    SaveFormat format;
    const floe_save_options *options;
    const char *path; /* NULL: to fd */
    int fd;
    ImageView view;
} Save;

static void save_clear(Save *save)
{
    image_view_clear(&save->view);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Save, save_clear)

static bool format_parse(const char *text, SaveFormat *ret_format, GError **error)
{
    static const char *const names[] = {
        [SAVE_DOCKER_ARCHIVE] = "docker-archive",
        [SAVE_OCI_ARCHIVE] = "oci-archive",
        [SAVE_DOCKER_DIR] = "docker-dir",
        [SAVE_OCI_DIR] = "oci-dir",
    };

    *ret_format = SAVE_DOCKER_ARCHIVE;
    for (size_t i = 0; text != NULL && i < G_N_ELEMENTS(names); i++) {
        if (g_str_equal(text, names[i])) {
            *ret_format = (SaveFormat)i;
            return true;
        }
    }
    return text == NULL ||
           err_set(error, FLOE_ERROR_INVALID,
                   "the format '%s' is none of docker-archive, oci-archive, docker-dir, oci-dir",
                   text);
}

/* skopeo adds to a directory, and an archive that is there would be lost. */
static bool check_path(const Save *save, GError **error)
{
    struct stat st;

    if (save->path == NULL)
        return save->format == SAVE_DOCKER_ARCHIVE || save->format == SAVE_OCI_ARCHIVE ||
               err_set(error, FLOE_ERROR_INVALID, "a directory needs a path");
    if (lstat(save->path, &st) == 0)
        return err_set(error, FLOE_ERROR_EXISTS, "'%s' exists already", save->path);
    return errno == ENOENT || err_set_errno(error, "look at '%s'", save->path);
}

static bool copy_by_skopeo(Save *save, char *taken_destination, GError **error)
{
    g_autofree char *destination = taken_destination;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    SkopeoCopy copy = SKOPEO_COPY_INIT;

    for (const char *const *name = save->options->names; name != NULL && *name != NULL; name++) {
        char *full_name = NULL;

        if (!image_name_normalize(*name, &full_name, error))
            return false;
        g_ptr_array_add(names, full_name);
    }
    g_ptr_array_add(names, NULL);
    copy.source = save->view.source;
    copy.destination = destination;
    copy.more_names = (const char *const *)names->pdata;
    copy.compress = save->options->compress;
    copy.progress_fd = save->options->progress_fd;
    if (save->format == SAVE_OCI_ARCHIVE || save->format == SAVE_OCI_DIR)
        copy.format = "oci";
    return skopeo_copy(&copy, error);
}

/* What the image is called in an archive or a layout; NULL: nothing. */
static const char *name_there(const Save *save)
{
    const ImageView *view = &save->view;

    if (view->full_name != NULL && strchr(view->full_name, '@') == NULL)
        return view->full_name;
    return view->image->names[0];
}

/* --- archives --------------------------------------------------------------------------------- */

/* Docker's archive needs a file that can be gone about in: one in the staging. */
static bool write_docker_archive(Save *save, int out, GError **error)
{
    const char *name = name_there(save);
    g_autofree char *file = g_build_filename(save->view.staging.path, "archive.tar", NULL);
    autofd int in = -1;

    if (!copy_by_skopeo(save,
                        g_strconcat("docker-archive:", file, name != NULL ? ":" : NULL, name, NULL),
                        error))
        return false;
    in = open(file, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return err_set_errno(error, "open '%s'", file);
    return fd_copy(in, out, error);
}

/* Of an image in docker's form skopeo makes one in OCI's, beside it. */
static bool make_oci(Save *save, Staging *converted, const Staging **ret_staging, GError **error)
{
    g_auto(ImageManifest) manifest = { 0 };
    g_autofree char *digest = NULL;

    *ret_staging = &save->view.staging;
    if (!save->view.manifest.is_docker)
        return staging_write_index(&save->view.staging, &save->view.manifest, name_there(save),
                                   error);
    if (!staging_open(save->view.staging.layout, converted, error) ||
        !staging_link_known(converted, &save->view.manifest, error) ||
        !copy_by_skopeo(save, g_strconcat("oci:", converted->path, NULL), error) ||
        !staging_only_manifest(converted, &digest, error) ||
        !staging_read_manifest(converted, digest, &manifest, error))
        return false;
    *ret_staging = converted;
    return staging_write_index(converted, &manifest, name_there(save), error);
}

static bool write_oci_archive(Save *save, int out, GError **error)
{
    g_auto(Staging) converted = STAGING_NONE;
    const Staging *staging = NULL;
    autofd int fd = -1;

    if (!make_oci(save, &converted, &staging, error))
        return false;
    fd = open(staging->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(error, "open '%s'", staging->path);
    return pack_tree(fd, &(PackOptions){ "", TREE_AT_REST }, out, NULL, error);
}

/* Written aside, and given its name when it is whole. */
static bool save_archive(Save *save, GError **error)
{
    bool (*write_archive)(Save *, int, GError **) = save->format == SAVE_OCI_ARCHIVE
                                                        ? write_oci_archive
                                                        : write_docker_archive;
    g_autofree char *aside = NULL;
    autofd int fd = -1;

    if (save->path == NULL)
        return write_archive(save, save->fd, error);
    aside = g_strdup_printf("%s.%d.tmp", save->path, (int)getpid());
    fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return err_set_errno(error, "create '%s'", aside);
    if (!write_archive(save, fd, error) || !fd_close(&fd, aside, error)) {
        unlink(aside);
        return false;
    }
    return rename(aside, save->path) == 0 ||
           err_set_errno(error, "rename '%s' to '%s'", aside, save->path);
}

/* --- directories ------------------------------------------------------------------------------ */

static bool save_directory(Save *save, GError **error)
{
    const char *name = name_there(save);
    bool is_oci = save->format == SAVE_OCI_DIR;

    if (!is_oci)
        return copy_by_skopeo(save, g_strconcat("dir:", save->path, NULL), error);
    return copy_by_skopeo(save,
                          g_strconcat("oci:", save->path, name != NULL ? ":" : NULL, name, NULL),
                          error);
}

static bool image_save(floe_engine *engine, const char *name, const char *path, int fd,
                       const floe_save_options *options, GError **error)
{
    g_auto(Save) save = { .options = options, .path = path, .fd = fd, .view = IMAGE_VIEW_NONE };
    bool is_docker;
    bool is_archive;

    if (!format_parse(options->format, &save.format, error) || !check_path(&save, error))
        return false;
    is_docker = save.format == SAVE_DOCKER_ARCHIVE || save.format == SAVE_DOCKER_DIR;
    is_archive = save.format == SAVE_DOCKER_ARCHIVE || save.format == SAVE_OCI_ARCHIVE;
    if (!image_view_open(engine, name, is_docker ? VIEW_DOCKER : VIEW_AS_IT_IS, &save.view, error) ||
        !(is_archive ? save_archive : save_directory)(&save, error))
        return err_prefix(error, "save '%s'", name);
    event_note_image(engine, FLOE_EVENT_SAVE, save.view.image->id, save.view.full_name);
    return true;
}

/* --- the border ------------------------------------------------------------------------------- */

bool floe_image_save(floe_engine *engine, const char *name, const char *path, int fd,
                     const floe_save_options *options, floe_error **error)
{
    floe_save_options known = FLOE_SAVE_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    return public_result(public_given(&err, GIVEN(engine), GIVEN(name), NULL) &&
                             public_options(options, &known, sizeof(known), &err) &&
                             image_save(engine, name, path, fd, &known, &err),
                         &err, error);
}
