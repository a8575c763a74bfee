/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/archive-config-read.h"

#include "base/json.h"

#include <string.h>

#define ID    "95fed21319c05258a42b0b506578db331ba81046cdb47b9b6f31daf7a0f0f759"
#define IMAGE "71d106b90af30d6a19b470dd31c5f3496e09618545d321a46ade5b798a1057bf"

/* As podman 4.3.1 writes them, less what is not read. */
static const char config_text[] =
    "{'id': '" ID "', 'name': 'web', 'CreateCommand': ['podman', 'run', 'busybox'],"
    " 'Dependencies': null, 'rootfsImageID': '" IMAGE "',"
    " 'rootfsImageName': 'localhost/busybox:latest', 'shmSize': 33554432,"
    " 'spec': {'process': {'rlimits': [{'hard': 18446744073709551615}]}},"
    " 'namedVolumes': [{'volumeName': 'data', 'dest': '/vol', 'options': ['rw', 'rbind']}],"
    " 'privileged': false, 'createNetNS': true, 'networkMode': 'bridge',"
    " 'newPortMappings': [{'host_ip': '', 'container_port': 90, 'host_port': 18100, 'range': 3,"
    " 'protocol': 'udp'}], 'exposedPorts': {'7777': ['tcp']}, 'dnsServer': ['9.9.9.9'],"
    " 'dnsSearch': ['ex.com'], 'dnsOption': ['ndots:2'], 'hostsAdd': ['foo:1.2.3.4'],"
    " 'newNetworks': {'podman': {'static_ips': ['10.88.0.77'], 'static_mac': '92:11:22:33:44:55',"
    " 'interface_name': 'eth1'}}, 'command': ['sh'], 'stdin': true, 'labels': {'a': 'b'},"
    " 'stopSignal': 2, 'stopTimeout': 3, 'logDriver': 'k8s-file', 'runtime': 'runc',"
    " 'restart_policy': 'on-failure', 'restart_retries': 3, 'healthcheck_on_failure_action': 3,"
    " 'healthcheck': {'Test': ['CMD-SHELL', 'true'], 'Timeout': 30000000000, 'Retries': 3},"
    " 'floe': {'host': {'arch': 'amd64', 'criu_version': 40201, 'cpu_flags': ['fpu']}}}";

static const char spec_text[] =
    "{'ociVersion': '1.0.2-dev', 'process': {'terminal': true,"
    " 'user': {'uid': 0, 'gid': 0, 'umask': 18}, 'args': ['/run/podman-init', '--', 'sh', '-c', 'x'],"
    " 'env': ['PATH=/bin', 'FOO=bar'], 'cwd': '/tmp', 'capabilities': {'bounding': ['CAP_KILL',"
    " 'CAP_CHOWN'], 'effective': ['CAP_KILL', 'CAP_CHOWN']}, 'noNewPrivileges': true,"
    " 'rlimits': [{'type': 'RLIMIT_NOFILE', 'hard': 200, 'soft': 100},"
    " {'type': 'RLIMIT_CORE', 'hard': 18446744073709551615, 'soft': 18446744073709551615}]},"
    " 'root': {'path': '/x/merged', 'readonly': true}, 'hostname': 'myh',"
    " 'mounts': [{'destination': '/vol', 'type': 'bind', 'source': '/x/_data', 'options': ['rbind']},"
    " {'destination': '/bind', 'type': 'bind', 'source': '/srv', 'options': ['rbind', 'ro']},"
    " {'destination': '/scratch', 'type': 'tmpfs', 'source': 'tmpfs', 'options': ['size=1m']},"
    " {'destination': '/proc', 'type': 'proc', 'source': 'proc'},"
    " {'destination': '/run/podman-init', 'type': 'bind', 'source': '/x', 'options': ['bind']},"
    " {'destination': '/etc/hosts', 'type': 'bind', 'source': '/x/hosts', 'options': ['bind']},"
    " {'destination': '/sys/fs/cgroup', 'type': 'cgroup', 'source': 'cgroup'}],"
    " 'annotations': {'io.podman.annotations.init': 'TRUE', 'x': 'y',"
    " 'io.podman.annotations.autoremove': 'FALSE'},"
    " 'linux': {'sysctl': {'net.ipv4.ip_forward': '1', 'net.ipv4.ping_group_range': '0 0'},"
    " 'resources': {'memory': {'limit': 67108864, 'swap': 134217728},"
    " 'cpu': {'quota': 50000, 'period': 100000}, 'pids': {'limit': 99}},"
    " 'namespaces': [{'type': 'pid'}, {'type': 'network', 'path': '/run/netns/x'},"
    " {'type': 'ipc'}, {'type': 'uts'}, {'type': 'mount'}], 'seccomp': {'defaultAction': 'x'},"
    " 'maskedPaths': ['/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/latency_stats',"
    " '/proc/timer_list', '/proc/timer_stats', '/proc/sched_debug', '/proc/scsi', '/sys/firmware',"
    " '/sys/fs/selinux', '/sys/dev/block', '/proc/asound', '/proc/cpuinfo'],"
    " 'readonlyPaths': ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sysrq-trigger']}}";

static char *json_text(const char *text)
{
    return g_strdelimit(g_strdup(text), "'", '"');
}

static bool read_texts(const char *config, const char *spec, ArchiveConfig *ret_config,
                       GError **error)
{
    g_auto(ArchiveDocuments) documents = {
        .config = g_strdup(config),
        .config_length = strlen(config),
        .spec = g_strdup(spec),
        .spec_length = strlen(spec),
    };

    return archive_config_read(&documents, ret_config, error);
}

static void assert_words(char **words, const char *expected)
{
    g_autofree char *joined = words != NULL ? g_strjoinv(" ", words) : NULL;

    g_assert_cmpstr(joined, ==, expected);
}

static void test_reads_what_podman_writes(void)
{
    g_autofree char *config_json = json_text(config_text);
    g_autofree char *spec_json = json_text(spec_text);
    g_auto(ArchiveConfig) archive = { 0 };
    g_autoptr(GError) error = NULL;
    const ContainerConfig *config;
    const MountConfig *mount;
    const NetworkConfig *network;
    const UlimitConfig *limit;
    const PortConfig *port;

    read_texts(config_json, spec_json, &archive, &error);
    g_assert_no_error(error);
    config = &archive.record->config;
    g_assert_cmpstr(archive.record->id, ==, ID);
    g_assert_cmpstr(archive.record->name, ==, "web");
    g_assert_cmpstr(config->image_id, ==, IMAGE);
    g_assert_cmpstr(config->runtime, ==, "runc");
    g_assert_cmpint(archive.host.criu_version, ==, 40201);
    g_assert_cmpstr(archive.host.cpu_flags[0], ==, "fpu");

    /* Without the init in front, which floe puts there itself. */
    g_assert_true(config->init);
    g_assert_cmpstr(config->argv[0], ==, "sh");
    g_assert_cmpstr(config->env[1], ==, "FOO=bar");
    g_assert_cmpstr(config->workdir, ==, "/tmp");
    g_assert_true(config->tty && config->open_stdin && config->no_new_privileges);
    g_assert_cmpstr(config->capabilities[0], ==, "CAP_CHOWN");
    g_assert_null(config->capabilities[2]);
    g_assert_null(config->seccomp_profile);
    g_assert_false(config->auto_remove);
    g_assert_cmpstr(json_string_value(json_object_get(config->annotations, "x")), ==, "y");
    g_assert_cmpuint(json_object_size(config->annotations), ==, 1);
    g_assert_cmpuint(json_object_size(config->sysctls), ==, 1);
    limit = g_ptr_array_index(config->ulimits, 1);
    g_assert_cmpstr(limit->name, ==, "core");
    g_assert_cmpint(limit->hard, ==, -1);

    /* A volume by its name, what a user bound, a tmpfs; the engine's own are not there. */
    g_assert_cmpuint(config->mounts->len, ==, 3);
    mount = g_ptr_array_index(config->mounts, 0);
    g_assert_cmpstr(mount->type, ==, "volume");
    g_assert_cmpstr(mount->source, ==, "data");
    mount = g_ptr_array_index(config->mounts, 1);
    g_assert_cmpstr(mount->source, ==, "/srv");
    mount = g_ptr_array_index(config->mounts, 2);
    g_assert_cmpstr(mount->type, ==, "tmpfs");
    g_assert_true(config->read_only);

    g_assert_cmpstr(config->network_mode, ==, "bridge");
    network = g_ptr_array_index(config->networks, 0);
    g_assert_cmpstr(network->name, ==, "podman");
    g_assert_cmpstr(network->interface_name, ==, "eth1");
    g_assert_cmpstr(network->static_ip, ==, "10.88.0.77");
    port = g_ptr_array_index(config->ports, 0);
    g_assert_cmpint(port->range, ==, 3);
    g_assert_cmpstr(config->exposed_ports[0], ==, "7777/tcp");
    g_assert_cmpint(config->memory_bytes, ==, 67108864);
    g_assert_cmpint(config->nano_cpus, ==, 500000000);
    g_assert_cmpint(config->pids_limit, ==, 99);
    g_assert_cmpint(config->stop_signal, ==, 2);
    g_assert_cmpstr(config->health_on_failure, ==, "restart");
    g_assert_cmpint(config->health_interval_ns, ==, 0);
    g_assert_cmpstr(config->restart_policy, ==, "on-failure");
    g_assert_cmpstr(config->hostname, ==, "myh");
    assert_words(config->mask, "/proc/asound /proc/cpuinfo");
    assert_words(config->unmask, "/proc/sys");
    assert_words(config->security_opts, "mask=/proc/asound:/proc/cpuinfo "
                                        "unmask=/proc/sys");
    g_assert_null(archive.pod);
    g_assert_null(archive.dependencies[0]);
}

/* The value at a path "process.user.uid", "mounts.0.type" is set, or with NULL taken away. */
static void set_at(json_t *document, const char *path, const char *value_text)
{
    g_auto(GStrv) steps = g_strsplit(path, ".", -1);
    g_autofree char *text = value_text != NULL ? json_text(value_text) : NULL;
    json_t *at = document;
    size_t i;

    for (i = 0; steps[i + 1] != NULL; i++)
        at = json_is_array(at) ? json_array_get(at, (size_t)atoi(steps[i]))
                               : json_object_get(at, steps[i]);
    g_assert_nonnull(at);
    if (text == NULL)
        json_object_del(at, steps[i]);
    else if (json_is_array(at))
        json_array_set_new(at, (size_t)atoi(steps[i]), json_loads(text, JSON_DECODE_ANY, NULL));
    else
        json_object_set_new(at, steps[i], json_loads(text, JSON_DECODE_ANY, NULL));
}

/* A document as text, one value changed. */
static char *changed(const char *text, const char *path, const char *value)
{
    g_autofree char *json = json_text(text);
    g_autoptr(GString) readable = g_string_new(json);
    g_autoptr(JsonValue) document = NULL;

    g_string_replace(readable, "18446744073709551615", "1000", 0);
    document = json_loads(readable->str, 0, NULL);
    g_assert_nonnull(document);
    set_at(document, path, value);
    return json_to_text(document);
}

typedef struct Bad {
    const char *path;
    const char *value; /* NULL: missing */
    const char *error; /* is in the text */
} Bad;

static void check_bad(const Bad *bad, bool is_config)
{
    g_autofree char *config = is_config ? changed(config_text, bad->path, bad->value)
                                        : json_text(config_text);
    g_autofree char *spec = is_config ? json_text(spec_text)
                                      : changed(spec_text, bad->path, bad->value);
    g_auto(ArchiveConfig) archive = { 0 };
    g_autoptr(GError) error = NULL;

    if (read_texts(config, spec, &archive, &error))
        g_error("%s = %s is taken", bad->path, bad->value);
    g_assert_true(err_is(error, FLOE_ERROR_INVALID) || err_is(error, FLOE_ERROR_UNSUPPORTED));
    if (strstr(error->message, ".dump: ") == NULL || strstr(error->message, bad->error) == NULL)
        g_error("%s = %s: %s", bad->path, bad->value, error->message);
}

static void test_names_the_bad_key_of_the_configuration(void)
{
    static const char *const of_text[] = {
        "id",        "name",        "pod",      "rootfs",    "rootfsImageID",  "rootfsImageName",
        "runtime",   "networkMode", "user",     "logDriver", "restart_policy", "mountNsCtr",
        "userNsCtr", "cgroupNsCtr", "ipcNsCtr", "netNsCtr",  "pidNsCtr",       "utsNsCtr",
        "timezone",
    };
    static const char *const of_texts[] = {
        "CreateCommand", "Dependencies", "command",   "entrypoint", "groups",
        "dnsServer",     "dnsSearch",    "dnsOption", "hostsAdd",
    };
    static const char *const of_number[] = {
        "shmSize", "stopSignal", "stopTimeout", "restart_retries", "healthcheck_on_failure_action",
    };
    static const char *const of_flag[] = { "privileged", "createNetNS", "stdin", "pause" };
    static const Bad bad[] = {
        { "id", NULL, "'id' is missing" },
        { "id", "'95fed21319c0'", "'id'" },
        { "id", "'../../../../etc'", "'id'" },
        { "name", NULL, "'name' is missing" },
        { "name", "'a/b'", "'name'" },
        { "name", "'../x'", "'name'" },
        { "pod", "'x'", "'pod'" },
        { "rootfsImageID", NULL, "rootfsImageID" },
        { "rootfsImageName", NULL, "rootfsImageName" },
        { "rootfs", "'etc'", "'etc'" },
        { "runtime", NULL, "'runtime' is missing" },
        { "secrets", "{}", "'secrets': must be an array" },
        { "secrets", "[1]", "secrets" },
        { "secrets", "[{'name': ''}]", "'name' is missing" },
        { "secrets", "[{'name': 'x', 'Target': '/'}]", "no secret can be there" },
        { "secrets", "[{'name': 'x', 'Target': '/proc/../proc/1'}]", "no secret can be there" },
        { "secrets", "[{'name': 'x', 'UID': -1}]", "UID" },
        { "secrets", "[{'name': 'x', 'Mode': 'r'}]", "Mode" },
        { "secret_env", "[]", "'secret_env': must be an object" },
        { "secret_env", "{'A': 1}", "'A'" },
        { "secret_env", "{'A=B': {'name': 'x'}}", "no variable can have that name" },
        { "overlayVolumes", "[{}]", "overlay" },
        { "ctrImageVolumes", "[{}]", "images" },
        { "idMappingsOptions", "{'UIDMap': [{}]}", "user namespace" },
        { "userNsCtr", "'" ID "'", "user" },
        { "netNsCtr", "'short'", "netNsCtr" },
        { "pause", "true", "infra" },
        { "shmSize", "-1", "shmSize" },
        { "stopSignal", "65", "stopSignal" },
        { "stopSignal", "-1", "stopSignal" },
        { "stopTimeout", "99999999999", "stopTimeout" },
        { "restart_policy", "'sometimes'", "restart_policy" },
        { "healthcheck_on_failure_action", "5", "healthcheck_on_failure_action" },
        { "healthcheck", "'x'", "health" },
        { "healthcheck.Test", "'x'", "Test" },
        { "healthcheck.Test", "['CMD']", "health" },
        { "healthcheck.Timeout", "-1", "health" },
        { "labels", "[]", "labels" },
        { "labels.a", "1", "labels" },
        { "newNetworks", "[]", "newNetworks" },
        { "newNetworks", "{}", "newNetworks" },
        { "newNetworks.podman", "1", "podman" },
        { "newNetworks.podman.static_ips", "['x']", "static_ips" },
        { "newNetworks.podman.static_ips", "'10.88.0.77'", "static_ips" },
        { "newNetworks.podman.static_mac", "'x'", "static_mac" },
        { "newNetworks.podman.interface_name", "'../x'", "interface_name" },
        { "newNetworks.podman.interface_name", "'abcdefghijklmnop'", "interface_name" },
        { "orderedNetworks", "{}", "orderedNetworks" },
        { "orderedNetworks", "[1]", "orderedNetworks" },
        { "orderedNetworks", "[{'name': ''}]", "orderedNetworks" },
        { "newPortMappings", "{}", "newPortMappings" },
        { "newPortMappings", "[1]", "newPortMappings" },
        { "newPortMappings.0.container_port", "0", "newPortMappings" },
        { "newPortMappings.0.host_port", "65536", "newPortMappings" },
        { "newPortMappings.0.range", "65535", "newPortMappings" },
        { "newPortMappings.0.protocol", "'icmp'", "protocol" },
        { "newPortMappings.0.host_ip", "'x'", "host_ip" },
        { "exposedPorts", "{'80': 1}", "exposedPorts" },
        { "dnsServer", "['x']", "dnsServer" },
        { "namedVolumes", "'x'", "namedVolumes" },
        { "namedVolumes.0.volumeName", "'../x'", "namedVolumes" },
        { "namedVolumes.0.volumeName", NULL, "namedVolumes" },
        { "namedVolumes.0.dest", "'x'", "namedVolumes" },
        { "namedVolumes.0.dest", "'/'", "namedVolumes" },
        { "namedVolumes.0.options", "['evil=1']", "namedVolumes" },
        { "floe", "[]", "floe" },
        { "floe.host", "1", "floe" },
        { "floe.host.cpu_flags", "1", "floe" },
        { "floe.host.criu_version", "'x'", "floe" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(of_text); i++)
        check_bad(&(const Bad){ of_text[i], "[1]", of_text[i] }, true);
    for (size_t i = 0; i < G_N_ELEMENTS(of_texts); i++) {
        check_bad(&(const Bad){ of_texts[i], "'x'", of_texts[i] }, true);
        check_bad(&(const Bad){ of_texts[i], "['x', 1]", of_texts[i] }, true);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(of_number); i++) {
        check_bad(&(const Bad){ of_number[i], "'1'", of_number[i] }, true);
        check_bad(&(const Bad){ of_number[i], "1.5", of_number[i] }, true);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(of_flag); i++)
        check_bad(&(const Bad){ of_flag[i], "1", of_flag[i] }, true);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        check_bad(&bad[i], true);
}

static void test_names_the_bad_key_of_the_document(void)
{
    static const Bad bad[] = {
        { "process", NULL, "process" },
        { "process", "[]", "process" },
        { "process.args", NULL, "args" },
        { "process.args", "[]", "args" },
        { "process.args", "'sh'", "args" },
        { "process.env", "['FOO']", "env" },
        { "process.env", "['=x']", "env" },
        { "process.env", "{}", "env" },
        { "process.cwd", "'tmp'", "cwd" },
        { "process.cwd", NULL, "cwd" },
        { "process.user", "1", "user" },
        { "process.user.uid", "-1", "uid" },
        { "process.user.gid", "4294967295", "gid" },
        { "process.user.umask", "'022'", "umask" },
        { "process.capabilities", "[]", "capabilities" },
        { "process.capabilities.bounding", "['CAP_EVERYTHING']", "CAP_EVERYTHING" },
        { "process.rlimits", "{}", "rlimits" },
        { "process.rlimits", "[1]", "rlimits" },
        { "process.rlimits.0.type", "'NOFILE'", "rlimits" },
        { "process.rlimits.0.soft", "-2", "soft" },
        { "process.rlimits.0.hard", "'x'", "hard" },
        { "process.terminal", "1", "terminal" },
        { "process.noNewPrivileges", "'yes'", "noNewPrivileges" },
        { "process.oomScoreAdj", "'x'", "oomScoreAdj" },
        { "root", "1", "root" },
        { "root.readonly", "1", "readonly" },
        { "hostname", "1", "hostname" },
        { "annotations", "[]", "annotations" },
        { "annotations.x", "1", "annotations" },
        { "mounts", "{}", "mounts" },
        { "mounts", "[1]", "mounts" },
        { "mounts.1.destination", "'bind'", "destination" },
        { "mounts.1.destination", NULL, "destination" },
        { "mounts.1.destination", "'/'", "mounts" },
        { "mounts.1.source", "'srv'", "mounts" },
        { "mounts.1.source", NULL, "mounts" },
        { "mounts.1.options", "['rbind', 'upperdir=/x']", "upperdir" },
        { "mounts.1.options", "'rbind'", "options" },
        { "mounts.1.destination", "'/run/secrets/x'", "secrets" },
        { "mounts.2.type", "'ext4'", "ext4" },
        { "mounts.2.type", "'overlay'", "overlay" },
        { "mounts.2.options", "['x=y']", "x=y" },
        { "linux", "[]", "linux" },
        { "linux.namespaces", "{}", "namespaces" },
        { "linux.namespaces", "[1]", "namespaces" },
        { "linux.namespaces.0.path", "'/proc/1/ns/pid'", "pid" },
        { "linux.namespaces.0.path", "1", "path" },
        { "linux.namespaces.0.type", "'user'", "user namespace" },
        { "linux.devices", "[{'path': '/dev/sda'}]", "/dev/sda" },
        { "linux.devices", "1", "devices" },
        { "linux.resources", "1", "resources" },
        { "linux.resources.memory.limit", "'x'", "limit" },
        { "linux.resources.memory.limit", "-2", "limit" },
        { "linux.resources.memory.limit", "1", "memory" },
        { "linux.resources.memory.swap", "1", "swap" },
        { "linux.resources.cpu.quota", "1", "cpu" },
        { "linux.resources.cpu.quota", "9223372036854775807", "quota" },
        { "linux.resources.cpu.shares", "-1", "shares" },
        { "linux.resources.cpu.cpus", "'all'", "all" },
        { "linux.resources.pids.limit", "-2", "limit" },
        { "linux.resources.blockIO", "{'weight': 70000}", "weight" },
        { "linux.resources.unified", "[]", "unified" },
        { "linux.resources.unified", "{'memory.high': 5}", "memory.high" },
        { "linux.sysctl", "[]", "sysctl" },
        { "linux.sysctl", "{'net.ipv4.ip_forward': 1}", "sysctl" },
        { "linux.seccomp", "'unconfined'", "seccomp" },
        { "hooks", "[]", "hooks" },
        { "hooks", "{'prestart': {}}", "hooks" },
        { "hooks", "{'prestart': [1]}", "hooks" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        check_bad(&bad[i], false);
}

static void test_refuses_texts_that_are_no_documents(void)
{
    static const char *const texts[] = {
        "", "{", "[]", "null", "1", "{\"id\": 1, \"id\": 2}", "{}x"
    };
    g_autofree char *config = json_text(config_text);
    g_autofree char *spec = json_text(spec_text);
    g_autofree char *deep = g_strnfill(100000, '[');

    for (size_t i = 0; i <= G_N_ELEMENTS(texts); i++) {
        const char *text = i < G_N_ELEMENTS(texts) ? texts[i] : deep;
        g_auto(ArchiveConfig) archive = { 0 };
        g_autoptr(GError) error = NULL;

        g_assert_false(read_texts(text, spec, &archive, &error));
        g_assert_cmpint(error->code, ==, FLOE_ERROR_INVALID);
        g_clear_error(&error);
        g_assert_false(read_texts(config, text, &archive, &error));
        g_assert_cmpint(error->code, ==, FLOE_ERROR_INVALID);
    }
}

/* Hooks are told of and not taken; what the new list says counts, not the old map. */
static void test_notes_hooks_and_prefers_the_new_networks(void)
{
    g_autofree char *config = changed(config_text, "orderedNetworks",
                                      "[{'name': 'lan', 'interface_name': ''}]");
    g_autofree char *spec = changed(spec_text, "hooks", "{'prestart': [{'path': '/bin/evil'}]}");
    g_auto(ArchiveConfig) archive = { 0 };
    g_autoptr(GError) error = NULL;
    const NetworkConfig *network;

    read_texts(config, spec, &archive, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(archive.hooks[0], ==, "/bin/evil");
    g_assert_cmpuint(archive.record->config.networks->len, ==, 1);
    network = g_ptr_array_index(archive.record->config.networks, 0);
    g_assert_cmpstr(network->name, ==, "lan");
    g_assert_cmpstr(network->interface_name, ==, "eth0");
}

/* Their names and places are taken; what they hold, which podman writes, is in no record. */
static void test_takes_the_names_of_secrets(void)
{
    g_autofree char *files = changed(config_text, "secrets",
                                     "[{'name': 'key', 'id': 'aa', 'UID': 5, 'Mode': 2147483940},"
                                     " {'name': 'key', 'id': 'aa', 'Target': '/etc/key'}]");
    g_autofree char *config = changed(files, "secret_env", "{'PASSWORD': {'name': 'db'}}");
    g_autofree char *mounts = changed(
        spec_text, "mounts",
        "[{'destination': '/run/secrets', 'type': 'bind', 'source': '/x/userdata/run/secrets',"
        "  'options': ['bind']},"
        " {'destination': '/run/secrets/key', 'type': 'bind', 'source': '/b', 'options': ['bind']},"
        " {'destination': '/etc/key', 'type': 'bind', 'source': '/b', 'options': ['bind']}]");
    g_autofree char *spec = changed(mounts, "process.env",
                                    "['PASSWORD=hunter2', 'A=b', 'PASSWORDS=no']");
    g_auto(ArchiveConfig) archive = { 0 };
    g_autoptr(GError) error = NULL;
    const ContainerConfig *read;
    const SecretConfig *secret;

    read_texts(config, spec, &archive, &error);
    g_assert_no_error(error);
    read = &archive.record->config;
    g_assert_cmpuint(read->mounts->len, ==, 1); /* the volume of config.dump */
    g_assert_cmpstr(read->env[0], ==, "A=b");
    g_assert_cmpstr(read->env[1], ==, "PASSWORDS=no");
    g_assert_null(read->env[2]);
    g_assert_cmpuint(read->secrets->len, ==, 3);
    secret = g_ptr_array_index(read->secrets, 0);
    g_assert_cmpstr(secret->name, ==, "key");
    g_assert_cmpstr(secret->destination, ==, "/run/secrets/key");
    g_assert_cmpint(secret->uid, ==, 5);
    g_assert_cmpint(secret->mode, ==, 0444);
    secret = g_ptr_array_index(read->secrets, 1);
    g_assert_cmpstr(secret->destination, ==, "/etc/key");
    secret = g_ptr_array_index(read->secrets, 2);
    g_assert_cmpstr(secret->variable, ==, "PASSWORD");
    g_assert_null(secret->destination);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/archive-config-read/takes-the-names-of-secrets",
                    test_takes_the_names_of_secrets);
    g_test_add_func("/engine/archive-config-read/reads-what-podman-writes",
                    test_reads_what_podman_writes);
    g_test_add_func("/engine/archive-config-read/names-the-bad-key-of-the-configuration",
                    test_names_the_bad_key_of_the_configuration);
    g_test_add_func("/engine/archive-config-read/names-the-bad-key-of-the-document",
                    test_names_the_bad_key_of_the_document);
    g_test_add_func("/engine/archive-config-read/refuses-texts-that-are-no-documents",
                    test_refuses_texts_that_are_no_documents);
    g_test_add_func("/engine/archive-config-read/notes-hooks-and-prefers-the-new-networks",
                    test_notes_hooks_and_prefers_the_new_networks);
    return g_test_run();
}
