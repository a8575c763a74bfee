/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As skopeo writes them, but for several images at a time, to a pipe as to a file, and without what
 * dockers before 1.10 want: what images have in common is there once.
 */
#include "base/fd.h"
#include "storage/docker-archive.h"
#include "storage/tar-writer.h"

#include <string.h>
#include <unistd.h>

typedef struct Archive {
    TarWriter writer;
    GHashTable *written; /* digests */
    json_t *images;
} Archive;

static void archive_clear(Archive *archive)
{
    tar_writer_clear(&archive->writer);
    g_hash_table_unref(archive->written);
    json_decref(archive->images);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Archive, archive_clear)

static TreeEntry file_entry(const char *path)
{
    return (TreeEntry){ .path = path, .mode = S_IFREG | 0444 };
}

/* Of all layers the names are those of the plain tars, whatever the blob is compressed with. */
static bool write_layer(Archive *archive, const Staging *staging, const char *blob,
                        const char *path, GError **error)
{
    const TreeEntry entry = file_entry(path);
    autofd int fd = -1;

    if (!staging_open_blob(staging, blob, &fd, error) || !staging_plain_layer(staging, &fd, error))
        return false;
    if (lseek(fd, 0, SEEK_SET) < 0)
        return err_set_errno(error, "go to its beginning");
    return tar_add_file(&archive->writer, &entry, fd, error);
}

static bool write_layers(Archive *archive, const DockerArchiveImage *image, json_t *paths,
                         GError **error)
{
    char *const *diff_ids = image->diff_ids;

    for (size_t i = 0; image->manifest->layers[i] != NULL; i++) {
        const char *hex = diff_ids[i] != NULL ? digest_hex(diff_ids[i]) : NULL;
        g_autofree char *path = NULL;

        if (hex == NULL)
            return err_set(error, FLOE_ERROR_INVALID, "the configuration has no diff_ids[%zu]", i);
        path = g_strconcat(hex, ".tar", NULL);
        json_array_append_new(paths, json_string(path));
        if (g_hash_table_add(archive->written, g_strdup(hex)) &&
            !write_layer(archive, image->staging, image->manifest->layers[i], path, error))
            return err_prefix(error, "layer %s", diff_ids[i]);
    }
    return true;
}

static bool write_image(Archive *archive, const DockerArchiveImage *image, GError **error)
{
    const char *hex = digest_hex(image->manifest->config);
    g_autofree char *path = g_strconcat(hex, ".json", NULL);
    const TreeEntry entry = file_entry(path);
    json_t *layers = json_array();
    json_t *names = json_from_strv(image->names);
    autofd int fd = -1;

    json_array_append_new(archive->images, json_pack("{s:s, s:o, s:o}", "Config", path, "RepoTags",
                                                     names, "Layers", layers));
    return write_layers(archive, image, layers, error) &&
           staging_open_blob(image->staging, image->manifest->config, &fd, error) &&
           tar_add_file(&archive->writer, &entry, fd, error);
}

bool docker_archive_write(const DockerArchiveImage *images, size_t n_images, int fd, GError **error)
{
    g_auto(Archive) archive = {
        .written = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .images = json_array(),
    };
    const TreeEntry entry = file_entry("manifest.json");
    g_autofree char *text = NULL;

    tar_writer_init(&archive.writer, fd);
    for (size_t i = 0; i < n_images; i++) {
        if (!write_image(&archive, &images[i], error))
            return false;
    }
    text = json_to_text(archive.images);
    return tar_add_bytes(&archive.writer, &entry, text, strlen(text), error) &&
           tar_writer_finish(&archive.writer, error);
}
