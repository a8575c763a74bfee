/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/archive-checks.h"

#include "base/digest.h"
#include "base/log.h"
#include "base/path.h"
#include "engine/archive-policy.h"
#include "engine/checkpoint.h"
#include "engine/container-network-plan.h"
#include "engine/create-options.h"
#include "engine/image-pull.h"
#include "engine/name-generator.h"
#include "engine/network-options.h"
#include "engine/network.h"
#include "engine/volume.h"
#include "state/container-networks.h"
#include "state/image-name.h"
#include "state/image-record.h"
#include "state/secret-record.h"

#include <string.h>

#define MISSING_MAX 100 /* bytes of names of processor flags; there may be many */

bool archive_check_options(const floe_archive_restore_options *options, GError **error)
{
    if ((options->archive == NULL) == (options->image == NULL))
        return err_set(error, FLOE_ERROR_INVALID, "an import needs an archive, or an image");
    if (options->tcp_established && options->name != NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "--tcp-established cannot be used with --name: connections belong to an "
                       "address, and a container with a new name gets a new one");
    if (!restore_check_connections(options->tcp_established, options->tcp_close,
                                   options->ignore_static_ip, error))
        return false;
    if (options->name != NULL && !container_name_check(options->name, error))
        return err_prefix(error, "--name");
    return allow_check(options->allow, error);
}

/* --- name, id --------------------------------------------------------------------------------- */

static bool is_free(ArchiveCheck *check, const char *text, const char *what, GError **error)
{
    g_autoptr(ContainerRecord) owner = NULL;
    g_autoptr(GError) err = NULL;
    g_autofree char *id = NULL;

    if (!container_find(check->engine->db, text, &id, &err)) {
        if (err_is(err, FLOE_ERROR_NOT_FOUND) || err_is(err, FLOE_ERROR_AMBIGUOUS))
            return true;
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    if (!container_load(check->engine->db, id, &owner, error))
        return false;
    /* What was found by the beginning of an id has another one. */
    if (!g_str_equal(owner->id, text) && !g_str_equal(owner->name, text))
        return true;
    return err_set(error, FLOE_ERROR_EXISTS,
                   "the %s \"%s\" is in use by container %.12s (\"%s\"): remove it, or restore with "
                   "another name (--name)",
                   what, text, owner->id, owner->name);
}

bool archive_check_name(ArchiveCheck *check, GError **error)
{
    ContainerRecord *record = check->archive->record;

    g_free(check->archive_id);
    check->archive_id = g_strdup(record->id);
    if (check->options->name != NULL) {
        g_free(record->name);
        g_free(record->id);
        record->name = g_strdup(check->options->name);
        record->id = id_random();
    }
    return is_free(check, record->name, "name", error) && is_free(check, record->id, "ID", error);
}

/* --- the host's things ------------------------------------------------------------------------ */

bool archive_check_policy(ArchiveCheck *check, GError **error)
{
    g_autoptr(ContainerRecord) local = NULL;
    g_autoptr(GError) err = NULL;
    char **hooks = check->archive->hooks;

    if (!container_load(check->engine->db, check->archive_id, &local, &err) &&
        !err_is(err, FLOE_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&err));
        return false;
    }
    for (; hooks != NULL && *hooks != NULL; hooks++)
        log_warn("the archive's hook '%s' is left out: no program of an archive runs on the host",
                 *hooks);
    return archive_policy_check(check->archive->record, local != NULL ? &local->config : NULL,
                                check->options->allow, error);
}

bool archive_check_mounts(ArchiveCheck *check, GError **error)
{
    const GPtrArray *mounts = archive_check_config(check)->mounts;

    for (guint i = 0; i < mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(mounts, i);

        if (g_str_equal(mount->type, "bind") && !path_exists(mount->source))
            return err_set(error, FLOE_ERROR_NOT_FOUND,
                           "the container has the host's '%s' at '%s', and there is no such thing "
                           "on this host",
                           mount->source, mount->destination);
    }
    return true;
}

bool archive_check_volumes(ArchiveCheck *check, GError **error)
{
    const GPtrArray *mounts = archive_check_config(check)->mounts;

    for (guint i = 0; i < mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(mounts, i);
        bool exists = false;

        if (!g_str_equal(mount->type, "volume"))
            continue;
        if (!volume_name_check(mount->source, error) ||
            !volume_exists(check->engine, mount->source, &exists, error))
            return false;
        if (exists && !check->options->ignore_volumes)
            return err_set(error, FLOE_ERROR_EXISTS,
                           "volume \"%s\" exists: remove it, or use --ignore-volumes to restore "
                           "with what it holds",
                           mount->source);
    }
    return true;
}

/* --- secrets ---------------------------------------------------------------------------------- */

/* Those of the same names here; no archive brings what they hold. */
bool archive_check_secrets(ArchiveCheck *check, GError **error)
{
    const GPtrArray *secrets = archive_check_config(check)->secrets;

    for (guint i = 0; secrets != NULL && i < secrets->len; i++) {
        const SecretConfig *secret = g_ptr_array_index(secrets, i);
        g_autoptr(SecretRecord) record = NULL;

        if (!secret_find(check->engine->db, secret->name, &record, error))
            return false;
        if (record == NULL)
            return err_set(error, FLOE_ERROR_NOT_FOUND,
                           "the container has the secret '%s', which is not here, and an archive "
                           "brings none: make it first with 'floe secret create'",
                           secret->name);
    }
    return true;
}

/* --- network ---------------------------------------------------------------------------------- */

/* Into another network: what it had in its own ones does not count. */
static bool move_home(ArchiveCheck *check, GError **error)
{
    ContainerConfig *config = archive_check_config(check);
    g_auto(GStrv) parts = g_strsplit(check->options->network, ":", 2);
    NetworkConfig *network;

    if (!g_str_equal(config->network_mode, "bridge"))
        return err_set(error, FLOE_ERROR_INVALID,
                       "--network: the container has no network of its own that could be another "
                       "one (%s)",
                       config->network_mode);
    for (guint i = 1; i < config->networks->len; i++) {
        NetworkConfig *other = g_ptr_array_index(config->networks, i);

        log_warn("the container is not in network '%s' any more", other->name);
        network_config_free(other);
    }
    g_ptr_array_set_size(config->networks, 1);
    network = g_ptr_array_index(config->networks, 0);
    g_free(network->name);
    network->name = g_strdup(parts[0]);
    network_forget(network, NULL);
    g_clear_pointer(&network->interface_name, g_free);
    return (parts[1] == NULL || network_options_parse(parts[1], network, error)) &&
           network_options_name_interfaces(config->networks, error);
}

/* A network that only has another name here is not known: who has it must say so. */
static bool check_network(ArchiveCheck *check, NetworkConfig *wish, GError **error)
{
    g_autoptr(Network) network = NULL;
    g_autoptr(GError) err = NULL;

    if (g_str_equal(wish->name, "bridge")) {
        g_free(wish->name);
        wish->name = g_strdup(NETWORK_DEFAULT_NAME);
    }
    if (engine_network(check->engine, wish->name, &network, &err))
        return true;
    if (err_is(err, FLOE_ERROR_NOT_FOUND))
        return err_set(error, FLOE_ERROR_NOT_FOUND,
                       "there is no network '%s' here; use --network %s to restore it in another "
                       "one",
                       wish->name, NETWORK_DEFAULT_NAME);
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

bool archive_check_network(ArchiveCheck *check, GError **error)
{
    const ContainerConfig *config = archive_check_config(check);

    if (check->options->network != NULL && !move_home(check, error))
        return false;
    if (!g_str_equal(config->network_mode, "bridge"))
        return true;
    for (guint i = 0; i < config->networks->len; i++) {
        if (!check_network(check, g_ptr_array_index(config->networks, i), error))
            return false;
    }
    return true;
}

bool archive_check_ports(ArchiveCheck *check, GError **error)
{
    ContainerConfig *config = archive_check_config(check);
    const char *const *publish = check->options->publish;

    if (publish == NULL || publish[0] == NULL)
        return true;
    if (config->pod_id != NULL && g_str_equal(config->network_mode, "container"))
        return err_set(error, FLOE_ERROR_INVALID, "--publish: the ports are the pod's");
    port_configs_clear(&config->ports);
    return ports_publish(publish, config, error);
}

/* --- image ------------------------------------------------------------------------------------ */

static bool is_other_image(ArchiveCheck *check, const char *id, GError **error)
{
    ContainerConfig *config = archive_check_config(check);

    if (!allow_has(check->options->allow, ALLOW_IMAGE))
        return err_set(error, FLOE_ERROR_INVALID,
                       "the image '%s' is another one (%.12s) than the container's (%.12s): its "
                       "files may not fit the processes; use --allow " ALLOW_IMAGE " if you know "
                       "that they do",
                       config->image_name, id, config->image_id);
    g_free(config->image_id);
    config->image_id = g_strdup(id);
    return true;
}

/* From a registry: what skopeo takes for a place on this host is nothing that an archive may name. */
static bool pull_image(ArchiveCheck *check, GError **error)
{
    const ContainerConfig *config = archive_check_config(check);
    g_auto(PulledImage) image = { 0 };
    g_autofree char *name = NULL;

    if (!image_name_normalize(config->image_name, &name, error))
        return err_prefix(error, "the container's image");
    if (g_str_has_prefix(name, "localhost/"))
        return err_set(error, FLOE_ERROR_NOT_FOUND,
                       "the container's image '%s' (%.12s) is not here, and is in no registry: bring "
                       "it here first",
                       name, config->image_id);
    if (!image_ensure(check->engine, name, NULL, &image, error))
        return err_prefix(error, "the container's image '%s', which is not here", name);
    check->archive->pulled_image = g_strdup(image.full_name != NULL ? image.full_name : image.id);
    return g_str_equal(image.id, config->image_id) || is_other_image(check, image.id, error);
}

/*
 * The very image, whatever its name is here; else one of its name would be another one. Or a directory.
 */
bool archive_check_image(ArchiveCheck *check, GError **error)
{
    const ContainerConfig *config = archive_check_config(check);
    g_autoptr(ImageRecord) image = NULL;
    g_autoptr(GError) err = NULL;
    g_autofree char *id = NULL;

    if (config->rootfs != NULL)
        return path_exists(config->rootfs) ||
               err_set(error, FLOE_ERROR_NOT_FOUND,
                       "the container's root is the directory '%s', and there is no such thing on "
                       "this host",
                       config->rootfs);
    if (image_load(check->engine->db, config->image_id, &image, &err))
        return true;
    if (err_is(err, FLOE_ERROR_NOT_FOUND)) {
        g_clear_error(&err);
        if (image_find(check->engine->db, config->image_name, &id, NULL, &err))
            return is_other_image(check, id, error);
    }
    if (err_is(err, FLOE_ERROR_NOT_FOUND))
        return pull_image(check, error);
    g_propagate_error(error, g_steal_pointer(&err));
    return false;
}

/* --- all -------------------------------------------------------------------------------------- */

bool archive_checks_run(ArchiveCheck *check, GError **error)
{
    /* What costs more, or may ask a registry, comes last. */
    static bool (*const checks[])(ArchiveCheck * check, GError * *error) = {
        archive_check_pod,    archive_check_dependencies, archive_check_namespaces,
        archive_check_name,   archive_check_secrets,      archive_check_policy,
        archive_check_mounts, archive_check_volumes,      archive_check_network,
        archive_check_ports,  archive_check_runtime,      archive_check_host,
        archive_check_image,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(checks); i++) {
        if (!checks[i](check, error))
            return false;
    }
    for (char **text = check->archive->not_taken; *text != NULL; text++)
        log_warn("floe has nothing like this of the container, which goes on without: %s", *text);
    return true;
}
