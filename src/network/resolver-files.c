/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Composing resolv.conf and hosts. Both start from the host's file, of which only lines that mean
 * something are taken over; what floe adds is in podman's layout, so that a container looks the
 * same under both. Reading and writing files is the engine's.
 */
#include "network/resolver-files.h"

#include <arpa/inet.h>
#include <string.h>

/* What a container calls its host: podman's name, and docker's for those who come from there. */
#define HOST_NAME           "host.containers.internal"
#define HOST_NAME_OF_DOCKER "host.docker.internal"

/* The words of a line, without its comment. Never NULL, no empty words. */
static GPtrArray *words_of(const char *line, const char *comment_starts)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *content = g_strndup(line, strcspn(line, comment_starts));
    g_auto(GStrv) parts = g_strsplit_set(content, " \t\r", -1);

    for (char **part = parts; *part; part++) {
        if (**part)
            g_ptr_array_add(words, g_strdup(*part));
    }
    return words;
}

static bool is_listed(const GPtrArray *words, const char *word)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *)words, word, g_str_equal, NULL);
}

static bool is_address(const char *text)
{
    struct in6_addr address = { 0 };

    return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1;
}

/* --- resolv.conf ------------------------------------------------------------------------------ */

/* What resolv.conf says, in one place for the host's and the container's. */
typedef struct Resolver {
    GPtrArray *servers;
    GPtrArray *search;
    GPtrArray *options;
} Resolver;

static void resolver_clear(Resolver *resolver)
{
    g_ptr_array_unref(resolver->servers);
    g_ptr_array_unref(resolver->search);
    g_ptr_array_unref(resolver->options);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Resolver, resolver_clear)

static Resolver resolver_make(void)
{
    return (Resolver){
        .servers = g_ptr_array_new_with_free_func(g_free),
        .search = g_ptr_array_new_with_free_func(g_free),
        .options = g_ptr_array_new_with_free_func(g_free),
    };
}

static void add_word(GPtrArray *words, const char *word)
{
    if (!is_listed(words, word))
        g_ptr_array_add(words, g_strdup(word));
}

static void add_words(GPtrArray *words, const char *const *more)
{
    for (size_t i = 0; more && more[i]; i++)
        add_word(words, more[i]);
}

static bool is_loopback(const char *server)
{
    struct in6_addr v6 = { 0 };
    struct in_addr v4 = { 0 };

    if (inet_pton(AF_INET, server, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, server, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static void read_line(Resolver *resolver, const char *line, bool keeps_loopback)
{
    g_autoptr(GPtrArray) words = words_of(line, "#;");
    const char *key = words->len > 1 ? words->pdata[0] : "";

    if (g_str_equal(key, "nameserver")) {
        const char *server = words->pdata[1];

        if (keeps_loopback || (is_address(server) && !is_loopback(server)))
            add_word(resolver->servers, server);
        return;
    }
    /* resolv.conf(5): of several search and domain lines the last one counts; options add up. */
    if (g_str_equal(key, "search") || g_str_equal(key, "domain"))
        g_ptr_array_set_size(resolver->search, 0);
    for (unsigned i = 1; i < words->len; i++) {
        if (g_str_equal(key, "search") || g_str_equal(key, "domain"))
            add_word(resolver->search, words->pdata[i]);
        else if (g_str_equal(key, "options"))
            add_word(resolver->options, words->pdata[i]);
    }
}

static void read_host(const ResolvConf *conf, Resolver *host)
{
    g_auto(GStrv) lines = g_strsplit(conf->host_text, "\n", -1);

    for (char **line = lines; *line; line++)
        read_line(host, *line, conf->keeps_loopback);
}

/* The network's words, then the container's own if it has any, else the host's. */
static void merge(GPtrArray *words, const char *const *network, const char *const *own,
                  const GPtrArray *host)
{
    add_words(words, network);
    if (own && own[0])
        add_words(words, own);
    else
        for (unsigned i = 0; i < host->len; i++)
            add_word(words, host->pdata[i]);
}

static void append_line(GString *text, const char *key, const GPtrArray *words)
{
    if (words->len == 0)
        return;
    g_string_append(text, key);
    for (unsigned i = 0; i < words->len; i++)
        g_string_append_printf(text, " %s", (const char *)words->pdata[i]);
    g_string_append_c(text, '\n');
}

char *resolv_conf_text(const ResolvConf *conf)
{
    bool no_search = conf->search && g_strv_equal(conf->search, (const char *[]){ ".", NULL });
    GString *text = g_string_new(NULL);
    g_auto(Resolver) host = resolver_make();
    g_auto(Resolver) own = resolver_make();

    read_host(conf, &host);
    merge(own.servers, conf->network_servers, conf->servers, host.servers);
    if (!no_search)
        merge(own.search, conf->network_search, conf->search, host.search);
    merge(own.options, NULL, conf->options, host.options);

    append_line(text, "search", own.search);
    for (unsigned i = 0; i < own.servers->len; i++)
        g_string_append_printf(text, "nameserver %s\n", (const char *)own.servers->pdata[i]);
    append_line(text, "options", own.options);
    return g_string_free(text, false);
}

/* --- hosts ------------------------------------------------------------------------------------ */

/* An entry's halves, the address without brackets. It may be "host-gateway". */
static bool split_add_host(const char *entry, char **ret_name, char **ret_address)
{
    const char *colon = strchr(entry, ':');

    if (!colon || colon == entry || strcspn(entry, " \t\r\n#") < (size_t)(colon - entry))
        return false;

    g_autofree char *address = NULL;
    size_t length = strlen(colon + 1);

    if (colon[1] == '[' && colon[length] == ']')
        address = g_strndup(colon + 2, length - 2);
    else
        address = g_strdup(colon + 1);
    if (!is_address(address) && !g_str_equal(address, "host-gateway"))
        return false;
    *ret_name = g_strndup(entry, (size_t)(colon - entry));
    *ret_address = g_steal_pointer(&address);
    return true;
}

bool add_host_check(const char *entry, GError **error)
{
    g_autofree char *name = NULL;
    g_autofree char *address = NULL;

    if (!split_add_host(entry, &name, &address))
        return err_set(error, FLOE_ERROR_INVALID,
                       "host entry '%s': expected name:address, with an IP address or host-gateway",
                       entry);
    return true;
}

static void append_add_hosts(GString *text, const HostsFile *hosts)
{
    for (size_t i = 0; hosts->add_hosts && hosts->add_hosts[i]; i++) {
        g_autofree char *name = NULL;
        g_autofree char *given = NULL;

        if (!split_add_host(hosts->add_hosts[i], &name, &given))
            continue;

        const char *address = g_str_equal(given, "host-gateway") ? hosts->gateway : given;

        if (address)
            g_string_append_printf(text, "%s\t%s\n", address, name);
    }
}

/* Does floe itself say what the address of this name is? */
static bool is_ours(const HostsFile *hosts, const char *name)
{
    if (hosts->gateway && (g_str_equal(name, HOST_NAME) || g_str_equal(name, HOST_NAME_OF_DOCKER)))
        return true;
    return hosts->addresses && hosts->addresses[0] &&
           (g_strcmp0(name, hosts->hostname) == 0 || g_strcmp0(name, hosts->name) == 0);
}

/* The base's line in our layout; NULL when nothing is left of it. */
static char *base_line(const HostsFile *hosts, const char *line)
{
    g_autoptr(GPtrArray) words = words_of(line, "#");
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    if (words->len < 2)
        return NULL;
    for (unsigned i = 1; i < words->len; i++) {
        if (!is_ours(hosts, words->pdata[i]))
            g_ptr_array_add(names, words->pdata[i]);
    }
    if (names->len == 0)
        return NULL;
    g_ptr_array_add(names, NULL);

    g_autofree char *joined = g_strjoinv(" ", (char **)names->pdata);
    return g_strdup_printf("%s\t%s", (const char *)words->pdata[0], joined);
}

static bool names_localhost(const char *line, const char *address)
{
    g_autoptr(GPtrArray) words = words_of(line, "#");

    return g_str_equal(words->pdata[0], address) && is_listed(words, "localhost");
}

static void append_base(GString *text, const HostsFile *hosts)
{
    static const char *const localhosts[] = { "127.0.0.1", "::1" };
    g_autoptr(GPtrArray) written = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) lines = g_strsplit(hosts->base_text, "\n", -1);

    for (char **line = lines; *line; line++) {
        g_autofree char *own = base_line(hosts, *line);

        if (own && !is_listed(written, own))
            g_ptr_array_add(written, g_steal_pointer(&own));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(localhosts); i++) {
        bool found = false;

        for (unsigned j = 0; j < written->len && !found; j++)
            found = names_localhost(written->pdata[j], localhosts[i]);
        if (!found)
            g_ptr_array_add(written, g_strdup_printf("%s\tlocalhost", localhosts[i]));
    }
    for (unsigned i = 0; i < written->len; i++)
        g_string_append_printf(text, "%s\n", (const char *)written->pdata[i]);
}

static void append_own_lines(GString *text, const HostsFile *hosts)
{
    for (size_t i = 0; hosts->addresses && hosts->addresses[i]; i++) {
        g_string_append_printf(text, "%s\t%s", hosts->addresses[i], hosts->hostname);
        if (hosts->name && !g_str_equal(hosts->name, hosts->hostname))
            g_string_append_printf(text, " %s", hosts->name);
        g_string_append_c(text, '\n');
    }
}

char *hosts_text(const HostsFile *hosts)
{
    GString *text = g_string_new(NULL);

    append_add_hosts(text, hosts);
    append_base(text, hosts);
    if (hosts->gateway)
        g_string_append_printf(text, "%s\t" HOST_NAME " " HOST_NAME_OF_DOCKER "\n", hosts->gateway);
    append_own_lines(text, hosts);
    return g_string_free(text, false);
}
