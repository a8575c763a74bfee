/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-secrets.h"

#include "base/log.h"
#include "base/new-file.h"
#include "base/path.h"
#include "engine/container-remove.h"
#include "engine/environment.h"
#include "engine/secret-options.h"
#include "engine/secret.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const SecretConfig *secret_at(const ContainerConfig *config, guint i)
{
    return g_ptr_array_index(config->secrets, i);
}

static guint n_secrets(const ContainerConfig *config)
{
    return config->secrets != NULL ? config->secrets->len : 0;
}

/* The copy of the one with this number. A secret may be there twice, with two owners. */
static char *copy_path(const floe_container *ctr, guint i)
{
    return g_strdup_printf("%s/%u", ctr->paths.secrets, i);
}

/* --- copies ----------------------------------------------------------------------------------- */

/* It has its name when it is whole, with the owner and the mode that it is to have. */
static bool write_copy(const char *path, const SecretConfig *secret, const char *data,
                       size_t length, GError **error)
{
    g_autofree char *mark = g_strdup_printf("%d", getpid());
    g_auto(NewFile) file = NEW_FILE_NONE;

    if (!new_file_open(path, 0600, mark, &file, error) ||
        !fd_write_all(file.fd, data, length, error))
        return false;
    if (fchown(file.fd, (uid_t)secret->uid, (gid_t)secret->gid) < 0 ||
        fchmod(file.fd, (mode_t)secret->mode) < 0)
        return err_set_errno(error, "set owner and mode of '%s'", path);
    return new_file_keep(&file, true, error);
}

static bool copy_one(floe_container *ctr, guint i, GError **error)
{
    const SecretConfig *secret = secret_at(&ctr->record->config, i);
    g_autofree char *path = copy_path(ctr, i);
    char *data = NULL;
    size_t length = 0;
    bool ok;

    if (secret->destination == NULL || path_exists(path))
        return true;
    if (!secret_load(ctr->engine, secret->name, &data, &length, error))
        return false;
    ok = write_copy(path, secret, data, length, error);
    secret_wipe(data, length);
    return ok;
}

bool container_secrets_copy(floe_container *ctr, GError **error)
{
    guint n = n_secrets(&ctr->record->config);

    if (n > 0 &&
        (!dir_make(ctr->paths.dir, 0700, error) || !dir_make(ctr->paths.secrets, 0700, error)))
        return false;
    for (guint i = 0; i < n; i++) {
        if (!copy_one(ctr, i, error))
            return false;
    }
    return true;
}

bool container_secrets_take(floe_container *ctr, GError **error)
{
    floe_remove_options remove = FLOE_REMOVE_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    if (container_secrets_copy(ctr, error))
        return true;
    remove.volumes = true;
    if (!container_remove(ctr, &remove, &err))
        log_ignored(g_steal_pointer(&err), "remove container \"%s\" again", ctr->record->name);
    return false;
}

/* --- files ------------------------------------------------------------------------------------ */

/* Below SECRETS_DIR, without that; NULL: elsewhere. */
static const char *place_below(const SecretConfig *secret)
{
    if (secret->destination == NULL || !g_str_has_prefix(secret->destination, SECRETS_DIR "/"))
        return NULL;
    return secret->destination + strlen(SECRETS_DIR "/");
}

bool container_secret_is_at(const ContainerConfig *config, const char *destination)
{
    for (guint i = 0; i < n_secrets(config); i++) {
        if (g_strcmp0(secret_at(config, i)->destination, destination) == 0)
            return true;
    }
    return false;
}

bool container_secrets_have_files(const ContainerConfig *config)
{
    for (guint i = 0; i < n_secrets(config); i++) {
        if (secret_at(config, i)->destination != NULL)
            return true;
    }
    return false;
}

bool container_secret_is_from(const floe_container *ctr, const char *source)
{
    size_t length = strlen(ctr->paths.secrets);

    return g_str_equal(source, ctr->paths.secrets_mount) ||
           (strncmp(source, ctr->paths.secrets, length) == 0 && source[length] == '/');
}

/* Here and not by the runtime: below a read-only root it could not make them. */
static bool make_mount_points(floe_container *ctr, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;
    autofd int root_fd = -1;

    if (!dir_make(ctr->paths.secrets_mount, 0755, error) ||
        !root_open(ctr->paths.secrets_mount, &root_fd, error))
        return false;
    for (guint i = 0; i < n_secrets(config); i++) {
        const char *place = place_below(secret_at(config, i));

        if (place != NULL && !root_make_file(root_fd, place, error))
            return err_prefix(error, "secret '%s'", secret_at(config, i)->name);
    }
    return true;
}

bool container_secrets_prepare(floe_container *ctr, GError **error)
{
    if (!container_secrets_have_files(&ctr->record->config))
        return true;
    return container_secrets_copy(ctr, error) && make_mount_points(ctr, error);
}

GArray *container_secrets_files(const floe_container *ctr, GPtrArray *texts)
{
    const ContainerConfig *config = &ctr->record->config;
    GArray *files = g_array_new(FALSE, FALSE, sizeof(SpecFile));

    if (container_secrets_have_files(config)) {
        SpecFile directory = { ctr->paths.secrets_mount, SECRETS_DIR };

        g_array_append_val(files, directory);
    }
    for (guint i = 0; i < n_secrets(config); i++) {
        SpecFile file = { NULL, secret_at(config, i)->destination };

        if (file.destination == NULL)
            continue;
        file.source = copy_path(ctr, i);
        g_ptr_array_add(texts, (gpointer)file.source);
        g_array_append_val(files, file);
    }
    return files;
}

/* --- environment ------------------------------------------------------------------------------ */

bool container_secret_assignment(floe_engine *engine, const SecretConfig *secret, char **ret_text,
                                 GError **error)
{
    char *data = NULL;
    size_t length = 0;
    bool is_text;

    if (!secret_load(engine, secret->name, &data, &length, error))
        return false;
    is_text = strlen(data) == length;
    if (is_text)
        *ret_text = g_strconcat(secret->variable, "=", data, NULL);
    secret_wipe(data, length);
    return is_text ||
           err_set(error, FLOE_ERROR_INVALID,
                   "secret '%s' holds a NUL byte, which no variable can have", secret->name);
}

bool container_secrets_environment(const floe_container *ctr, char ***environment, GError **error)
{
    const ContainerConfig *config = &ctr->record->config;

    for (guint i = 0; i < n_secrets(config); i++) {
        g_autofree char *assignment = NULL;

        if (secret_at(config, i)->variable == NULL)
            continue;
        if (!container_secret_assignment(ctr->engine, secret_at(config, i), &assignment, error) ||
            !environment_set(environment, assignment, error))
            return false;
    }
    return true;
}

bool container_secret_is(const ContainerConfig *config, const char *assignment)
{
    size_t length = strcspn(assignment, "=");

    for (guint i = 0; i < n_secrets(config); i++) {
        const char *variable = secret_at(config, i)->variable;

        if (variable != NULL && strlen(variable) == length &&
            strncmp(variable, assignment, length) == 0)
            return true;
    }
    return false;
}
