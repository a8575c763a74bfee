/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public functions that only look: list, inspect, logs. An engine in a directory of its own, with
 * containers that are only recorded; no process runs.
 */
#include "base/path.h"
#include "engine/place.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define SECOND G_GINT64_CONSTANT(1000000000)

static ContainerRecord *make_redis(const Place *place, const char *id_prefix, const char *name)
{
    ContainerRecord *record = make_container(id_prefix, name);
    ContainerConfig *config = &record->config;

    config->image_id = g_strdup(place->image_id);
    config->image_name = g_strdup("localhost/redis:latest");
    config->created_unix_ns = 1795313828 * SECOND;
    config->argv = g_strsplit("redis-server --port 6379", " ", -1);
    config->network_mode = g_strdup("none");
    config->pid_mode = g_strdup("private");
    config->ipc_mode = g_strdup("private");
    config->uts_mode = g_strdup("private");
    config->log_driver = g_strdup("k8s-file");
    config->runtime = g_strdup("/usr/bin/crun");
    config->stop_signal = 15;
    return record;
}

static json_t *parse(char *taken)
{
    json_t *value = NULL;

    WORKS(json_parse(taken, strlen(taken), "answer", &value, &error));
    floe_free(taken);
    return value;
}

static json_t *list(const Place *place, bool all, int last, const char *filter)
{
    floe_list_options options = FLOE_LIST_OPTIONS_INIT;
    const char *filters[] = { filter, NULL };
    char *text = NULL;

    options.all = all;
    options.last = last;
    options.filters = filters;
    DONE(floe_container_list(place->engine, &options, &text, &error));
    return parse(text);
}

static void assert_names(json_t *taken_list, const char *wanted)
{
    g_autoptr(GString) names = g_string_new(NULL);
    size_t i;
    json_t *entry;

    json_array_foreach(taken_list, i, entry)
        g_string_append_printf(names, "%s%s", i > 0 ? " " : "",
                               json_string_value(json_array_get(json_object_get(entry, "Names"), 0)));
    g_assert_cmpstr(names->str, ==, wanted);
    json_decref(taken_list);
}

/* --- list ------------------------------------------------------------------------------------- */

static void test_only_what_runs_is_listed_unless_asked(void)
{
    static const struct {
        const char *name;
        int state;
    } containers[] = {
        { "configured", FLOE_STATE_CONFIGURED }, { "running", FLOE_STATE_RUNNING },
        { "paused", FLOE_STATE_PAUSED },         { "stopped", FLOE_STATE_STOPPED },
        { "exited", FLOE_STATE_EXITED },
    };
    g_autoptr(Place) place = place_new();

    prctl(PR_SET_NAME, "conmon");
    for (size_t i = 0; i < G_N_ELEMENTS(containers); i++) {
        const char prefix[] = { (char)('a' + (int)i), '\0' };
        ContainerRecord *record = make_redis(place, prefix, containers[i].name);

        record->status.state = containers[i].state;
        record->status.conmon_pid = getpid(); /* so that it has not ended */
        floe_container_free(place_insert(place, record));
    }
    assert_names(list(place, false, 0, NULL), "running");
    assert_names(list(place, true, 0, NULL), "configured running paused stopped exited");
    assert_names(list(place, false, 2, NULL), "stopped exited");
    assert_names(list(place, false, 99, NULL), "configured running paused stopped exited");
    assert_names(list(place, false, 0, "status=paused"), "paused");
    assert_names(list(place, false, 0, "name=d$"), "");
    assert_names(list(place, true, 1, "name=p"), "stopped");
}

/* conmon has left an exit file, and nobody has looked since. */
static void test_an_end_that_nobody_noticed_is_listed(void)
{
    g_autoptr(Place) place = place_new();
    ContainerRecord *record = make_redis(place, "a", "web");
    g_autoptr(JsonValue) entries = NULL;
    g_autofree char *file = NULL;
    json_t *entry;

    record->status.state = FLOE_STATE_RUNNING;
    record->status.pid = 1234;
    g_autoptr(floe_container) ctr = place_insert(place, record);

    WORKS(dir_make(ctr->paths.exit_dir, 0700, &error));
    file = g_build_filename(ctr->paths.exit_dir, ctr->record->id, NULL);
    WORKS(file_write_atomic(file, "137", 3, 0600, &error));
    assert_names(list(place, false, 0, NULL), "");
    entries = list(place, true, 0, NULL);
    entry = json_array_get(entries, 0);
    g_assert_cmpstr(json_string_value(json_object_get(entry, "State")), ==, "exited");
    g_assert_cmpint(json_integer_value(json_object_get(entry, "ExitCode")), ==, 137);
    g_assert_cmpint(json_integer_value(json_object_get(entry, "Pid")), ==, 0);
    g_assert_true(json_is_true(json_object_get(entry, "Exited")));
    g_assert_cmpint(json_integer_value(json_object_get(entry, "ExitedAt")), >, 1700000000);
}

static void assert_types(const json_t *object, const char *keys, json_type type)
{
    g_auto(GStrv) list_of_keys = g_strsplit(keys, " ", -1);

    for (char **key = list_of_keys; *key != NULL; key++) {
        const json_t *value = json_object_get(object, *key);

        if (value == NULL || (json_typeof(value) != type &&
                              !(type == JSON_TRUE && json_typeof(value) == JSON_FALSE)))
            g_error("key %s is missing or of type %d instead of %d", *key,
                    value != NULL ? (int)json_typeof(value) : -1, type);
    }
}

static void test_list_has_podmans_keys(void)
{
    g_autoptr(Place) place = place_new();
    g_autoptr(JsonValue) entries = NULL;
    json_t *entry;

    floe_container_free(place_insert(place, make_redis(place, "a", "web")));
    entries = list(place, true, 0, NULL);
    entry = json_array_get(entries, 0);
    assert_types(entry, "AutoRemove Exited IsInfra", JSON_TRUE);
    assert_types(entry, "Created ExitedAt ExitCode Pid Restarts StartedAt", JSON_INTEGER);
    assert_types(entry, "Command ExposedPorts Mounts Names Networks Ports", JSON_ARRAY);
    assert_types(entry, "CIDFile Id Image ImageID Pod PodName State Status", JSON_STRING);
    assert_types(entry, "Labels Namespaces", JSON_OBJECT);
    assert_types(entry, "Size", JSON_NULL);
    g_assert_cmpint(json_integer_value(json_object_get(entry, "Created")), ==, 1795313828);
}

/* --- inspect ---------------------------------------------------------------------------------- */

static json_t *inspect(floe_container *ctr, bool with_size)
{
    char *text = NULL;

    DONE(floe_container_inspect(ctr, with_size, &text, &error));
    return parse(text);
}

static void assert_text(const json_t *root, const char *path, const char *wanted)
{
    g_auto(GStrv) keys = g_strsplit(path, ".", -1);
    const json_t *value = root;

    for (char **key = keys; *key != NULL; key++)
        value = json_object_get(value, *key);
    g_assert_cmpstr(json_string_value(value), ==, wanted);
}

static void test_inspect_has_podmans_keys(void)
{
    g_autoptr(Place) place = place_new();
    g_autoptr(floe_container) ctr = place_insert(place, make_redis(place, "a", "web"));
    g_autoptr(JsonValue) object = inspect(ctr, true);
    const json_t *settings = json_object_get(object, "NetworkSettings");

    assert_types(object,
                 "Id Created Path Image ImageDigest ImageName Rootfs Pod ResolvConfPath HostnamePath "
                 "HostsPath StaticDir OCIConfigPath OCIRuntime ConmonPidFile PidFile Name Driver "
                 "MountLabel ProcessLabel AppArmorProfile Namespace",
                 JSON_STRING);
    assert_types(object, "Args EffectiveCaps BoundingCaps ExecIDs Mounts Dependencies", JSON_ARRAY);
    assert_types(object, "State GraphDriver NetworkSettings Config HostConfig", JSON_OBJECT);
    assert_types(object, "RestartCount lockNumber SizeRw SizeRootFs", JSON_INTEGER);
    assert_types(json_object_get(object, "State"),
                 "Running Paused Restarting OOMKilled Dead Checkpointed Restored StoppedByUser",
                 JSON_TRUE);
    assert_types(json_object_get(object, "State"),
                 "OciVersion Status Error StartedAt FinishedAt CgroupPath CheckpointedAt RestoredAt "
                 "CheckpointPath CheckpointLog RestoreLog",
                 JSON_STRING);
    assert_types(json_object_get(object, "Config"),
                 "Hostname Domainname User Image WorkingDir StopSignal Umask", JSON_STRING);
    assert_types(json_object_get(object, "Config"), "Env Cmd Entrypoint CreateCommand", JSON_ARRAY);
    assert_types(json_object_get(object, "HostConfig"),
                 "Binds CapAdd CapDrop Dns DnsOptions DnsSearch ExtraHosts GroupAdd SecurityOpt "
                 "Devices Ulimits ConsoleSize",
                 JSON_ARRAY);
    assert_types(json_object_get(object, "HostConfig"),
                 "LogConfig PortBindings RestartPolicy Tmpfs Annotations", JSON_OBJECT);
    assert_types(settings, "IPAddress Gateway MacAddress SandboxKey SandboxID", JSON_STRING);
    assert_types(settings, "Ports Networks", JSON_OBJECT);
    assert_types(settings, "IPPrefixLen GlobalIPv6PrefixLen", JSON_INTEGER);
}

static void test_inspect_tells_what_is_recorded(void)
{
    g_autoptr(Place) place = place_new();
    ContainerRecord *record = make_redis(place, "a", "web");
    g_autoptr(JsonValue) object = NULL;
    g_autofree char *lower = NULL;

    record->status.state = FLOE_STATE_EXITED;
    record->status.checkpointed = true;
    record->status.finished_unix_ns = 1795313829 * SECOND + 5;
    record->config.memory_bytes = 64 * 1024 * 1024;
    g_autoptr(floe_container) ctr = place_insert(place, record);

    object = inspect(ctr, true);
    lower = g_strdup_printf("%s/layers/top/diff:%s/layers/base/diff", place->engine->root,
                            place->engine->root);
    assert_text(object, "Name", "web");
    assert_text(object, "Path", "redis-server");
    assert_text(object, "OCIRuntime", "crun");
    assert_text(object, "State.Status", "exited");
    assert_text(object, "State.StartedAt", "0001-01-01T00:00:00Z");
    assert_text(object, "State.FinishedAt", "2026-11-22T02:17:09.000000005Z");
    assert_text(object, "GraphDriver.Data.LowerDir", lower);
    assert_text(object, "Config.StopSignal", "SIGTERM");
    assert_text(object, "HostConfig.NetworkMode", "none");
    assert_text(object, "HostConfig.IpcMode", "shareable");
    g_assert_true(json_is_true(json_object_get(json_object_get(object, "State"), "Checkpointed")));
    g_assert_cmpint(json_integer_value(json_object_get(object, "SizeRw")), ==, 0);
    g_assert_cmpint(json_integer_value(json_object_get(object, "SizeRootFs")), ==, 5000000000);
}

/* Published ranges are told port by port; exposed ports without a binding are null. */
static void test_inspect_tells_ports_and_addresses(void)
{
    g_autoptr(Place) place = place_new();
    ContainerRecord *record = make_redis(place, "a", "web");
    PortConfig *port = g_new0(PortConfig, 1);
    NetworkConfig *network = g_new0(NetworkConfig, 1);
    NetworkStatus *status = g_new0(NetworkStatus, 1);
    g_autoptr(JsonValue) object = NULL;
    const json_t *ports;

    *port = (PortConfig){ NULL, 80, 8080, 2, g_strdup("tcp") };
    network->name = g_strdup("podman");
    record->config.ports = g_ptr_array_new();
    g_ptr_array_add(record->config.ports, port);
    record->config.networks = g_ptr_array_new();
    g_ptr_array_add(record->config.networks, network);
    record->config.exposed_ports = g_strsplit("80/tcp 53/udp", " ", -1);
    *status = (NetworkStatus){ .network = g_strdup("podman"), .is_up = true };
    status->addresses = g_strsplit("10.88.0.7/16 fd00::7/64", " ", -1);
    status->gateways = g_strsplit("10.88.0.1", " ", -1);
    status->mac = g_strdup("92:11:22:33:44:55");
    record->status.networks = g_ptr_array_new();
    g_ptr_array_add(record->status.networks, status);
    g_autoptr(floe_container) ctr = place_insert(place, record);

    object = inspect(ctr, false);
    ports = json_object_get(json_object_get(object, "NetworkSettings"), "Ports");
    g_assert_cmpint(json_object_size(ports), ==, 3);
    assert_text(json_array_get(json_object_get(ports, "81/tcp"), 0), "HostPort", "8081");
    g_assert_true(json_is_null(json_object_get(ports, "53/udp")));
    assert_text(object, "NetworkSettings.IPAddress", "10.88.0.7");
    assert_text(object, "NetworkSettings.GlobalIPv6Address", "fd00::7");
    assert_text(object, "NetworkSettings.Networks.podman.MacAddress", "92:11:22:33:44:55");
    g_assert_null(json_object_get(object, "SizeRw"));
}

static void test_inspect_tells_the_network_of_the_container_it_shares(void)
{
    g_autoptr(Place) place = place_new();
    ContainerRecord *owner = make_redis(place, "a", "owner");
    ContainerRecord *guest = make_redis(place, "b", "guest");
    g_autoptr(JsonValue) object = NULL;
    g_autofree char *mode = NULL;

    owner->status.netns_path = g_strdup("/run/netns/floe-x");
    g_autoptr(floe_container) owner_ctr = place_insert(place, owner);
    g_free(guest->config.network_mode);
    guest->config.network_mode = g_strdup("container");
    guest->config.network_container = g_strdup(owner->id);
    g_autoptr(floe_container) ctr = place_insert(place, guest);

    object = inspect(ctr, false);
    mode = g_strconcat("container:", owner->id, NULL);
    assert_text(object, "NetworkSettings.SandboxKey", "/run/netns/floe-x");
    assert_text(object, "HostConfig.NetworkMode", mode);
    g_assert_cmpint(json_array_size(json_object_get(object, "Dependencies")), ==, 1);
}

static void test_inspect_of_a_removed_container_says_so(void)
{
    g_autoptr(Place) place = place_new();
    g_autoptr(floe_container) ctr = place_insert(place, make_redis(place, "a", "web"));
    floe_error *why = NULL;
    char *text = NULL;

    WORKS(container_delete(place->engine->db, ctr->record->id, &error));
    g_assert_false(floe_container_inspect(ctr, false, &text, &why));
    g_assert_cmpint(floe_error_get_code(why), ==, FLOE_ERROR_REMOVED);
    floe_error_free(why);
}

/* --- bad arguments ---------------------------------------------------------------------------- */

#define REFUSED(call) \
    do { \
        floe_error *why = NULL; \
        g_assert_false(call); \
        g_assert_cmpint(floe_error_get_code(why), ==, FLOE_ERROR_INVALID); \
        floe_error_free(why); \
    } while (0)

static void test_a_text_that_is_missing_is_invalid(void)
{
    g_autoptr(Place) place = place_new();
    g_autoptr(floe_container) ctr = place_insert(place, make_redis(place, "a", "web"));
    floe_container *found = NULL;
    char *text = NULL;

    REFUSED(floe_container_lookup(place->engine, NULL, &found, &why));
    REFUSED(floe_container_rename(ctr, NULL, &why));
    REFUSED(floe_container_exec_wait(ctr, NULL, NULL, &why));
    REFUSED(floe_container_artifact_remove(ctr, NULL, &why));
    REFUSED(floe_image_inspect(place->engine, NULL, &text, &why));
    REFUSED(floe_image_remove(place->engine, NULL, NULL, NULL, NULL, &why));
}

/* --- logs ------------------------------------------------------------------------------------- */

#define T(second) "2026-11-22T02:00:0" #second ".000000000+00:00"
#define LOG_TEXT \
    T(1) \
    " stdout F one\n" T(2) " stderr F err\n" T(3) " stdout P part,\n" T(4) " stderr F mid\n" T( \
        5) " stdout F whole\n" T(6) " stdout P open"

static floe_container *insert_with_log(const Place *place, const char *text)
{
    floe_container *ctr = place_insert(place, make_redis(place, "a", "web"));

    WORKS(dir_make(ctr->paths.dir, 0700, &error));
    WORKS(file_write_atomic(ctr->paths.log, text, strlen(text), 0600, &error));
    return ctr;
}

static char *content(int fd)
{
    char *text = NULL;

    g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
    WORKS(fd_read_all(fd, 65536, &text, NULL, &error));
    return text;
}

static void check_logs(const floe_logs_options *options, const char *out, const char *err)
{
    g_autoptr(Place) place = place_new();
    g_autoptr(floe_container) ctr = insert_with_log(place, LOG_TEXT "\n");
    autofd int out_fd = memfd_create("out", MFD_CLOEXEC);
    autofd int err_fd = memfd_create("err", MFD_CLOEXEC);
    g_autofree char *out_text = NULL;
    g_autofree char *err_text = NULL;

    DONE(floe_container_logs(ctr, options, out_fd, err_fd, &error));
    out_text = content(out_fd);
    err_text = content(err_fd);
    g_assert_cmpstr(out_text, ==, out);
    g_assert_cmpstr(err_text, ==, err);
}

static int64_t at_second(int second)
{
    return (1795312800 + second) * SECOND;
}

static void test_logs_join_parts_and_keep_streams_apart(void)
{
    floe_logs_options options = FLOE_LOGS_OPTIONS_INIT;

    check_logs(NULL, "one\npart,whole\nopen", "err\nmid\n");
    options.timestamps = true;
    check_logs(&options, T(1) " one\n" T(3) " part,whole\n" T(6) " open",
               T(2) " err\n" T(4) " mid\n");
}

static void test_logs_can_be_cut(void)
{
    floe_logs_options tail = FLOE_LOGS_OPTIONS_INIT;
    floe_logs_options since = FLOE_LOGS_OPTIONS_INIT;
    floe_logs_options until = FLOE_LOGS_OPTIONS_INIT;

    tail.tail = 0;
    check_logs(&tail, "", "");
    tail.tail = 2;
    check_logs(&tail, "whole\nopen", "");
    since.since_unix_ns = at_second(3);
    check_logs(&since, "part,whole\nopen", "mid\n");
    since.since_unix_ns = at_second(4); /* the whole line is as old as its first part */
    check_logs(&since, "open", "mid\n");
    until.until_unix_ns = at_second(2);
    check_logs(&until, "one\n", "err\n");
}

/* It does not run: following ends with the log. */
static void test_following_a_container_that_has_ended_ends(void)
{
    floe_logs_options options = FLOE_LOGS_OPTIONS_INIT;

    options.follow = true;
    check_logs(&options, "one\npart,whole\nopen", "err\nmid\n");
}

static void test_a_closed_pipe_is_no_error(void)
{
    g_autoptr(Place) place = place_new();
    g_autoptr(floe_container) ctr = insert_with_log(place, LOG_TEXT "\n");
    int fds[2];

    g_assert_cmpint(pipe(fds), ==, 0);
    close(fds[0]);
    DONE(floe_container_logs(ctr, NULL, fds[1], fds[1], &error));
    close(fds[1]);
}

static void test_without_a_log_there_is_nothing_or_an_error(void)
{
    g_autoptr(Place) place = place_new();
    g_autoptr(floe_container) fresh = place_insert(place, make_redis(place, "a", "fresh"));
    ContainerRecord *record = make_redis(place, "b", "silent");
    floe_error *why = NULL;

    DONE(floe_container_logs(fresh, NULL, -1, -1, &error));
    g_free(record->config.log_driver);
    record->config.log_driver = g_strdup("none");
    g_autoptr(floe_container) silent = place_insert(place, record);
    g_assert_false(floe_container_logs(silent, NULL, -1, -1, &why));
    g_assert_cmpint(floe_error_get_code(why), ==, FLOE_ERROR_UNSUPPORTED);
    floe_error_free(why);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/looking/only-what-runs-is-listed-unless-asked",
                    test_only_what_runs_is_listed_unless_asked);
    g_test_add_func("/engine/looking/an-end-that-nobody-noticed-is-listed",
                    test_an_end_that_nobody_noticed_is_listed);
    g_test_add_func("/engine/looking/list-has-podmans-keys", test_list_has_podmans_keys);
    g_test_add_func("/engine/looking/inspect-has-podmans-keys", test_inspect_has_podmans_keys);
    g_test_add_func("/engine/looking/inspect-tells-what-is-recorded",
                    test_inspect_tells_what_is_recorded);
    g_test_add_func("/engine/looking/inspect-tells-ports-and-addresses",
                    test_inspect_tells_ports_and_addresses);
    g_test_add_func("/engine/looking/inspect-tells-the-network-of-the-container-it-shares",
                    test_inspect_tells_the_network_of_the_container_it_shares);
    g_test_add_func("/engine/looking/inspect-of-a-removed-container-says-so",
                    test_inspect_of_a_removed_container_says_so);
    g_test_add_func("/engine/looking/a-text-that-is-missing-is-invalid",
                    test_a_text_that_is_missing_is_invalid);
    g_test_add_func("/engine/looking/logs-join-parts-and-keep-streams-apart",
                    test_logs_join_parts_and_keep_streams_apart);
    g_test_add_func("/engine/looking/logs-can-be-cut", test_logs_can_be_cut);
    g_test_add_func("/engine/looking/following-a-container-that-has-ended-ends",
                    test_following_a_container_that_has_ended_ends);
    g_test_add_func("/engine/looking/a-closed-pipe-is-no-error", test_a_closed_pipe_is_no_error);
    g_test_add_func("/engine/looking/without-a-log-there-is-nothing-or-an-error",
                    test_without_a_log_there_is_nothing_or_an_error);
    return g_test_run();
}
