/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/image-changes.h"

#include <string.h>

/* Apply changes to an empty configuration; the result as compact text. */
static char *changed(const char *const *changes)
{
    g_autoptr(JsonValue) config = json_object();
    g_autoptr(GError) error = NULL;

    for (size_t i = 0; changes[i] != NULL; i++) {
        image_config_change(config, changes[i], &error);
        g_assert_no_error(error);
    }
    return json_to_text(config);
}

#define ASSERT_CHANGED(expected, ...) \
    G_STMT_START \
    { \
        g_autofree char *text = changed((const char *const[]){ __VA_ARGS__, NULL }); \
        g_assert_cmpstr(text, ==, expected); \
    } \
    G_STMT_END

static void assert_refused(const char *change, const char *why)
{
    g_autoptr(JsonValue) config = json_object();
    g_autoptr(GError) error = NULL;

    g_assert_false(image_config_change(config, change, &error));
    g_assert_true(err_is(error, FLOE_ERROR_INVALID));
    g_assert_true(g_str_has_prefix(error->message, "change '"));
    if (strstr(error->message, why) == NULL)
        g_error("'%s' is not in: %s", why, error->message);
}

static void test_commands_are_shell_lines_or_arrays(void)
{
    ASSERT_CHANGED("{\"Cmd\":[\"/bin/sh\",\"-c\",\"echo a  b\"]}", "CMD echo a  b");
    ASSERT_CHANGED("{\"Cmd\":[\"/bin/sh\",\"-c\",\"/bin/sh\"]}", "CMD=/bin/sh");
    ASSERT_CHANGED("{\"Entrypoint\":[\"redis-server\",\"--port\"],\"Cmd\":[\"6379\"]}",
                   "entrypoint [\"redis-server\", \"--port\"]", "cmd [\"6379\"]");
    ASSERT_CHANGED("{\"Cmd\":[]}", "CMD sleep 1", "CMD []");
    ASSERT_CHANGED("{\"Cmd\":[\"/bin/sh\",\"-c\",\"[ -f x ] && y\"]}", "CMD [ -f x ] && y");
    assert_refused("CMD [\"a\", 1]", "only strings");
}

static void test_triggers_are_added(void)
{
    ASSERT_CHANGED("{\"OnBuild\":[\"RUN a  b\",\"ADD x /\"]}", "ONBUILD RUN a  b",
                   "onbuild ADD x /");
}

static void test_variables_are_added_and_replaced(void)
{
    ASSERT_CHANGED("{\"Env\":[\"A=1\",\"B=2 3\",\"C=\"]}", "ENV A=1 B=\"2 3\" C=");
    ASSERT_CHANGED("{\"Env\":[\"A=3\",\"AB=2\"]}", "ENV A=1 AB=2", "ENV A=3");
    ASSERT_CHANGED("{\"Env\":[\"A=b c=d\"]}", "ENV A  b c=d");
    ASSERT_CHANGED("{\"Env\":[\"A=1\"]}", "ENV=A=1");
    assert_refused("ENV A", "NAME=VALUE");
    assert_refused("ENV A=1 B", "NAME=VALUE");
    assert_refused("ENV =1", "NAME=VALUE");
    assert_refused("ENV A=\"1", "a quote");
}

static void test_labels_may_hold_anything(void)
{
    ASSERT_CHANGED("{\"Labels\":{\"a\":\"1\",\"with space\":\"x=y\"}}",
                   "LABEL a=1 \"with space\"='x=y'");
    ASSERT_CHANGED("{\"Labels\":{\"a\":\"2\"}}", "LABEL a=1", "LABEL a=2");
}

static void test_ports_are_a_set(void)
{
    ASSERT_CHANGED("{\"ExposedPorts\":{\"80/tcp\":{},\"53/udp\":{}}}", "EXPOSE 80 53/udp 80/tcp");
    ASSERT_CHANGED("{\"ExposedPorts\":{\"7/sctp\":{},\"8/sctp\":{}}}", "EXPOSE 7-8/sctp");
    assert_refused("EXPOSE 0", "not a port");
    assert_refused("EXPOSE 65536", "not a port");
    assert_refused("EXPOSE 9-8", "not a port");
    assert_refused("EXPOSE 80/icmp", "protocol");
    assert_refused("EXPOSE http", "not a port");
}

static void test_directories_users_and_volumes(void)
{
    ASSERT_CHANGED("{\"WorkingDir\":\"/data\"}", "WORKDIR /data");
    ASSERT_CHANGED("{\"WorkingDir\":\"/data/sub\"}", "WORKDIR /data", "WORKDIR sub");
    ASSERT_CHANGED("{\"WorkingDir\":\"/sub\"}", "WORKDIR sub");
    ASSERT_CHANGED("{\"User\":\"redis:redis\"}", "USER redis:redis");
    ASSERT_CHANGED("{\"Volumes\":{\"/a\":{},\"/b c\":{}}}", "VOLUME /a \"/b c\"");
    ASSERT_CHANGED("{\"Volumes\":{\"/a\":{},\"/b\":{}}}", "VOLUME [\"/a\", \"/b\"]");
    assert_refused("USER a b", "one name");
    assert_refused("VOLUME [\"\"]", "empty");
}

static void test_stop_signals_exist(void)
{
    ASSERT_CHANGED("{\"StopSignal\":\"SIGTERM\"}", "STOPSIGNAL SIGTERM");
    ASSERT_CHANGED("{\"StopSignal\":\"quit\"}", "STOPSIGNAL quit");
    ASSERT_CHANGED("{\"StopSignal\":\"9\"}", "STOPSIGNAL 9");
    ASSERT_CHANGED("{\"StopSignal\":\"SIGRTMIN+3\"}", "STOPSIGNAL SIGRTMIN+3");
    assert_refused("STOPSIGNAL SIGNONE", "no such signal");
    assert_refused("STOPSIGNAL 65", "no such signal");
    assert_refused("STOPSIGNAL RTMIN+", "no such signal");
}

static void test_what_is_no_change_is_refused(void)
{
    assert_refused("RUN make", "'RUN' is none of");
    assert_refused("", "is none of");
    assert_refused("CMD", "no value");
    assert_refused("CMD   ", "no value");
    assert_refused("ENV A=\xff", "not UTF-8");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/storage/image-changes/triggers-are-added", test_triggers_are_added);
    g_test_add_func("/storage/image-changes/commands-are-shell-lines-or-arrays",
                    test_commands_are_shell_lines_or_arrays);
    g_test_add_func("/storage/image-changes/variables-are-added-and-replaced",
                    test_variables_are_added_and_replaced);
    g_test_add_func("/storage/image-changes/labels-may-hold-anything",
                    test_labels_may_hold_anything);
    g_test_add_func("/storage/image-changes/ports-are-a-set", test_ports_are_a_set);
    g_test_add_func("/storage/image-changes/directories-users-and-volumes",
                    test_directories_users_and_volumes);
    g_test_add_func("/storage/image-changes/stop-signals-exist", test_stop_signals_exist);
    g_test_add_func("/storage/image-changes/what-is-no-change-is-refused",
                    test_what_is_no_change_is_refused);
    return g_test_run();
}
