/* SPDX-License-Identifier: Apache-2.0 */
/* The names that podman and systemd's tools know: podman, libpod/oci_conmon_common.go. */
#include "engine/cgroup-names.h"

#define ID  "11aa"
#define POD "22bb"

static floe_engine plain = { .tag = (char *)"" };
static floe_engine tagged = { .tag = (char *)"-1a2b3c4d" };

static ContainerRecord *container(const char *manager, const char *parent, const char *pod_id)
{
    ContainerRecord *record = container_record_new();

    record->id = g_strdup(ID);
    record->config.cgroup_manager = g_strdup(manager);
    record->config.cgroup_parent = g_strdup(parent);
    record->config.pod_id = g_strdup(pod_id);
    return record;
}

static void assert_cgroup(const floe_engine *engine, const char *manager, const char *parent,
                          const char *pod_id, const char *wanted)
{
    g_autoptr(ContainerRecord) record = container(manager, parent, pod_id);
    g_autofree char *cgroup = container_cgroup(engine, record);

    g_assert_cmpstr(cgroup, ==, wanted);
}

static void test_cgroupfs(void)
{
    assert_cgroup(&plain, NULL, NULL, NULL, "/floe/" ID); /* as recorded before there was a choice */
    assert_cgroup(&plain, "cgroupfs", NULL, NULL, "/floe/" ID);
    assert_cgroup(&plain, "cgroupfs", NULL, POD, "/floe/" POD "/" ID);
    assert_cgroup(&tagged, "cgroupfs", NULL, POD, "/floe-1a2b3c4d/" POD "/" ID);
    assert_cgroup(&plain, "cgroupfs", "/web", NULL, "/web/libpod-" ID);
    assert_cgroup(&tagged, "cgroupfs", "/web", NULL, "/web/libpod-1a2b3c4d-" ID);
}

static void test_systemd(void)
{
    assert_cgroup(&plain, "systemd", NULL, NULL, "/machine.slice/libpod-" ID ".scope");
    assert_cgroup(&plain, "systemd", NULL, POD,
                  "/machine.slice/machine-libpod_pod_" POD ".slice/libpod-" ID ".scope");
    assert_cgroup(&tagged, "systemd", NULL, POD,
                  "/machine.slice/machine-libpod_1a2b3c4d_pod_" POD ".slice/libpod-1a2b3c4d-" ID
                  ".scope");
    assert_cgroup(&plain, "systemd", "web-a.slice", NULL,
                  "/web.slice/web-a.slice/libpod-" ID ".scope");
}

static void assert_split(const char *pod_id)
{
    g_autoptr(ContainerRecord) record = container("systemd", NULL, pod_id);
    floe_container ctr = { .engine = &plain, .record = record };
    g_autofree char *cgroup = NULL;
    CgroupPlace place = { 0 };

    record->config.cgroups_mode = g_strdup("split");
    record->status.split_cgroup = g_strdup("/system.slice/web.service");
    cgroup = container_cgroup(&plain, record);
    g_assert_cmpstr(cgroup, ==, "/system.slice/web.service/libpod-payload-" ID);
    g_assert_false(config_uses_systemd(&record->config));
    g_assert_null(container_conmon_place(&ctr, &place));
}

static void test_split(void)
{
    assert_split(NULL);
    assert_split(POD);
}

static void test_spec_and_conmon(void)
{
    g_autoptr(ContainerRecord) record = container("systemd", NULL, NULL);
    floe_container ctr = { .engine = &plain, .record = record };
    CgroupPlace place = { 0 };

    cgroup_names_of(&ctr.paths, &plain, record);
    g_assert_cmpstr(ctr.paths.cgroup_spec, ==, "machine.slice:libpod:" ID);
    g_assert_cmpstr(ctr.paths.scope, ==, "libpod-" ID ".scope");
    g_assert_true(container_conmon_place(&ctr, &place) == &place);
    g_assert_null(place.cgroup);
    g_assert_cmpstr(place.scope, ==, "libpod-conmon-" ID ".scope");
    g_assert_cmpstr(place.slice, ==, "machine.slice");

    record->config.cgroups_mode = g_strdup("no-conmon");
    g_assert_null(container_conmon_place(&ctr, &place));
    g_free(record->config.cgroups_mode);
    record->config.cgroups_mode = g_strdup("disabled");
    g_assert_null(container_conmon_place(&ctr, &place));
    g_assert_false(config_has_cgroup(&record->config));
    g_assert_false(config_uses_systemd(&record->config));
    g_free(ctr.paths.cgroup);
    g_free(ctr.paths.cgroup_spec);
    g_free(ctr.paths.scope);
    g_free(ctr.paths.slice);
    g_free(ctr.paths.conmon_scope);
}

static void test_pod(void)
{
    g_autoptr(PodRecord) pod = pod_record_new();
    g_autofree char *own = NULL;
    g_autofree char *slice = NULL;
    g_autofree char *cgroup = NULL;
    g_autoptr(ContainerRecord) member = container(NULL, NULL, POD);

    pod->id = g_strdup(POD);
    own = pod_cgroup(&plain, pod);
    g_assert_cmpstr(own, ==, "/floe/" POD);
    pod->config.cgroup_manager = g_strdup("systemd");
    pod->config.cgroup_parent = g_strdup("web.slice");
    slice = pod_slice(&plain, pod);
    cgroup = pod_cgroup(&plain, pod);
    g_assert_cmpstr(slice, ==, "web-libpod_pod_" POD ".slice");
    g_assert_cmpstr(cgroup, ==, "/web.slice/web-libpod_pod_" POD ".slice");

    /* Whatever the engine would choose: its containers are in it. */
    cgroup_names_choose(&plain, pod, "cgroupfs", &member->config);
    g_assert_cmpstr(member->config.cgroup_manager, ==, "systemd");
    g_assert_cmpstr(member->config.cgroup_parent, ==, slice);
}

static void assert_parent(const char *text, const char *manager, const char *wanted)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *parent = NULL;

    cgroup_parent_check(text, manager, &parent, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(parent, ==, wanted);
}

static void assert_no_parent(const char *text, const char *manager)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *parent = NULL;

    g_assert_false(cgroup_parent_check(text, manager, &parent, &error));
    g_assert_true(err_is(error, FLOE_ERROR_INVALID));
    g_assert_null(parent);
}

static void test_parents(void)
{
    assert_parent(NULL, "systemd", NULL);
    assert_parent("web.slice", "systemd", "web.slice");
    assert_parent("/web.slice/web-a.slice", "systemd", "web-a.slice");
    assert_parent("web", "cgroupfs", "/web");
    assert_parent("/web//a/", "cgroupfs", "/web/a");
    assert_no_parent("web", "systemd");
    assert_no_parent("-.slice", "systemd");
    assert_no_parent("web.slice", "cgroupfs");
    assert_no_parent("/", "cgroupfs");
    assert_no_parent("../..", "cgroupfs");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/cgroup-names/cgroupfs", test_cgroupfs);
    g_test_add_func("/engine/cgroup-names/systemd", test_systemd);
    g_test_add_func("/engine/cgroup-names/split-is-below-the-caller", test_split);
    g_test_add_func("/engine/cgroup-names/the-specification-and-conmon", test_spec_and_conmon);
    g_test_add_func("/engine/cgroup-names/a-pod-and-its-members", test_pod);
    g_test_add_func("/engine/cgroup-names/what-can-be-a-parent", test_parents);
    return g_test_run();
}
