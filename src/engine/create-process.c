/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/create-process.h"

#include "base/json.h"
#include "engine/environment.h"
#include "engine/labels.h"
#include "engine/timezone.h"
#include "network/port-mapping.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PATH    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define HOSTNAME_LIMIT  64
#define OOM_SCORE_LIMIT 1000

static bool image_strings(const json_t *config, const char *key, char ***ret_strings, GError **error)
{
    *ret_strings = NULL;
    return config == NULL || json_get_strv(config, key, ret_strings, error);
}

/*
 * The user's command replaces the image's Cmd; the user's entrypoint drops both Entrypoint and Cmd
 * of the image.
 */
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
        return options->image != NULL
                   ? err_set(error, FLOE_ERROR_INVALID,
                             "nothing to run: no command was given, and image '%s' has neither CMD "
                             "nor ENTRYPOINT",
                             options->image)
                   : err_set(error, FLOE_ERROR_INVALID, "nothing to run: no command was given");
    g_ptr_array_add(argv, NULL);
    config->argv = g_strdupv((char **)argv->pdata);
    return true;
}

static bool set_all(char ***environment, const char *const *texts, GError **error)
{
    for (; texts != NULL && *texts != NULL; texts++) {
        if (!environment_set(environment, *texts, error))
            return false;
    }
    return true;
}

/* What this process has: everything, or what says how the network is reached. */
static bool set_from_host(const floe_create_options *options, char ***environment, GError **error)
{
    static const char *const proxies[] = {
        "http_proxy",  "https_proxy", "ftp_proxy", "no_proxy", "HTTP_PROXY",
        "HTTPS_PROXY", "FTP_PROXY",   "NO_PROXY",  NULL,
    };

    if (options->host_env)
        return set_all(environment, (const char *const *)environ, error);
    return options->no_proxy_env || set_all(environment, proxies, error);
}

static bool set_from_image(const CreateInput *input, char ***environment, GError **error)
{
    const char *const *unset = input->options->unset_env;
    g_auto(GStrv) image = NULL;

    if (!image_strings(input->image_config, "Env", &image, error))
        return false;
    for (size_t i = 0; image != NULL && image[i] != NULL; i++) {
        if (strchr(image[i], '=') != NULL && !environment_set(environment, image[i], error))
            return false;
    }
    for (; unset != NULL && *unset != NULL; unset++)
        *environment = g_environ_unsetenv(*environment, *unset);
    return true;
}

/* Each sees those before it, as in "PATH=/opt/bin:$PATH". */
static bool merge(const char *const *texts, char ***environment, GError **error)
{
    for (; texts != NULL && *texts != NULL; texts++) {
        g_autofree char *text = NULL;

        if (strchr(*texts, '=') == NULL)
            return err_set(error, FLOE_ERROR_INVALID,
                           "--env-merge '%s' is not of the form NAME=VALUE", *texts);
        text = environment_expand(*environment, *texts);
        if (!environment_set(environment, text, error))
            return false;
    }
    return true;
}

static bool apply_environment(const CreateInput *input, ContainerConfig *config, GError **error)
{
    const floe_create_options *options = input->options;
    g_auto(GStrv) environment = g_new0(char *, 1);
    g_autofree char *hostname = g_strconcat("HOSTNAME=", config->hostname, NULL);
    const char *const defaults[] = { DEFAULT_PATH, "TERM=xterm", "container=floe", hostname, NULL };

    if (!set_from_host(options, &environment, error) || !set_all(&environment, defaults, error) ||
        !set_from_image(input, &environment, error))
        return false;
    if (options->unset_all_env) {
        g_strfreev(environment);
        environment = g_new0(char *, 1);
    }
    if (!merge(options->env_merge, &environment, error) ||
        !set_all(&environment, options->env, error))
        return false;
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

static bool apply_umask(const char *umask, ContainerConfig *config, GError **error)
{
    if (umask == NULL)
        return true;
    if (strlen(umask) < 1 || strlen(umask) > 4 || umask[strspn(umask, "01234567")] != '\0' ||
        strtoul(umask, NULL, 8) > 0777)
        return err_set(error, FLOE_ERROR_INVALID, "--umask '%s' is no octal number such as 0022",
                       umask);
    config->umask = g_strdup(umask);
    return true;
}

static bool apply_oom_score(int score, ContainerConfig *config, GError **error)
{
    if (score < -OOM_SCORE_LIMIT || score > OOM_SCORE_LIMIT)
        return err_set(error, FLOE_ERROR_INVALID, "--oom-score-adj %d is not within -%d and %d",
                       score, OOM_SCORE_LIMIT, OOM_SCORE_LIMIT);
    config->oom_score_adj = score;
    return true;
}

static bool apply_timezone(const char *name, ContainerConfig *config, GError **error)
{
    if (name == NULL || *name == '\0')
        return true;
    config->timezone = g_strdup(name);
    return timezone_check(name, error) || err_prefix(error, "--tz");
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
           apply_environment(input, config, error) && apply_workdir(input, config, error) &&
           apply_umask(options->umask, config, error) &&
           apply_oom_score(options->oom_score_adj, config, error) &&
           apply_timezone(options->timezone, config, error);
}
