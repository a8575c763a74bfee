/* SPDX-License-Identifier: Apache-2.0 */
/*
 * .volume, .network, .image and .build: one command that makes what containers need, once. It stays
 * when the service is stopped, as the data in a volume must.
 */
#include "quadlet/service.h"

/* podman-systemd.unit(5), "Volume units", and so on. */
static const Key volume_keys[] = {
    { "ContainersConfModule", KEY_LATER, NULL },
    { "Copy", KEY_OWN, NULL },
    { "Device", KEY_OWN, NULL },
    { "Driver", KEY_LAST, "--driver" },
    { "GlobalArgs", KEY_OWN, NULL },
    { "Group", KEY_OWN, NULL },
    { "Image", KEY_LATER, NULL },
    { "Label", KEY_WORDS, "--label" },
    { "Options", KEY_OWN, NULL },
    { "PodmanArgs", KEY_OWN, NULL },
    { "ServiceName", KEY_OWN, NULL },
    { "Type", KEY_OWN, NULL },
    { "User", KEY_OWN, NULL },
    { "VolumeName", KEY_OWN, NULL },
    { NULL, KEY_OWN, NULL },
};

static const Key network_keys[] = {
    { "ContainersConfModule", KEY_LATER, NULL },
    { "DNS", KEY_EACH, "--dns" },
    { "DisableDNS", KEY_BOOL, "--disable-dns" },
    { "Driver", KEY_LAST, "--driver" },
    { "Gateway", KEY_EACH, "--gateway" },
    { "GlobalArgs", KEY_OWN, NULL },
    { "IPAMDriver", KEY_LAST, "--ipam-driver" },
    { "IPRange", KEY_EACH, "--ip-range" },
    { "IPv6", KEY_BOOL, "--ipv6" },
    { "InterfaceName", KEY_LAST, "--interface-name" },
    { "Internal", KEY_BOOL, "--internal" },
    { "Label", KEY_WORDS, "--label" },
    { "NetworkDeleteOnStop", KEY_OWN, NULL },
    { "NetworkName", KEY_OWN, NULL },
    { "Options", KEY_WORDS, "--opt" },
    { "PodmanArgs", KEY_OWN, NULL },
    { "ServiceName", KEY_OWN, NULL },
    { "Subnet", KEY_EACH, "--subnet" },
    { NULL, KEY_OWN, NULL },
};

static const Key image_keys[] = {
    { "AllTags", KEY_BOOL, "--all-tags" },
    { "Arch", KEY_LAST, "--arch" },
    { "AuthFile", KEY_LAST, "--authfile" },
    { "CertDir", KEY_LAST, "--cert-dir" },
    { "ContainersConfModule", KEY_LATER, NULL },
    { "Creds", KEY_LAST, "--creds" },
    { "DecryptionKey", KEY_LATER, NULL },
    { "GlobalArgs", KEY_OWN, NULL },
    { "Image", KEY_OWN, NULL },
    { "ImageTag", KEY_OWN, NULL },
    { "OS", KEY_LAST, "--os" },
    { "PodmanArgs", KEY_OWN, NULL },
    { "Policy", KEY_LAST, "--policy" },
    { "Retry", KEY_LAST, "--retry" },
    { "RetryDelay", KEY_LAST, "--retry-delay" },
    { "ServiceName", KEY_OWN, NULL },
    { "TLSVerify", KEY_BOOL, "--tls-verify" },
    { "Variant", KEY_LAST, "--variant" },
    { NULL, KEY_OWN, NULL },
};

static const Key build_keys[] = {
    { "Annotation", KEY_WORDS, "--annotation" },
    { "Arch", KEY_LAST, "--arch" },
    { "AuthFile", KEY_LAST, "--authfile" },
    { "BuildArg", KEY_WORDS, "--build-arg" },
    { "ContainersConfModule", KEY_LATER, NULL },
    { "DNS", KEY_EACH, "--dns" },
    { "DNSOption", KEY_EACH, "--dns-option" },
    { "DNSSearch", KEY_EACH, "--dns-search" },
    { "Environment", KEY_WORDS, "--env" },
    { "File", KEY_PATHS, "--file" },
    { "ForceRM", KEY_BOOL, "--force-rm" },
    { "GlobalArgs", KEY_OWN, NULL },
    { "GroupAdd", KEY_EACH, "--group-add" },
    { "IgnoreFile", KEY_PATHS, "--ignorefile" },
    { "ImageTag", KEY_OWN, NULL },
    { "Label", KEY_WORDS, "--label" },
    { "Network", KEY_EACH, "--network" },
    { "PodmanArgs", KEY_OWN, NULL },
    { "Pull", KEY_LAST, "--pull" },
    { "Retry", KEY_LATER, NULL },
    { "RetryDelay", KEY_LATER, NULL },
    { "Secret", KEY_EACH, "--secret" },
    { "ServiceName", KEY_OWN, NULL },
    { "SetWorkingDirectory", KEY_OWN, NULL },
    { "TLSVerify", KEY_BOOL, "--tls-verify" },
    { "Target", KEY_LAST, "--target" },
    { "Variant", KEY_LAST, "--variant" },
    { "Volume", KEY_EACH, "--volume" },
    { NULL, KEY_OWN, NULL },
};

/* One command, after which the service counts as running. */
static bool finish(Service *service, const char *last_word, GError **error)
{
    service_set_default(service, "Service", "Type", "oneshot");
    service_set_default(service, "Service", "RemainAfterExit", "yes");
    if (!service_add_values(service, "PodmanArgs", error))
        return false;
    if (last_word != NULL)
        service_add(service, last_word);
    return service_main_command(service, "ExecStart", error);
}

/* Options=, User= and Group= are one option, "o=size=1m,uid=5,gid=5". */
static void add_mount_options(Service *service)
{
    const char *options = service_value(service, "Options");
    const char *user = service_value(service, "User");
    const char *group = service_value(service, "Group");
    g_autoptr(GString) all = g_string_new(options);

    if (user != NULL)
        g_string_append_printf(all, "%suid=%s", all->len > 0 ? "," : "", user);
    if (group != NULL)
        g_string_append_printf(all, "%sgid=%s", all->len > 0 ? "," : "", group);
    if (all->len > 0) {
        g_string_prepend(all, "o=");
        service_add_words(service, "--opt", all->str, NULL);
    }
}

bool volume_service(Service *service, GError **error)
{
    static const struct {
        const char *key, *option;
    } options[] = { { "Type", "type=" }, { "Device", "device=" } };
    g_autofree char *name = unit_object_name(service->source);
    bool copies = true;

    service_add_words(service, "volume", "create", "--ignore", NULL);
    if (!service_apply_keys(service, volume_keys, error) ||
        !service_bool(service, "Copy", true, &copies, error))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        const char *value = service_value(service, options[i].key);
        g_autofree char *option = g_strconcat(options[i].option, value, NULL);

        if (value != NULL)
            service_add_words(service, "--opt", option, NULL);
    }
    add_mount_options(service);
    if (!copies)
        service_add_words(service, "--opt", "nocopy", NULL);
    return finish(service, name, error);
}

bool network_service(Service *service, GError **error)
{
    g_autofree char *name = unit_object_name(service->source);
    const char *remove[] = { "network", "rm", name, NULL };
    bool deletes = false;

    service_add_words(service, "network", "create", "--ignore", NULL);
    if (!service_apply_keys(service, network_keys, error) ||
        !service_bool(service, "NetworkDeleteOnStop", false, &deletes, error))
        return false;
    return (!deletes || service_command(service, "ExecStopPost", "", remove, error)) &&
           finish(service, name, error);
}

bool image_service(Service *service, GError **error)
{
    const char *image = service_value(service, "Image");

    if (image == NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "%s: [Image] has no Image=", service->source->path);
    service_add(service, "pull");
    return service_apply_keys(service, image_keys, error) && finish(service, image, error);
}

/*
 * The context is where SetWorkingDirectory= says: the directory of the Containerfile, or of this file.
 */
static char *build_context(const Service *service)
{
    const char *where = service_value(service, "SetWorkingDirectory");
    const char *file = service_value(service, "File");
    g_autofree char *path = NULL;

    if (where != NULL && g_str_equal(where, "file") && file != NULL)
        path = service_path(service, file);
    else if (where == NULL || g_str_equal(where, "unit") || g_str_equal(where, "file"))
        path = g_strdup(service->source->path);
    else
        return service_path(service, where);
    return g_path_get_dirname(path);
}

bool build_service(Service *service, GError **error)
{
    g_autofree const char **tags = service_values(service, "ImageTag");
    g_autofree char *context = build_context(service);

    if (tags[0] == NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "%s: [Build] has no ImageTag=", service->source->path);
    service_add(service, "build");
    for (const char **tag = tags; *tag != NULL; tag++)
        service_add_words(service, "--tag", *tag, NULL);
    return service_apply_keys(service, build_keys, error) && finish(service, context, error);
}
