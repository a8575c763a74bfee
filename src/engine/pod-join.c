/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/pod-join.h"

bool pod_shares(const PodRecord *pod, const char *kind)
{
    return pod->config.infra_id != NULL && pod->config.shared != NULL &&
           g_strv_contains((const char *const *)pod->config.shared, kind);
}

void pod_join_clear(PodJoin *join)
{
    g_clear_pointer(&join->mode, g_free);
    g_clear_pointer(&join->networks, g_free);
}

static bool has_any(const char *const *list)
{
    return list != NULL && list[0] != NULL;
}

/* podman's words, which tell where the option belongs. */
static bool refuse_network_options(const floe_create_options *options, GError **error)
{
    static const char because[] = "network cannot be configured when it is shared with a pod";
    const char *what = NULL;

    if (has_any(options->publish))
        what = "published or exposed ports must be defined when the pod is created";
    else if (has_any(options->add_hosts))
        what = "extra host entries must be specified on the pod";
    else if (options->ip != NULL || options->ip6 != NULL || options->mac_address != NULL ||
             has_any(options->network_aliases))
        what = "addresses must be defined when the pod is created";
    else if (has_any(options->dns) || has_any(options->dns_search) || has_any(options->dns_options))
        what = "name servers must be defined when the pod is created";
    return what == NULL || err_set(error, FLOE_ERROR_INVALID, "%s: %s", what, because);
}

static void share(const PodRecord *pod, const char *kind, const char *mode, const char **option)
{
    if (*option == NULL && pod_shares(pod, kind))
        *option = mode;
}

bool pod_join(const PodRecord *pod, const floe_create_options *options, PodJoin *ret_join,
              GError **error)
{
    floe_create_options joined = *options;
    const char **networks = NULL;
    char *mode;

    if (pod_shares(pod, "net") && !has_any(options->networks) &&
        !refuse_network_options(options, error))
        return false;
    if (pod_shares(pod, "uts") && options->uts_mode == NULL && options->hostname != NULL &&
        options->hostname[0] != '\0')
        return err_set(error, FLOE_ERROR_INVALID,
                       "cannot set hostname when joining the pod UTS namespace: the pod has it");
    mode = g_strconcat("container:", pod->config.infra_id, NULL);
    if (!has_any(options->networks) && pod_shares(pod, "net")) {
        networks = g_new0(const char *, 2);
        networks[0] = mode;
        joined.networks = networks;
    }
    share(pod, "ipc", mode, &joined.ipc_mode);
    share(pod, "pid", mode, &joined.pid_mode);
    share(pod, "uts", mode, &joined.uts_mode);
    *ret_join = (PodJoin){ joined, mode, networks };
    return true;
}
