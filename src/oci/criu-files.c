/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files.img holds all that is open anywhere, by number (CRIU images/fdinfo.proto); a table of
 * descriptors (fdinfo-N.img) says which numbers a process has under which descriptors.
 */
#include "oci/criu-files.h"

#include "oci/criu-sockets.h"

#include <fcntl.h>

#define FILES_MAX       (1024 * 1024)
#define DESCRIPTORS_MAX (256 * 1024) /* of all processes */
/* What is told of all descriptors, in bytes of messages: many could name one with a long path. */
#define TOLD_MAX ((size_t)64 * 1024 * 1024)

struct CriuFiles {
    const CriuDump *dump;
    GHashTable *entries; /* id -> place in `messages`, counted from 1 */
    GArray *messages;    /* of ProtobufBytes */
    GHashTable *deleted; /* ids of files that have no name any more */
    GHashTable *memfds;  /* inode -> name */
    unsigned n_descriptors;
    size_t told;
};

/* --- what is open anywhere -------------------------------------------------------------------- */

/* CRIU images/fdinfo.proto, file_entry; one of the messages is there, by the type. */
typedef struct FileEntry {
    uint64_t type, id;
    ProtobufBytes regular, inet, packet, netlink, unix_socket, pipe, memfd;
} FileEntry;

static bool entry_parse(ProtobufBytes message, FileEntry *ret_entry)
{
    static const ProtobufSlot slots[] = {
        PROTOBUF_INTEGER(1, FileEntry, type),      PROTOBUF_INTEGER(2, FileEntry, id),
        PROTOBUF_PART(3, FileEntry, regular),      PROTOBUF_PART(4, FileEntry, inet),
        PROTOBUF_PART(6, FileEntry, packet),       PROTOBUF_PART(7, FileEntry, netlink),
        PROTOBUF_PART(16, FileEntry, unix_socket), PROTOBUF_PART(18, FileEntry, pipe),
        PROTOBUF_PART(20, FileEntry, memfd),
    };
    FileEntry entry = { 0 };

    if (!protobuf_read(message, slots, G_N_ELEMENTS(slots), &entry))
        return false;
    *ret_entry = entry;
    return true;
}

static bool index_files(CriuFiles *files, GError **error)
{
    ProtobufBytes data, message;
    const char *name;
    CriuImage image;

    if (!criu_dump_find(files->dump, &data, &name, "files.img"))
        return true;
    if (!criu_image_open(&image, name, CRIU_FILES, data, error))
        return false;
    for (;;) {
        FileEntry entry;

        if (!criu_image_next(&image, &message, error))
            return false;
        if (message.at == NULL)
            return true;
        if (!entry_parse(message, &entry) || files->messages->len == FILES_MAX)
            return criu_image_broken(name, error);
        g_array_append_val(files->messages, message);
        g_hash_table_replace(files->entries, GUINT_TO_POINTER((unsigned)entry.id),
                             GUINT_TO_POINTER(files->messages->len));
    }
}

/* Files that were deleted while open (CRIU images/remap-file-path.proto). */
static bool index_deleted(CriuFiles *files, GError **error)
{
    static const ProtobufSlot slot = { 1, PROTOBUF_VARINT, 0 };
    ProtobufBytes data, message;
    const char *name;
    CriuImage image;

    if (!criu_dump_find(files->dump, &data, &name, "remap-fpath.img"))
        return true;
    if (!criu_image_open(&image, name, CRIU_REMAP_PATH, data, error))
        return false;
    for (;;) {
        uint64_t id = 0;

        if (!criu_image_next(&image, &message, error))
            return false;
        if (message.at == NULL)
            return true;
        if (!protobuf_read(message, &slot, 1, &id) || g_hash_table_size(files->deleted) == FILES_MAX)
            return criu_image_broken(name, error);
        g_hash_table_add(files->deleted, GUINT_TO_POINTER((unsigned)id));
    }
}

/* CRIU images/memfd.proto, memfd_inode_entry */
typedef struct MemfdInode {
    ProtobufBytes name;
    uint64_t inode;
} MemfdInode;

static bool index_memfds(CriuFiles *files, GError **error)
{
    static const ProtobufSlot slots[] = { PROTOBUF_PART(1, MemfdInode, name),
                                          PROTOBUF_INTEGER(7, MemfdInode, inode) };
    ProtobufBytes data, message;
    const char *name;
    CriuImage image;

    if (!criu_dump_find(files->dump, &data, &name, "memfd.img"))
        return true;
    if (!criu_image_open(&image, name, CRIU_MEMFD, data, error))
        return false;
    for (;;) {
        MemfdInode memfd = { 0 };

        if (!criu_image_next(&image, &message, error))
            return false;
        if (message.at == NULL)
            return true;
        if (!protobuf_read(message, slots, G_N_ELEMENTS(slots), &memfd) ||
            g_hash_table_size(files->memfds) == FILES_MAX)
            return criu_image_broken(name, error);
        g_hash_table_replace(files->memfds, GUINT_TO_POINTER((unsigned)memfd.inode),
                             protobuf_text(memfd.name));
    }
}

bool criu_files_new(const CriuDump *dump, CriuFiles **ret_files, GError **error)
{
    g_autoptr(CriuFiles) files = g_new0(CriuFiles, 1);

    files->dump = dump;
    files->entries = g_hash_table_new(NULL, NULL);
    files->messages = g_array_new(FALSE, FALSE, sizeof(ProtobufBytes));
    files->deleted = g_hash_table_new(NULL, NULL);
    files->memfds = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    if (!index_files(files, error) || !index_deleted(files, error) || !index_memfds(files, error))
        return false;
    *ret_files = g_steal_pointer(&files);
    return true;
}

void criu_files_free(CriuFiles *files)
{
    if (files == NULL)
        return;
    g_hash_table_unref(files->entries);
    g_array_unref(files->messages);
    g_hash_table_unref(files->deleted);
    g_hash_table_unref(files->memfds);
    g_free(files);
}

/* False: there is none. *ret_length: of its message. */
static bool entry_find(const CriuFiles *files, uint64_t id, FileEntry *ret_entry, size_t *ret_length)
{
    unsigned place = GPOINTER_TO_UINT(
        g_hash_table_lookup(files->entries, GUINT_TO_POINTER((unsigned)id)));
    ProtobufBytes message;

    if (place == 0)
        return false;
    message = g_array_index(files->messages, ProtobufBytes, place - 1);
    *ret_length = message.length;
    return entry_parse(message, ret_entry); /* as once before */
}

/* --- files ------------------------------------------------------------------------------------ */

/* CRIU images/regfile.proto; memfd.proto has the same numbers but for the last. */
typedef struct RegularFile {
    uint64_t flags, position, size, memfd_inode;
    ProtobufBytes name;
} RegularFile;

static bool regular_parse(ProtobufBytes message, RegularFile *file)
{
    static const ProtobufSlot slots[] = {
        PROTOBUF_INTEGER(2, RegularFile, flags),       PROTOBUF_INTEGER(3, RegularFile, position),
        PROTOBUF_INTEGER(5, RegularFile, memfd_inode), PROTOBUF_PART(6, RegularFile, name),
        PROTOBUF_INTEGER(8, RegularFile, size),
    };

    return protobuf_read(message, slots, G_N_ELEMENTS(slots), file);
}

static json_t *access_of(uint64_t flags)
{
    static const char *const names[] = { [O_RDONLY] = "r", [O_WRONLY] = "w", [O_RDWR] = "rw" };
    uint64_t access = flags & O_ACCMODE;

    return json_string(access < G_N_ELEMENTS(names) ? names[access] : "");
}

static bool tell_regular(const CriuFiles *files, const FileEntry *entry, json_t *object)
{
    RegularFile file = { 0 };

    if (!regular_parse(entry->regular, &file))
        return false;

    g_autofree char *path = protobuf_text(file.name);

    json_object_set_new(object, "Path", json_from_string(path));
    json_object_set_new(object, "Access", access_of(file.flags));
    json_set_number(object, "Position", file.position);
    json_set_number(object, "Size", file.size);
    if (g_hash_table_contains(files->deleted, GUINT_TO_POINTER((unsigned)entry->id)))
        json_object_set_new(object, "Deleted", json_true());
    return true;
}

static bool tell_memfd(const CriuFiles *files, const FileEntry *entry, json_t *object)
{
    RegularFile file = { 0 };
    const char *name;

    if (!regular_parse(entry->memfd, &file))
        return false;
    name = g_hash_table_lookup(files->memfds, GUINT_TO_POINTER((unsigned)file.memfd_inode));
    if (name != NULL)
        json_object_set_new(object, "Name", json_from_string(name));
    json_object_set_new(object, "Access", access_of(file.flags));
    json_set_number(object, "Position", file.position);
    return true;
}

static bool tell_pipe(const CriuFiles *files G_GNUC_UNUSED, const FileEntry *entry, json_t *object)
{
    RegularFile pipe = { 0 }; /* CRIU images/pipe.proto: 2 is the pipe's number, 3 the flags */

    if (!regular_parse(entry->pipe, &pipe))
        return false;
    json_set_number(object, "Pipe", pipe.flags & UINT32_MAX);
    json_object_set_new(object, "Access", access_of(pipe.position));
    return true;
}

/* --- descriptors ------------------------------------------------------------------------------ */

static bool tell_inet(const CriuFiles *files G_GNUC_UNUSED, const FileEntry *entry, json_t *object)
{
    return criu_socket_inet(entry->inet, object);
}

static bool tell_unix(const CriuFiles *files G_GNUC_UNUSED, const FileEntry *entry, json_t *object)
{
    return criu_socket_unix(entry->unix_socket, object);
}

static bool tell_netlink(const CriuFiles *files G_GNUC_UNUSED, const FileEntry *entry,
                         json_t *object)
{
    return criu_socket_netlink(entry->netlink, object);
}

static bool tell_packet(const CriuFiles *files G_GNUC_UNUSED, const FileEntry *entry, json_t *object)
{
    return criu_socket_packet(entry->packet, object);
}

/* By fd_types of CRIU images/fdinfo.proto. */
static const struct {
    const char *name; /* NULL: it is a socket, which has a family instead */
    bool (*tell)(const CriuFiles *files, const FileEntry *entry, json_t *object);
} KINDS[] = {
    [1] = { "file", tell_regular }, [2] = { "pipe", tell_pipe },  [3] = { "fifo", NULL },
    [4] = { NULL, tell_inet },      [5] = { NULL, tell_unix },    [6] = { "eventfd", NULL },
    [7] = { "epoll", NULL },        [8] = { "inotify", NULL },    [9] = { "signalfd", NULL },
    [10] = { NULL, tell_packet },   [11] = { "tty", NULL },       [12] = { "fanotify", NULL },
    [13] = { NULL, tell_netlink },  [14] = { "namespace", NULL }, [15] = { "tun", NULL },
    [16] = { "external", NULL },    [17] = { "timerfd", NULL },   [18] = { "memfd", tell_memfd },
    [19] = { "bpfmap", NULL },      [20] = { "pidfd", NULL },
};

/* CRIU images/fdinfo.proto, fdinfo_entry */
typedef struct Descriptor {
    uint64_t id, flags, type, number;
} Descriptor;

static bool add_descriptor(CriuFiles *files, const Descriptor *descriptor, json_t *open_files,
                           json_t *sockets)
{
    bool is_known = descriptor->type < G_N_ELEMENTS(KINDS) && descriptor->type > 0;
    bool is_socket = is_known && KINDS[descriptor->type].name == NULL;
    json_t *object = json_object();
    FileEntry entry;
    size_t length = 0;

    json_set_number(object, "Fd", descriptor->number);
    if (!is_known)
        json_object_set_new(object, "Type", json_sprintf("%" G_GUINT64_FORMAT, descriptor->type));
    else if (!is_socket)
        json_object_set_new(object, "Type", json_string(KINDS[descriptor->type].name));
    json_array_append_new(is_socket ? sockets : open_files, object);
    if (!is_known || KINDS[descriptor->type].tell == NULL ||
        !entry_find(files, descriptor->id, &entry, &length))
        return true;
    files->told += length;
    return files->told <= TOLD_MAX && KINDS[descriptor->type].tell(files, &entry, object);
}

bool criu_files_add(CriuFiles *files, uint32_t table, json_t *open_files, json_t *sockets,
                    GError **error)
{
    static const ProtobufSlot slots[] = {
        PROTOBUF_INTEGER(1, Descriptor, id),
        PROTOBUF_INTEGER(2, Descriptor, flags),
        PROTOBUF_INTEGER(3, Descriptor, type),
        PROTOBUF_INTEGER(4, Descriptor, number),
    };
    ProtobufBytes data, message;
    const char *name;
    CriuImage image;

    if (!criu_dump_find(files->dump, &data, &name, "fdinfo-%u.img", table))
        return true;
    if (!criu_image_open(&image, name, CRIU_FDINFO, data, error))
        return false;
    for (;;) {
        Descriptor descriptor = { 0 };

        if (!criu_image_next(&image, &message, error))
            return false;
        if (message.at == NULL)
            return true;
        if (++files->n_descriptors > DESCRIPTORS_MAX)
            return err_set(error, FLOE_ERROR_INVALID, "there are more than %d open descriptors",
                           DESCRIPTORS_MAX);
        if (!protobuf_read(message, slots, G_N_ELEMENTS(slots), &descriptor) ||
            !add_descriptor(files, &descriptor, open_files, sockets))
            return criu_image_broken(name, error);
    }
}

char *criu_files_path(const CriuFiles *files, uint32_t id)
{
    FileEntry entry;
    RegularFile file = { 0 };
    size_t length;

    if (!entry_find(files, id, &entry, &length) || !regular_parse(entry.regular, &file) ||
        file.name.at == NULL)
        return NULL;
    return protobuf_text(file.name);
}

/* --- locks ------------------------------------------------------------------------------------ */

/* CRIU images/file-lock.proto */
typedef struct Lock {
    uint64_t kind, type, pid, descriptor;
} Lock;

static json_t *lock_tell(const Lock *lock)
{
    /* FL_POSIX, FL_FLOCK, FL_OFDLCK, FL_LEASE of CRIU criu/include/file-lock.h */
    const char *kind = (lock->kind & 1) != 0   ? "posix"
                       : (lock->kind & 2) != 0 ? "flock"
                       : (lock->kind & 4) != 0 ? "ofd"
                                               : "lease";
    json_t *object = json_object();

    json_set_number(object, "Pid", lock->pid);
    json_set_number(object, "Fd", lock->descriptor);
    json_object_set_new(object, "Kind", json_string(kind));
    json_object_set_new(object, "Type", json_string(lock->type == F_RDLCK ? "read" : "write"));
    return object;
}

bool criu_files_locks(const CriuFiles *files, json_t **ret_locks, GError **error)
{
    static const ProtobufSlot slots[] = {
        PROTOBUF_INTEGER(1, Lock, kind),
        PROTOBUF_INTEGER(2, Lock, type),
        PROTOBUF_INTEGER(3, Lock, pid),
        PROTOBUF_INTEGER(4, Lock, descriptor),
    };
    g_autoptr(JsonValue) locks = json_array();
    ProtobufBytes data, message = { 0 };
    const char *name;
    CriuImage image = { 0 };

    if (criu_dump_find(files->dump, &data, &name, "filelocks.img") &&
        !criu_image_open(&image, name, CRIU_FILE_LOCKS, data, error))
        return false;
    for (;;) {
        Lock lock = { 0 };

        if (!criu_image_next(&image, &message, error))
            return false;
        if (message.at == NULL)
            break;
        if (!protobuf_read(message, slots, G_N_ELEMENTS(slots), &lock) ||
            json_array_size(locks) == DESCRIPTORS_MAX)
            return criu_image_broken(name, error);
        json_array_append_new(locks, lock_tell(&lock));
    }
    *ret_locks = g_steal_pointer(&locks);
    return true;
}
