/* SPDX-License-Identifier: Apache-2.0 */
/* What podman writes for a commit (libpod/container_commit.go), key by key. */
#include "engine/commit-documents.h"

#include "base/clock.h"
#include "storage/image-changes.h"
#include "storage/image-documents.h"

#include <string.h>

/* --- what a container gets -------------------------------------------------------------------- */

/* A key that the container says nothing of is none of the image's either. */
static void set_strings(json_t *config, const char *key, char **strings)
{
    if (strings != NULL && strings[0] != NULL)
        json_object_set_new(config, key, json_from_strv((const char *const *)strings));
    else
        json_object_del(config, key);
}

static void set_text(json_t *config, const char *key, const char *text)
{
    if (text != NULL && *text != '\0')
        json_object_set_new(config, key, json_from_string(text));
    else
        json_object_del(config, key);
}

/* {"80/tcp": {}}: a member of a set, which is made where it is missing. */
static void add_member(json_t *config, const char *key, const char *member)
{
    json_t *set = json_object_get(config, key);

    if (!json_is_object(set)) {
        set = json_object();
        json_object_set_new(config, key, set);
    }
    json_object_set_new(set, member, json_object());
}

static void add_ports(json_t *config, const ContainerConfig *container)
{
    for (char **port = container->exposed_ports; port != NULL && *port != NULL; port++)
        add_member(config, "ExposedPorts", *port);
    for (guint i = 0; container->ports != NULL && i < container->ports->len; i++) {
        const PortConfig *port = container->ports->pdata[i];

        for (int k = 0; k < MAX(port->range, 1); k++) {
            g_autofree char *text = g_strdup_printf("%d/%s", port->container_port + k,
                                                    port->protocol);

            add_member(config, "ExposedPorts", text);
        }
    }
}

static void add_volumes(json_t *config, const ContainerConfig *container)
{
    for (guint i = 0; container->mounts != NULL && i < container->mounts->len; i++) {
        const MountConfig *mount = container->mounts->pdata[i];

        if (!g_str_equal(mount->type, "tmpfs"))
            add_member(config, "Volumes", mount->destination);
    }
}

static bool make_config(const CommitDocuments *documents, json_t **ret_config, GError **error)
{
    const ContainerConfig *container = documents->container;
    json_t *of_parent = json_object_get(documents->parent->config, "config");
    g_autoptr(JsonValue) config = json_is_object(of_parent) ? json_deep_copy(of_parent)
                                                            : json_object();
    const char *const *changes = documents->options->changes;

    set_strings(config, "Env", container->env);
    set_strings(config, "Cmd", container->command);
    set_strings(config, "Entrypoint", container->entrypoint);
    set_text(config, "User", container->user);
    set_text(config, "WorkingDir", container->workdir);
    if (json_object_size(container->labels) > 0)
        json_object_set(config, "Labels", container->labels);
    json_object_del(config, "OnBuild"); /* was for the image that it was made from */
    add_ports(config, container);
    if (documents->options->include_volumes)
        add_volumes(config, container);
    for (size_t i = 0; changes != NULL && changes[i] != NULL; i++) {
        if (!image_config_change(config, changes[i], error))
            return false;
    }
    *ret_config = g_steal_pointer(&config);
    return true;
}

bool commit_documents_check(const CommitDocuments *documents, GError **error)
{
    g_autoptr(JsonValue) config = NULL;

    return make_config(documents, &config, error);
}

/* --- the documents ---------------------------------------------------------------------------- */

static json_t *history_step(const CommitDocuments *documents, const char *created)
{
    char **argv = documents->container->argv;
    g_autofree char *created_by = argv != NULL ? g_strjoinv(" ", argv) : g_strdup("");
    const floe_commit_options *options = documents->options;
    json_t *step = json_pack("{s:s, s:o}", "created", created, "created_by",
                             json_from_string(created_by));

    set_text(step, "author", options->author);
    set_text(step, "comment", options->message);
    return step;
}

/* A copy of the parent's list of one of the documents, or an empty list where there is no parent. */
static json_t *inherited(const CommitDocuments *documents, const json_t *list)
{
    return documents->parent_manifest != NULL && json_is_array(list) ? json_copy((json_t *)list)
                                                                     : json_array();
}

static bool image_config(const CommitDocuments *documents, const LayerPipe *layer,
                         json_t **ret_config, GError **error)
{
    json_t *of_parent = documents->parent->config;
    g_autofree char *created = time_to_rfc3339(documents->created_unix_ns);
    g_autofree char *diff_id = g_strconcat("sha256:", layer->diff_hex, NULL);
    g_autoptr(JsonValue) image = NULL;
    json_t *config = NULL;
    json_t *diff_ids = json_object_get(json_object_get(of_parent, "rootfs"), "diff_ids");
    json_t *history = inherited(documents, json_object_get(of_parent, "history"));

    diff_ids = inherited(documents, diff_ids);
    json_array_append_new(diff_ids, json_string(diff_id));
    json_array_append_new(history, history_step(documents, created));
    image = json_pack("{s:s, s:s, s:s, s:{s:s, s:o}, s:o}", "created", created, "architecture",
                      image_host_architecture(), "os", "linux", "rootfs", "type", "layers",
                      "diff_ids", diff_ids, "history", history);
    if (!make_config(documents, &config, error))
        return false;
    json_object_set_new(image, "config", config);
    set_text(image, "author", documents->options->author);
    for (size_t i = 0; i < 3; i++) {
        static const char *const platform[] = { "architecture", "os", "variant" };
        json_t *value = json_object_get(of_parent, platform[i]);

        if (value != NULL)
            json_object_set(image, platform[i], value);
    }
    *ret_config = g_steal_pointer(&image);
    return true;
}

static json_t *image_manifest(const CommitDocuments *documents, const LayerPipe *layer,
                              json_t *config_descriptor)
{
    json_t *manifest = image_manifest_new(config_descriptor, json_incref(layer->descriptor));
    json_t *layers = json_object_get(manifest, "layers");
    const json_t *below = documents->parent_manifest != NULL
                              ? json_object_get(documents->parent_manifest->document, "layers")
                              : NULL;

    for (size_t i = json_array_size(below); i-- > 0;)
        json_array_insert_new(layers, 0, image_descriptor_oci(json_array_get(below, i)));
    return manifest;
}

bool commit_documents_add(const CommitDocuments *documents, const LayerPipe *layer,
                          const Staging *staging, char **ret_digest, GError **error)
{
    g_autoptr(JsonValue) config = NULL;
    g_autoptr(JsonValue) manifest = NULL;
    g_autofree char *text = NULL;
    g_autofree char *digest = NULL;
    g_autofree char *manifest_text = NULL;
    g_autofree char *manifest_digest = NULL;

    if (!image_config(documents, layer, &config, error))
        return false;
    text = json_to_text(config);
    if (!staging_add_document(staging, text, &digest, error))
        return false;
    manifest = image_manifest(documents, layer,
                              image_descriptor_new(MEDIA_TYPE_CONFIG, digest_hex(digest),
                                                   (int64_t)strlen(text)));
    manifest_text = json_to_text(manifest);
    if (!staging_add_document(staging, manifest_text, &manifest_digest, error) ||
        (g_strcmp0(documents->options->format, "docker") == 0 &&
         !staging_to_docker(staging, &manifest_digest, error)))
        return false;
    *ret_digest = g_steal_pointer(&manifest_digest);
    return true;
}
