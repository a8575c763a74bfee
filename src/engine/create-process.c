/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/create-process.h"

#include "base/json.h"
#include "engine/environment.h"
#include "engine/labels.h"
#include "network/port-mapping.h"

#include <string.h>

#define DEFAULT_PATH   "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define HOSTNAME_LIMIT 64

static bool image_strings(const json_t *config, const char *key, char ***ret_strings, GError **error)
{
    *ret_strings = NULL;
    return config == NULL || json_get_strv(config, key, ret_strings, error);
}

/* The user's command replaces the image's Cmd; the user's entrypoint drops both Entrypoint and Cmd of the image. */
static bool apply_command(const CreateInput *input, ContainerConfig *config, GError **error)
{
    const floe_create_options *options = input->options;
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_auto(GStrv) image_entrypoint = NULL;
    g_auto(GStrv) image_command = NULL;

    if (!image_strings(input->image_config, "Entrypoint", &image_entrypoint, error) ||
        !image_strings(input->image_config, "Cmd", &image_command, error))
        return false;
    if (options->entrypoint != NULL)
        config->entrypoint = g_strdupv((char **)options->entrypoint);
    else
        config->entrypoint = g_strdupv(image_entrypoint);
    if (options->command != NULL && options->command[0] != NULL)
        config->command = g_strdupv((char **)options->command);
    else if (options->entrypoint == NULL)
        config->command = g_strdupv(image_command);

    for (char **word = config->entrypoint; word != NULL && *word != NULL; word++)
        g_ptr_array_add(argv, *word);
    for (char **word = config->command; word != NULL && *word != NULL; word++)
        g_ptr_array_add(argv, *word);
    if (argv->len == 0)
        return err_set(error, FLOE_ERROR_INVALID,
                       "nothing to run: no command was given, and image '%s' has neither CMD nor "
                       "ENTRYPOINT",
                       options->image);
    g_ptr_array_add(argv, NULL);
    config->argv = g_strdupv((char **)argv->pdata);
    return true;
}

static bool apply_environment(const CreateInput *input, ContainerConfig *config, GError **error)
{
    const char *const *wished = input->options->env;
    g_auto(GStrv) environment = g_new0(char *, 1);
    g_auto(GStrv) image = NULL;
    g_autofree char *hostname = g_strconcat("HOSTNAME=", config->hostname, NULL);
    const char *defaults[] = { DEFAULT_PATH, "TERM=xterm", "container=floe", hostname };

    if (!image_strings(input->image_config, "Env", &image, error))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(defaults); i++) {
        if (!environment_set(&environment, defaults[i], error))
            return false;
    }
    for (size_t i = 0; image != NULL && image[i] != NULL; i++) {
        if (strchr(image[i], '=') != NULL && !environment_set(&environment, image[i], error))
            return false;
    }
    for (size_t i = 0; wished != NULL && wished[i] != NULL; i++) {
        if (!environment_set(&environment, wished[i], error))
            return false;
    }
    config->env = g_steal_pointer(&environment);
    return true;
}

static bool apply_workdir(const CreateInput *input, ContainerConfig *config, GError **error)
{
    const char *image = json_string_value(json_object_get(input->image_config, "WorkingDir"));
    const char *wanted = input->options->workdir;

    if (wanted == NULL || wanted[0] == '\0')
        wanted = image != NULL && image[0] != '\0' ? image : "/";
    if (!g_path_is_absolute(wanted))
        return err_set(error, FLOE_ERROR_INVALID, "the working directory '%s' is not absolute",
                       wanted);
    config->workdir = g_strdup(wanted);
    return true;
}

static bool apply_hostname(const CreateInput *input, ContainerConfig *config, GError **error)
{
    const char *wanted = input->options->hostname;

    if (input->pod != NULL && config->uts_container != NULL &&
        g_strcmp0(config->uts_container, input->pod->config.infra_id) == 0) {
        config->hostname = g_strdup(input->pod->config.hostname);
        return true;
    }
    if (wanted == NULL || wanted[0] == '\0') {
        bool is_host = g_str_equal(config->uts_mode, "host") ||
                       g_str_equal(config->network_mode, "host");

        config->hostname = is_host ? g_strdup(g_get_host_name())
                                   : g_strndup(input->container_id, 12);
        return true;
    }
    if (!g_str_equal(config->uts_mode, "private"))
        return err_set(error, FLOE_ERROR_INVALID,
                       "--hostname needs a UTS namespace of the container's own (--uts %s)",
                       config->uts_mode);
    if (strlen(wanted) > HOSTNAME_LIMIT || strpbrk(wanted, "/ \t\n") != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is not a host name", wanted);
    config->hostname = g_strdup(wanted);
    return true;
}

static bool add_exposed(const char *text, GPtrArray *ports, GError **error)
{
    g_autoptr(PortMapping) mapping = NULL;

    if (strchr(text, ':') != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "--expose '%s': it is a port of the container",
                       text);
    if (!port_mapping_parse(text, &mapping, error))
        return err_prefix(error, "--expose");
    for (int i = 0; i < mapping->range; i++) {
        g_autofree char *port = g_strdup_printf("%d/%s", mapping->container_port + i,
                                                mapping->protocol);

        if (!g_ptr_array_find_with_equal_func(ports, port, g_str_equal, NULL))
            g_ptr_array_add(ports, g_steal_pointer(&port));
    }
    return true;
}

/* The image's, and the user's after them. */
static bool apply_exposed_ports(const CreateInput *input, ContainerConfig *config, GError **error)
{
    const char *const *wished = input->options->expose;
    g_autoptr(GPtrArray) ports = g_ptr_array_new_with_free_func(g_free);
    const char *port;
    json_t *value;

    json_object_foreach(json_object_get(input->image_config, "ExposedPorts"), port, value)
        g_ptr_array_add(ports, g_strdup(port));
    for (size_t i = 0; wished != NULL && wished[i] != NULL; i++) {
        if (!add_exposed(wished[i], ports, error))
            return false;
    }
    g_ptr_array_add(ports, NULL);
    config->exposed_ports = g_strdupv((char **)ports->pdata);
    return true;
}

bool create_process_apply(const CreateInput *input, ContainerConfig *config, GError **error)
{
    const floe_create_options *options = input->options;
    const char *image_user = json_string_value(json_object_get(input->image_config, "User"));

    config->user = g_strdup(options->user != NULL ? options->user : image_user);
    config->group_add = g_strdupv((char **)options->group_add);
    return apply_exposed_ports(input, config, error) &&
           labels_parse("label", json_object_get(input->image_config, "Labels"), options->labels,
                        &config->labels, error) &&
           labels_parse("annotation", NULL, options->annotations, &config->annotations, error) &&
           apply_hostname(input, config, error) && apply_command(input, config, error) &&
           apply_environment(input, config, error) && apply_workdir(input, config, error);
}
