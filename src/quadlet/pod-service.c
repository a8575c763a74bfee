/* SPDX-License-Identifier: Apache-2.0 */
/* .pod: a pod that is made anew with each start. Its containers have services of their own. */
#include "quadlet/service.h"

#include <string.h>

/* podman-systemd.unit(5), "Pod units". */
static const Key keys[] = {
    { "AddHost", KEY_EACH, "--add-host" },
    { "ContainersConfModule", KEY_LATER, NULL },
    { "DNS", KEY_EACH, "--dns" },
    { "DNSOption", KEY_EACH, "--dns-option" },
    { "DNSSearch", KEY_EACH, "--dns-search" },
    { "ExitPolicy", KEY_OWN, NULL },
    { "GIDMap", KEY_LATER, NULL },
    { "GlobalArgs", KEY_OWN, NULL },
    { "HostName", KEY_LAST, "--hostname" },
    { "IP", KEY_LAST, "--ip" },
    { "IP6", KEY_LAST, "--ip6" },
    { "Label", KEY_WORDS, "--label" },
    { "Network", KEY_OWN, NULL },
    { "NetworkAlias", KEY_EACH, "--network-alias" },
    { "PodName", KEY_OWN, NULL },
    { "PodmanArgs", KEY_OWN, NULL },
    { "PublishPort", KEY_EACH, "--publish" },
    { "ServiceName", KEY_OWN, NULL },
    { "ShmSize", KEY_LAST, "--shm-size" },
    { "StopTimeout", KEY_OWN, NULL },
    { "SubGIDMap", KEY_LATER, NULL },
    { "SubUIDMap", KEY_LATER, NULL },
    { "UIDMap", KEY_LATER, NULL },
    { "UserNS", KEY_LATER, NULL },
    { "Volume", KEY_OWN, NULL },
    { NULL, KEY_OWN, NULL },
};

/* The containers that say Pod=THIS come and go with it. */
static bool add_members(Service *service, GError **error)
{
    for (guint i = 0; i < service->set->units->len; i++) {
        const UnitFile *unit = g_ptr_array_index(service->set->units, i);
        const char *pod = unit_file_last(unit, "Container", "Pod");
        g_autofree char *name = NULL;
        g_autofree char *file = NULL;
        bool starts = true;

        if (!g_str_has_suffix(unit->name, ".container") ||
            g_strcmp0(pod, service->source->name) != 0)
            continue;
        if (!unit_file_bool(unit, "Container", "StartWithPod", true, &starts, error))
            return false;
        name = unit_service_name(unit);
        file = g_strconcat(name, ".service", NULL);
        if (starts)
            service_set(service, "Unit", "Wants", file);
        service_set(service, "Unit", "Before", file);
    }
    return true;
}

/* The word before the colon may be a source file. */
static bool add_referring(Service *service, const char *key, const char *suffix, const char *flag,
                          GError **error)
{
    g_autofree const char **values = service_values(service, key);

    for (const char **value = values; *value != NULL; value++) {
        const char *rest = *value + strcspn(*value, ":");
        g_autofree char *word = g_strndup(*value, (gsize)(rest - *value));
        g_autofree char *name = NULL;
        g_autofree char *spec = NULL;

        if (!service_refer(service, word, suffix, &name, error))
            return false;
        spec = g_strconcat(name != NULL ? name : word, rest, NULL);
        service_add_words(service, flag, spec, NULL);
    }
    return true;
}

bool pod_service(Service *service, GError **error)
{
    g_autofree char *name = unit_object_name(service->source);
    g_autofree char *infra = g_strconcat(name, "-infra", NULL);
    const char *policy = service_value(service, "ExitPolicy");
    const char *timeout = service_value(service, "StopTimeout");
    const char *start[] = { "pod", "start", name, NULL };
    const char *stop[] = { "pod", "stop", "--ignore", "--time", timeout != NULL ? timeout : "10",
                           name,  NULL };
    const char *remove[] = { "pod", "rm", "--force", "--ignore", name, NULL };

    service_set_default(service, "Service", "Type", "notify");
    service_set_default(service, "Service", "NotifyAccess", "all");
    service_set_default(service, "Service", "KillMode", "mixed");
    service_add_words(service, "pod", "create", "--name", name, "--infra-name", infra, "--replace",
                      "--exit-policy", policy != NULL ? policy : "stop", NULL);
    return add_members(service, error) && service_apply_keys(service, keys, error) &&
           add_referring(service, "Network", ".network", "--network", error) &&
           add_referring(service, "Volume", ".volume", "--volume", error) &&
           service_add_values(service, "PodmanArgs", error) &&
           service_main_command(service, "ExecStartPre", error) &&
           service_command(service, "ExecStart", "", start, error) &&
           service_command(service, "ExecStop", "", stop, error) &&
           service_command(service, "ExecStopPost", "-", remove, error);
}
