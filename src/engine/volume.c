/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/volume.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/mount.h"
#include "base/path.h"
#include "base/tree.h"
#include "engine/event.h"
#include "engine/name-generator.h"
#include "engine/volume-options.h"
#include "storage/volume.h"

#include <string.h>

#define NAME_MAX_BYTES 255 /* it becomes a file's name */

/* --- names and places ------------------------------------------------------------------------- */

bool volume_name_check(const char *name, GError **error)
{
    if (strlen(name) > NAME_MAX_BYTES)
        return err_set(error, FLOE_ERROR_INVALID, "a volume's name has at most %d characters",
                       NAME_MAX_BYTES);
    return container_name_check(name, error);
}

char *volume_directory(const floe_engine *engine, const char *name)
{
    return g_build_filename(engine->root, "volumes", name, NULL);
}

char *volume_path(const floe_engine *engine, const char *name)
{
    g_autofree char *directory = volume_directory(engine, name);

    return volume_data_path(directory);
}

/* --- locks ------------------------------------------------------------------------------------ */

/* A byte of one file, at 60 bits of the name's digest: none is left when a volume goes. */
bool volume_lock(floe_engine *engine, const char *name, Lock *ret_lock, GError **error)
{
    g_autofree char *locks = g_build_filename(engine->runroot, "locks", NULL);
    g_autofree char *path = g_build_filename(locks, "volumes", NULL);
    g_autofree char *digest = sha256_hex(name, strlen(name));
    g_autofree char *digits = g_strndup(digest, 15);
    int64_t offset = (int64_t)g_ascii_strtoull(digits, NULL, 16);

    return dir_make(locks, 0700, error) && lock_acquire_byte(path, offset, ret_lock, error);
}

bool volume_settle(floe_engine *engine, const char *name, VolumeRecord **ret_record, GError **error)
{
    g_autoptr(VolumeRecord) record = NULL;

    if (!volume_find(engine->db, name, &record, error))
        return false;
    if (record != NULL && record->removing) {
        if (!volume_finish_removal(engine, name, error))
            return false;
        g_clear_pointer(&record, volume_record_free);
    }
    *ret_record = g_steal_pointer(&record);
    return true;
}

bool volume_enter(floe_engine *engine, const char *name, Lock *ret_lock, VolumeRecord **ret_record,
                  GError **error)
{
    g_autoptr(VolumeRecord) record = NULL;
    g_auto(Lock) lock = LOCK_NONE;

    if (!volume_lock(engine, name, &lock, error) || !volume_settle(engine, name, &record, error))
        return false;
    if (record == NULL) {
        volume_not_found(name, error);
        return false;
    }
    *ret_record = g_steal_pointer(&record);
    *ret_lock = lock;
    lock = (Lock)LOCK_NONE;
    return true;
}

/* --- making ----------------------------------------------------------------------------------- */

bool volume_exists(floe_engine *engine, const char *name, bool *ret_exists, GError **error)
{
    g_autoptr(VolumeRecord) record = NULL;

    if (!volume_find(engine->db, name, &record, error))
        return false;
    *ret_exists = record != NULL && !record->removing;
    return true;
}

static json_t *copy_of(json_t *object)
{
    return object != NULL ? json_deep_copy(object) : json_object();
}

bool volume_insert_new(floe_engine *engine, const VolumeWish *wish, GError **error)
{
    g_autoptr(VolumeRecord) record = volume_record_new();
    TreeOwner owner;
    bool has_owner;

    if (!volume_name_check(wish->name, error) || !volume_options_check(wish->options, error) ||
        !volume_options_owner(wish->options, &owner, &has_owner, error))
        return false;
    record->name = g_strdup(wish->name);
    record->created_unix_ns = clock_unix_ns();
    record->labels = copy_of(wish->labels);
    record->options = copy_of(wish->options);
    record->is_anonymous = wish->is_anonymous;
    /* What is mounted there has an owner and a content of its own. */
    record->needs_content = !volume_options_mount(wish->options);
    record->needs_owner = record->needs_content && !has_owner;
    return volume_insert(engine->db, record, error);
}

bool volume_make_directory(floe_engine *engine, const VolumeRecord *record, GError **error)
{
    g_autofree char *directory = volume_directory(engine, record->name);
    TreeOwner owner;
    bool given;

    return volume_options_owner(record->options, &owner, &given, error) &&
           volume_make(directory, &owner, error);
}

/* What failed is the directory: without it there is nothing but the row. */
static void undo_creation(floe_engine *engine, const char *name)
{
    g_autofree char *directory = volume_directory(engine, name);
    g_autoptr(GError) err = NULL;

    if (!tree_remove(directory, &err) || !volume_delete(engine->db, name, &err))
        log_ignored(g_steal_pointer(&err), "undo the creation of volume '%s'", name);
}

bool volume_create(floe_engine *engine, const VolumeWish *wish, GError **error)
{
    g_autoptr(VolumeRecord) before = NULL;
    g_autoptr(VolumeRecord) record = NULL;
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    g_auto(Lock) lock = LOCK_NONE;

    if (!volume_name_check(wish->name, error) || !volume_lock(engine, wish->name, &lock, error) ||
        !volume_settle(engine, wish->name, &before, error))
        return false;
    if (!transaction_begin(engine->db, true, &transaction, error) ||
        !volume_insert_new(engine, wish, error) ||
        !volume_find(engine->db, wish->name, &record, error) ||
        !transaction_commit(&transaction, error))
        return false;
    if (!volume_make_directory(engine, record, error)) {
        undo_creation(engine, wish->name);
        return false;
    }
    event_note_volume(engine, FLOE_EVENT_CREATE, wish->name);
    return true;
}

/* --- removal ---------------------------------------------------------------------------------- */

bool volume_finish_removal(floe_engine *engine, const char *name, GError **error)
{
    g_autofree char *directory = volume_directory(engine, name);
    g_autofree char *data = volume_data_path(directory);

    if (!unmount_at(data, error) || !tree_remove(directory, error) ||
        !volume_delete(engine->db, name, error))
        return err_prefix(error, "remove volume '%s'", name);
    event_note_volume(engine, FLOE_EVENT_REMOVE, name);
    return true;
}

/* In one transaction with the look for users: who wants to become one needs the lock. */
static bool begin_removal(floe_engine *engine, VolumeRecord *record, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    record->removing = true;
    return transaction_begin(engine->db, false, &transaction, error) &&
           volume_refuse_users(engine->db, record->name, error) &&
           volume_save(engine->db, record, error) && transaction_commit(&transaction, error);
}

bool volume_remove(floe_engine *engine, const char *name, GError **error)
{
    g_autoptr(VolumeRecord) record = NULL;
    g_auto(Lock) lock = LOCK_NONE;

    return volume_enter(engine, name, &lock, &record, error) &&
           begin_removal(engine, record, error) && volume_finish_removal(engine, name, error);
}

/* --- what is in it ---------------------------------------------------------------------------- */

bool volume_pack_from(floe_engine *engine, const char *name, int fd, GError **error)
{
    g_autofree char *directory = volume_directory(engine, name);
    g_autoptr(VolumeRecord) record = NULL;
    g_auto(Lock) lock = LOCK_NONE;

    /* The lock is not kept: the reader of a pipe may take its time. */
    if (!volume_enter(engine, name, &lock, &record, error) ||
        !volume_make_directory(engine, record, error))
        return false;
    lock_release(&lock);
    return volume_pack(directory, fd, error) || err_prefix(error, "volume '%s'", name);
}

bool volume_unpack_into(floe_engine *engine, const char *name, int fd, GError **error)
{
    g_autofree char *directory = volume_directory(engine, name);
    g_autoptr(VolumeRecord) record = NULL;
    g_auto(Lock) lock = LOCK_NONE;
    bool has_top = false;

    if (!volume_enter(engine, name, &lock, &record, error) ||
        !volume_make_directory(engine, record, error))
        return false;
    if (!volume_unpack(directory, fd, &has_top, error))
        return err_prefix(error, "volume '%s'", name);
    record->needs_content = false;
    record->needs_owner = record->needs_owner && !has_top;
    return volume_save(engine->db, record, error);
}
