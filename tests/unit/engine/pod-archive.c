/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/pod-archive.h"

#include <string.h>

#define POD_ID   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define INFRA_ID "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ONE_ID   "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static PortConfig *new_port(const char *address, int container_port, int host_port, int range)
{
    PortConfig *port = g_new0(PortConfig, 1);

    *port = (PortConfig){ g_strdup(address), container_port, host_port, range, g_strdup("tcp") };
    return port;
}

static NetworkConfig *new_network(void)
{
    NetworkConfig *network = g_new0(NetworkConfig, 1);

    network->name = g_strdup("lan");
    network->static_ip6 = g_strdup("fd00::5");
    network->static_mac = g_strdup("92:11:22:33:44:55");
    network->aliases = g_strsplit("db sql", " ", -1);
    return network;
}

static ContainerRecord *new_container(const char *id, const char *name, bool is_infra)
{
    ContainerRecord *record = container_record_new();

    record->id = g_strdup(id);
    record->name = g_strdup(name);
    record->config.is_infra = is_infra;
    record->config.pod_id = g_strdup(POD_ID);
    record->config.network_mode = g_strdup(is_infra ? "bridge" : "container");
    record->config.ipc_mode = g_strdup("private");
    record->config.uts_mode = g_strdup("private");
    record->config.pid_mode = g_strdup("private");
    return record;
}

typedef struct Fixture {
    PodRecord *pod;
    GPtrArray *records;
    ContainerRecord *infra; /* among the records */
} Fixture;

static void fixture_clear(Fixture *fixture)
{
    pod_record_free(fixture->pod);
    g_ptr_array_unref(fixture->records);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fixture, fixture_clear)

static Fixture fixture_new(void)
{
    Fixture fixture = { pod_record_new(),
                        g_ptr_array_new_with_free_func((GDestroyNotify)container_record_free),
                        new_container(INFRA_ID, "infra", true) };

    fixture.pod->id = g_strdup(POD_ID);
    fixture.pod->name = g_strdup("shop");
    fixture.pod->config.infra_id = g_strdup(INFRA_ID);
    fixture.pod->config.exit_policy = g_strdup("stop");
    fixture.pod->config.shared = g_strsplit("ipc,net", ",", -1);
    fixture.pod->config.labels = json_pack("{s:s}", "a", "b");
    fixture.pod->config.memory_bytes = 64 << 20;
    fixture.infra->config.networks = g_ptr_array_new();
    g_ptr_array_add(fixture.infra->config.networks, new_network());
    fixture.infra->config.hostname = g_strdup("shop");
    fixture.infra->config.sysctls = json_pack("{s:s}", "net.core.somaxconn", "9");
    fixture.infra->config.ports = g_ptr_array_new();
    g_ptr_array_add(fixture.infra->config.ports, new_port("", 80, 8080, 1));
    g_ptr_array_add(fixture.infra->config.ports, new_port("::1", 90, 90, 3));
    g_ptr_array_add(fixture.records, fixture.infra);
    g_ptr_array_add(fixture.records, new_container(ONE_ID, "one", false));
    return fixture;
}

static bool describe(const Fixture *fixture, PodArchive *ret_archive, GError **error)
{
    const floe_pod pod = { NULL, fixture->pod };

    return pod_archive_describe(&pod, fixture->records, ret_archive, error);
}

static void test_a_pod_comes_back_as_options(void)
{
    g_auto(Fixture) fixture = fixture_new();
    g_auto(PodArchive) archive = { 0 };
    g_auto(PodArchive) back = { 0 };
    g_autofree char *text = NULL;
    g_autofree char *again = NULL;
    floe_pod_create_options pod;
    floe_create_options infra;
    g_autoptr(GError) error = NULL;

    g_assert_true(describe(&fixture, &archive, &error));
    text = pod_archive_dump_text(&archive);
    g_assert_true(pod_archive_parse(text, strlen(text), &back, &error));
    again = pod_archive_dump_text(&back);
    g_assert_cmpstr(text, ==, again);
    g_assert_cmpuint(back.containers->len, ==, 1);

    pod_archive_to_options(&back, &pod, &infra);
    g_assert_cmpstr(pod.shared, ==, "ipc,net");
    g_assert_cmpstr(pod.exit_policy, ==, "stop");
    g_assert_cmpstr(pod.labels[0], ==, "a=b");
    g_assert_cmpstr(pod.infra_name, ==, "infra");
    g_assert_true(pod.infra == &infra);
    g_assert_cmpstr(infra.hostname, ==, "shop");
    g_assert_cmpstr(infra.publish[0], ==, "8080-8080:80-80/tcp");
    g_assert_cmpstr(infra.publish[1], ==, "[::1]:90-92:90-92/tcp");
    g_assert_cmpstr(infra.sysctls[0], ==, "net.core.somaxconn=9");
    g_assert_cmpint(infra.memory_bytes, ==, 64 << 20);
}

static void test_options_name_all_containers(void)
{
    g_auto(Fixture) fixture = fixture_new();
    g_auto(PodArchive) archive = { 0 };
    g_autoptr(JsonValue) object = NULL;
    g_autofree char *text = NULL;
    const json_t *containers;

    g_assert_true(describe(&fixture, &archive, NULL));
    text = pod_archive_options_text(&archive);
    g_assert_true(json_parse(text, strlen(text), "the text", &object, NULL));
    containers = json_object_get(object, "containers");
    g_assert_cmpuint(json_object_size(containers), ==, 2);
    g_assert_cmpstr(json_string_value(json_object_get(containers, "one")), ==, ONE_ID);
    g_assert_cmpstr(json_string_value(json_object_get(containers, "infra")), ==, INFRA_ID);
}

static void set_text(char **member, const char *text)
{
    g_free(*member);
    *member = g_strdup(text);
}

static void refused(char **member, const char *text, const Fixture *fixture, const char *part)
{
    g_auto(PodArchive) archive = { 0 };
    g_autoptr(GError) error = NULL;
    g_autofree char *before = g_strdup(*member);

    set_text(member, text);
    g_assert_false(describe(fixture, &archive, &error));
    g_assert_true(err_is(error, FLOE_ERROR_UNSUPPORTED));
    g_assert_nonnull(strstr(error->message, part));
    set_text(member, before);
}

static void test_what_an_archive_cannot_hold_is_refused(void)
{
    g_auto(Fixture) fixture = fixture_new();
    ContainerConfig *config = &fixture.infra->config;
    g_auto(PodArchive) archive = { 0 };

    refused(&config->network_mode, "host", &fixture, "network");
    refused(&config->network_mode, "container", &fixture, "network");
    refused(&config->ipc_mode, "host", &fixture, "namespace");
    refused(&config->pid_mode, "container", &fixture, "namespace");
    refused(&config->image_id, "an image", &fixture, "image");
    g_assert_true(describe(&fixture, &archive, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/pod-archive/a-pod-comes-back-as-options",
                    test_a_pod_comes_back_as_options);
    g_test_add_func("/engine/pod-archive/options-name-all-containers",
                    test_options_name_all_containers);
    g_test_add_func("/engine/pod-archive/what-an-archive-cannot-hold-is-refused",
                    test_what_an_archive_cannot_hold_is_refused);
    return g_test_run();
}
