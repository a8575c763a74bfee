/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a pod, what a container gets of it, and the filters of a list. */
#include "engine/pod.h"

#include "engine/pod-filter.h"
#include "engine/pod-join.h"

#include <string.h>

static GPtrArray *members(const floe_container_state *states, size_t n)
{
    GPtrArray *records = g_ptr_array_new_with_free_func((GDestroyNotify)container_record_free);

    for (size_t i = 0; i < n; i++) {
        ContainerRecord *record = container_record_new();

        record->id = g_strdup_printf("%064zx", i + 1);
        record->name = g_strdup_printf("c%zu", i + 1);
        record->status.state = states[i];
        g_ptr_array_add(records, record);
    }
    return records;
}

#define STATE_IS(expected, ...) \
    do { \
        const floe_container_state states[] = { __VA_ARGS__ }; \
        g_autoptr(GPtrArray) records = members(states, G_N_ELEMENTS(states)); \
        g_assert_cmpstr(pod_state_name(records), ==, expected); \
    } while (0)

static void test_the_state_is_that_of_its_containers(void)
{
    g_autoptr(GPtrArray) none = g_ptr_array_new();

    g_assert_cmpstr(pod_state_name(none), ==, "Created");
    STATE_IS("Created", FLOE_STATE_CONFIGURED, FLOE_STATE_CREATED);
    STATE_IS("Running", FLOE_STATE_RUNNING, FLOE_STATE_RUNNING);
    STATE_IS("Degraded", FLOE_STATE_RUNNING, FLOE_STATE_EXITED);
    STATE_IS("Degraded", FLOE_STATE_RUNNING, FLOE_STATE_PAUSED);
    STATE_IS("Paused", FLOE_STATE_PAUSED, FLOE_STATE_PAUSED);
    STATE_IS("Exited", FLOE_STATE_EXITED, FLOE_STATE_STOPPED);
    STATE_IS("Stopped", FLOE_STATE_EXITED, FLOE_STATE_CONFIGURED);
    STATE_IS("Stopped", FLOE_STATE_EXITED, FLOE_STATE_PAUSED);
    STATE_IS("Error", FLOE_STATE_UNKNOWN, FLOE_STATE_CONFIGURED);
}

static PodRecord *new_pod(const char *shared)
{
    PodRecord *pod = pod_record_new();

    pod->id = g_strdup("a");
    pod->name = g_strdup("shop");
    pod->config.infra_id = g_strdup("infra");
    pod->config.shared = g_strsplit(shared, ",", -1);
    pod->config.labels = json_pack("{s:s}", "key", "value");
    return pod;
}

static void test_a_container_gets_what_is_shared(void)
{
    g_autoptr(PodRecord) pod = new_pod("ipc,net");
    floe_create_options options = FLOE_CREATE_OPTIONS_INIT;
    g_auto(PodJoin) join = { 0 };
    g_auto(PodJoin) own = { 0 };

    options.hostname = "mine"; /* uts is not shared */
    g_assert_true(pod_join(pod, &options, &join, NULL));
    g_assert_cmpstr(join.options.networks[0], ==, "container:infra");
    g_assert_cmpstr(join.options.ipc_mode, ==, "container:infra");
    g_assert_null(join.options.uts_mode);
    g_assert_null(join.options.pid_mode);

    options.networks = (const char *[]){ "none", NULL };
    options.publish = (const char *[]){ "80:80", NULL };
    g_assert_true(pod_join(pod, &options, &own, NULL));
    g_assert_cmpstr(own.options.networks[0], ==, "none");
}

static void check_refused(const PodRecord *pod, const floe_create_options *options, const char *part)
{
    g_auto(PodJoin) join = { 0 };
    g_autoptr(GError) error = NULL;

    g_assert_false(pod_join(pod, options, &join, &error));
    g_assert_true(err_is(error, FLOE_ERROR_INVALID));
    g_assert_nonnull(strstr(error->message, part));
}

static void test_what_is_the_pods_is_refused(void)
{
    g_autoptr(PodRecord) pod = new_pod("net,uts");
    const char *const list[] = { "x", NULL };
    floe_create_options options = FLOE_CREATE_OPTIONS_INIT;

#define REFUSED(member, value, part) \
    do { \
        floe_create_options wrong = options; \
        wrong.member = value; \
        check_refused(pod, &wrong, part); \
    } while (0)
    REFUSED(publish, list, "ports");
    REFUSED(add_hosts, list, "host entries");
    REFUSED(dns, list, "name servers");
    REFUSED(dns_search, list, "name servers");
    REFUSED(ip, "10.0.0.1", "addresses");
    REFUSED(mac_address, "92:00:00:00:00:01", "addresses");
    REFUSED(hostname, "x", "hostname");
#undef REFUSED
}

static void test_without_an_infra_container_nothing_is_shared(void)
{
    g_autoptr(PodRecord) pod = new_pod("net");

    g_assert_true(pod_shares(pod, "net"));
    g_assert_false(pod_shares(pod, "pid"));
    g_clear_pointer(&pod->config.infra_id, g_free);
    g_assert_false(pod_shares(pod, "net"));
}

static bool is_met(const PodEntry *entry, const char *first, const char *second)
{
    const char *const filters[] = { first, second, NULL };
    g_autoptr(PodFilter) filter = NULL;

    g_assert_true(pod_filter_new(filters, &filter, NULL));
    return pod_filter_matches(filter, entry);
}

static void test_filters(void)
{
    const floe_container_state states[] = { FLOE_STATE_RUNNING, FLOE_STATE_RUNNING };
    g_autoptr(GPtrArray) records = members(states, 2);
    g_autoptr(PodRecord) pod = new_pod("net");
    const PodEntry entry = { pod, records };

    g_assert_true(is_met(&entry, "id=a", "name=^sh"));
    g_assert_true(is_met(&entry, "name=nope", "name=op$"));
    g_assert_false(is_met(&entry, "name=shop", "status=exited"));
    g_assert_true(is_met(&entry, "status=Running", NULL));
    g_assert_true(is_met(&entry, "label=key", "label=key=value"));
    g_assert_false(is_met(&entry, "label=key", "label=key=other"));
    g_assert_false(is_met(&entry, "label!=key", NULL));
    g_assert_true(is_met(&entry, "ctr-number=2", "ctr-names=c2"));
    g_assert_true(is_met(&entry, "ctr-status=running", "ctr-ids=00"));
    g_assert_false(is_met(&entry, "network=podman", NULL));
    g_assert_true(is_met(&entry, NULL, NULL));
}

static void test_filters_that_cannot_be(void)
{
    static const char *const wrong[] = { "bogus=1",      "name",
                                         "name=[",       "status=bogus",
                                         "ctr-status=x", "ctr-number=many",
                                         "until=never",  "" };

    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        const char *const filters[] = { wrong[i], NULL };
        g_autoptr(PodFilter) filter = NULL;
        g_autoptr(GError) error = NULL;

        g_assert_false(pod_filter_new(filters, &filter, &error));
        g_assert_true(err_is(error, FLOE_ERROR_INVALID));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/pod/the-state-is-that-of-its-containers",
                    test_the_state_is_that_of_its_containers);
    g_test_add_func("/engine/pod/a-container-gets-what-is-shared",
                    test_a_container_gets_what_is_shared);
    g_test_add_func("/engine/pod/what-is-the-pods-is-refused", test_what_is_the_pods_is_refused);
    g_test_add_func("/engine/pod/without-an-infra-container-nothing-is-shared",
                    test_without_an_infra_container_nothing_is_shared);
    g_test_add_func("/engine/pod/filters", test_filters);
    g_test_add_func("/engine/pod/filters-that-cannot-be", test_filters_that_cannot_be);
    return g_test_run();
}
