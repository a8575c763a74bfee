/* SPDX-License-Identifier: Apache-2.0 */
#include "state/pod-record.h"

#include "fixture.h"

static PodRecord *make_pod(const char *id_prefix, const char *name)
{
    PodRecord *record = pod_record_new();

    record->id = make_id(id_prefix);
    record->name = g_strdup(name);
    return record;
}

static char *insert_pod(Database *db, const char *id_prefix, const char *name)
{
    g_autoptr(PodRecord) record = make_pod(id_prefix, name);

    WORKS(pod_insert(db, record, &error));
    return g_strdup(record->id);
}

static void insert_member(Database *db, const char *id_prefix, const char *name, const char *pod_id)
{
    g_autoptr(ContainerRecord) record = make_container(id_prefix, name);

    record->config.pod_id = g_strdup(pod_id);
    WORKS(container_insert(db, record, &error));
}

static void test_all_of_it_comes_back(void)
{
    static const char *const words[] = { "ipc", "net \"quoted\"", NULL };
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(PodRecord) record = make_pod("a", "web");
    g_autoptr(PodRecord) back = NULL;
    g_autoptr(JsonValue) before = NULL;
    g_autoptr(JsonValue) after = NULL;

    record->config = (PodConfig){
        .created_unix_ns = 1,
        .create_command = g_strdupv((char **)words),
        .hostname = g_strdup("host"),
        .labels = json_pack("{s:s}", "key", "value"),
        .shared = g_strdupv((char **)words),
        .infra_id = g_strdup("infra"),
        .exit_policy = g_strdup("stop"),
        .cgroup_manager = g_strdup("systemd"),
        .cgroup_parent = g_strdup("floe.slice"),
        .memory_bytes = 2,
        .memory_swap_bytes = -1,
        .nano_cpus = 4,
        .cpu_shares = 5,
        .cpuset_cpus = g_strdup("0"),
        .cpuset_mems = g_strdup("0-1"),
        .blkio_weight = 6,
    };
    before = json_from_struct(&pod_config_fields, &record->config);
    g_assert_cmpuint(json_object_size(before), ==, pod_config_fields.n_fields);
    WORKS(pod_insert(fixture->db, record, &error));
    fixture_reopen(fixture);
    WORKS(pod_load(fixture->db, record->id, &back, &error));
    g_assert_cmpstr(back->name, ==, "web");
    g_assert_false(back->is_removing);
    after = json_from_struct(&pod_config_fields, &back->config);
    g_assert_true(json_equal(before, after));
}

static void test_names_and_ids_are_shared_with_containers(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *container = insert_container(fixture->db, "a", "web");
    g_autofree char *pod = insert_pod(fixture->db, "b", "pod");
    g_autoptr(PodRecord) same_name = make_pod("c", "web");
    g_autoptr(PodRecord) same_id = make_pod("a", "other");
    g_autoptr(PodRecord) again = make_pod("c", "pod");
    g_autoptr(ContainerRecord) container_name = make_container("d", "pod");
    g_autoptr(ContainerRecord) container_id = make_container("b", "free");

    FAILS(pod_insert(fixture->db, same_name, &error), FLOE_ERROR_EXISTS, "container already exists");
    FAILS(pod_insert(fixture->db, same_id, &error), FLOE_ERROR_EXISTS, "container already exists");
    FAILS(pod_insert(fixture->db, again, &error), FLOE_ERROR_EXISTS, "pod already exists");
    FAILS(container_insert(fixture->db, container_name, &error), FLOE_ERROR_EXISTS,
          "pod already exists");
    FAILS(container_insert(fixture->db, container_id, &error), FLOE_ERROR_EXISTS,
          "pod already exists");
    FAILS(container_save_name(fixture->db, container, "pod", &error), FLOE_ERROR_EXISTS,
          "pod already exists");
    WORKS(container_save_name(fixture->db, container, "pods", &error));
}

static void test_found_by_name_id_and_prefix(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *first = insert_pod(fixture->db, "ab1", "one");
    g_autofree char *second = insert_pod(fixture->db, "ab2", "ab");
    const struct {
        const char *text, *id;
    } known[] = { { "one", first }, { first, first }, { "ab1", first }, { "ab", second } };
    g_autofree char *latest = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        g_autofree char *id = NULL;

        WORKS(pod_find(fixture->db, known[i].text, &id, &error));
        g_assert_cmpstr(id, ==, known[i].id);
    }
    FAILS(pod_find(fixture->db, "a", &latest, &error), FLOE_ERROR_AMBIGUOUS, "pod name or ID");
    FAILS(pod_find(fixture->db, "on", &latest, &error), FLOE_ERROR_NOT_FOUND,
          "no pod with name or ID on found: no such pod");
    FAILS(pod_find(fixture->db, "", &latest, &error), FLOE_ERROR_NOT_FOUND, "no such pod");
    WORKS(pod_find_latest(fixture->db, &latest, &error));
    g_assert_cmpstr(latest, ==, second);
}

static void test_its_containers_keep_it(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *pod = insert_pod(fixture->db, "a", "pod");
    g_autoptr(ContainerRecord) late = make_container("d", "late");
    g_autoptr(GPtrArray) left = NULL;
    g_auto(GStrv) ids = NULL;

    insert_member(fixture->db, "b", "first", pod);
    insert_member(fixture->db, "c", "second", pod);
    g_free(insert_container(fixture->db, "e", "alone"));
    WORKS(container_list_by_pod(fixture->db, pod, &ids, &error));
    g_assert_cmpuint(g_strv_length(ids), ==, 2);
    g_assert_true(g_str_has_prefix(ids[0], "b"));
    FAILS(pod_delete(fixture->db, pod, &error), FLOE_ERROR_IN_USE, "still has containers");

    late->config.pod_id = g_strdup(pod);
    WORKS(pod_begin_removal(fixture->db, pod, &error));
    FAILS(container_insert(fixture->db, late, &error), FLOE_ERROR_BAD_STATE, "is being removed");
    WORKS(container_delete(fixture->db, ids[0], &error));
    WORKS(container_delete(fixture->db, ids[1], &error));
    WORKS(pod_delete(fixture->db, pod, &error));
    WORKS(pod_delete(fixture->db, pod, &error));
    FAILS(pod_begin_removal(fixture->db, pod, &error), FLOE_ERROR_NOT_FOUND, "no such pod");
    FAILS(container_insert(fixture->db, late, &error), FLOE_ERROR_NOT_FOUND, "no such pod");
    WORKS(pod_list(fixture->db, &left, &error));
    g_assert_cmpuint(left->len, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/state/pod-record/all-of-it-comes-back", test_all_of_it_comes_back);
    g_test_add_func("/state/pod-record/names-and-ids-are-shared-with-containers",
                    test_names_and_ids_are_shared_with_containers);
    g_test_add_func("/state/pod-record/found-by-name-id-and-prefix",
                    test_found_by_name_id_and_prefix);
    g_test_add_func("/state/pod-record/its-containers-keep-it", test_its_containers_keep_it);
    return g_test_run();
}
