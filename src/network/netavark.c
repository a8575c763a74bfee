/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speaking with netavark. The request and the answers go through memory files: neither side ever
 * waits for the other to read, so a call needs no attention between its start and its end.
 *
 * The firewall driver is netavark's choice (1.4 knows iptables and firewalld, later ones nftables)
 * where the request has none; NETAVARK_FW tells it. RUST_LOG does not reach it: its log is no
 * answer.
 */
#include "network/netavark.h"

#include "base/log.h"
#include "base/program.h"
#include "base/spawn.h"
#include "network/aardvark.h"
#include "network/bridge.h"
#include "network/netavark-rules.h"
#include "network/netns.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_LIMIT (1 << 20)
#define FIREWALL     "floe_firewall" /* in a request, not on the wire */
#define TIMEOUT_MS   (120 * 1000)

/* podman's alias of every container: the first digits of its id. */
#define SHORT_ID_LENGTH 12

struct NetavarkCall {
    Child child;
    int answer_fd;
    int messages_fd;
    bool is_teardown;
    char *stand_in; /* an empty namespace in place of one that has gone; NULL: none */
};

/* --- request ---------------------------------------------------------------------------------- */

static json_t *network_part(const NetavarkSetup *setup)
{
    json_t *part = json_pack("{s:[s%], s:s}", "aliases", setup->container_id,
                             (size_t)SHORT_ID_LENGTH, "interface_name", setup->interface_name);

    for (size_t i = 0; setup->aliases && setup->aliases[i]; i++)
        json_array_append_new(json_object_get(part, "aliases"), json_from_string(setup->aliases[i]));
    if (setup->mac)
        json_object_set_new(part, "static_mac", json_string(setup->mac));
    if (setup->addresses && setup->addresses[0])
        json_object_set_new(part, "static_ips", json_from_strv(setup->addresses));
    return part;
}

/* Of two default routes with one metric the kernel takes the one that was made last. */
static json_t *info_part(const NetavarkSetup *setup)
{
    json_t *info = network_to_json(setup->network);
    json_t *options = json_copy(json_object_get(info, "options"));
    g_autofree char *metric = g_strdup_printf("%d", setup->route_metric);

    if (!options)
        options = json_object();
    if (setup->route_metric > 0 && !json_object_get(options, "metric")) {
        json_object_set_new(options, "metric", json_string(metric));
        json_object_set(info, "options", options);
    }
    json_decref(options);
    return info;
}

json_t *netavark_request(const NetavarkSetup *setup)
{
    const char *network = setup->network->name;
    json_t *request = json_pack("{s:s, s:s, s:{s:o}, s:{s:o}}", "container_id", setup->container_id,
                                "container_name", setup->container_name, "networks", network,
                                network_part(setup), "network_info", network, info_part(setup));

    if (setup->hostname)
        json_object_set_new(request, "container_hostname", json_string(setup->hostname));
    if (setup->ports && setup->ports->len > 0)
        json_object_set_new(request, "port_mappings", port_mappings_to_json(setup->ports));
    if (setup->dns_servers && setup->dns_servers[0])
        json_object_set_new(request, "dns_servers", json_from_strv(setup->dns_servers));
    if (setup->firewall)
        json_object_set_new(request, FIREWALL, json_string(setup->firewall));
    return request;
}

const char *netavark_request_bridge(const json_t *request)
{
    const json_t *info = json_object_iter_value(
        json_object_iter(json_object_get(request, "network_info")));

    if (g_strcmp0(json_string_value(json_object_get(info, "driver")), "bridge") != 0)
        return NULL;
    return json_string_value(json_object_get(info, "network_interface"));
}

/* --- start ------------------------------------------------------------------------------------ */

static bool find_part(const char *name, const char *package, char **ret_path, GError **error)
{
    const char *chosen = g_getenv("FLOE_HELPER_DIR");

    /* Where podman and the distributions put its helpers; only then what is in PATH. */
    *ret_path = program_find(name, chosen ? chosen : "");
    if (!*ret_path)
        *ret_path = program_find(name, "/usr/libexec/podman:/usr/lib/podman");
    if (!*ret_path)
        *ret_path = program_find(name, NULL);
    if (!*ret_path)
        return err_set(error, FLOE_ERROR_MISSING_PART,
                       "%s is not installed: install the package %s", name, package);
    return true;
}

bool netavark_find(char **ret_path, GError **error)
{
    return find_part("netavark", "netavark", ret_path, error);
}

bool aardvark_find(char **ret_path, GError **error)
{
    return find_part("aardvark-dns", "aardvark-dns", ret_path, error);
}

static bool memory_file(const char *name, const char *content, int *ret_fd, GError **error)
{
    autofd int fd = memfd_create(name, MFD_CLOEXEC);

    if (fd < 0)
        return err_set_errno(error, "make a memory file");
    if (!fd_write_all(fd, content, strlen(content), error))
        return false;
    if (lseek(fd, 0, SEEK_SET) < 0)
        return err_set_errno(error, "rewind a memory file");
    *ret_fd = g_steal_fd(&fd);
    return true;
}

static GPtrArray *build_argv(char *program, const char *config_dir, const char *verb,
                             const char *netns_path)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *aardvark = NULL;

    g_ptr_array_add(argv, g_strdup(program));
    g_ptr_array_add(argv, g_strconcat("--config=", config_dir, NULL));
    g_ptr_array_add(argv, g_strdup("--rootless=false"));
    /* Needed for networks with DNS only, and netavark says so itself then. */
    if (aardvark_find(&aardvark, NULL))
        g_ptr_array_add(argv, g_strconcat("--aardvark-binary=", aardvark, NULL));
    g_ptr_array_add(argv, g_strdup(verb));
    g_ptr_array_add(argv, g_strdup(netns_path));
    g_ptr_array_add(argv, NULL);
    return argv;
}

/*
 * netavark calls its firewall chains by the network's name, and a network "podman" may be podman's
 * too, or another engine's: what takes down its last container would take our rules along. So
 * netavark is told the bridge's name, which is ours alone, for the network's. One without a bridge
 * has no rules. A new reference.
 */
static json_t *on_the_wire(const json_t *request)
{
    json_t *wire = json_copy((json_t *)request);
    json_t *networks = json_object();
    json_t *infos = json_object();
    const char *name;
    json_t *network;

    json_object_foreach(json_object_get(request, "networks"), name, network) {
        json_t *info = json_copy(json_object_get(json_object_get(request, "network_info"), name));
        const char *driver = json_string_value(json_object_get(info, "driver"));
        const char *on_wire = g_strcmp0(driver, "bridge") == 0
                                  ? json_string_value(json_object_get(info, "network_interface"))
                                  : name;

        json_object_set(networks, on_wire, network);
        json_object_set_new(info, "name", json_string(on_wire));
        json_object_set_new(infos, on_wire, info);
    }
    json_object_set_new(wire, "networks", networks);
    json_object_set_new(wire, "network_info", infos);
    json_object_del(wire, FIREWALL);
    return wire;
}

/*
 * A netavark that was killed half-way may have left a bridge with nothing in it, and so has a container
 * whose namespace has gone: its teardown gives up where it misses the container's interface. So it gets
 * one, and takes bridge and rules along.
 */
static void substitute_interface(const json_t *wire, const char *netns_path)
{
    const char *bridge = netavark_request_bridge(wire);
    const json_t *network = json_object_iter_value(
        json_object_iter(json_object_get(wire, "networks")));
    const char *interface = json_string_value(json_object_get(network, "interface_name"));
    g_autoptr(GError) err = NULL;

    if (bridge != NULL && interface != NULL &&
        !bridge_fill_empty(bridge, netns_path, interface, &err))
        log_ignored(g_steal_pointer(&err), "the bridge '%s' may stay", bridge);
}

static bool start_program(NetavarkCall *call, const char *config_dir, const char *verb,
                          const char *netns_path, const json_t *request, int held_fd, GError **error)
{
    const SpawnFd held = { .fd = held_fd, .child = 3 };
    g_autofree char *program = NULL;
    g_auto(GStrv) env = g_environ_unsetenv(g_get_environ(), "RUST_LOG");
    const char *firewall = json_string_value(json_object_get(request, FIREWALL));
    g_autoptr(JsonValue) wire = on_the_wire(request);
    g_autofree char *text = json_to_text(wire);
    autofd int request_fd = -1;

    /* What was made by one is not undone by the other, whatever is in the environment by now. */
    if (firewall)
        env = g_environ_setenv(env, "NETAVARK_FW", firewall, TRUE);
    if (call->is_teardown) {
        netavark_rules_remove(wire, netns_path);
        substitute_interface(wire, netns_path);
    }
    if (!netavark_find(&program, error) ||
        !memory_file("netavark-request", text, &request_fd, error) ||
        !memory_file("netavark-answer", "", &call->answer_fd, error) ||
        !memory_file("netavark-messages", "", &call->messages_fd, error))
        return false;

    g_autoptr(GPtrArray) argv = build_argv(program, config_dir, verb, netns_path);
    SpawnOptions options = SPAWN_OPTIONS_INIT;

    options.argv = (const char *const *)argv->pdata;
    options.env = (const char *const *)env;
    options.stdin_fd = request_fd;
    options.stdout_fd = call->answer_fd;
    options.stderr_fd = call->messages_fd;
    options.fds = &held;
    options.n_fds = held_fd >= 0 ? 1 : 0;
    options.own_group = true; /* ^C ends floe; rules that are half made help nobody */
    options.dies_with_us = held_fd < 0;
    return spawn_start(&options, &call->child, error);
}

bool netavark_start(const char *config_dir, const char *verb, const char *netns_path,
                    const json_t *request, int held_fd, NetavarkCall **ret_call, GError **error)
{
    g_autoptr(NetavarkCall) call = g_new0(NetavarkCall, 1);

    *call = (NetavarkCall){
        .child = CHILD_NONE,
        .answer_fd = -1,
        .messages_fd = -1,
        .is_teardown = g_str_equal(verb, "teardown"),
    };
    if (call->is_teardown && !netns_exists(netns_path)) {
        g_autofree char *directory = g_path_get_dirname(netns_path);

        if (!netns_create(directory, &call->stand_in, error))
            return err_prefix(error, "netavark %s", verb);
        netns_path = call->stand_in;
    }
    aardvark_forget_dead(config_dir);
    if (!start_program(call, config_dir, verb, netns_path, request, held_fd, error))
        return err_prefix(error, "netavark %s", verb);
    *ret_call = g_steal_pointer(&call);
    return true;
}

/* --- finish ----------------------------------------------------------------------------------- */

static void remove_stand_in(NetavarkCall *call)
{
    g_autoptr(GError) err = NULL;

    if (call->stand_in && !netns_remove(call->stand_in, &err))
        log_ignored(g_steal_pointer(&err), "cannot remove '%s'", call->stand_in);
    g_clear_pointer(&call->stand_in, g_free);
}

static bool read_memory_file(int fd, char **ret_text, size_t *ret_length, GError **error)
{
    if (lseek(fd, 0, SEEK_SET) < 0)
        return err_set_errno(error, "rewind a memory file");
    return fd_read_all(fd, ANSWER_LIMIT, ret_text, ret_length, error);
}

static char *in_one_line(const char *text)
{
    char *line = g_strdup(text);

    return g_strstrip(g_strdelimit(line, "\n\r\t", ' '));
}

/* {"error": "..."} on standard output, or what it left on standard error; else NULL. */
static char *netavark_words(int messages_fd, const char *answer, size_t length)
{
    g_autoptr(JsonValue) value = NULL;
    g_autofree char *messages = NULL;
    const char *words = NULL;
    size_t messages_length = 0;

    if (json_parse(answer, length, "answer", &value, NULL))
        words = json_string_value(json_object_get(value, "error"));
    if (!words && read_memory_file(messages_fd, &messages, &messages_length, NULL))
        words = messages;
    return words && *words ? in_one_line(words) : NULL;
}

/*
 * The container's end of the veth pair has gone, with its namespace or by an earlier teardown.
 * netavark 1.4 says so at the end, after it has removed the port rules of this container.
 */
static bool means_already_gone(const char *words)
{
    return g_str_has_suffix(words, "No such device (os error 19)");
}

/*
 * It looked for a chain that all networks of the machine use, and another netavark was the first to
 * make it.
 */
bool netavark_met_another(const GError *error)
{
    /* The second is iptables-nft's, when the chain came after its own look. */
    return strstr(error->message, "Chain already exists") != NULL ||
           strstr(error->message, "CHAIN_USER_ADD failed (File exists)") != NULL;
}

static bool report_failure(NetavarkCall *call, int status, const char *answer, size_t length,
                           GError **error)
{
    g_autofree char *words = netavark_words(call->messages_fd, answer, length);
    g_autofree char *status_text = child_status_text(status);

    if (call->is_teardown && words && means_already_gone(words))
        return true;
    return err_set(error, FLOE_ERROR_NETWORK, "%s", words ? words : status_text);
}

static bool finish(NetavarkCall *call, NetavarkAnswer *ret_answer, GError **error)
{
    g_autoptr(JsonValue) value = NULL;
    g_autofree char *answer = NULL;
    size_t length = 0;
    int status = 0;

    if (!child_wait(&call->child, part_timeout_ms(TIMEOUT_MS), &status, error))
        return false;
    remove_stand_in(call);
    if (!read_memory_file(call->answer_fd, &answer, &length, error))
        return false;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        if (!report_failure(call, status, answer, length, error))
            return false;
    } else if (!call->is_teardown && !json_parse(answer, length, "its answer", &value, error)) {
        return err_recode(error, FLOE_ERROR_NETWORK);
    }
    if (ret_answer)
        netavark_answer_read(value, ret_answer);
    return true;
}

bool netavark_finish(NetavarkCall *call, NetavarkAnswer *ret_answer, GError **error)
{
    const char *verb = call->is_teardown ? "teardown" : "setup";

    return finish(call, ret_answer, error) || err_prefix(error, "netavark %s", verb);
}

void netavark_call_free(NetavarkCall *call)
{
    if (!call)
        return;
    child_kill(&call->child);
    remove_stand_in(call);
    fd_cleanup(&call->answer_fd);
    fd_cleanup(&call->messages_fd);
    g_free(call);
}

/* --- answer ----------------------------------------------------------------------------------- */

void netavark_answer_clear(NetavarkAnswer *answer)
{
    g_clear_pointer(&answer->addresses, g_strfreev);
    g_clear_pointer(&answer->gateways, g_strfreev);
    g_clear_pointer(&answer->mac, g_free);
    g_clear_pointer(&answer->dns_servers, g_strfreev);
}

static void add_text(GStrvBuilder *builder, const json_t *value)
{
    if (json_is_string(value))
        g_strv_builder_add(builder, json_string_value(value));
}

/* {"mac_address": M, "subnets": [{"ipnet": "10.88.0.5/16", "gateway": "10.88.0.1"}]} */
static void read_interface(const json_t *interface, NetavarkAnswer *answer)
{
    g_autoptr(GStrvBuilder) addresses = g_strv_builder_new();
    g_autoptr(GStrvBuilder) gateways = g_strv_builder_new();
    json_t *subnet;
    size_t i;

    json_array_foreach(json_object_get(interface, "subnets"), i, subnet) {
        add_text(addresses, json_object_get(subnet, "ipnet"));
        add_text(gateways, json_object_get(subnet, "gateway"));
    }
    answer->addresses = g_strv_builder_end(addresses);
    answer->gateways = g_strv_builder_end(gateways);
    answer->mac = g_strdup(json_string_value(json_object_get(interface, "mac_address")));
}

static const json_t *first_member(const json_t *object)
{
    return json_object_iter_value(json_object_iter((json_t *)object));
}

void netavark_answer_read(const json_t *value, NetavarkAnswer *ret_answer)
{
    const json_t *network = first_member(value);
    g_autoptr(GStrvBuilder) servers = g_strv_builder_new();
    json_t *server;
    size_t i;

    read_interface(first_member(json_object_get(network, "interfaces")), ret_answer);
    json_array_foreach(json_object_get(network, "dns_server_ips"), i, server)
        add_text(servers, server);
    ret_answer->dns_servers = g_strv_builder_end(servers);
}
