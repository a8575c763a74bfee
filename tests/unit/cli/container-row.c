/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/container-row.h"

#define NOW 1700000000

static const RowStyle style = { .now_unix = NOW };
static const RowStyle whole = { .now_unix = NOW, .no_trunc = true };

static json_t *entry_new(void)
{
    return json_pack(
        "{s:s, s:[s], s:s, s:s, s:[s,s,s], s:I, s:s, s:i, s:I, s:I, s:[], s:[s,s], s:{s:s}}", "Id",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "Names", "web", "Image",
        "localhost/redis:latest", "ImageID", "aaaaaaaaaaaaaaaabbbb", "Command", "redis-server",
        "--port", "6379", "Created", (json_int_t)NOW - 7200, "State", "running", "ExitCode", 137,
        "StartedAt", (json_int_t)NOW - 240, "ExitedAt", (json_int_t)NOW - 70, "Ports", "Networks",
        "podman", "lan", "Labels", "a", "1");
}

static void assert_text(const json_t *entry, const char *key, const RowStyle *how,
                        const char *expected)
{
    g_autofree char *text = row_column(key)->text(entry, how);

    g_assert_cmpstr(text, ==, expected);
}

static void test_columns(void)
{
    json_auto_t *entry = entry_new();

    assert_text(entry, "ID", &style, "0123456789ab");
    assert_text(entry, "ID", &whole,
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    assert_text(entry, "ImageID", &style, "aaaaaaaaaaaa");
    assert_text(entry, "Command", &style, "redis-server --po...");
    assert_text(entry, "Command", &whole, "redis-server --port 6379");
    assert_text(entry, "RunningFor", &style, "2 hours ago");
    assert_text(entry, "Networks", &style, "podman,lan");
    assert_text(entry, "Ports", &style, "");
}

static void test_status(void)
{
    static const struct {
        const char *state, *status;
    } cases[] = {
        { "running", "Up 4 minutes" },
        { "exited", "Exited (137) About a minute ago" },
        { "stopped", "Exited (137) About a minute ago" },
        { "created", "Created" },
        { "initialized", "Initialized" },
        { "paused", "Paused" },
        { "removing", "Removing" },
        { "", "" },
    };
    json_auto_t *entry = entry_new();

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        json_object_set_new(entry, "State", json_string(cases[i].state));
        assert_text(entry, "Status", &style, cases[i].status);
    }
}

static json_t *port(const char *address, int host, int container, int range, const char *protocol)
{
    return json_pack("{s:s, s:i, s:i, s:i, s:s}", "host_ip", address, "host_port", host,
                     "container_port", container, "range", range, "protocol", protocol);
}

static void test_ports(void)
{
    json_auto_t *entry = entry_new();
    json_t *ports = json_object_get(entry, "Ports");

    json_array_append_new(ports, port("", 18080, 80, 1, "tcp"));
    json_array_append_new(ports, port("127.0.0.1", 18086, 81, 1, "udp"));
    json_array_append_new(ports, port("0.0.0.0", 2000, 3000, 7, "tcp"));
    json_array_append_new(ports, port("", 0, 8080, 1, "tcp"));
    assert_text(entry, "Ports", &style,
                "0.0.0.0:18080->80/tcp, 127.0.0.1:18086->81/udp, "
                "0.0.0.0:2000-2006->3000-3006/tcp, 8080/tcp");
}

/* A library of another version may leave keys out: no crash, an empty cell. */
static void test_empty_entry(void)
{
    json_auto_t *entry = json_object();
    json_auto_t *row = row_for_template(entry, &style);

    g_assert_cmpstr(json_string_value(json_object_get(row, "Names")), ==, "");
    g_assert_cmpstr(json_string_value(json_object_get(row, "Pod")), ==, "");
    g_assert_true(json_is_null(json_object_get(row, "Labels")));
}

static void test_template_row(void)
{
    json_auto_t *entry = entry_new();
    json_auto_t *row = row_for_template(entry, &style);
    json_auto_t *headers = row_headers();
    const char *key;
    json_t *value;

    g_assert_cmpstr(json_string_value(json_object_get(row, "ID")), ==, "0123456789ab");
    g_assert_true(json_is_object(json_object_get(row, "Labels")));
    g_assert_true(json_object_get(row, "Label") == json_object_get(row, "Labels"));
    json_object_foreach(row, key, value) {
        g_assert_true(json_is_string(json_object_get(headers, key)));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/container-row/columns-are-cut-as-podman-does", test_columns);
    g_test_add_func("/cli/container-row/status-tells-the-state-and-since-when", test_status);
    g_test_add_func("/cli/container-row/ports-show-both-sides", test_ports);
    g_test_add_func("/cli/container-row/missing-keys-give-empty-cells", test_empty_entry);
    g_test_add_func("/cli/container-row/templates-have-a-header-for-each-key", test_template_row);
    return g_test_run();
}
