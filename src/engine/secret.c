/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/secret.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/lock.h"
#include "base/path.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define NAME_MAX_BYTES 64
#define ID_DIGITS      25 /* as podman's (containers/common, pkg/secrets/secrets.go) */
#define NAME_CHARS     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

static bool name_check(const char *name, GError **error)
{
    size_t length = strlen(name);

    if (length > 0 && length <= NAME_MAX_BYTES && strspn(name, NAME_CHARS) == length &&
        g_ascii_isalnum(name[0]) && name[length - 1] != '-' && name[length - 1] != '.')
        return true;
    return err_set(error, FLOE_ERROR_INVALID,
                   "a secret's name has at most %d of the characters [a-zA-Z0-9-_.], begins with a "
                   "letter or digit, and ends with neither '-' nor '.': %s: invalid secret name",
                   NAME_MAX_BYTES, name);
}

static bool wish_check(const SecretWish *wish, GError **error)
{
    if (!name_check(wish->name, error))
        return false;
    return (wish->length > 0 && wish->length <= SECRET_BYTES_MAX) ||
           err_set(error, FLOE_ERROR_INVALID,
                   "secret data must be larger than 0 and less than %d bytes", SECRET_BYTES_MAX + 1);
}

char *secret_directory(const floe_engine *engine)
{
    return g_build_filename(engine->root, "secrets", NULL);
}

static char *secret_path(const floe_engine *engine, const char *id)
{
    return g_build_filename(engine->root, "secrets", id, NULL);
}

static bool secrets_lock(floe_engine *engine, Lock *ret_lock, GError **error)
{
    g_autofree char *locks = g_build_filename(engine->runroot, "locks", NULL);
    g_autofree char *path = g_build_filename(locks, "secrets", NULL);

    return dir_make(locks, 0700, error) && lock_acquire(path, ret_lock, error);
}

static bool remove_file(const char *path, GError **error)
{
    return unlink(path) == 0 || errno == ENOENT || err_set_errno(error, "remove '%s'", path);
}

static bool is_listed(const GPtrArray *records, const char *id)
{
    for (guint i = 0; i < records->len; i++) {
        if (g_str_equal(((const SecretRecord *)g_ptr_array_index(records, i))->id, id))
            return true;
    }
    return false;
}

/* Under the lock, where each file of a secret is named by a row. */
static bool sweep(floe_engine *engine, GError **error)
{
    g_autofree char *directory = secret_directory(engine);
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(GDir) dir = NULL;
    const char *name;

    if (!dir_make(directory, 0700, error) || !secret_list(engine->db, &records, error))
        return false;
    dir = g_dir_open(directory, 0, error);
    if (dir == NULL)
        return false;
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = secret_path(engine, name);

        if (!is_listed(records, name) && !remove_file(path, error))
            return false;
    }
    return true;
}

/* --- storing ---------------------------------------------------------------------------------- */

static SecretRecord *record_make(const SecretWish *wish, const SecretRecord *before)
{
    g_autofree char *digits = id_random();
    SecretRecord *record = secret_record_new();

    record->id = g_strndup(digits, ID_DIGITS);
    record->name = g_strdup(wish->name);
    record->updated_unix_ns = clock_unix_ns();
    record->created_unix_ns = before != NULL ? before->created_unix_ns : record->updated_unix_ns;
    record->labels = wish->labels != NULL ? json_deep_copy(wish->labels) : json_object();
    return record;
}

/* From one moment to the next the name stands for the new one. */
static bool record_switch(floe_engine *engine, const SecretRecord *before,
                          const SecretRecord *record, GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    return transaction_begin(engine->db, true, &transaction, error) &&
           (before == NULL || secret_delete(engine->db, before->id, error)) &&
           secret_insert(engine->db, record, error) && transaction_commit(&transaction, error);
}

bool secret_store(floe_engine *engine, const SecretWish *wish, char **ret_id, GError **error)
{
    g_autoptr(SecretRecord) before = NULL;
    g_autoptr(SecretRecord) record = NULL;
    g_autofree char *path = NULL;
    g_auto(Lock) lock = LOCK_NONE;

    if (!wish_check(wish, error) || !secrets_lock(engine, &lock, error) || !sweep(engine, error) ||
        !secret_find(engine->db, wish->name, &before, error))
        return false;
    if (before != NULL && !wish->replace)
        return err_set(error, FLOE_ERROR_EXISTS, "%s: secret name in use", wish->name);
    record = record_make(wish, before);
    path = secret_path(engine, record->id);
    if (!file_write_durable(path, wish->data, wish->length, 0600, error))
        return false;
    if (!record_switch(engine, before, record, error)) {
        unlink(path);
        return false;
    }
    *ret_id = g_strdup(record->id);
    return before == NULL || sweep(engine, error);
}

/* --- reading and removing --------------------------------------------------------------------- */

bool secret_load(floe_engine *engine, const char *name, char **ret_data, size_t *ret_length,
                 GError **error)
{
    g_autoptr(SecretRecord) record = NULL;
    g_autofree char *path = NULL;
    g_auto(Lock) lock = LOCK_NONE;

    /* With the lock, for its file goes when the secret is replaced. */
    if (!secrets_lock(engine, &lock, error) || !secret_find(engine->db, name, &record, error))
        return false;
    if (record == NULL)
        return secret_not_found(name, error);
    path = secret_path(engine, record->id);
    return file_read(path, SECRET_BYTES_MAX, ret_data, ret_length, error) ||
           err_prefix(error, "secret '%s'", record->name);
}

bool secret_remove(floe_engine *engine, const char *name_or_id, char **ret_id, GError **error)
{
    g_autoptr(SecretRecord) record = NULL;
    g_auto(Transaction) transaction = TRANSACTION_NONE;
    g_auto(Lock) lock = LOCK_NONE;

    if (!secrets_lock(engine, &lock, error) || !sweep(engine, error) ||
        !transaction_begin(engine->db, true, &transaction, error) ||
        !secret_lookup(engine->db, name_or_id, &record, error) ||
        !secret_delete(engine->db, record->id, error) || !transaction_commit(&transaction, error) ||
        !sweep(engine, error))
        return false;
    *ret_id = g_strdup(record->id);
    return true;
}

void secret_wipe(char *data, size_t length)
{
    if (data == NULL)
        return;
    explicit_bzero(data, length);
    g_free(data);
}
