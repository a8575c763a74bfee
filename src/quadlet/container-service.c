/* SPDX-License-Identifier: Apache-2.0 */
/* .container: `floe run` as a service of its own, which ends and is removed with it. */
#include "quadlet/service.h"
#include "quadlet/unit-words.h"

#include <string.h>
#include <unistd.h>

/* podman-systemd.unit(5), "Container units". */
static const Key keys[] = {
    { "AddCapability", KEY_WORDS, "--cap-add" },
    { "AddDevice", KEY_OWN, NULL },
    { "AddHost", KEY_EACH, "--add-host" },
    { "Annotation", KEY_WORDS, "--annotation" },
    { "AppArmor", KEY_LATER, NULL },
    { "AutoUpdate", KEY_OWN, NULL },
    { "CgroupsMode", KEY_OWN, NULL },
    { "ContainerName", KEY_OWN, NULL },
    { "ContainersConfModule", KEY_LATER, NULL },
    { "DNS", KEY_EACH, "--dns" },
    { "DNSOption", KEY_EACH, "--dns-option" },
    { "DNSSearch", KEY_EACH, "--dns-search" },
    { "DropCapability", KEY_WORDS, "--cap-drop" },
    { "Entrypoint", KEY_LAST, "--entrypoint" },
    { "Environment", KEY_WORDS, "--env" },
    { "EnvironmentFile", KEY_PATHS, "--env-file" },
    { "EnvironmentHost", KEY_BOOL, "--env-host" },
    { "Exec", KEY_OWN, NULL },
    { "ExposeHostPort", KEY_EACH, "--expose" },
    { "GIDMap", KEY_LATER, NULL },
    { "GlobalArgs", KEY_OWN, NULL },
    { "Group", KEY_OWN, NULL },
    { "GroupAdd", KEY_EACH, "--group-add" },
    { "HealthCmd", KEY_LAST, "--health-cmd" },
    { "HealthInterval", KEY_LAST, "--health-interval" },
    { "HealthLogDestination", KEY_LATER, NULL },
    { "HealthMaxLogCount", KEY_LATER, NULL },
    { "HealthMaxLogSize", KEY_LATER, NULL },
    { "HealthOnFailure", KEY_LAST, "--health-on-failure" },
    { "HealthRetries", KEY_LAST, "--health-retries" },
    { "HealthStartPeriod", KEY_LAST, "--health-start-period" },
    { "HealthStartupCmd", KEY_LAST, "--health-startup-cmd" },
    { "HealthStartupInterval", KEY_LAST, "--health-startup-interval" },
    { "HealthStartupRetries", KEY_LAST, "--health-startup-retries" },
    { "HealthStartupSuccess", KEY_LAST, "--health-startup-success" },
    { "HealthStartupTimeout", KEY_LAST, "--health-startup-timeout" },
    { "HealthTimeout", KEY_LAST, "--health-timeout" },
    { "HostName", KEY_LAST, "--hostname" },
    { "HttpProxy", KEY_BOOL, "--http-proxy" },
    { "IP", KEY_LAST, "--ip" },
    { "IP6", KEY_LAST, "--ip6" },
    { "Image", KEY_OWN, NULL },
    { "Label", KEY_WORDS, "--label" },
    { "LogDriver", KEY_LAST, "--log-driver" },
    { "LogOpt", KEY_EACH, "--log-opt" },
    { "Mask", KEY_OWN, NULL },
    { "Memory", KEY_LAST, "--memory" },
    { "Mount", KEY_OWN, NULL },
    { "Network", KEY_OWN, NULL },
    { "NetworkAlias", KEY_EACH, "--network-alias" },
    { "NoNewPrivileges", KEY_OWN, NULL },
    { "Notify", KEY_OWN, NULL },
    { "PidsLimit", KEY_LAST, "--pids-limit" },
    { "Pod", KEY_OWN, NULL },
    { "PodmanArgs", KEY_OWN, NULL },
    { "PublishPort", KEY_EACH, "--publish" },
    { "Pull", KEY_LAST, "--pull" },
    { "ReadOnly", KEY_BOOL, "--read-only" },
    { "ReadOnlyTmpfs", KEY_BOOL, "--read-only-tmpfs" },
    { "ReloadCmd", KEY_OWN, NULL },
    { "ReloadSignal", KEY_OWN, NULL },
    { "RemapGid", KEY_LATER, NULL },
    { "RemapUid", KEY_LATER, NULL },
    { "RemapUidSize", KEY_LATER, NULL },
    { "RemapUsers", KEY_LATER, NULL },
    { "Retry", KEY_LAST, "--retry" },
    { "RetryDelay", KEY_LAST, "--retry-delay" },
    { "Rootfs", KEY_OWN, NULL },
    { "RunInit", KEY_BOOL, "--init" },
    { "SeccompProfile", KEY_OWN, NULL },
    { "Secret", KEY_EACH, "--secret" },
    { "SecurityLabelDisable", KEY_OWN, NULL },
    { "SecurityLabelFileType", KEY_LATER, NULL },
    { "SecurityLabelLevel", KEY_LATER, NULL },
    { "SecurityLabelNested", KEY_LATER, NULL },
    { "SecurityLabelType", KEY_LATER, NULL },
    { "ServiceName", KEY_OWN, NULL },
    { "ShmSize", KEY_LAST, "--shm-size" },
    { "StartWithPod", KEY_OWN, NULL },
    { "StopSignal", KEY_LAST, "--stop-signal" },
    { "StopTimeout", KEY_LAST, "--stop-timeout" },
    { "SubGIDMap", KEY_LATER, NULL },
    { "SubUIDMap", KEY_LATER, NULL },
    { "Sysctl", KEY_WORDS, "--sysctl" },
    { "Timezone", KEY_LAST, "--tz" },
    { "Tmpfs", KEY_EACH, "--tmpfs" },
    { "UIDMap", KEY_LATER, NULL },
    { "Ulimit", KEY_EACH, "--ulimit" },
    { "Unmask", KEY_OWN, NULL },
    { "User", KEY_OWN, NULL },
    { "UserNS", KEY_LATER, NULL },
    { "VolatileTmp", KEY_OWN, NULL },
    { "Volume", KEY_OWN, NULL },
    { "WorkingDir", KEY_LAST, "--workdir" },
    { NULL, KEY_OWN, NULL },
};

/* --- what it refers to ------------------------------------------------------------------------ */

/* "data.volume:/data:ro", "./here:/there", "/host:/there". */
static bool add_volume(Service *service, const char *value, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(value, ":", 2);
    g_autofree char *source = NULL;
    g_autofree char *spec = NULL;

    if (parts[0] != NULL && parts[1] != NULL) {
        if (!service_refer(service, parts[0], ".volume", &source, error))
            return false;
        if (source == NULL && (parts[0][0] == '/' || parts[0][0] == '.'))
            source = service_path(service, parts[0]);
        if (source != NULL && source[0] == '/')
            service_set(service, "Unit", "RequiresMountsFor", source);
        if (source != NULL)
            spec = g_strconcat(source, ":", parts[1], NULL);
    }
    service_add_words(service, "--volume", spec != NULL ? spec : value, NULL);
    return true;
}

/* "-/dev/dri:/dev/dri:rw": with the dash only if the host has it. */
static bool add_devices(Service *service, GError **error)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);

    if (!service_words(service, "AddDevice", words, error))
        return false;
    for (guint i = 0; i < words->len; i++) {
        const char *word = g_ptr_array_index(words, i);
        bool may_be_missing = word[0] == '-';
        const char *device = word + (may_be_missing ? 1 : 0);
        g_autofree char *path = g_strndup(device, strcspn(device, ":"));

        if (!may_be_missing || access(path, F_OK) == 0)
            service_add_words(service, "--device", device, NULL);
    }
    return true;
}

/*
 * "type=volume,source=data.volume,destination=/data", "type=image,source=web.build,destination=/web".
 */
static bool add_mount(Service *service, const char *value, GError **error)
{
    static const char *const suffixes[] = { ".volume", ".image", ".build" };
    g_auto(GStrv) parts = g_strsplit(value, ",", -1);
    g_autofree char *spec = NULL;

    for (char **part = parts; *part != NULL; part++) {
        const char *equals = strchr(*part, '=');
        g_autofree char *name = NULL;

        if (equals == NULL ||
            !(g_str_has_prefix(*part, "source=") || g_str_has_prefix(*part, "src=")))
            continue;
        for (size_t i = 0; name == NULL && i < G_N_ELEMENTS(suffixes); i++) {
            if (!service_refer(service, equals + 1, suffixes[i], &name, error))
                return false;
        }
        if (name == NULL && equals[1] == '.')
            name = service_path(service, equals + 1);
        if (name != NULL) {
            char *whole = g_strdup_printf("%.*s=%s", (int)(equals - *part), *part, name);

            g_free(*part);
            *part = whole;
        }
    }
    spec = g_strjoinv(",", parts);
    service_add_words(service, "--mount", spec, NULL);
    return true;
}

/* "lan.network:ip=10.1.0.5", "other.container", or as for --network. */
static bool add_network(Service *service, const char *value, GError **error)
{
    const char *colon = strchr(value, ':');
    g_autofree char *word = colon != NULL ? g_strndup(value, (gsize)(colon - value))
                                          : g_strdup(value);
    g_autofree char *name = NULL;
    g_autofree char *spec = NULL;

    if (!service_refer(service, word, ".network", &name, error))
        return false;
    if (name != NULL) {
        spec = g_strconcat(name, colon, NULL);
    } else {
        if (!service_refer(service, word, ".container", &name, error))
            return false;
        spec = name != NULL ? g_strconcat("container:", name, NULL) : g_strdup(value);
    }
    service_add_words(service, "--network", spec, NULL);
    return true;
}

static bool add_each(Service *service, const char *key,
                     bool (*add)(Service *service, const char *value, GError **error),
                     GError **error)
{
    g_autofree const char **values = service_values(service, key);

    for (const char **value = values; *value != NULL; value++) {
        if (!add(service, *value, error))
            return false;
    }
    return true;
}

/* The pod's service ends with its containers' and the other way round. */
static bool join_pod(Service *service, GError **error)
{
    const char *value = service_value(service, "Pod");
    const UnitFile *pod;
    g_autofree char *name = NULL;
    g_autofree char *unit = NULL;
    g_autofree char *object = NULL;

    if (value == NULL)
        return true;
    pod = g_str_has_suffix(value, ".pod") ? unit_set_find(service->set, value) : NULL;
    if (pod == NULL)
        return err_set(error, FLOE_ERROR_INVALID, "%s: Pod=%s: there is no such .pod file",
                       service->source->path, value);
    name = unit_service_name(pod);
    unit = g_strconcat(name, ".service", NULL);
    object = unit_object_name(pod);
    service_set(service, "Unit", "BindsTo", unit);
    service_set(service, "Unit", "After", unit);
    service_add_words(service, "--pod", object, NULL);
    return true;
}

/* --- its cgroup ------------------------------------------------------------------------------- */

/*
 * In the service's own, as podman's, in pods too: then what [Service] limits is the container, and at
 * shutdown systemd ends it with its service, in its order. Only v2's can be divided.
 */
static void add_cgroup(Service *service)
{
    const char *mode = service_value(service, "CgroupsMode");
    bool can_split = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0;

    service_set_default(service, "Service", "Delegate", "yes");
    if (mode == NULL && can_split)
        mode = "split";
    if (mode != NULL)
        service_add_words(service, "--cgroups", mode, NULL);
}

/* --- the command ------------------------------------------------------------------------------ */

static bool add_user(Service *service, GError **error)
{
    const char *user = service_value(service, "User");
    const char *group = service_value(service, "Group");
    g_autofree char *both = NULL;

    if (user == NULL && group != NULL)
        return err_set(error, FLOE_ERROR_INVALID, "%s: Group= needs User=", service->source->path);
    if (user == NULL)
        return true;
    both = group != NULL ? g_strconcat(user, ":", group, NULL) : g_strdup(user);
    service_add_words(service, "--user", both, NULL);
    return true;
}

/* Each word of a key as "--security-opt NAME=WORD". */
static bool add_security_words(Service *service, const char *key, const char *name, GError **error)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);

    if (!service_words(service, key, words, error))
        return false;
    for (guint i = 0; i < words->len; i++) {
        g_autofree char *option = g_strconcat(name, "=", (char *)g_ptr_array_index(words, i), NULL);

        service_add_words(service, "--security-opt", option, NULL);
    }
    return true;
}

static bool add_security(Service *service, GError **error)
{
    const char *profile = service_value(service, "SeccompProfile");
    bool no_new = false, no_label = false, volatile_tmp = false;

    if (!service_bool(service, "NoNewPrivileges", false, &no_new, error) ||
        !service_bool(service, "SecurityLabelDisable", false, &no_label, error) ||
        !service_bool(service, "VolatileTmp", false, &volatile_tmp, error))
        return false;
    if (no_new)
        service_add_words(service, "--security-opt", "no-new-privileges", NULL);
    if (no_label)
        service_add_words(service, "--security-opt", "label=disable", NULL);
    if (profile != NULL) {
        g_autofree char *option = g_strconcat("seccomp=", profile, NULL);

        service_add_words(service, "--security-opt", option, NULL);
    }
    if (volatile_tmp)
        service_add_words(service, "--tmpfs", "/tmp:rw,size=512M,mode=1777", NULL);
    return add_security_words(service, "Mask", "mask", error) &&
           add_security_words(service, "Unmask", "unmask", error);
}

/* Who says that it is ready, and of what type the service is. */
static bool add_type(Service *service, GError **error)
{
    const char *type = unit_file_last(service->source, "Service", "Type");
    const char *notify = service_value(service, "Notify");
    bool by_container = false;

    if (type != NULL && g_str_equal(type, "oneshot"))
        return true;
    if (type != NULL && !g_str_equal(type, "notify"))
        return unit_entry_error(error, service->source,
                                unit_file_last_entry(service->source, "Service", "Type"),
                                "Type=%s: the service of a container is notify or oneshot", type);
    service_set_default(service, "Service", "Type", "notify");
    service_set_default(service, "Service", "NotifyAccess", "all");
    if (g_strcmp0(notify, "healthy") == 0) {
        service_add_words(service, "--sdnotify", "healthy", NULL);
    } else {
        if (!service_bool(service, "Notify", false, &by_container, error))
            return false;
        service_add_words(service, "--sdnotify", by_container ? "container" : "conmon", NULL);
    }
    service_add(service, "-d");
    return true;
}

static bool add_image(Service *service, GError **error)
{
    const char *image = service_value(service, "Image");
    const char *rootfs = service_value(service, "Rootfs");
    g_autofree char *made = NULL;

    if ((image == NULL) == (rootfs == NULL))
        return err_set(error, FLOE_ERROR_INVALID, "%s: [Container] has %s", service->source->path,
                       image == NULL ? "no Image=" : "both Image= and Rootfs=");
    if (rootfs != NULL) {
        g_autofree char *directory = service_path(service, rootfs);

        service_add_words(service, "--rootfs", directory, NULL);
        return true;
    }
    if (!service_refer(service, image, ".image", &made, error) ||
        (made == NULL && !service_refer(service, image, ".build", &made, error)))
        return false;
    service_add(service, made != NULL ? made : image);
    return true;
}

static bool set_reload(Service *service, const char *name, GError **error)
{
    const char *signal = service_value(service, "ReloadSignal");
    g_auto(GStrv) words = NULL;
    g_autoptr(GPtrArray) command = g_ptr_array_new();

    if (service_value(service, "ReloadCmd") != NULL) {
        if (!unit_words_split(service_value(service, "ReloadCmd"), &words, error))
            return err_prefix(error, "%s: ReloadCmd", service->source->path);
        g_ptr_array_add(command, (gpointer) "exec");
        g_ptr_array_add(command, (gpointer)name);
        for (char **word = words; *word != NULL; word++)
            g_ptr_array_add(command, *word);
    } else if (signal != NULL) {
        const char *kill[] = { "kill", "--signal", signal, name };

        for (size_t i = 0; i < G_N_ELEMENTS(kill); i++)
            g_ptr_array_add(command, (gpointer)kill[i]);
    } else {
        return true;
    }
    g_ptr_array_add(command, NULL);
    return service_command(service, "ExecReload", "", (const char *const *)command->pdata, error);
}

bool container_service(Service *service, GError **error)
{
    g_autofree char *name = unit_object_name(service->source);
    const char *remove[] = { "rm", "-v", "-f", "-i", name, NULL };
    const char *update = service_value(service, "AutoUpdate");

    service_set_default(service, "Service", "KillMode", "mixed");
    service_add_words(service, "run", "--name", name, "--replace", "--rm", NULL);
    add_cgroup(service);
    if (!add_type(service, error) || !service_apply_keys(service, keys, error) ||
        !add_devices(service, error) || !add_user(service, error) ||
        !add_security(service, error) || !add_each(service, "Volume", add_volume, error) ||
        !add_each(service, "Mount", add_mount, error) ||
        !add_each(service, "Network", add_network, error) || !join_pod(service, error))
        return false;
    if (update != NULL) {
        g_autofree char *label = g_strconcat("io.containers.autoupdate=", update, NULL);

        service_add_words(service, "--label", label, NULL);
    }
    return service_add_values(service, "PodmanArgs", error) && add_image(service, error) &&
           service_add_values(service, "Exec", error) &&
           service_main_command(service, "ExecStart", error) && set_reload(service, name, error) &&
           service_command(service, "ExecStop", "", remove, error) &&
           service_command(service, "ExecStopPost", "-", remove, error);
}
