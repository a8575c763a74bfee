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
#define FILES_LIMIT ((size_t)256 * 1024 * 1024)

static bool has_content(const char *directory, const char *name)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    struct stat info;

    return lstat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > MAGIC_SIZE;
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
    size_t length = 0;
    CriuImage image;
    ProtobufBytes entry;

    if (!path_exists(path))
        return true;
    if (!file_read(path, FILES_LIMIT, &text, &length, error) ||
        !criu_image_open(&image, FILES_IMAGE, CRIU_FILES,
                         (ProtobufBytes){ (const uint8_t *)text, length }, error))
        return false;
    do {
        if (!criu_image_next(&image, &entry, error))
            return false;
    } while (entry.at != NULL && !is_root_directory(entry, ret_mode));
    return true;
}

/* --- the directory ---------------------------------------------------------------------------- */

bool criu_images_look(const char *directory, CriuImages *ret_images, GError **error)
{
    static const char *const needed[] = { "inventory.img", "pstree.img", "descriptors.json" };
    g_autoptr(GDir) dir = NULL;
    CriuImages images = { 0 };
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
    }
    images.has_locks = has_content(directory, "filelocks.img");
    if (!read_root_mode(directory, &images.root_mode, error))
        return false;
    *ret_images = images;
    return true;
}
