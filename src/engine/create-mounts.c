/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who comes first has a place: -v, --mount and --tmpfs, of which no two may name the same one; then
 * what --volumes-from takes over; then the volumes of the image; then the writable places of a
 * read-only root.
 */
#include "engine/create-mounts.h"

#include "engine/image-choice.h"
#include "engine/mount-options.h"
#include "state/image-record.h"

/* --- of the user ------------------------------------------------------------------------------ */

static bool add_mounts(const char *const *texts,
                       bool (*parse)(const char *text, MountConfig **ret_mount, GError **error),
                       ContainerConfig *config, GError **error)
{
    for (size_t i = 0; texts != NULL && texts[i] != NULL; i++) {
        MountConfig *mount = NULL;

        if (!parse(texts[i], &mount, error))
            return false;
        g_ptr_array_add(config->mounts, mount);
    }
    return true;
}

static bool is_taken(const ContainerConfig *config, const char *destination)
{
    for (guint i = 0; i < config->mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(config->mounts, i);

        if (g_str_equal(mount->destination, destination))
            return true;
    }
    return false;
}

static bool refuse_duplicates(const ContainerConfig *config, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < config->mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(config->mounts, i);

        if (!g_hash_table_add(seen, mount->destination))
            return err_set(error, FLOE_ERROR_INVALID, "%s: duplicate mount destination",
                           mount->destination);
    }
    return true;
}

/* Which image a name means is settled now. */
static bool find_images(floe_engine *engine, ContainerConfig *config, GError **error)
{
    for (guint i = 0; i < config->mounts->len; i++) {
        MountConfig *mount = g_ptr_array_index(config->mounts, i);
        g_autoptr(ImageRecord) image = NULL;

        if (!g_str_equal(mount->type, "image"))
            continue;
        if (!image_choose(engine, mount->source, &image, NULL, error))
            return err_prefix(error, "mount at '%s'", mount->destination);
        g_free(mount->source);
        mount->source = g_strdup(image->id);
    }
    return true;
}

/* --- of other containers ---------------------------------------------------------------------- */

static MountConfig *mount_copy(const MountConfig *mount, const char *access)
{
    MountConfig *copy = g_new0(MountConfig, 1);
    g_autoptr(GStrvBuilder) options = g_strv_builder_new();

    for (char **option = mount->options; option != NULL && *option != NULL; option++) {
        bool is_access = g_str_equal(*option, "ro") || g_str_equal(*option, "rw");

        if (access == NULL || !is_access)
            g_strv_builder_add(options, *option);
    }
    if (access != NULL)
        g_strv_builder_add(options, access);
    copy->type = g_strdup(mount->type);
    copy->source = g_strdup(mount->source);
    copy->destination = g_strdup(mount->destination);
    copy->options = g_strv_builder_end(options);
    copy->is_anonymous = mount->is_anonymous;
    return copy;
}

/* "NAME[:ro,rw,z,Z]": `access` is "ro", "rw", or NULL for as it is there. */
static bool split_volumes_from(const char *text, char **ret_name, const char **ret_access,
                               GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", 2);
    g_auto(GStrv) words = g_strsplit(parts[0] != NULL && parts[1] != NULL ? parts[1] : "", ",", -1);

    *ret_access = NULL;
    for (char **word = words; *word != NULL; word++) {
        if (g_str_equal(*word, "ro") || g_str_equal(*word, "rw"))
            *ret_access = **word == 'r' && (*word)[1] == 'o' ? "ro" : "rw";
        else if (!g_str_equal(*word, "z") && !g_str_equal(*word, "Z"))
            return err_set(error, FLOE_ERROR_INVALID, "--volumes-from '%s': unknown option '%s'",
                           text, *word);
    }
    *ret_name = g_strdup(parts[0] != NULL ? parts[0] : "");
    return true;
}

/* What is in memory is nobody else's. */
static bool take_mounts_of(floe_engine *engine, const char *id, const char *access,
                           ContainerConfig *config, GError **error)
{
    g_autoptr(ContainerRecord) other = NULL;

    if (!container_load(engine->db, id, &other, error))
        return false;
    for (guint i = 0; other->config.mounts != NULL && i < other->config.mounts->len; i++) {
        const MountConfig *mount = g_ptr_array_index(other->config.mounts, i);

        if (!g_str_equal(mount->type, "tmpfs") && !is_taken(config, mount->destination))
            g_ptr_array_add(config->mounts, mount_copy(mount, access));
    }
    return true;
}

static bool add_volumes_from(floe_engine *engine, const char *text, ContainerConfig *config,
                             GError **error)
{
    g_autofree char *name = NULL;
    g_autofree char *id = NULL;
    const char *access = NULL;

    if (!split_volumes_from(text, &name, &access, error))
        return false;
    return (container_find(engine->db, name, &id, error) &&
            take_mounts_of(engine, id, access, config, error)) ||
           err_prefix(error, "--volumes-from %s", text);
}

/* --- of the image ----------------------------------------------------------------------------- */

static bool add_image_volume(const char *destination, bool in_memory, ContainerConfig *config,
                             GError **error)
{
    MountConfig *mount = NULL;

    if (!(in_memory ? mount_parse_tmpfs(destination, &mount, error)
                    : mount_make_anonymous(destination, &mount, error)))
        return err_prefix(error, "volume of the image");
    if (is_taken(config, mount->destination))
        mount_config_free(mount);
    else
        g_ptr_array_add(config->mounts, mount);
    return true;
}

static bool add_image_volumes(const CreateInput *input, ContainerConfig *config, GError **error)
{
    const char *how = input->options->image_volume;
    bool in_memory = g_strcmp0(how, "tmpfs") == 0;
    const char *destination;
    json_t *volumes = NULL;
    json_t *value;

    if (g_strcmp0(how, "ignore") == 0)
        return true;
    if (how != NULL && !in_memory && !g_str_equal(how, "anonymous") && !g_str_equal(how, "bind"))
        return err_set(error, FLOE_ERROR_INVALID,
                       "--image-volume '%s' is none of anonymous, tmpfs, ignore", how);
    if (!json_get_object(input->image_config, "Volumes", &volumes, error))
        return err_prefix(error, "image configuration");
    json_object_foreach(volumes, destination, value) {
        if (!add_image_volume(destination, in_memory, config, error))
            return false;
    }
    return true;
}

/* Where programs expect to write, and where systemd has its own (its docs/CONTAINER_INTERFACE.md). */
static const char *const read_only_places[] = { "/run", "/tmp", "/var/tmp", NULL };
static const char *const systemd_places[] = { "/run", "/run/lock", "/tmp", "/var/log/journal",
                                              NULL };

/* What the user mounted there stays. */
static void add_places(const char *const *places, ContainerConfig *config)
{
    static const char *const tmpfs_options[] = { "rw",    "rprivate",  "nosuid",
                                                 "nodev", "tmpcopyup", NULL };

    for (size_t i = 0; places[i] != NULL; i++) {
        if (is_taken(config, places[i]))
            continue;

        MountConfig *mount = g_new0(MountConfig, 1);
        mount->type = g_strdup("tmpfs");
        mount->destination = g_strdup(places[i]);
        mount->options = g_strdupv((char **)tmpfs_options);
        g_ptr_array_add(config->mounts, mount);
    }
}

/* --- all of them ------------------------------------------------------------------------------ */

bool create_mounts_apply(const CreateInput *input, ContainerConfig *config, GError **error)
{
    const floe_create_options *options = input->options;
    const char *const *others = options->volumes_from;

    config->mounts = g_ptr_array_new();
    if (!add_mounts(options->volumes, mount_parse_volume, config, error) ||
        !add_mounts(options->mounts, mount_parse_mount, config, error) ||
        !add_mounts(options->tmpfs, mount_parse_tmpfs, config, error) ||
        !refuse_duplicates(config, error) || !find_images(input->engine, config, error))
        return false;
    for (; others != NULL && *others != NULL; others++) {
        if (!add_volumes_from(input->engine, *others, config, error))
            return false;
    }
    /*
     * The containers of a pod have what its infra container was given; it is made before there is one.
     */
    if (input->pod != NULL && input->pod->config.infra_id != NULL &&
        !take_mounts_of(input->engine, input->pod->config.infra_id, NULL, config, error))
        return false;
    if (!add_image_volumes(input, config, error))
        return false;
    if (config->systemd)
        add_places(systemd_places, config);
    if (options->read_only && options->read_only_tmpfs)
        add_places(read_only_places, config);
    return true;
}
