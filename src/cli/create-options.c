/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/create-options.h"

#include "cli/create-flags.h"
#include "cli/env-file.h"
#include "cli/id-file.h"
#include "cli/pod-create.h"
#include "cli/preserved-fds.h"
#include "cli/value.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

void create_options_clear(CreateOptions *options)
{
    char ***const lists[] = {
        &options->attach,
        &options->env,
        &options->env_files,
        &options->labels,
        &options->label_files,
        &options->annotations,
        &options->volumes,
        &options->mounts,
        &options->tmpfs,
        &options->networks,
        &options->network_aliases,
        &options->publish,
        &options->dns,
        &options->dns_search,
        &options->dns_options,
        &options->add_hosts,
        &options->cap_add,
        &options->cap_drop,
        &options->security_opts,
        &options->ulimits,
        &options->sysctls,
        &options->entrypoint_words,
        &options->required,
        &options->volumes_from,
        &options->expose,
        &options->group_add,
        &options->unset_env,
        &options->env_merge,
        &options->cgroup_conf,
        &options->devices,
        &options->device_rules,
        &options->throttles,
        &options->log_options,
        &options->secrets,
    };

    for (size_t i = 0; i < CREATE_N_RATES; i++)
        g_clear_pointer(&options->device_rates[i], g_strfreev);

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        g_clear_pointer(lists[i], g_strfreev);
    pull_flags_clear(&options->pull);
    g_clear_pointer(&options->rootfs, g_free);
    g_clear_pointer(&options->pod_id, g_free);
    g_clear_pointer(&options->fds, g_free);
}

bool create_options_entrypoint(const char *text, char ***ret_words, GError **error)
{
    g_auto(GStrv) words = g_new0(char *, 1);

    if (text[0] == '[') {
        json_auto_t *list = json_loads(text, 0, NULL);
        size_t i;
        json_t *word;

        if (list == NULL)
            return cli_set_error(error, "--entrypoint: not a JSON list of words: %s", text);
        json_array_foreach(list, i, word) {
            if (!json_is_string(word))
                return cli_set_error(error, "--entrypoint: item %zu of the list is no text", i);
            list_add(&words, json_string_value(word));
        }
    } else if (text[0] != '\0') {
        list_add(&words, text);
    }
    *ret_words = g_steal_pointer(&words);
    return true;
}

static bool check_words(const CreateOptions *o, GError **error)
{
    static const char *const streams[] = { "stdin", "stdout", "stderr", NULL };

    if (o->userns != NULL && strcmp(o->userns, "host") != 0)
        return cli_set_error(error, "--userns=%s is not supported by floe yet", o->userns);
    for (char **name = o->attach; name != NULL && *name != NULL; name++) {
        for (char *letter = *name; *letter != '\0'; letter++)
            *letter = g_ascii_tolower(*letter);
        if (!g_strv_contains(streams, *name))
            return cli_set_error(error, "--attach: '%s' is none of stdin, stdout, stderr", *name);
    }
    if (o->container.pod != NULL && o->pod_id_file != NULL)
        return cli_set_error(error, "--pod and --pod-id-file exclude each other");
    if (o->container.pod != NULL && strcmp(o->container.pod, "new:") == 0)
        return cli_set_error(error, "--pod new: needs a name for the new pod");
    if (o->detach && o->attach != NULL)
        return cli_set_error(error, "--detach and --attach exclude each other");
    if (o->health_retries == 0 || o->health_retries > G_MAXINT)
        return cli_set_error(error, "--health-retries must be greater than 0 and not too large");
    if (o->health_startup_retries > G_MAXINT || o->health_startup_success > G_MAXINT)
        return cli_set_error(error, "--health-startup-retries, --health-startup-success: too large");
    if (o->replace && (o->container.name == NULL || *o->container.name == '\0'))
        return cli_set_error(error, "cannot replace container without --name being set");
    if (o->stop_timeout > G_MAXINT)
        return cli_set_error(error, "--stop-timeout: too long");
    if (o->timeout > G_MAXINT)
        return cli_set_error(error, "--timeout: too long");
    if (o->remove_image && o->detach)
        return cli_set_error(error, "--rmi is for a container in the foreground, without --detach");
    if (o->remove_image && o->from_rootfs)
        return cli_set_error(error, "--rmi: with --rootfs there is no image");
    if (o->seccomp_policy != NULL && strcmp(o->seccomp_policy, "default") != 0)
        return cli_set_error(error, "--seccomp-policy '%s': there is only the policy default",
                             o->seccomp_policy);
    if (o->cidfile != NULL && access(o->cidfile, F_OK) == 0)
        return cli_set_error(error,
                             "container id file %s exists: remove it if no container needs it",
                             o->cidfile);
    return true;
}

/* "/dev/sda:1mb" of --device-read-bps becomes "read-bps=/dev/sda:1048576". */
static bool add_rate(CreateOptions *o, const char *flag, const char *kind, const char *text,
                     GError **error)
{
    const char *colon = strrchr(text, ':');
    g_autofree char *path = colon != NULL ? g_strndup(text, (gsize)(colon - text)) : NULL;
    g_autofree char *throttle = NULL;
    int64_t rate;

    if (colon == NULL)
        return cli_set_error(error, "--%s '%s' is not of the form DEVICE:NUMBER", flag, text);
    if (!value_size(colon + 1, &rate, error)) {
        g_prefix_error(error, "--%s '%s': ", flag, text);
        return false;
    }
    throttle = g_strdup_printf("%s=%s:%" G_GINT64_FORMAT, kind, path, rate);
    list_add(&o->throttles, throttle);
    return true;
}

static bool add_rates(CreateOptions *o, GError **error)
{
    static const struct {
        const char *flag, *kind;
    } rates[CREATE_N_RATES] = {
        { "blkio-weight-device", "weight" },   { "device-read-bps", "read-bps" },
        { "device-read-iops", "read-iops" },   { "device-write-bps", "write-bps" },
        { "device-write-iops", "write-iops" },
    };

    for (size_t i = 0; i < CREATE_N_RATES; i++) {
        for (char **text = o->device_rates[i]; text != NULL && *text != NULL; text++) {
            if (!add_rate(o, rates[i].flag, rates[i].kind, *text, error))
                return false;
        }
    }
    return true;
}

static bool take_log_option(CreateOptions *o, const char *text, GError **error)
{
    const char *value = strchr(text, '=');

    if (value == NULL || *++value == '\0')
        return cli_set_error(error, "--log-opt '%s' is not of the form KEY=VALUE", text);
    if (g_str_has_prefix(text, "path="))
        o->container.log_path = value;
    else if (g_str_has_prefix(text, "tag="))
        o->container.log_tag = value;
    else if (!g_str_has_prefix(text, "max-size="))
        return cli_set_error(error, "--log-opt '%s': path, max-size and tag are known", text);
    else if (!value_size(value, &o->container.log_max_bytes, error)) {
        g_prefix_error(error, "--log-opt '%s': ", text);
        return false;
    }
    return true;
}

static bool take_log_options(CreateOptions *o, GError **error)
{
    for (char **text = o->log_options; text != NULL && *text != NULL; text++) {
        if (!take_log_option(o, *text, error))
            return false;
    }
    return true;
}

static bool complete(CreateOptions *o, GError **error)
{
    floe_create_options *c = &o->container;

    if (!check_words(o, error) || !preserved_fds(o->preserve_fds, &o->fds, error) ||
        !pull_flags_check(&o->pull, "pull", error) ||
        !env_files_first(o->env_files, &o->env, error) ||
        !env_files_first(o->label_files, &o->labels, error) || !add_rates(o, error) ||
        !take_log_options(o, error))
        return false;
    if (o->entrypoint != NULL &&
        !create_options_entrypoint(o->entrypoint, &o->entrypoint_words, error))
        return false;

    /* As --name "$NAME" is meant where the variable is empty. */
    if (c->name != NULL && *c->name == '\0')
        c->name = NULL;
    c->preserved_fds = o->fds;
    c->n_preserved_fds = (size_t)o->preserve_fds;
    c->entrypoint = list_const(o->entrypoint_words);
    c->env = list_const(o->env);
    c->labels = list_const(o->labels);
    c->annotations = list_const(o->annotations);
    c->volumes = list_const(o->volumes);
    c->mounts = list_const(o->mounts);
    c->volumes_from = list_const(o->volumes_from);
    c->tmpfs = list_const(o->tmpfs);
    c->networks = list_const(o->networks);
    c->network_aliases = list_const(o->network_aliases);
    c->publish = list_const(o->publish);
    c->dns = list_const(o->dns);
    c->dns_search = list_const(o->dns_search);
    c->dns_options = list_const(o->dns_options);
    c->add_hosts = list_const(o->add_hosts);
    c->cap_add = list_const(o->cap_add);
    c->cap_drop = list_const(o->cap_drop);
    c->security_opts = list_const(o->security_opts);
    c->ulimits = list_const(o->ulimits);
    c->sysctls = list_const(o->sysctls);
    c->required = list_const(o->required);
    c->expose = list_const(o->expose);
    c->group_add = list_const(o->group_add);
    c->cgroup_conf = list_const(o->cgroup_conf);
    c->devices = list_const(o->devices);
    c->device_rules = list_const(o->device_rules);
    c->throttles = list_const(o->throttles);
    c->secrets = list_const(o->secrets);
    c->unset_env = list_const(o->unset_env);
    c->env_merge = list_const(o->env_merge);
    c->timeout_s = (unsigned)o->timeout;
    c->auto_remove = c->auto_remove || o->remove_image;
    c->no_proxy_env = !o->proxy_env;
    c->oom_score_adj = (int)CLAMP(o->oom_score_adj, G_MININT, G_MAXINT);
    c->memory_swappiness = (int)CLAMP(o->memory_swappiness, G_MININT, G_MAXINT);
    c->cpu_shares = (uint64_t)o->cpu_shares;
    c->blkio_weight = (int)MIN(o->blkio_weight, G_MAXINT);
    c->stop_timeout_s = (int)o->stop_timeout;
    c->pids_limit = o->pids_limit;
    c->health_startup_retries = (int)o->health_startup_retries;
    c->health_startup_success = (int)o->health_startup_success;
    c->health_retries = o->health_retries > 0 ? (int)o->health_retries : 0;
    return true;
}

bool create_options_parse(CreateOptions *options, const Usage *usage, bool for_run, char **argv,
                          int *ret_status)
{
    g_autofree Option *flags = create_flags(options, for_run);
    g_autoptr(GError) error = NULL;
    char **words;

    if (!options_parse(usage, flags, argv, &words, ret_status))
        return false;
    if (options->from_rootfs) {
        options->rootfs = g_canonicalize_filename(words[0], NULL);
        options->container.rootfs = options->rootfs;
    } else {
        options->image = words[0];
        options->container.image = words[0];
    }
    options->container.command = words[1] != NULL ? list_const(words + 1) : NULL;
    if (!complete(options, &error)) {
        *ret_status = cli_report_local(error);
        return false;
    }
    return true;
}

static bool choose_pod(Cli *cli, CreateOptions *options, int *ret_status)
{
    floe_create_options *container = &options->container;
    g_autoptr(GError) error = NULL;

    if (options->pod_id_file != NULL) {
        if (!g_file_get_contents(options->pod_id_file, &options->pod_id, NULL, &error)) {
            *ret_status = cli_error("read pod id file %s: %s", options->pod_id_file,
                                    cli_file_reason(error));
            return false;
        }
        container->pod = g_strstrip(options->pod_id);
    }
    if (container->pod == NULL || !g_str_has_prefix(container->pod, "new:"))
        return true;
    container->pod += strlen("new:");
    return pod_create_for(cli, container->pod, container, ret_status);
}

/* --replace: what has the name goes, whatever it does. That there is none is fine. */
static bool remove_replaced(floe_engine *engine, const char *name, floe_error **error)
{
    g_autoptr(floe_container) old = NULL;
    g_autoptr(floe_error) why = NULL;
    floe_remove_options options = FLOE_REMOVE_OPTIONS_INIT;

    options.force = true;
    if (!floe_container_lookup(engine, name, &old, &why)) {
        if (floe_error_get_code(why) == FLOE_ERROR_NOT_FOUND)
            return true;
        *error = g_steal_pointer(&why);
        return false;
    }
    /* The name may also be the beginning of an id. */
    return strcmp(floe_container_name(old), name) != 0 ||
           floe_container_remove(old, &options, error);
}

floe_container *create_options_create(Cli *cli, CreateOptions *options, int *ret_status)
{
    g_autoptr(floe_error) error = NULL;
    g_autoptr(GError) unwritten = NULL;
    g_autoptr(floe_container) container = NULL;
    auto_floe_free char *image = NULL;
    floe_engine *engine = cli_engine(cli);

    if (engine == NULL) {
        *ret_status = STATUS_FLOE_FAILED;
        return NULL;
    }

    options->container.create_command = list_const(cli->command_line);
    if (options->image != NULL) {
        if (!pull_flags_ensure(&options->pull, engine, options->image, &image, &error)) {
            *ret_status = cli_report(error);
            return NULL;
        }
        options->container.image = image;
    }
    if (!choose_pod(cli, options, ret_status))
        return NULL;
    if (options->replace && !remove_replaced(engine, options->container.name, &error)) {
        *ret_status = cli_report(error);
        return NULL;
    }
    if (!floe_container_create(engine, &options->container, &container, &error)) {
        *ret_status = cli_report(error);
        return NULL;
    }
    if (options->cidfile != NULL && !id_file_write(options->cidfile, floe_container_id(container),
                                                   "container id file", &unwritten)) {
        floe_container_remove(container, NULL, NULL);
        *ret_status = cli_report_local(unwritten);
        return NULL;
    }
    return g_steal_pointer(&container);
}
