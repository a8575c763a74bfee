/* SPDX-License-Identifier: Apache-2.0 */
/*
 * criu/image-desc.c has the names: an image of each TCP connection (tcp-stream-ID.img), one of all file
 * locks (filelocks.img), which is not written where there are none, or has only its two magic
 * numbers then (criu/include/magic.h).
 */
#include "oci/criu-images.h"

#include "base/path.h"
#include "oci/criu-image.h"

#include <errno.h>
#include <string.h>

#define MAGIC_SIZE  8
#define FILES_IMAGE "files.img"
#define IMAGE_LIMIT ((size_t)256 * 1024 * 1024)

static bool has_content(const char *directory, const char *name)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    struct stat info;

    return lstat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > MAGIC_SIZE;
}

/* *ret_text holds what @ret_image reads. */
static bool open_image(const char *directory, const char *name, CriuMagic magic, char **ret_text,
                       CriuImage *ret_image, GError **error)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    size_t length = 0;

    return file_read(path, IMAGE_LIMIT, ret_text, &length, error) &&
           criu_image_open(ret_image, name, magic,
                           (ProtobufBytes){ (const uint8_t *)*ret_text, length }, error);
}

/* --- files.img -------------------------------------------------------------------------------- */

typedef struct RegularFile {
    ProtobufBytes name;
    uint64_t mode;
} RegularFile;

/* images/fdinfo.proto, file_entry; images/regfile.proto, reg_file_entry */
static const ProtobufSlot entry_slots[] = { { 3, PROTOBUF_BYTES, 0 } };
static const ProtobufSlot file_slots[] = {
    PROTOBUF_PART(6, RegularFile, name),
    PROTOBUF_INTEGER(10, RegularFile, mode),
};

/* Is it the root directory? *ret_mode is what CRIU compares before it opens it again. */
static bool is_root_directory(ProtobufBytes entry, mode_t *ret_mode)
{
    ProtobufBytes part = { 0 };
    RegularFile file = { 0 };

    if (!protobuf_read(entry, entry_slots, G_N_ELEMENTS(entry_slots), &part) ||
        !protobuf_read(part, file_slots, G_N_ELEMENTS(file_slots), &file) ||
        file.name.length != 1 || file.name.at[0] != '/' || !S_ISDIR((mode_t)file.mode))
        return false;
    *ret_mode = (mode_t)file.mode & 07777;
    return true;
}

static bool read_root_mode(const char *directory, mode_t *ret_mode, GError **error)
{
    g_autofree char *path = g_build_filename(directory, FILES_IMAGE, NULL);
    g_autofree char *text = NULL;
    CriuImage image;
    ProtobufBytes entry;

    if (!path_exists(path))
        return true;
    if (!open_image(directory, FILES_IMAGE, CRIU_FILES, &text, &image, error))
        return false;
    do {
        if (!criu_image_next(&image, &entry, error))
            return false;
    } while (entry.at != NULL && !is_root_directory(entry, ret_mode));
    return true;
}

/* --- mountpoints-ID.img ----------------------------------------------------------------------- */

/* crun src/libcrun/utils.c has its name; it lies in the directory of crun's state. */
#define EMPTY_DIRECTORY "/.empty-directory"

/* It goes into a line of CRIU's configuration. */
#define PLAIN_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=@%~"

static char *empty_directory_of(ProtobufBytes entry)
{
    static const ProtobufSlot key_slot = { 18, PROTOBUF_BYTES, 0 }; /* images/mnt.proto, ext_key */
    ProtobufBytes key = { 0 };
    g_autofree char *path = NULL;

    if (!protobuf_read(entry, &key_slot, 1, &key))
        return NULL;
    path = protobuf_text(key);
    return path[0] == '/' && g_str_has_suffix(path, EMPTY_DIRECTORY) &&
                   strspn(path, PLAIN_LETTERS) == strlen(path)
               ? g_steal_pointer(&path)
               : NULL;
}

static bool read_empty_directory(const char *directory, const char *name, char **ret_path,
                                 GError **error)
{
    g_autofree char *text = NULL;
    CriuImage image;
    ProtobufBytes entry;

    if (!open_image(directory, name, CRIU_MOUNTPOINTS, &text, &image, error))
        return false;
    while (*ret_path == NULL) {
        if (!criu_image_next(&image, &entry, error))
            return false;
        if (entry.at == NULL)
            break;
        *ret_path = empty_directory_of(entry);
    }
    return true;
}

/* --- the directory ---------------------------------------------------------------------------- */

void criu_images_clear(CriuImages *images)
{
    g_free(images->empty_directory);
}

bool criu_images_look(const char *directory, CriuImages *ret_images, GError **error)
{
    static const char *const needed[] = { "inventory.img", "pstree.img", "descriptors.json" };
    g_autoptr(GDir) dir = NULL;
    g_auto(CriuImages) images = { 0 };
    const char *name;

    for (size_t i = 0; i < G_N_ELEMENTS(needed); i++) {
        if (!has_content(directory, needed[i]))
            return err_set(error, FLOE_ERROR_INVALID, "the checkpoint is not whole: it has no %s",
                           needed[i]);
    }
    dir = g_dir_open(directory, 0, NULL);
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        if (g_str_has_prefix(name, "tcp-stream-") && has_content(directory, name))
            images.has_tcp = true;
        if (g_str_has_prefix(name, "mountpoints-") &&
            !read_empty_directory(directory, name, &images.empty_directory, error))
            return false;
    }
    images.has_locks = has_content(directory, "filelocks.img");
    if (!read_root_mode(directory, &images.root_mode, error))
        return false;
    *ret_images = images;
    images.empty_directory = NULL;
    return true;
}
