/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/secret-options.h"

#include "engine/container-secrets.h"
#include "state/secret-record.h"

#include <string.h>

#define DEFAULT_MODE 0444

/* As they are written; NULL: left out. */
typedef struct SecretText {
    const char *source, *type, *target, *uid, *gid, *mode;
} SecretText;

void secret_config_free(SecretConfig *secret)
{
    if (secret == NULL)
        return;
    g_free(secret->name);
    g_free(secret->id);
    g_free(secret->destination);
    g_free(secret->variable);
    g_free(secret);
}

/* --- where it is ------------------------------------------------------------------------------ */

bool secret_config_place(SecretConfig *secret, const char *target, GError **error)
{
    if (target == NULL || *target == '\0')
        target = secret->name;
    g_free(secret->destination);
    secret->destination = g_canonicalize_filename(target, SECRETS_DIR);
    if (strchr(target, '\n') == NULL &&
        secret->destination[strspn(secret->destination, "/")] != '\0' &&
        !g_str_has_prefix(secret->destination, "/proc/") &&
        !g_str_equal(secret->destination, SECRETS_DIR))
        return true;
    return err_set(error, FLOE_ERROR_INVALID, "target '%s': no secret can be there", target);
}

bool secret_config_name_variable(SecretConfig *secret, const char *name, GError **error)
{
    if (name == NULL || *name == '\0')
        name = secret->name;
    if (strchr(name, '=') != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "target '%s': no variable can have that name",
                       name);
    g_free(secret->variable);
    secret->variable = g_strdup(name);
    return true;
}

void secret_config_add(ContainerConfig *config, SecretConfig *taken_secret)
{
    GPtrArray *secrets = config->secrets != NULL ? config->secrets : g_ptr_array_new();

    for (guint i = 0; i < secrets->len; i++) {
        SecretConfig *other = g_ptr_array_index(secrets, i);

        if (g_strcmp0(other->destination, taken_secret->destination) == 0 &&
            g_strcmp0(other->variable, taken_secret->variable) == 0) {
            secret_config_free(other);
            g_ptr_array_remove_index(secrets, i);
            break;
        }
    }
    g_ptr_array_add(secrets, taken_secret);
    config->secrets = secrets;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool take_word(const char *word, bool is_first, SecretText *text, GError **error)
{
    const struct {
        const char *key;
        const char **value;
    } keys[] = {
        { "source", &text->source }, { "type", &text->type }, { "target", &text->target },
        { "uid", &text->uid },       { "UID", &text->uid },   { "gid", &text->gid },
        { "GID", &text->gid },       { "mode", &text->mode },
    };
    const char *value = strchr(word, '=');

    if (value == NULL && is_first) {
        text->source = word;
        return true;
    }
    if (value == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "option '%s' must be in form option=value", word);
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (strlen(keys[i].key) == (size_t)(value - word) &&
            strncmp(keys[i].key, word, (size_t)(value - word)) == 0) {
            *keys[i].value = value + 1;
            return true;
        }
    }
    return err_set(error, FLOE_ERROR_INVALID, "option '%s' is not known", word);
}

static bool take_number(const char *what, const char *text, unsigned base, uint64_t max,
                        int64_t *ret_number, GError **error)
{
    guint64 number = 0;

    if (text == NULL)
        return true;
    if (!g_ascii_string_to_unsigned(text, base, 0, max, &number, NULL))
        return err_set(error, FLOE_ERROR_INVALID, "%s '%s' is invalid", what, text);
    *ret_number = (int64_t)number;
    return true;
}

static bool take_file(const SecretText *text, SecretConfig *secret, GError **error)
{
    secret->mode = DEFAULT_MODE;
    return secret_config_place(secret, text->target, error) &&
           take_number("uid", text->uid, 10, UINT32_MAX - 1, &secret->uid, error) &&
           take_number("gid", text->gid, 10, UINT32_MAX - 1, &secret->gid, error) &&
           take_number("mode", text->mode, 8, SECRET_MODE_MAX, &secret->mode, error);
}

/* What cannot be in an environment is told now, and not by each start. */
static bool take_variable(floe_engine *engine, const SecretText *text, SecretConfig *secret,
                          GError **error)
{
    g_autofree char *assignment = NULL;

    if (text->uid != NULL || text->gid != NULL || text->mode != NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "uid, gid and mode cannot be set with the type env");
    if (!secret_config_name_variable(secret, text->target, error) ||
        !container_secret_assignment(engine, secret, &assignment, error))
        return false;
    explicit_bzero(assignment, strlen(assignment));
    return true;
}

static bool parse(floe_engine *engine, const char *option, SecretConfig **ret_secret, GError **error)
{
    g_auto(GStrv) words = g_strsplit(option, ",", -1);
    g_autoptr(SecretConfig) secret = g_new0(SecretConfig, 1);
    g_autoptr(SecretRecord) record = NULL;
    SecretText text = { 0 };
    bool is_variable;

    for (size_t i = 0; words[i] != NULL; i++) {
        if (!take_word(words[i], i == 0, &text, error))
            return false;
    }
    if (text.source == NULL || *text.source == '\0')
        return err_set(error, FLOE_ERROR_INVALID, "no secret is named");
    is_variable = g_strcmp0(text.type, "env") == 0;
    if (text.type != NULL && !is_variable && !g_str_equal(text.type, "mount"))
        return err_set(error, FLOE_ERROR_INVALID, "type '%s' is neither mount nor env", text.type);
    if (!secret_lookup(engine->db, text.source, &record, error))
        return false;
    secret->name = g_strdup(record->name);
    secret->id = g_strdup(record->id);
    if (!(is_variable ? take_variable(engine, &text, secret, error)
                      : take_file(&text, secret, error)))
        return false;
    *ret_secret = g_steal_pointer(&secret);
    return true;
}

/* As podman: what the user mounts there is there instead. */
static bool is_mounted_over(const ContainerConfig *config, const SecretConfig *secret)
{
    for (guint i = 0; config->mounts != NULL && i < config->mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(config->mounts, i);

        if (g_strcmp0(mount->destination, secret->destination) == 0)
            return true;
    }
    return false;
}

bool secret_options_apply(const CreateInput *input, ContainerConfig *config, GError **error)
{
    const char *const *option = input->options->secrets;

    for (; option != NULL && *option != NULL; option++) {
        SecretConfig *secret = NULL;

        if (!parse(input->engine, *option, &secret, error))
            return err_prefix(error, "--secret '%s'", *option);
        if (is_mounted_over(config, secret))
            secret_config_free(secret);
        else
            secret_config_add(config, secret);
    }
    return true;
}
