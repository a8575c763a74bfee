/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRIU images/core.proto, images/creds.proto. CRIU reads with protobuf-c, which puts a part that is
 * there twice together from both, lists one behind the other: what is read here must not be another
 * thing than what CRIU will read, so such an image is refused.
 */
#include "oci/criu-privileges.h"

#include "base/path.h"
#include "oci/criu-dump.h"

#define SECCOMP_FILTERED 2 /* enum seccomp_mode */
#define SET_WORDS        2 /* a set is two words, the low one first: CRIU's CR_CAP_SIZE */

/* task_state (CRIU criu/include/pid.h): of these nothing runs any more */
enum { TASK_DEAD = 2, TASK_ZOMBIE = 6 };

typedef struct Core {
    ProtobufBytes task, thread, credentials;
    uint64_t state, seccomp;
} Core;

/* cap_inh, cap_prm, cap_eff, cap_bnd, cap_amb */
static const uint64_t set_fields[] = { 9, 10, 11, 12, 19 };

/* The part with this number, which may be there once. */
static bool take_part(ProtobufBytes message, uint64_t number, ProtobufBytes *ret_part)
{
    while (message.length > 0) {
        ProtobufField field;

        if (!protobuf_next(&message, &field))
            return false;
        if (field.number != number)
            continue;
        if (field.type != PROTOBUF_BYTES || ret_part->at != NULL)
            return false;
        *ret_part = field.bytes;
    }
    return true;
}

static bool core_parse(ProtobufBytes entry, Core *core)
{
    static const ProtobufSlot task[] = { PROTOBUF_INTEGER(1, Core, state) };
    static const ProtobufSlot thread[] = { PROTOBUF_INTEGER(11, Core, seccomp) };

    if (!take_part(entry, 3, &core->task) || !take_part(entry, 5, &core->thread))
        return false;
    /*
     * A thread's image has no task: it lives with its process, and where it says nothing of a filter
     * CRIU gives it the process's (SECCOMP_FILTER_FLAG_TSYNC).
     */
    if (core->task.at == NULL)
        core->seccomp = SECCOMP_FILTERED;
    return take_part(core->thread, 10, &core->credentials) &&
           protobuf_read(core->task, task, G_N_ELEMENTS(task), core) &&
           protobuf_read(core->thread, thread, G_N_ELEMENTS(thread), core);
}

static bool add_set(ProtobufBytes credentials, uint64_t field, uint64_t *capabilities)
{
    g_autoptr(GArray) words = g_array_new(FALSE, FALSE, sizeof(uint64_t));

    if (!protobuf_integers(credentials, field, words) || words->len > SET_WORDS)
        return false;
    for (guint i = 0; i < words->len; i++)
        *capabilities |= (g_array_index(words, uint64_t, i) & UINT32_MAX) << (32 * i);
    return true;
}

bool criu_privileges_add(const char *name, const void *data, size_t length, uint32_t id,
                         CriuPrivileges *privileges, GError **error)
{
    ProtobufBytes entry;
    Core core = { 0 };

    if (!criu_image_single(name, CRIU_CORE, (ProtobufBytes){ data, length }, &entry, error))
        return false;
    if (!core_parse(entry, &core))
        return criu_image_broken(name, error);
    if (core.task.at != NULL && (core.state == TASK_DEAD || core.state == TASK_ZOMBIE))
        return true;
    if (core.credentials.at == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "'%s' holds a process without credentials", name);
    for (size_t i = 0; i < G_N_ELEMENTS(set_fields); i++) {
        if (!add_set(core.credentials, set_fields[i], &privileges->capabilities))
            return criu_image_broken(name, error);
    }
    if (core.seccomp != SECCOMP_FILTERED)
        privileges->unfiltered = (pid_t)id;
    return true;
}

bool criu_privileges_look(const char *directory, CriuPrivileges *ret_privileges, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    CriuPrivileges privileges = { 0 };
    const char *name;

    if (dir == NULL)
        return err_set(error, FLOE_ERROR_IO, "cannot read the directory '%s'", directory);
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(directory, name, NULL);
        g_autofree char *data = NULL;
        size_t length;
        uint32_t id;

        if (!criu_image_number(name, "core-", &id))
            continue;
        if (!file_read(path, CRIU_IMAGE_LIMIT, &data, &length, error) ||
            !criu_privileges_add(name, data, length, id, &privileges, error))
            return false;
    }
    *ret_privileges = privileges;
    return true;
}
