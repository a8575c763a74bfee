/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skopeo writes the directories; the archives are written here, without a copy of them aside, which
 * skopeo would need for a pipe.
 */
#include "base/fd.h"
#include "base/new-file.h"
#include "engine/event.h"
#include "engine/image-load.h"
#include "engine/image-view.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "storage/docker-archive.h"
#include "storage/pack.h"
#include "storage/skopeo.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum SaveFormat {
    SAVE_DOCKER_ARCHIVE,
    SAVE_OCI_ARCHIVE,
    SAVE_DOCKER_DIR,
    SAVE_OCI_DIR,
} SaveFormat;

typedef struct SavedImage {
    ImageView view;
    GPtrArray *names; /* full ones, in the archive */
} SavedImage;

typedef struct Save {
    SaveFormat format;
    const floe_save_options *options;
    const char *path; /* NULL: to fd */
    int fd;
    GPtrArray *images; /* of SavedImage; only docker's archive has more than one */
} Save;

static void saved_image_free(gpointer data)
{
    SavedImage *image = data;

    image_view_clear(&image->view);
    g_ptr_array_unref(image->names);
    g_free(image);
}

static ImageView *view_of(const Save *save)
{
    return &((SavedImage *)g_ptr_array_index(save->images, 0))->view;
}

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
    SkopeoCopy copy = SKOPEO_COPY_INIT;

    copy.source = view_of(save)->source;
    copy.destination = destination;
    copy.compress = save->options->compress;
    copy.progress_fd = save->options->progress_fd;
    if (save->format == SAVE_OCI_ARCHIVE || save->format == SAVE_OCI_DIR)
        copy.format = "oci";
    return skopeo_copy(&copy, error);
}

/* What the image is called in an archive or a layout; NULL: nothing. */
static const char *name_there(const ImageView *view)
{
    if (view->full_name != NULL && strchr(view->full_name, '@') == NULL)
        return view->full_name;
    return view->image->names[0];
}

/* --- archives --------------------------------------------------------------------------------- */

static char **diff_ids_of(const ImageRecord *image)
{
    char **diff_ids = NULL;

    /* Without any there is no layer that needs one, or the first that does is told. */
    return json_get_strv(json_object_get(image->config, "rootfs"), "diff_ids", &diff_ids, NULL) &&
                   diff_ids != NULL
               ? diff_ids
               : g_new0(char *, 1);
}

static bool write_docker_archive(Save *save, int out, GError **error)
{
    g_autoptr(GPtrArray) diff_ids = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    g_autofree DockerArchiveImage *images = g_new0(DockerArchiveImage, save->images->len);

    for (guint i = 0; i < save->images->len; i++) {
        SavedImage *image = g_ptr_array_index(save->images, i);

        g_ptr_array_add(diff_ids, diff_ids_of(image->view.image));
        g_ptr_array_add(image->names, NULL);
        images[i] = (DockerArchiveImage){
            .staging = &image->view.staging,
            .manifest = &image->view.manifest,
            .diff_ids = g_ptr_array_index(diff_ids, i),
            .names = (const char *const *)image->names->pdata,
        };
    }
    return docker_archive_write(images, save->images->len, out, error);
}

/* Of an image in docker's form skopeo makes one in OCI's, beside it. */
static bool make_oci(Save *save, Staging *converted, const Staging **ret_staging, GError **error)
{
    const ImageView *view = view_of(save);
    g_auto(ImageManifest) manifest = { 0 };
    g_autofree char *digest = NULL;

    *ret_staging = &view->staging;
    if (!view->manifest.is_docker)
        return staging_write_index(&view->staging, &view->manifest, name_there(view), error);
    if (!staging_open(view->staging.layout, converted, error) ||
        !staging_link_known(converted, &view->manifest, error) ||
        !copy_by_skopeo(save, g_strconcat("oci:", converted->path, NULL), error) ||
        !staging_only_manifest(converted, &digest, error) ||
        !staging_read_manifest(converted, digest, &manifest, error))
        return false;
    *ret_staging = converted;
    return staging_write_index(converted, &manifest, name_there(view), error);
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

static bool save_archive(Save *save, GError **error)
{
    bool (*write_archive)(Save *, int, GError **) = save->format == SAVE_OCI_ARCHIVE
                                                        ? write_oci_archive
                                                        : write_docker_archive;
    g_autofree char *mark = g_strdup_printf("%d", (int)getpid());
    g_auto(NewFile) file = NEW_FILE_NONE;

    if (save->path == NULL)
        return write_archive(save, save->fd, error);
    return new_file_open(save->path, 0644, mark, &file, error) &&
           write_archive(save, file.fd, error) && new_file_keep(&file, false, error);
}

/* --- directories ------------------------------------------------------------------------------ */

static bool save_directory(Save *save, GError **error)
{
    const char *name = name_there(view_of(save));
    bool is_oci = save->format == SAVE_OCI_DIR;

    if (!is_oci)
        return copy_by_skopeo(save, g_strconcat("dir:", save->path, NULL), error);
    return copy_by_skopeo(save,
                          g_strconcat("oci:", save->path, name != NULL ? ":" : NULL, name, NULL),
                          error);
}

/* --- what is saved ---------------------------------------------------------------------------- */

/* Docker's directory wants docker's manifest, its archive none. */
static bool open_view(floe_engine *engine, SaveFormat format, const char *name, ImageView *ret_view,
                      GError **error)
{
    ViewForm form = format == SAVE_DOCKER_DIR ? VIEW_DOCKER : VIEW_AS_IT_IS;

    return image_view_open(engine, name, form, ret_view, error) &&
           (format != SAVE_DOCKER_ARCHIVE || image_view_fits_docker(ret_view, error));
}

static bool add_image(floe_engine *engine, Save *save, const char *name, GError **error)
{
    SavedImage *image = g_new0(SavedImage, 1);
    const char *full_name;

    image->view = (ImageView)IMAGE_VIEW_NONE;
    image->names = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(save->images, image);
    if (!open_view(engine, save->format, name, &image->view, error))
        return err_prefix(error, "save '%s'", name);
    full_name = name_there(&image->view);
    for (guint i = 0; i + 1 < save->images->len; i++) {
        SavedImage *other = g_ptr_array_index(save->images, i);

        if (g_str_equal(other->view.image->id, image->view.image->id)) {
            if (full_name != NULL)
                g_ptr_array_add(other->names, g_strdup(full_name));
            return g_ptr_array_remove(save->images, image);
        }
    }
    if (full_name != NULL)
        g_ptr_array_add(image->names, g_strdup(full_name));
    return true;
}

/* More names for the first image. */
static bool add_names(Save *save, GError **error)
{
    const SavedImage *first = g_ptr_array_index(save->images, 0);

    for (const char *const *name = save->options->names; name != NULL && *name != NULL; name++) {
        char *full_name = NULL;

        if (!image_name_normalize(*name, &full_name, error))
            return false;
        g_ptr_array_add(first->names, full_name);
    }
    return true;
}

static bool add_images(floe_engine *engine, Save *save, const char *name, GError **error)
{
    const char *const *more = save->options->images;

    if (more != NULL && *more != NULL && save->format != SAVE_DOCKER_ARCHIVE)
        return err_set(error, FLOE_ERROR_INVALID, "only a docker-archive has several images");
    if (!add_image(engine, save, name, error))
        return false;
    for (; more != NULL && *more != NULL; more++) {
        if (!add_image(engine, save, *more, error))
            return false;
    }
    return add_names(save, error);
}

static bool image_save(floe_engine *engine, const char *name, const char *path, int fd,
                       const floe_save_options *options, GError **error)
{
    g_autoptr(GPtrArray) images = g_ptr_array_new_with_free_func(saved_image_free);
    Save save = { .options = options, .path = path, .fd = fd, .images = images };
    bool is_archive;

    if (!format_parse(options->format, &save.format, error) || !check_path(&save, error) ||
        !add_images(engine, &save, name, error))
        return false;
    is_archive = save.format == SAVE_DOCKER_ARCHIVE || save.format == SAVE_OCI_ARCHIVE;
    if (!(is_archive ? save_archive : save_directory)(&save, error))
        return err_prefix(error, "save '%s'", name);
    for (guint i = 0; i < images->len; i++) {
        const SavedImage *image = g_ptr_array_index(images, i);

        event_note_image(engine, FLOE_EVENT_SAVE, image->view.image->id, image->view.full_name);
    }
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
