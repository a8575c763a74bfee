/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What they look like (netavark 1.4, `iptables-save`), for the network "floe1" of 10.89.1.0/24, whose
 * name's hash is H, and a container with the id ID and the address 10.89.1.2:
 *
 *     -A POSTROUTING -s 10.89.1.0/24 -j NETAVARK-H
 *     -A NETAVARK-H -d 10.89.1.0/24 -j ACCEPT
 *     -A NETAVARK-DN-H -s 10.89.1.0/24 -p tcp -m tcp --dport 8080 -j NETAVARK-HOSTPORT-SETMARK
 *     -A NETAVARK-DN-H -s 127.0.0.1/32 -p tcp -m tcp --dport 8080 -j NETAVARK-HOSTPORT-SETMARK
 *     -A NETAVARK-DN-H -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.89.1.2:80
 *     -A NETAVARK-HOSTPORT-DNAT -p tcp -m tcp --dport 8080 -m comment --comment
 *         "dnat name: floe1 id: ID" -j NETAVARK-DN-H
 *     -A NETAVARK_FORWARD -d 10.89.1.0/24 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
 *     -A NETAVARK_FORWARD -s 10.89.1.0/24 -j ACCEPT
 *
 * The two chains of a network stay: netavark fails where they are missing.
 */
#include "network/netavark-rules.h"

#include "base/log.h"
#include "base/program.h"
#include "base/spawn-run.h"
#include "network/bridge.h"
#include "network/netavark.h"

#include <string.h>
#include <sys/wait.h>

#define TIMEOUT_MS (30 * 1000)

#define CHAIN       "NETAVARK-"
#define PORTS_CHAIN "NETAVARK-DN-"
#define ALL_PORTS   "-A NETAVARK-HOSTPORT-DNAT "
#define FORWARD     "-A NETAVARK_FORWARD "
#define POSTROUTING "-A POSTROUTING -s "
#define MARK        " -j NETAVARK-HOSTPORT-SETMARK"

typedef struct Search {
    char **lines;
    const char *container_id;
    const char *network;
    const json_t *addresses;
    const json_t *subnets;
    bool has_ports;
    char *empty_chain; /* the network's for ports, where netavark will not look at it */
} Search;

/* Does the rule read: start, `word`, end? */
static bool is_rule(const char *line, const char *start, const char *word, const char *end)
{
    size_t length = strlen(word);

    return g_str_has_prefix(line, start) && strncmp(line + strlen(start), word, length) == 0 &&
           g_str_has_prefix(line + strlen(start) + length, end);
}

/* --- which ------------------------------------------------------------------------------------ */

/* The chain that a rule of all published ports leads to, when the port is the container's; or NULL. */
static const char *ports_chain_of(const Search *search, const char *line)
{
    g_autofree char *mark = g_strdup_printf(" --comment \"dnat name: %s id: %s\" -j ",
                                            search->network, search->container_id);
    const char *found = g_str_has_prefix(line, ALL_PORTS) ? strstr(line, mark) : NULL;

    return found != NULL && g_str_has_prefix(found + strlen(mark), PORTS_CHAIN)
               ? found + strlen(mark)
               : NULL;
}

/* "-p tcp -m tcp --dport 8080", when the rule in the chain leads to the container; or NULL. */
static char *port_match_of(const Search *search, const char *chain, const char *line)
{
    g_autofree char *start = g_strdup_printf("-A %s ", chain);
    const char *jump = strstr(line, " -j DNAT --to-destination ");
    const json_t *address;
    size_t i;

    if (jump == NULL || !g_str_has_prefix(line, start))
        return NULL;
    json_array_foreach(search->addresses, i, address) {
        const char *text = json_string_value(address);

        if (text != NULL && (is_rule(jump, " -j DNAT --to-destination ", text, ":") ||
                             is_rule(jump, " -j DNAT --to-destination [", text, "]:")))
            return g_strndup(line + strlen(start), (size_t)(jump - line) - strlen(start));
    }
    return NULL;
}

/* "-A NETAVARK-DN-H -s WORD MATCH -j NETAVARK-HOSTPORT-SETMARK" */
static bool is_mark_for(const char *line, const char *chain, const char *match)
{
    g_autofree char *start = g_strdup_printf("-A %s -s ", chain);
    g_autofree char *end = g_strdup_printf(" %s" MARK, match);
    const char *source = g_str_has_prefix(line, start) ? line + strlen(start) : NULL;

    return source != NULL && g_str_equal(source + strcspn(source, " "), end);
}

static void note(GHashTable *found, const char *line)
{
    g_hash_table_add(found, (char *)line);
}

static void find_marks(const Search *search, const char *chain, const char *match, GHashTable *found)
{
    for (char **line = search->lines; *line != NULL; line++) {
        if (is_mark_for(*line, chain, match))
            note(found, *line);
    }
}

static void find_in_ports_chain(const Search *search, const char *chain, GHashTable *found)
{
    for (char **line = search->lines; *line != NULL; line++) {
        g_autofree char *match = port_match_of(search, chain, *line);

        if (match == NULL)
            continue;
        note(found, *line);
        find_marks(search, chain, match, found);
    }
}

static void find_ports(const Search *search, GHashTable *found)
{
    const char *done = NULL;

    for (char **line = search->lines; *line != NULL; line++) {
        const char *chain = ports_chain_of(search, *line);

        if (chain == NULL)
            continue;
        note(found, *line);
        if (g_strcmp0(chain, done) != 0) /* all ports of a network are in one chain */
            find_in_ports_chain(search, chain, found);
        done = chain;
    }
}

static void find_of_chain(const Search *search, const char *chain, GHashTable *found)
{
    g_autofree char *start = g_strdup_printf("-A %s ", chain);

    for (char **line = search->lines; *line != NULL; line++) {
        if (g_str_has_prefix(*line, start))
            note(found, *line);
    }
}

/*
 * With the last container go the rules for ports that any container of the network has left, killed
 * as it may have been. The chain itself netavark removes when this container has ports, and else never.
 */
static void find_left_ports(Search *search, const char *hash, GHashTable *found)
{
    g_autofree char *chain = g_strconcat(PORTS_CHAIN, hash, NULL);
    g_autofree char *jump = g_strconcat(" -j ", chain, NULL);
    g_autofree char *declaration = g_strdup_printf(":%s ", chain);
    bool is_there = false;

    for (char **line = search->lines; *line != NULL; line++) {
        if (g_str_has_prefix(*line, ALL_PORTS) && g_str_has_suffix(*line, jump))
            note(found, *line);
        is_there = is_there || g_str_has_prefix(*line, declaration);
    }
    find_of_chain(search, chain, found);
    if (is_there && !search->has_ports && search->empty_chain == NULL)
        search->empty_chain = g_steal_pointer(&chain);
}

static void find_of_subnet(Search *search, const char *subnet, GHashTable *found)
{
    for (char **line = search->lines; *line != NULL; line++) {
        if (is_rule(*line, FORWARD "-d ", subnet, " ") ||
            is_rule(*line, FORWARD "-s ", subnet, " ")) {
            note(found, *line);
        } else if (is_rule(*line, POSTROUTING, subnet, " -j " CHAIN)) {
            const char *chain = strstr(*line, CHAIN);

            note(found, *line);
            find_of_chain(search, chain, found);
            find_left_ports(search, chain + strlen(CHAIN), found);
        }
    }
}

static void find_of_network(Search *search, GHashTable *found)
{
    const json_t *subnet;
    size_t i;

    json_array_foreach(search->subnets, i, subnet) {
        const char *text = json_string_value(json_object_get(subnet, "subnet"));

        if (text != NULL)
            find_of_subnet(search, text, found);
    }
}

/* --- text ------------------------------------------------------------------------------------- */

/* The tables as they are, with "-D" for "-A", of the rules alone that were found. */
static char *removal_of(const Search *search, GHashTable *found)
{
    GString *text = g_string_new(NULL);
    bool is_nat = false;

    for (char **line = search->lines; *line != NULL; line++) {
        bool is_end = g_str_equal(*line, "COMMIT");

        if (**line == '*')
            is_nat = g_str_equal(*line, "*nat");
        if (is_end && is_nat && search->empty_chain != NULL)
            g_string_append_printf(text, "-X %s\n", search->empty_chain);
        if (**line == '*' || is_end)
            g_string_append_printf(text, "%s\n", *line);
        else if (g_hash_table_contains(found, *line))
            g_string_append_printf(text, "-D%s\n", *line + strlen("-A"));
    }
    return g_string_free(text, FALSE);
}

char *netavark_rules_removal(const char *saved, const json_t *request, bool is_last)
{
    json_t *infos = json_object_get(request, "network_info");
    const char *name = json_object_iter_key(json_object_iter(infos));
    const json_t *network = name ? json_object_get(json_object_get(request, "networks"), name)
                                 : NULL;
    const char *id = json_string_value(json_object_get(request, "container_id"));
    g_autoptr(GHashTable) found = g_hash_table_new(g_direct_hash, g_direct_equal);
    g_auto(GStrv) lines = g_strsplit(saved, "\n", -1);
    Search search = {
        .lines = lines,
        .container_id = id,
        .network = name,
        .addresses = json_object_get(network, "static_ips"),
        .subnets = name ? json_object_get(json_object_get(infos, name), "subnets") : NULL,
        .has_ports = json_array_size(json_object_get(request, "port_mappings")) > 0,
    };
    char *text;

    if (name == NULL || id == NULL)
        return NULL;
    find_ports(&search, found);
    if (is_last)
        find_of_network(&search, found);
    text = g_hash_table_size(found) > 0 ? removal_of(&search, found) : NULL;
    g_free(search.empty_chain);
    return text;
}

/* --- doing it --------------------------------------------------------------------------------- */

static bool run(const char *program, const char *input, char **ret_output, GError **error)
{
    const char *restore[] = { program, "--noflush", "--wait", NULL };
    const char *save[] = { program, NULL };
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    g_auto(SpawnResult) result = { 0 };

    options.argv = input != NULL ? restore : save;
    options.own_group = true; /* ^C ends floe; what is begun is done */
    if (!spawn_run(&options, input, input != NULL ? strlen(input) : 0, part_timeout_ms(TIMEOUT_MS),
                   &result, error))
        return false;
    if (result.status != 0) {
        g_autofree char *status = child_status_text(result.status);

        return err_set(error, FLOE_ERROR_NETWORK, "%s: %s: %s", program, status, result.err);
    }
    if (ret_output != NULL)
        *ret_output = g_steal_pointer(&result.out);
    return true;
}

static bool remove_of_family(const json_t *request, bool is_last, bool v6, GError **error)
{
    g_autofree char *saved = NULL;
    g_autofree char *removal = NULL;

    if (!run(v6 ? "ip6tables-save" : "iptables-save", NULL, &saved, error))
        return false;
    removal = netavark_rules_removal(saved, request, is_last);
    return removal == NULL ||
           run(v6 ? "ip6tables-restore" : "iptables-restore", removal, NULL, error);
}

static bool has_family(const json_t *subnets, bool v6)
{
    const json_t *subnet;
    size_t i;

    json_array_foreach(subnets, i, subnet) {
        const char *text = json_string_value(json_object_get(subnet, "subnet"));

        if (text != NULL && (strchr(text, ':') != NULL) == v6)
            return true;
    }
    return false;
}

void netavark_rules_remove(const json_t *request, const char *netns_path)
{
    const json_t *info = json_object_iter_value(
        json_object_iter(json_object_get(request, "network_info")));
    const char *bridge = netavark_request_bridge(request);
    const json_t *subnets = json_object_get(info, "subnets");
    g_autoptr(GError) err = NULL;
    bool is_last = false;

    if (bridge == NULL)
        return;
    /* While others are in the network netavark looks after the published ports alone. */
    if (bridge_has_no_other(bridge, netns_path, &is_last, &err) &&
        (is_last || json_object_get(request, "port_mappings") != NULL) &&
        (!has_family(subnets, false) || remove_of_family(request, is_last, false, &err)) &&
        (!has_family(subnets, true) || remove_of_family(request, is_last, true, &err)))
        return;
    if (err != NULL)
        log_debug("the rules of a container are netavark's to remove: %s", err->message);
}
