/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/spec.h"

#include <string.h>

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* A container that asks for nothing. */
static SpecInput plain(void)
{
    static const char *const argv[] = { "sleep", "1", NULL };
    static const char *const env[] = { "A=b", NULL };
    static const char *const capabilities[] = { "CAP_CHOWN", "CAP_KILL", NULL };

    return (SpecInput){
        .rootfs = "/rootfs",
        .argv = argv,
        .env = env,
        .capabilities = capabilities,
        .umask = 0022,
        .hostname = "box",
        .cgroup_path = "/floe/c1",
    };
}

static json_t *built(const SpecInput *input)
{
    g_autoptr(GError) error = NULL;
    json_t *spec = NULL;

    spec_build(input, &spec, &error);
    g_assert_no_error(error);
    return spec;
}

/* The text of what is at "linux.resources"; "-" when there is nothing. */
static char *at(const json_t *spec, const char *path)
{
    g_auto(GStrv) keys = g_strsplit(path, ".", -1);

    for (char **key = keys; *key != NULL; key++)
        spec = json_object_get(spec, *key);
    return spec != NULL ? json_to_text(spec) : g_strdup("-");
}

static void assert_at(const SpecInput *input, const char *path, const char *expected)
{
    g_autoptr(JsonValue) spec = built(input);
    g_autofree char *text = at(spec, path);

    if (strcmp(text, expected) != 0)
        g_error("%s: is %s, should be %s", path, text, expected);
}

static const json_t *find_mount(const json_t *spec, const char *destination)
{
    size_t index;
    json_t *mount;

    json_array_foreach(json_object_get(spec, "mounts"), index, mount) {
        if (strcmp(json_string_value(json_object_get(mount, "destination")), destination) == 0)
            return mount;
    }
    return NULL;
}

static void assert_mount(const SpecInput *input, const char *destination, const char *expected)
{
    g_autoptr(JsonValue) spec = built(input);
    const json_t *mount = find_mount(spec, destination);
    g_autofree char *text = mount != NULL ? json_to_text(mount) : g_strdup("-");

    g_assert_cmpstr(text, ==, expected);
}

/* The destinations in their order, separated by spaces. */
static char *destinations(const json_t *spec)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    size_t index;
    json_t *mount;

    json_array_foreach(json_object_get(spec, "mounts"), index, mount) {
        g_ptr_array_add(list, (char *)json_string_value(json_object_get(mount, "destination")));
    }
    g_ptr_array_add(list, NULL);
    return g_strjoinv(" ", (char **)list->pdata);
}

static void assert_refused(const SpecInput *input, const char *part)
{
    g_autoptr(GError) error = NULL;
    json_t *spec = NULL;

    g_assert_false(spec_build(input, &spec, &error));
    g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
    if (strstr(error->message, part) == NULL)
        g_error("'%s' is not in '%s'", part, error->message);
    g_assert_null(spec);
}

/* --- whole ------------------------------------------------------------------------------------ */

/* As podman 4.3.1 writes it. */
static void test_a_plain_container_is_as_podman_makes_it(void)
{
    const SpecInput input = plain();
    const struct {
        const char *path, *expected;
    } cases[] = {
        { "ociVersion", "\"1.0.2\"" },
        { "process",
          "{\"user\":{\"uid\":0,\"gid\":0,\"umask\":18},\"args\":[\"sleep\",\"1\"],\"env\":[\"A=b\"],"
          "\"cwd\":\"/\",\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\"],"
          "\"effective\":[\"CAP_CHOWN\",\"CAP_KILL\"],\"permitted\":[\"CAP_CHOWN\",\"CAP_KILL\"]}}" },
        { "root", "{\"path\":\"/rootfs\"}" },
        { "hostname", "\"box\"" },
        { "annotations", "-" },
        { "linux.sysctl", "{\"net.ipv4.ping_group_range\":\"0 0\"}" },
        { "linux.resources", "{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]}" },
        { "linux.cgroupsPath", "\"/floe/c1\"" },
        { "linux.namespaces",
          "[{\"type\":\"pid\"},{\"type\":\"network\"},{\"type\":\"ipc\"},{\"type\":\"uts\"},"
          "{\"type\":\"mount\"}]" },
        { "linux.seccomp", "-" },
        { "linux.devices", "-" },
        { "linux.rootfsPropagation", "-" },
        { "linux.maskedPaths",
          "[\"/proc/acpi\",\"/proc/kcore\",\"/proc/keys\",\"/proc/latency_stats\","
          "\"/proc/timer_list\",\"/proc/timer_stats\",\"/proc/sched_debug\",\"/proc/scsi\","
          "\"/sys/firmware\",\"/sys/fs/selinux\",\"/sys/dev/block\","
          "\"/sys/devices/virtual/powercap\"]" },
        { "linux.readonlyPaths", "[\"/proc/asound\",\"/proc/bus\",\"/proc/fs\",\"/proc/irq\","
                                 "\"/proc/sys\",\"/proc/sysrq-trigger\"]" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_at(&input, cases[i].path, cases[i].expected);
}

static void test_masks_and_unmasks(void)
{
    static const char *const more[] = { "/proc/cpuinfo", NULL };
    static const char *const some[] = { "/proc/*s", "/sys/*", "/proc/sys*", NULL };
    static const char *const all[] = { "all", NULL };
    SpecInput input = plain();

    input.masks = (SpecMasks){ more, some };
    assert_at(&input, "linux.maskedPaths",
              "[\"/proc/acpi\",\"/proc/kcore\",\"/proc/timer_list\",\"/proc/sched_debug\","
              "\"/proc/scsi\",\"/sys/fs/selinux\",\"/sys/dev/block\","
              "\"/sys/devices/virtual/powercap\",\"/proc/cpuinfo\"]");
    assert_at(&input, "linux.readonlyPaths", "[\"/proc/asound\",\"/proc/irq\"]");
    input.masks.unmask = all;
    assert_at(&input, "linux.maskedPaths", "[\"/proc/cpuinfo\"]");
    assert_at(&input, "linux.readonlyPaths", "-");
    input.masks.unmask = NULL;
    input.privileged = true;
    assert_at(&input, "linux.maskedPaths", "[\"/proc/cpuinfo\"]");
}

static void test_privileged_hides_nothing_and_gives_every_device(void)
{
    SpecInput input = plain();

    input.privileged = true;
    assert_at(&input, "linux.maskedPaths", "-");
    assert_at(&input, "linux.readonlyPaths", "-");
    assert_at(&input, "linux.resources", "{\"devices\":[{\"allow\":true,\"access\":\"rwm\"}]}");
    assert_mount(&input, "/sys",
                 "{\"destination\":\"/sys\",\"type\":\"sysfs\",\"source\":\"sysfs\",\"options\":"
                 "[\"rprivate\",\"nosuid\",\"noexec\",\"nodev\",\"rw\"]}");
    assert_mount(&input, "/sys/fs/cgroup",
                 "{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\",\"source\":\"cgroup\","
                 "\"options\":[\"rprivate\",\"nosuid\",\"noexec\",\"nodev\",\"relatime\",\"rw\"]}");

    g_autoptr(JsonValue) spec = built(&input);
    g_autofree char *devices = at(spec, "linux.devices");

    g_assert_nonnull(strstr(devices, "{\"path\":\"/dev/null\",\"type\":\"c\",\"major\":1,"
                                     "\"minor\":3,\"fileMode\":438,\"uid\":0,\"gid\":0}"));
    g_assert_null(strstr(devices, "/dev/pts"));
    g_assert_null(strstr(devices, "/dev/console"));
    g_assert_null(strstr(devices, "/dev/ptmx"));
}

/* --- process ---------------------------------------------------------------------------------- */

static void test_a_user_other_than_root_has_only_added_capabilities(void)
{
    SpecInput input = plain();
    const gid_t groups[] = { 10, 4294967294 };

    input.uid = 1000;
    input.gid = 4294967294;
    input.extra_gids = groups;
    input.n_extra_gids = G_N_ELEMENTS(groups);
    assert_at(&input, "process.user",
              "{\"uid\":1000,\"gid\":4294967294,\"umask\":18,\"additionalGids\":[10,4294967294]}");
    assert_at(&input, "process.capabilities", "{\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\"]}");
    input.added_capabilities = LIST("CAP_KILL");
    assert_at(&input, "process.capabilities",
              "{\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\"],\"effective\":[\"CAP_KILL\"],"
              "\"permitted\":[\"CAP_KILL\"],\"inheritable\":[\"CAP_KILL\"],"
              "\"ambient\":[\"CAP_KILL\"]}");
}

static void test_limits_are_named_and_checked(void)
{
    SpecInput input = plain();
    const SpecUlimit good[] = { { "nofile", 1024, 2048 }, { "core", 0, -1 }, { "stack", -1, -1 } };
    const struct {
        SpecUlimit limit;
        const char *part;
    } bad[] = {
        { { "files", 1, 1 }, "unknown ulimit 'files'" },
        { { "RLIMIT_NOFILE", 1, 1 }, "unknown ulimit" },
        { { "nproc", 2, 1 }, "'nproc': the soft limit" },
        { { "nproc", -1, 1 }, "'nproc': the soft limit" },
        { { "nproc", 1, -2 }, "negative" },
    };

    input.ulimits = good;
    input.n_ulimits = G_N_ELEMENTS(good);

    g_autoptr(JsonValue) spec = built(&input);
    g_autofree char *text = spec_to_text(spec);

    g_assert_nonnull(strstr(text,
                            "\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"hard\":2048,\"soft\":1024},"
                            "{\"type\":\"RLIMIT_CORE\",\"hard\":18446744073709551615,\"soft\":0},"
                            "{\"type\":\"RLIMIT_STACK\",\"hard\":18446744073709551615,"
                            "\"soft\":18446744073709551615}]"));
    input.n_ulimits = 1;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        input.ulimits = &bad[i].limit;
        assert_refused(&input, bad[i].part);
    }
}

/* Only the numbers of limits are rewritten, whatever a string says. */
static void test_text_leaves_strings_alone(void)
{
    SpecInput input = plain();

    input.argv = LIST("echo", "\"hard\":-1", "hard\":-1");

    g_autoptr(JsonValue) spec = built(&input);
    g_autofree char *text = spec_to_text(spec);

    g_assert_nonnull(strstr(text, "[\"echo\",\"\\\"hard\\\":-1\",\"hard\\\":-1\"]"));
}

static void test_a_process_needs_a_command_and_a_directory(void)
{
    SpecInput input = plain();

    input.workdir = "relative";
    assert_refused(&input, "'relative'");
    input.workdir = NULL;
    input.argv = LIST(NULL);
    assert_refused(&input, "no command");
    input.argv = NULL;
    assert_refused(&input, "no command");
}

static void test_an_exec_has_no_init(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonValue) process = NULL;
    SpecInput input = plain();

    input.init_binary = "/usr/libexec/podman/catatonit";
    input.tty = true;
    input.no_new_privileges = true;
    assert_at(&input, "process.args", "[\"/run/podman-init\",\"--\",\"sleep\",\"1\"]");
    spec_build_process(&input, &process, &error);
    g_assert_no_error(error);

    g_autofree char *args = at(process, "args");
    g_autofree char *terminal = at(process, "terminal");
    g_autofree char *no_new_privileges = at(process, "noNewPrivileges");

    g_assert_cmpstr(args, ==, "[\"sleep\",\"1\"]");
    g_assert_cmpstr(terminal, ==, "true");
    g_assert_cmpstr(no_new_privileges, ==, "true");
}

/* --- linux ------------------------------------------------------------------------------------ */

static void test_namespaces_are_new_shared_or_the_hosts(void)
{
    SpecInput input = plain();

    input.pid_ns = "";
    input.network_ns = "/run/netns/a";
    input.ipc_ns = "/proc/5/ns/ipc";
    input.uts_ns = "";
    input.cgroup_ns = true;
    assert_at(&input, "linux.namespaces",
              "[{\"type\":\"network\",\"path\":\"/run/netns/a\"},"
              "{\"type\":\"ipc\",\"path\":\"/proc/5/ns/ipc\"},{\"type\":\"mount\"},"
              "{\"type\":\"cgroup\"}]");
    assert_at(&input, "hostname", "-");
    input.uts_ns = "/proc/5/ns/uts";
    assert_at(&input, "hostname", "-");
    input.network_ns = "";
    assert_at(&input, "linux.sysctl", "-");
}

static void test_sysctls_must_belong_to_the_container(void)
{
    const struct {
        const char *name, *network_ns, *ipc_ns, *uts_ns, *part; /* part NULL: fine */
    } cases[] = {
        { "net.core.somaxconn", NULL, NULL, NULL, NULL },
        { "net.core.somaxconn", "/run/netns/x", NULL, NULL, NULL },
        { "net.core.somaxconn", "", NULL, NULL, "host's network namespace" },
        { "kernel.shmmax", NULL, NULL, NULL, NULL },
        { "kernel.shmmax", NULL, "", NULL, "host's IPC namespace" },
        { "fs.mqueue.msg_max", NULL, NULL, NULL, NULL },
        { "fs.mqueue.msg_max", NULL, "", NULL, "host's IPC namespace" },
        { "kernel.domainname", NULL, NULL, NULL, NULL },
        { "kernel.domainname", NULL, NULL, "", "host's UTS namespace" },
        { "kernel.panic", NULL, NULL, NULL, "the whole host's" },
        { "vm.swappiness", NULL, NULL, NULL, "the whole host's" },
        { "network", NULL, NULL, NULL, "the whole host's" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(JsonValue) sysctls = json_pack("{s:s}", cases[i].name, "1");
        SpecInput input = plain();

        input.sysctls = sysctls;
        input.network_ns = cases[i].network_ns;
        input.ipc_ns = cases[i].ipc_ns;
        input.uts_ns = cases[i].uts_ns;
        if (cases[i].part == NULL) {
            g_autoptr(JsonValue) spec = built(&input);
            const json_t *set = json_object_get(json_object_get(spec, "linux"), "sysctl");

            g_assert_cmpstr(json_string_value(json_object_get(set, cases[i].name)), ==, "1");
        } else {
            assert_refused(&input, cases[i].part);
        }
    }
}

static void test_a_sysctl_of_the_users_wins(void)
{
    g_autoptr(JsonValue) sysctls = json_pack("{s:s}", "net.ipv4.ping_group_range", "1 0");
    g_autoptr(JsonValue) number = json_pack("{s:i}", "net.core.somaxconn", 5);
    SpecInput input = plain();

    input.sysctls = sysctls;
    assert_at(&input, "linux.sysctl", "{\"net.ipv4.ping_group_range\":\"1 0\"}");
    input.sysctls = number;
    assert_refused(&input, "must be a string");
}

static void test_limits_of_resources(void)
{
    SpecInput input = plain();

    input.limits.memory_bytes = 64 << 20;
    input.limits.nano_cpus = 1500000000;
    input.limits.cpu_shares = 100;
    input.limits.pids_limit = 50;
    assert_at(&input, "linux.resources.memory", "{\"limit\":67108864,\"swap\":134217728}");
    assert_at(&input, "linux.resources.cpu", "{\"shares\":100,\"quota\":150000,\"period\":100000}");
    assert_at(&input, "linux.resources.pids", "{\"limit\":50}");
    input.limits.no_swap_limit = true;
    assert_at(&input, "linux.resources.memory", "{\"limit\":67108864}");
    input.limits.pids_limit = -1;
    assert_at(&input, "linux.resources.pids", "{\"limit\":-1}");
    input.limits.nano_cpus = 10000000;
    input.limits.cpu_shares = 0;
    assert_at(&input, "linux.resources.cpu", "{\"quota\":1000,\"period\":100000}");
    input.limits.nano_cpus = 9999999;
    assert_refused(&input, "0.01");
    input.limits.nano_cpus = -1;
    assert_refused(&input, "0.01");
    input.limits.cpu_quota_us = 5000;
    assert_refused(&input, "excludes");
    input.limits.nano_cpus = 0;
    input.limits.cpu_period_us = 20000;
    input.limits.cpuset_cpus = "0-3,5";
    input.limits.cpuset_mems = "0";
    assert_at(&input, "linux.resources.cpu",
              "{\"quota\":5000,\"period\":20000,\"cpus\":\"0-3,5\",\"mems\":\"0\"}");
    input.limits.cpu_period_us = 999;
    assert_refused(&input, "period");
    input.limits.cpu_period_us = 0;
    input.limits.cpu_quota_us = 999;
    assert_refused(&input, "quota");
    input.limits.cpu_quota_us = -1;
    input.limits.cpuset_cpus = "all";
    assert_refused(&input, "'all'");
}

static void test_files_of_the_cgroup(void)
{
    SpecInput input = plain();
    static const char *const bad[] = { "memory", ".high", "../memory.high", "a/memory.high", "" };
    g_autoptr(JsonValue) files = json_pack("{s:s}", "memory.high", "1048576");
    g_autoptr(JsonValue) number = json_pack("{s:i}", "memory.high", 1048576);

    assert_at(&input, "linux.resources.unified", "-");
    input.limits.unified = files;
    assert_at(&input, "linux.resources.unified", "{\"memory.high\":\"1048576\"}");
    input.limits.unified = number;
    assert_refused(&input, "'memory.high'");
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(JsonValue) wrong = json_pack("{s:s}", bad[i], "1");

        input.limits.unified = wrong;
        assert_refused(&input, "not a file of a cgroup");
    }
}

static void test_limits_of_memory_and_disks(void)
{
    SpecInput input = plain();

    input.limits.memory_bytes = 64 << 20;
    input.limits.memory_swap_bytes = -1;
    input.limits.memory_reservation_bytes = 32 << 20;
    input.limits.blkio_weight = 500;
    assert_at(&input, "linux.resources.memory",
              "{\"limit\":67108864,\"reservation\":33554432,\"swap\":-1}");
    assert_at(&input, "linux.resources.blockIO", "{\"weight\":500}");
    input.limits.blkio_weight = 9;
    assert_refused(&input, "weight");
    input.limits.blkio_weight = 0;
    input.limits.memory_swap_bytes = (64 << 20) - 1;
    assert_refused(&input, "memory and swap");
    input.limits.memory_swap_bytes = 0;
    input.limits.memory_reservation_bytes = (64 << 20) + 1;
    assert_refused(&input, "reservation");
    input.limits.memory_reservation_bytes = 0;
    input.limits.memory_bytes = 0;
    input.limits.memory_swap_bytes = 64 << 20;
    assert_refused(&input, "needs a memory limit");
    input.limits.memory_swap_bytes = 0;
    input.limits.nano_cpus = 0;
    input.limits.cpu_shares = 1;
    assert_refused(&input, "cpu shares");
    input.limits.cpu_shares = 0;
    input.limits.memory_bytes = INT64_MAX;
    assert_refused(&input, "memory limit");
}

static void test_seccomp_and_annotations_are_taken_over(void)
{
    g_autoptr(JsonValue) seccomp = json_pack("{s:s}", "defaultAction", "SCMP_ACT_ALLOW");
    g_autoptr(JsonValue) annotations = json_pack("{s:s}", "a", "b");
    g_autoptr(JsonValue) bad = json_pack("{s:b}", "a", 1);
    SpecInput input = plain();

    input.seccomp = seccomp;
    input.annotations = annotations;
    assert_at(&input, "linux.seccomp", "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
    assert_at(&input, "annotations", "{\"a\":\"b\"}");
    input.annotations = bad;
    assert_refused(&input, "annotation 'a'");
}

/* --- mounts ----------------------------------------------------------------------------------- */

static void test_parents_are_mounted_before_what_is_inside(void)
{
    const SpecMount mounts[] = {
        { "bind", "/s", "/z/b", NULL },    { "bind", "/s", "/run", NULL },
        { "bind", "/s", "/etc/", NULL },   { "bind", "/s", "/a//b/./c", NULL },
        { "bind", "/s", "/z/../a", NULL },
    };
    SpecInput input = plain();

    input.resolv_conf = "/r/resolv.conf";
    input.hosts = "/r/hosts";
    input.hostname_file = "/r/hostname";
    input.containerenv = "/r/.containerenv";
    input.init_binary = "/catatonit";
    input.mounts = mounts;
    input.n_mounts = G_N_ELEMENTS(mounts);

    g_autoptr(JsonValue) spec = built(&input);
    g_autofree char *list = destinations(spec);

    g_assert_cmpstr(list, ==,
                    "/proc /dev /sys /a /etc /run /dev/pts /dev/mqueue /etc/resolv.conf /etc/hosts "
                    "/etc/hostname /run/podman-init /dev/shm /z/b /sys/fs/cgroup /a/b/c");
}

static void test_the_containers_mark_is_not_put_into_a_users_run(void)
{
    const SpecMount run = { "tmpfs", "tmpfs", "/run", NULL };
    SpecInput input = plain();

    input.containerenv = "/r/.containerenv";
    assert_mount(
        &input, "/run/.containerenv",
        "{\"destination\":\"/run/.containerenv\",\"type\":\"bind\",\"source\":\"/r/.containerenv\","
        "\"options\":[\"bind\",\"rprivate\"]}");
    input.mounts = &run;
    input.n_mounts = 1;
    assert_mount(&input, "/run/.containerenv", "-");
}

static void test_a_users_mount_takes_the_place_of_a_default(void)
{
    const SpecMount hosts = { "bind", "/mine", "/etc/hosts", LIST("ro") };
    const SpecMount dev = { "bind", "/dev", "/dev", LIST("rbind", "rslave") };
    SpecInput input = plain();

    input.hosts = "/r/hosts";
    input.n_mounts = 1;
    input.mounts = &hosts;
    assert_mount(&input, "/etc/hosts",
                 "{\"destination\":\"/etc/hosts\",\"type\":\"bind\",\"source\":\"/mine\","
                 "\"options\":[\"ro\",\"rbind\",\"rprivate\"]}");
    input.mounts = &dev;
    assert_mount(&input, "/dev",
                 "{\"destination\":\"/dev\",\"type\":\"bind\",\"source\":\"/dev\","
                 "\"options\":[\"rbind\",\"rslave\"]}");
    assert_mount(&input, "/dev/pts", "-");
    assert_mount(&input, "/dev/mqueue", "-");
    assert_at(&input, "linux.rootfsPropagation", "\"rslave\"");
}

static void test_the_roots_propagation_is_the_widest_asked_for(void)
{
    const SpecMount mounts[] = {
        { "bind", "/s", "/a", LIST("slave") },
        { "bind", "/s", "/b", LIST("rshared") },
        { "bind", "/s", "/c", LIST("rprivate") },
    };
    SpecInput input = plain();

    input.mounts = mounts;
    input.n_mounts = 3;
    assert_at(&input, "linux.rootfsPropagation", "\"shared\"");
    input.mounts = &mounts[2];
    input.n_mounts = 1;
    assert_at(&input, "linux.rootfsPropagation", "-");
}

static void test_shm_is_the_engines_the_hosts_or_its_own(void)
{
    SpecInput input = plain();

    assert_mount(&input, "/dev/shm",
                 "{\"destination\":\"/dev/shm\",\"type\":\"tmpfs\",\"source\":\"shm\",\"options\":"
                 "[\"nosuid\",\"noexec\",\"nodev\",\"mode=1777\",\"size=65536000\"]}");
    input.ipc_ns = "";
    assert_mount(&input, "/dev/shm",
                 "{\"destination\":\"/dev/shm\",\"type\":\"bind\",\"source\":\"/dev/shm\","
                 "\"options\":[\"bind\",\"rprivate\",\"nosuid\",\"noexec\",\"nodev\"]}");
    input.shm_dir = "/c1/shm";
    assert_mount(&input, "/dev/shm",
                 "{\"destination\":\"/dev/shm\",\"type\":\"bind\",\"source\":\"/c1/shm\","
                 "\"options\":[\"bind\",\"rprivate\",\"nosuid\",\"noexec\",\"nodev\"]}");
}

static void test_files_below_a_read_only_root_are_read_only(void)
{
    SpecInput input = plain();

    input.hosts = "/r/hosts";
    assert_mount(&input, "/etc/hosts",
                 "{\"destination\":\"/etc/hosts\",\"type\":\"bind\",\"source\":\"/r/hosts\","
                 "\"options\":[\"bind\",\"rprivate\"]}");
    input.rootfs_read_only = true;
    assert_at(&input, "root", "{\"path\":\"/rootfs\",\"readonly\":true}");
    assert_mount(&input, "/etc/hosts",
                 "{\"destination\":\"/etc/hosts\",\"type\":\"bind\",\"source\":\"/r/hosts\","
                 "\"options\":[\"bind\",\"rprivate\",\"ro\",\"nosuid\",\"noexec\",\"nodev\"]}");
}

static void test_mounts_that_cannot_be_are_refused(void)
{
    const struct {
        SpecMount mount;
        const char *part;
    } cases[] = {
        { { "bind", "/s", "data", NULL }, "'data' is not absolute" },
        { { "bind", "/s", NULL, NULL }, "not absolute" },
        { { "bind", "/s", "/", NULL }, "root" },
        { { "bind", "/s", "/a/..", NULL }, "root" },
        { { "bind", "/s", "//", NULL }, "root" },
        { { "bind", "/s", "/proc/sys", NULL }, "'/proc/sys'" },
        { { "bind", "/s", "/x/../proc//1", NULL }, "'/proc/1'" },
        { { "bind", "s", "/a", NULL }, "source 's'" },
        { { "bind", NULL, "/a", NULL }, "source ''" },
        { { NULL, "/s", "/a", NULL }, "no type" },
    };
    const SpecMount twice[] = { { "bind", "/s", "/a/", NULL }, { "tmpfs", NULL, "/a", NULL } };
    const SpecMount allowed = { "bind", "/lxcfs/meminfo", "/proc/meminfo", NULL };
    SpecInput input = plain();

    input.n_mounts = 1;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        input.mounts = &cases[i].mount;
        assert_refused(&input, cases[i].part);
    }
    input.mounts = &allowed;
    assert_mount(&input, "/proc/meminfo",
                 "{\"destination\":\"/proc/meminfo\",\"type\":\"bind\",\"source\":\"/lxcfs/meminfo\","
                 "\"options\":[\"rbind\",\"rprivate\"]}");
    input.mounts = twice;
    input.n_mounts = 2;
    assert_refused(&input, "two mounts at '/a'");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/oci/spec/a-plain-container-is-as-podman-makes-it",
                    test_a_plain_container_is_as_podman_makes_it);
    g_test_add_func("/oci/spec/masks-and-unmasks", test_masks_and_unmasks);
    g_test_add_func("/oci/spec/privileged-hides-nothing-and-gives-every-device",
                    test_privileged_hides_nothing_and_gives_every_device);
    g_test_add_func("/oci/spec/a-user-other-than-root-has-only-added-capabilities",
                    test_a_user_other_than_root_has_only_added_capabilities);
    g_test_add_func("/oci/spec/limits-are-named-and-checked", test_limits_are_named_and_checked);
    g_test_add_func("/oci/spec/text-leaves-strings-alone", test_text_leaves_strings_alone);
    g_test_add_func("/oci/spec/a-process-needs-a-command-and-a-directory",
                    test_a_process_needs_a_command_and_a_directory);
    g_test_add_func("/oci/spec/an-exec-has-no-init", test_an_exec_has_no_init);
    g_test_add_func("/oci/spec/namespaces-are-new-shared-or-the-hosts",
                    test_namespaces_are_new_shared_or_the_hosts);
    g_test_add_func("/oci/spec/sysctls-must-belong-to-the-container",
                    test_sysctls_must_belong_to_the_container);
    g_test_add_func("/oci/spec/a-sysctl-of-the-users-wins", test_a_sysctl_of_the_users_wins);
    g_test_add_func("/oci/spec/limits-of-resources", test_limits_of_resources);
    g_test_add_func("/oci/spec/files-of-the-cgroup", test_files_of_the_cgroup);
    g_test_add_func("/oci/spec/limits-of-memory-and-disks", test_limits_of_memory_and_disks);
    g_test_add_func("/oci/spec/seccomp-and-annotations-are-taken-over",
                    test_seccomp_and_annotations_are_taken_over);
    g_test_add_func("/oci/spec/parents-are-mounted-before-what-is-inside",
                    test_parents_are_mounted_before_what_is_inside);
    g_test_add_func("/oci/spec/the-containers-mark-is-not-put-into-a-users-run",
                    test_the_containers_mark_is_not_put_into_a_users_run);
    g_test_add_func("/oci/spec/a-users-mount-takes-the-place-of-a-default",
                    test_a_users_mount_takes_the_place_of_a_default);
    g_test_add_func("/oci/spec/the-roots-propagation-is-the-widest-asked-for",
                    test_the_roots_propagation_is_the_widest_asked_for);
    g_test_add_func("/oci/spec/shm-is-the-engines-the-hosts-or-its-own",
                    test_shm_is_the_engines_the_hosts_or_its_own);
    g_test_add_func("/oci/spec/files-below-a-read-only-root-are-read-only",
                    test_files_below_a_read_only_root_are_read_only);
    g_test_add_func("/oci/spec/mounts-that-cannot-be-are-refused",
                    test_mounts_that_cannot_be_are_refused);
    return g_test_run();
}
