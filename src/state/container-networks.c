/* SPDX-License-Identifier: Apache-2.0 */
#include "state/container-networks.h"

#include "state/container-fields.h"

void network_config_free(NetworkConfig *network)
{
    if (network == NULL)
        return;
    json_struct_clear(&network_config_fields, network);
    g_free(network);
}

void network_status_free(NetworkStatus *network)
{
    if (network == NULL)
        return;
    json_struct_clear(&network_status_fields, network);
    g_free(network);
}

static void clear(GPtrArray **list, GDestroyNotify free_item)
{
    for (guint i = 0; *list != NULL && i < (*list)->len; i++)
        free_item(g_ptr_array_index(*list, i));
    g_clear_pointer(list, g_ptr_array_unref);
}

void network_statuses_clear(GPtrArray **list)
{
    clear(list, (GDestroyNotify)network_status_free);
}

static void port_config_free(PortConfig *port)
{
    g_free(port->host_ip);
    g_free(port->protocol);
    g_free(port);
}

void port_configs_clear(GPtrArray **list)
{
    clear(list, (GDestroyNotify)port_config_free);
}

NetworkConfig *network_configs_find(const GPtrArray *list, const char *network)
{
    for (guint i = 0; list != NULL && i < list->len; i++) {
        NetworkConfig *config = g_ptr_array_index(list, i);

        if (g_strcmp0(config->name, network) == 0)
            return config;
    }
    return NULL;
}

NetworkStatus *network_statuses_find(const GPtrArray *list, const char *network)
{
    for (guint i = 0; list != NULL && i < list->len; i++) {
        NetworkStatus *status = g_ptr_array_index(list, i);

        if (g_strcmp0(status->network, network) == 0)
            return status;
    }
    return NULL;
}
