/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "cli/selection.h"
#include "cli/verbs.h"

#include <stdio.h>

/* --- connect ---------------------------------------------------------------------------------- */

int cmd_network_connect(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "network connect [options] NETWORK CONTAINER",
        .about = "Put a container into one more network, at once if it runs.",
        .min_words = 2,
        .max_words = 2,
        .words_missing = "a network and a container are needed",
    };
    floe_connect_options connect = FLOE_CONNECT_OPTIONS_INIT;
    g_autoptr(floe_container) container = NULL;
    g_autoptr(floe_error) error = NULL;
    g_auto(GStrv) aliases = NULL;
    char **words;
    int status;
    const Option options[] = {
        { "alias", 0, OPTION_LIST, &aliases, "NAME", "One more name of it in the network" },
        { "interface-name", 0, OPTION_TEXT, &connect.interface_name, "NAME",
          "What the interface is called in the container (eth1)" },
        { "ip", 0, OPTION_TEXT, &connect.ip, "ADDRESS", "Use this IPv4 address" },
        { "ip6", 0, OPTION_TEXT, &connect.ip6, "ADDRESS", "Use this IPv6 address" },
        { "mac-address", 0, OPTION_TEXT, &connect.mac_address, "ADDRESS", "Use this MAC address" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    connect.aliases = list_const(aliases);
    container = selection_one(cli, words[1], false, &status);
    if (container == NULL)
        return status;
    return floe_container_connect(container, words[0], &connect, &error) ? STATUS_OK
                                                                         : cli_report(error);
}

/* --- disconnect ------------------------------------------------------------------------------- */

int cmd_network_disconnect(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "network disconnect [options] NETWORK CONTAINER",
        .about = "Take a container out of a network, at once if it runs.",
        .min_words = 2,
        .max_words = 2,
        .words_missing = "a network and a container are needed",
    };
    g_autoptr(floe_container) container = NULL;
    g_autoptr(floe_error) error = NULL;
    bool force = false;
    char **words;
    int status;
    const Option options[] = {
        { "force", 'f', OPTION_FLAG, &force, NULL,
          "No error for a container that does not exist, or is not in the network" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &words, &status))
        return status;
    if (cli_engine(cli) == NULL)
        return STATUS_FLOE_FAILED;
    if ((floe_container_lookup(cli->engine, words[1], &container, &error) &&
         floe_container_disconnect(container, words[0], &error)) ||
        (force && floe_error_get_code(error) == FLOE_ERROR_NOT_FOUND))
        return STATUS_OK;
    return cli_report(error);
}

/* --- reload ----------------------------------------------------------------------------------- */

/* With --all, those that are in the host's network or in another container's are none to reload. */
static bool reload(floe_container *container, const char *label G_GNUC_UNUSED, void *data,
                   floe_error **error)
{
    const bool *all = data;
    floe_error *failure = NULL;

    if (floe_container_reload_network(container, &failure))
        return true;
    if (*all && floe_error_get_code(failure) == FLOE_ERROR_INVALID) {
        floe_error_free(failure);
        return true;
    }
    *error = failure;
    return false;
}

int cmd_network_reload(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "network reload [options] [CONTAINER...]",
        .about = "Make anew what containers have in their networks, after the firewall was flushed.",
        .max_words = -1,
    };
    g_auto(Selection) selection = {
        .print_labels = true,
        .all_states = STATE_BIT(FLOE_STATE_CREATED) | STATE_BIT(FLOE_STATE_RUNNING) |
                      STATE_BIT(FLOE_STATE_PAUSED),
        .skip_wrong_state = true,
    };
    int status;
    const Option options[] = {
        { "all", 'a', OPTION_FLAG, &selection.all, NULL, "Those of all containers that run" },
        { "latest", 'l', OPTION_FLAG, &selection.latest, NULL,
          "That of the container created last" },
        OPTIONS_END,
    };

    if (!options_parse(&usage, options, argv, &selection.names, &status))
        return status;
    return selection_each(cli, &selection, reload, &selection.all);
}
