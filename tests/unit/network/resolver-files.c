/* SPDX-License-Identifier: Apache-2.0 */
#include "network/resolver-files.h"

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void assert_resolv(const ResolvConf *conf, const char *wanted)
{
    g_autofree char *text = resolv_conf_text(conf);

    g_assert_cmpstr(text, ==, wanted);
}

static void assert_hosts(const HostsFile *hosts, const char *wanted)
{
    g_autofree char *text = hosts_text(hosts);

    g_assert_cmpstr(text, ==, wanted);
}

/* --- resolv.conf ------------------------------------------------------------------------------ */

static const char host_resolv[] = "# made by hand\n"
                                  "domain old.example\n"
                                  "search  example.org\tlan ; comment\n"
                                  "nameserver 192.0.2.53 # first\n"
                                  "nameserver\t2001:db8::53\n"
                                  "nameserver 192.0.2.53\n"
                                  "nameserver\n"
                                  "sortlist 192.0.2.0\n"
                                  "options ndots:2\n"
                                  "options edns0";

static void test_host_resolv(void)
{
    assert_resolv(&(ResolvConf){ .host_text = host_resolv }, "search example.org lan\n"
                                                             "nameserver 192.0.2.53\n"
                                                             "nameserver 2001:db8::53\n"
                                                             "options ndots:2 edns0\n");
    assert_resolv(&(ResolvConf){ .host_text = "" }, "");
}

static void test_own_resolv(void)
{
    assert_resolv(&(ResolvConf){ .host_text = host_resolv,
                                 .servers = LIST("198.51.100.1", "127.0.0.1"),
                                 .search = LIST("own.example"),
                                 .options = LIST("timeout:1") },
                  "search own.example\n"
                  "nameserver 198.51.100.1\n"
                  "nameserver 127.0.0.1\n"
                  "options timeout:1\n");
}

static void test_network_resolv(void)
{
    ResolvConf conf = { .host_text = host_resolv,
                        .network_servers = LIST("10.89.0.1"),
                        .network_search = LIST("dns.podman") };

    assert_resolv(&conf, "search dns.podman example.org lan\n"
                         "nameserver 10.89.0.1\n"
                         "nameserver 192.0.2.53\n"
                         "nameserver 2001:db8::53\n"
                         "options ndots:2 edns0\n");
    conf.servers = LIST("198.51.100.1");
    conf.search = LIST(".");
    assert_resolv(&conf, "nameserver 10.89.0.1\n"
                         "nameserver 198.51.100.1\n"
                         "options ndots:2 edns0\n");
}

static void test_loopback_resolv(void)
{
    ResolvConf conf = { .host_text = "nameserver 127.0.0.53\n"
                                     "nameserver 127.1.2.3\n"
                                     "nameserver ::1\n"
                                     "nameserver fe80::1%eth0\n"
                                     "nameserver 192.0.2.53\n" };

    assert_resolv(&conf, "nameserver 192.0.2.53\n");
    conf.keeps_loopback = true;
    assert_resolv(&conf, conf.host_text);
}

/* --- hosts ------------------------------------------------------------------------------------ */

static void test_hosts_layout(void)
{
    assert_hosts(&(HostsFile){ .base_text = "# the host's\n"
                                            "127.0.0.1 localhost localhost.localdomain\n"
                                            "::1   localhost ip6-localhost # v6\n"
                                            "\n"
                                            "192.0.2.9\tnas  storage\n"
                                            "192.0.2.10\n",
                               .add_hosts = LIST("db:10.0.0.7", "six:2001:db8::7",
                                                 "bracket:[2001:db8::8]", "me:host-gateway"),
                               .gateway = "10.88.0.1",
                               .addresses = LIST("10.88.0.5"),
                               .hostname = "0123456789ab",
                               .name = "web" },
                 "10.0.0.7\tdb\n"
                 "2001:db8::7\tsix\n"
                 "2001:db8::8\tbracket\n"
                 "10.88.0.1\tme\n"
                 "127.0.0.1\tlocalhost localhost.localdomain\n"
                 "::1\tlocalhost ip6-localhost\n"
                 "192.0.2.9\tnas storage\n"
                 "10.88.0.1\thost.containers.internal host.docker.internal\n"
                 "10.88.0.5\t0123456789ab web\n");
}

static void test_hosts_localhost(void)
{
    assert_hosts(&(HostsFile){ .base_text = "" }, "127.0.0.1\tlocalhost\n"
                                                  "::1\tlocalhost\n");
    assert_hosts(&(HostsFile){ .base_text = "127.0.0.1 localhost\n"
                                            "127.0.0.1\tlocalhost\n"
                                            "127.0.1.1 laptop\n" },
                 "127.0.0.1\tlocalhost\n"
                 "127.0.1.1\tlaptop\n"
                 "::1\tlocalhost\n");
}

/*
 * A floe in a container, or a container that is called as its host: our addresses are the right
 * ones.
 */
static void test_hosts_names_that_are_ours(void)
{
    HostsFile hosts = { .base_text = "127.0.0.1 localhost web\n"
                                     "::1 localhost\n"
                                     "127.0.1.1 web\n"
                                     "172.17.0.1 host.docker.internal outer\n",
                        .gateway = "10.88.0.1",
                        .addresses = LIST("10.88.0.5"),
                        .hostname = "web",
                        .name = "web" };

    assert_hosts(&hosts, "127.0.0.1\tlocalhost\n"
                         "::1\tlocalhost\n"
                         "172.17.0.1\touter\n"
                         "10.88.0.1\thost.containers.internal host.docker.internal\n"
                         "10.88.0.5\tweb\n");

    hosts.gateway = NULL;
    hosts.addresses = NULL;
    assert_hosts(&hosts, "127.0.0.1\tlocalhost web\n"
                         "::1\tlocalhost\n"
                         "127.0.1.1\tweb\n"
                         "172.17.0.1\thost.docker.internal outer\n");
}

static void test_hosts_without_gateway(void)
{
    assert_hosts(&(HostsFile){ .base_text = "",
                               .add_hosts = LIST("me:host-gateway", "db:10.0.0.7") },
                 "10.0.0.7\tdb\n"
                 "127.0.0.1\tlocalhost\n"
                 "::1\tlocalhost\n");
}

static void test_add_host_check(void)
{
    static const char *const good[] = {
        "db:10.0.0.7",
        "a.b-c_d:::1",
        "x:[::1]",
        "me:host-gateway",
    };
    static const char *const bad[] = {
        "",         "db",    "db:",     ":10.0.0.7",    "db:10.0.0", "db:web", "d b:10.0.0.7",
        "db\n:::1", "#:::1", "db:[::1", "db:10.0.0.7 ", "db:[]",     "db:[",   "db:host-gatewa",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
        g_assert_true(add_host_check(good[i], NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) err = NULL;

        if (add_host_check(bad[i], &err))
            g_error("'%s' was taken for a host entry", bad[i]);
        g_assert_error(err, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
        g_assert_nonnull(strstr(err->message, bad[i]));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/network/resolv-conf/says-what-the-host-s-says", test_host_resolv);
    g_test_add_func("/network/resolv-conf/the-container-s-own-replaces-it", test_own_resolv);
    g_test_add_func("/network/resolv-conf/the-network-s-comes-first", test_network_resolv);
    g_test_add_func("/network/resolv-conf/loopback-stays-on-the-host", test_loopback_resolv);
    g_test_add_func("/network/hosts/is-laid-out-as-podman-s", test_hosts_layout);
    g_test_add_func("/network/hosts/has-localhost-once", test_hosts_localhost);
    g_test_add_func("/network/hosts/our-names-have-our-addresses", test_hosts_names_that_are_ours);
    g_test_add_func("/network/hosts/no-gateway-no-host-gateway", test_hosts_without_gateway);
    g_test_add_func("/network/hosts/an-entry-is-name-and-address", test_add_host_check);
    return g_test_run();
}
