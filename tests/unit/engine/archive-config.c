/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/archive-config.h"

#include <string.h>

static const ArchiveFacts facts = {
    .runtime_name = "runc",
    .runtime_version = "runc version 1.1.5",
    .criu_version = 40201,
    .tcp_established = true,
};

static ContainerRecord *record_make(const char *network_mode)
{
    ContainerRecord *record = container_record_new();

    record->id = g_strdup("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    record->name = g_strdup("web");
    record->config.image_id = g_strdup("feed");
    record->config.image_name = g_strdup("localhost/x:latest");
    record->config.network_mode = g_strdup(network_mode);
    record->config.pid_mode = g_strdup("private");
    record->config.ipc_mode = g_strdup("private");
    record->config.uts_mode = g_strdup("private");
    return record;
}

/* The value at a path of keys and indices, "newNetworks/podman/static_ips/0", as text. */
static char *at(const json_t *document, const char *path)
{
    g_auto(GStrv) keys = g_strsplit(path, "/", -1);
    const json_t *value = document;

    for (char **key = keys; *key != NULL; key++)
        value = json_is_array(value) ? json_array_get(value, (size_t)atoi(*key))
                                     : json_object_get(value, *key);
    return value != NULL ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS) : NULL;
}

static void assert_at(const json_t *document, const char *path, const char *wanted)
{
    char *got = at(document, path);

    g_assert_cmpstr(got, ==, wanted);
    free(got);
}

static void test_podman_finds_what_it_needs(void)
{
    g_autoptr(ContainerRecord) record = record_make("none");
    g_autoptr(JsonValue) document = archive_config(record, &facts);

    assert_at(document, "name", "\"web\"");
    assert_at(document, "rootfsImageID", "\"feed\"");
    assert_at(document, "rootfsImageName", "\"localhost/x:latest\"");
    assert_at(document, "runtime", "\"runc\"");
    assert_at(document, "Dependencies", "null");
    assert_at(document, "createNetNS", "true");
    assert_at(document, "networkMode", "\"none\"");
    assert_at(document, "newNetworks", NULL);
}

static void test_the_hosts_network_is_not_made(void)
{
    g_autoptr(ContainerRecord) record = record_make("host");
    g_autoptr(JsonValue) document = archive_config(record, &facts);

    assert_at(document, "createNetNS", "false");
    assert_at(document, "networkMode", NULL);
}

/* Its infra container is where the pod is. */
static void test_what_a_pod_gives_is_no_dependency(void)
{
    g_autoptr(ContainerRecord) record = record_make("container");

    record->config.network_container = g_strdup("aa");
    record->config.pod_id = g_strdup("bb");

    g_autoptr(JsonValue) document = archive_config(record, &facts);

    assert_at(document, "pod", "\"bb\"");
    assert_at(document, "Dependencies", "null");
    assert_at(document, "netNsCtr", "\"aa\"");
}

static void test_annotations_tell_of_the_checkpoint(void)
{
    g_autoptr(ContainerRecord) record = record_make("none");
    g_autoptr(JsonValue) annotations = archive_annotations(record, &facts);

    assert_at(annotations, "io.podman.annotations.checkpoint.name", "\"web\"");
    assert_at(annotations, "io.podman.annotations.checkpoint.criu.version", "\"40201\"");
    assert_at(annotations, "io.podman.annotations.checkpoint.runtime.name", "\"runc\"");
}

static void test_networks_are_told_in_both_ways(void)
{
    g_autoptr(ContainerRecord) record = record_make("bridge");
    NetworkConfig *network = g_new0(NetworkConfig, 1);

    network->name = g_strdup("lan");
    network->interface_name = g_strdup("eth0");
    network->static_ip = g_strdup("10.1.2.3");
    record->config.networks = g_ptr_array_new();
    g_ptr_array_add(record->config.networks, network);

    g_autoptr(JsonValue) document = archive_config(record, &facts);

    assert_at(document, "createNetNS", "true");
    assert_at(document, "networkMode", "\"bridge\"");
    assert_at(document, "newNetworks",
              "{\"lan\":{\"interface_name\":\"eth0\",\"static_ips\":[\"10.1.2.3\"]}}");
    assert_at(document, "orderedNetworks",
              "[{\"interface_name\":\"eth0\",\"name\":\"lan\",\"static_ips\":[\"10.1.2.3\"]}]");
}

static void test_exposed_ports_are_grouped_by_number(void)
{
    g_autoptr(ContainerRecord) record = record_make("none");
    const char *const exposed[] = { "80/tcp", "53/udp", "80/udp", "7", NULL };

    record->config.exposed_ports = g_strdupv((char **)exposed);

    g_autoptr(JsonValue) document = archive_config(record, &facts);

    assert_at(document, "exposedPorts",
              "{\"53\":[\"udp\"],\"7\":[\"tcp\"],\"80\":[\"tcp\",\"udp\"]}");
}

static void test_shared_namespaces_name_their_containers(void)
{
    g_autoptr(ContainerRecord) record = record_make("container");

    record->config.network_container = g_strdup("aa");
    g_free(record->config.uts_mode);
    record->config.uts_mode = g_strdup("container");
    record->config.uts_container = g_strdup("bb");

    g_autoptr(JsonValue) document = archive_config(record, &facts);

    assert_at(document, "netNsCtr", "\"aa\"");
    assert_at(document, "utsNsCtr", "\"bb\"");
    assert_at(document, "pidNsCtr", NULL);
    assert_at(document, "Dependencies", "[\"aa\",\"bb\"]");
}

static void test_what_follows_an_unhealthy_check_is_a_number(void)
{
    static const struct {
        const char *name, *number;
    } actions[] = { { NULL, "0" }, { "kill", "2" }, { "restart", "3" }, { "stop", "4" } };

    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++) {
        g_autoptr(ContainerRecord) record = record_make("none");

        record->config.health_on_failure = g_strdup(actions[i].name);

        g_autoptr(JsonValue) document = archive_config(record, &facts);

        assert_at(document, "healthcheck_on_failure_action", actions[i].number);
    }
}

static void test_floes_own_key_tells_of_the_host(void)
{
    g_autoptr(ContainerRecord) record = record_make("none");
    g_autoptr(JsonValue) document = archive_config(record, &facts);

    assert_at(document, "floe/tcp_established", "true");
    assert_at(document, "floe/file_locks", "false");
    assert_at(document, "floe/host/criu_version", "40201");
    assert_at(document, "floe/host/runtime", "\"runc version 1.1.5\"");
    g_assert_true(json_is_array(
        json_object_get(json_object_get(json_object_get(document, "floe"), "host"), "cpu_flags")));
}

#define ADD(name, function) g_test_add_func("/engine/archive-config/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("podman-finds-what-it-needs", test_podman_finds_what_it_needs);
    ADD("the-hosts-network-is-not-made", test_the_hosts_network_is_not_made);
    ADD("what-a-pod-gives-is-no-dependency", test_what_a_pod_gives_is_no_dependency);
    ADD("annotations-tell-of-the-checkpoint", test_annotations_tell_of_the_checkpoint);
    ADD("networks-are-told-in-both-ways", test_networks_are_told_in_both_ways);
    ADD("exposed-ports-are-grouped-by-number", test_exposed_ports_are_grouped_by_number);
    ADD("shared-namespaces-name-their-containers", test_shared_namespaces_name_their_containers);
    ADD("what-follows-an-unhealthy-check-is-a-number",
        test_what_follows_an_unhealthy_check_is_a_number);
    ADD("floes-own-key-tells-of-the-host", test_floes_own_key_tells_of_the_host);
    return g_test_run();
}
