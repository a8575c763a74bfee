/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pstree.img names the processes; what each is like stands in images named by its id: core-ID (what
 * it does), ids-ID (the tables that it uses), fs-ID (where it is), mm-ID and pagemap-ID (its memory).
 */
#include "oci/criu-processes.h"

#include "oci/criu-memory.h"

#include <string.h>
#include <sys/wait.h>

#define PROCESSES_MAX (64 * 1024)

/* task_state (CRIU criu/include/pid.h) */
enum { TASK_ALIVE = 1, TASK_DEAD = 2, TASK_STOPPED = 3, TASK_ZOMBIE = 6 };

typedef struct Processes {
    const CriuDump *dump;
    CriuFiles *files;
    const CriuKnown *known;
    GHashTable *seen; /* ids */
    const char *machine;
} Processes;

/* --- core ------------------------------------------------------------------------------------- */

/* CRIU images/core.proto: core_entry, and of its parts task_core_entry, thread_core_entry, ids. */
typedef struct Core {
    uint64_t machine;
    ProtobufBytes task, ids, thread;
    uint64_t state, exit_status;
    ProtobufBytes name;
    ProtobufBytes credentials;
    uint64_t uid, gid;
    uint64_t files_id;
} Core;

static bool core_parse(ProtobufBytes entry, Core *core)
{
    static const ProtobufSlot whole[] = {
        PROTOBUF_INTEGER(1, Core, machine),
        PROTOBUF_PART(3, Core, task),
        PROTOBUF_PART(4, Core, ids),
        PROTOBUF_PART(5, Core, thread),
    };
    static const ProtobufSlot task[] = {
        PROTOBUF_INTEGER(1, Core, state),
        PROTOBUF_INTEGER(2, Core, exit_status),
        PROTOBUF_PART(6, Core, name),
    };
    static const ProtobufSlot thread[] = { PROTOBUF_PART(10, Core, credentials) };
    static const ProtobufSlot credentials[] = { PROTOBUF_INTEGER(1, Core, uid),
                                                PROTOBUF_INTEGER(2, Core, gid) };
    static const ProtobufSlot ids[] = { PROTOBUF_INTEGER(2, Core, files_id) };

    return protobuf_read(entry, whole, G_N_ELEMENTS(whole), core) &&
           protobuf_read(core->task, task, G_N_ELEMENTS(task), core) &&
           protobuf_read(core->thread, thread, G_N_ELEMENTS(thread), core) &&
           protobuf_read(core->credentials, credentials, G_N_ELEMENTS(credentials), core) &&
           protobuf_read(core->ids, ids, G_N_ELEMENTS(ids), core);
}

static bool core_read(const CriuDump *dump, uint32_t pid, Core *ret_core, GError **error)
{
    static const ProtobufSlot ids[] = { { 2, PROTOBUF_VARINT, 0 } };
    g_autofree char *core_name = g_strdup_printf("core-%u.img", pid);
    g_autofree char *ids_name = g_strdup_printf("ids-%u.img", pid);
    ProtobufBytes entry;
    Core core = { 0 };

    if (!criu_dump_single(dump, CRIU_CORE, core_name, true, &entry, error))
        return false;
    if (!core_parse(entry, &core))
        return criu_image_broken(core_name, error);
    if (!criu_dump_single(dump, CRIU_IDS, ids_name, false, &entry, error))
        return false;
    if (!protobuf_read(entry, ids, G_N_ELEMENTS(ids), &core.files_id))
        return criu_image_broken(ids_name, error);
    *ret_core = core;
    return true;
}

/* The names as uname(2) gives them; core_entry's enum march. */
static const char *machine_name(uint64_t machine)
{
    static const char *const names[] = { NULL,    "x86_64", "arm",         "aarch64", "ppc64le",
                                         "s390x", "mips64", "loongarch64", "riscv64" };

    return machine < G_N_ELEMENTS(names) ? names[machine] : NULL;
}

static const char *state_name(uint64_t state)
{
    switch (state) {
    case TASK_ALIVE: return "running";
    case TASK_STOPPED: return "stopped";
    case TASK_DEAD:
    case TASK_ZOMBIE: return "zombie";
    default: return "unknown";
    }
}

static void tell_core(const Core *core, json_t *process)
{
    g_autofree char *name = protobuf_text(core->name);
    int status = (int)core->exit_status;

    json_object_set_new(process, "Name", json_from_string(name));
    json_object_set_new(process, "State", json_string(state_name(core->state)));
    if (core->state == TASK_DEAD || core->state == TASK_ZOMBIE) {
        json_set_number(process, "ExitCode",
                        (uint64_t)(WIFSIGNALED(status) ? 128 + WTERMSIG(status)
                                                       : WEXITSTATUS(status)));
        return;
    }
    json_set_number(process, "Uid", core->uid & UINT32_MAX);
    json_set_number(process, "Gid", core->gid & UINT32_MAX);
}

/* --- memory and files ------------------------------------------------------------------------- */

static bool tell_memory(const Processes *all, uint32_t pid, json_t *process, GError **error)
{
    static const ProtobufSlot executable = { 12, PROTOBUF_VARINT, 0 }; /* CRIU images/mm.proto */
    g_autofree char *name = g_strdup_printf("mm-%u.img", pid);
    CriuMemory memory;
    ProtobufBytes entry;
    uint64_t id = 0, page_size = all->known->page_size;

    if (!criu_memory_read(all->dump, pid, &memory, error) ||
        !criu_dump_single(all->dump, CRIU_MM, name, false, &entry, error))
        return false;
    if (page_size > 0) {
        json_set_number(process, "Memory", memory.saved_pages * page_size);
        json_set_number(process, "MemoryBefore", memory.parent_pages * page_size);
    }
    if (!protobuf_read(entry, &executable, 1, &id))
        return criu_image_broken(name, error);

    g_autofree char *path = id != 0 ? criu_files_path(all->files, (uint32_t)id) : NULL;
    if (path != NULL)
        json_object_set_new(process, "Executable", json_from_string(path));
    return true;
}

/* CRIU images/fs.proto */
static bool tell_directory(const Processes *all, uint32_t pid, json_t *process, GError **error)
{
    static const ProtobufSlot directory = { 1, PROTOBUF_VARINT, 0 };
    g_autofree char *name = g_strdup_printf("fs-%u.img", pid);
    ProtobufBytes entry;
    uint64_t id = 0;

    if (!criu_dump_single(all->dump, CRIU_FS, name, false, &entry, error))
        return false;
    if (!protobuf_read(entry, &directory, 1, &id))
        return criu_image_broken(name, error);

    g_autofree char *path = id != 0 ? criu_files_path(all->files, (uint32_t)id) : NULL;
    if (path != NULL)
        json_object_set_new(process, "Directory", json_from_string(path));
    return true;
}

static bool tell_files(const Processes *all, const Core *core, json_t *process, GError **error)
{
    json_t *open_files = json_array(), *sockets = json_array();

    json_object_set_new(process, "Files", open_files);
    json_object_set_new(process, "Sockets", sockets);
    return criu_files_add(all->files, (uint32_t)core->files_id, open_files, sockets, error);
}

/* --- all processes ---------------------------------------------------------------------------- */

/* CRIU images/pstree.proto */
typedef struct TreeEntry {
    uint64_t pid, parent, group, session;
} TreeEntry;

/* Of a zombie, CRIU writes numbers that mean nothing. */
static bool is_zombie(const json_t *process)
{
    return json_object_get(process, "ExitCode") != NULL;
}

static bool tell_threads(ProtobufBytes message, json_t *process)
{
    g_autoptr(GArray) threads = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    json_t *list = json_array();

    json_object_set_new(process, "Threads", list);
    if (!protobuf_integers(message, 5, threads))
        return false;
    for (size_t i = 0; i < threads->len; i++)
        json_array_append_new(list, json_integer((json_int_t)(g_array_index(threads, uint64_t, i) &
                                                              UINT32_MAX)));
    return true;
}

static bool tell_process(Processes *all, const TreeEntry *entry, json_t *process, GError **error)
{
    uint32_t pid = (uint32_t)entry->pid;
    char **command = g_hash_table_lookup(all->known->commands, GUINT_TO_POINTER(pid));
    Core core = { 0 };

    if (!g_hash_table_add(all->seen, GUINT_TO_POINTER(pid)))
        return err_set(error, FLOE_ERROR_INVALID, "process %u is there twice", pid);
    if (!core_read(all->dump, pid, &core, error))
        return false;
    if (all->machine == NULL)
        all->machine = machine_name(core.machine);
    tell_core(&core, process);
    if (command != NULL)
        json_object_set_new(process, "Command", json_from_strv((const char *const *)command));
    return tell_memory(all, pid, process, error) && tell_directory(all, pid, process, error) &&
           tell_files(all, &core, process, error);
}

static bool add_process(Processes *all, const char *name, ProtobufBytes message, json_t *list,
                        GError **error)
{
    static const ProtobufSlot slots[] = {
        PROTOBUF_INTEGER(1, TreeEntry, pid),
        PROTOBUF_INTEGER(2, TreeEntry, parent),
        PROTOBUF_INTEGER(3, TreeEntry, group),
        PROTOBUF_INTEGER(4, TreeEntry, session),
    };
    TreeEntry entry = { 0 };
    json_t *process = json_object();

    json_array_append_new(list, process);
    if (!protobuf_read(message, slots, G_N_ELEMENTS(slots), &entry) || entry.pid > INT32_MAX)
        return criu_image_broken(name, error);
    json_set_number(process, "Pid", entry.pid);
    json_set_number(process, "Ppid", entry.parent);
    json_set_number(process, "Pgid", entry.group);
    json_set_number(process, "Sid", entry.session);
    return tell_process(all, &entry, process, error) &&
           (is_zombie(process) || tell_threads(message, process) || criu_image_broken(name, error));
}

bool criu_processes(const CriuDump *dump, CriuFiles *files, const CriuKnown *known,
                    json_t **ret_processes, const char **ret_machine, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    Processes all = { dump, files, known, seen, NULL };
    g_autoptr(JsonValue) list = json_array();
    ProtobufBytes data, message;
    const char *name;
    CriuImage image;

    if (!criu_dump_find(dump, &data, &name, "pstree.img"))
        return err_set(error, FLOE_ERROR_INVALID, "there is no 'pstree.img'");
    if (!criu_image_open(&image, name, CRIU_PSTREE, data, error))
        return false;
    for (;;) {
        if (!criu_image_next(&image, &message, error))
            return false;
        if (message.at == NULL)
            break;
        if (json_array_size(list) == PROCESSES_MAX)
            return err_set(error, FLOE_ERROR_INVALID, "there are more than %d processes",
                           PROCESSES_MAX);
        if (!add_process(&all, name, message, list, error))
            return false;
    }
    *ret_processes = g_steal_pointer(&list);
    *ret_machine = all.machine;
    return true;
}

char **criu_command_split(const char *data, size_t length)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();

    /* Programs that name themselves (setproctitle) leave NULs behind. */
    while (length > 1 && data[length - 1] == '\0' && data[length - 2] == '\0')
        length--;
    while (length > 0) {
        size_t word = strnlen(data, length);

        g_ptr_array_add(words, g_strndup(data, word));
        word = MIN(word + 1, length);
        data += word;
        length -= word;
    }
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&words), FALSE);
}
