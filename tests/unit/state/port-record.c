/* SPDX-License-Identifier: Apache-2.0 */
#include "state/port-record.h"

#include "fixture.h"

static bool is_free(Fixture *fixture, const PortConfig *port, const char *container_id)
{
    g_autofree char *holder = NULL;

    WORKS(port_find_holder(fixture->db, port, container_id, &holder, &error));
    return holder == NULL;
}

/* Is `second` free for one container while another has `first`? And the other way round. */
static void check_together(const PortConfig *first, const PortConfig *second, bool expected)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *web = insert_container(fixture->db, "a", "web");
    g_autofree char *other = insert_container(fixture->db, "b", "other");

    WORKS(port_take(fixture->db, first, web, &error));
    g_assert_cmpint(is_free(fixture, second, other), ==, expected);
    g_assert_true(is_free(fixture, second, web));
    WORKS(port_release(fixture->db, web, &error));
    WORKS(port_take(fixture->db, second, other, &error));
    g_assert_cmpint(is_free(fixture, first, web), ==, expected);
}

static PortConfig port(const char *address, int first, int range, const char *protocol)
{
    return (PortConfig){
        .host_ip = (char *)address, .host_port = first, .range = range, .protocol = (char *)protocol
    };
}

#define TOGETHER(first, second, expected) \
    do { \
        const PortConfig one = first, two = second; \
        check_together(&one, &two, expected); \
    } while (0)

static void test_one_container_has_a_port(void)
{
    TOGETHER(port("", 80, 1, "tcp"), port(NULL, 80, 1, "tcp"), false);
    TOGETHER(port("", 80, 1, "tcp"), port("", 81, 1, "tcp"), true);
    TOGETHER(port("", 80, 1, "tcp"), port("", 80, 1, "udp"), true);
}

static void test_ranges_meet_in_one_port(void)
{
    TOGETHER(port("", 80, 10, "tcp"), port("", 89, 5, "tcp"), false);
    TOGETHER(port("", 80, 10, "tcp"), port("", 84, 1, "tcp"), false);
    TOGETHER(port("", 80, 10, "tcp"), port("", 90, 5, "tcp"), true);
}

static void test_every_address_is_each_of_its_kind(void)
{
    TOGETHER(port("127.0.0.1", 80, 1, "tcp"), port("127.0.0.1", 80, 1, "tcp"), false);
    TOGETHER(port("127.0.0.1", 80, 1, "tcp"), port("127.0.0.2", 80, 1, "tcp"), true);
    TOGETHER(port("", 80, 1, "tcp"), port("127.0.0.1", 80, 1, "tcp"), false);
    TOGETHER(port("0.0.0.0", 80, 1, "tcp"), port("", 80, 1, "tcp"), false);
    TOGETHER(port("::", 80, 1, "tcp"), port("::1", 80, 1, "tcp"), false);
    TOGETHER(port("::", 80, 1, "tcp"), port("127.0.0.1", 80, 1, "tcp"), true);
}

static void test_they_go_with_the_container(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *web = insert_container(fixture->db, "a", "web");
    g_autofree char *other = insert_container(fixture->db, "b", "other");
    const PortConfig http = port("", 80, 1, "tcp");

    WORKS(port_take(fixture->db, &http, web, &error));
    g_assert_false(is_free(fixture, &http, other));
    WORKS(container_delete(fixture->db, web, &error));
    g_assert_true(is_free(fixture, &http, other));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/state/port/one-container-has-a-port", test_one_container_has_a_port);
    g_test_add_func("/state/port/ranges-meet-in-one-port", test_ranges_meet_in_one_port);
    g_test_add_func("/state/port/every-address-is-each-of-its-kind",
                    test_every_address_is_each_of_its_kind);
    g_test_add_func("/state/port/they-go-with-the-container", test_they_go_with_the_container);
    return g_test_run();
}
