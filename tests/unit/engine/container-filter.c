/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-filter.h"

#include "state/fixture.h"

#include <string.h>

#define SECOND G_GINT64_CONSTANT(1000000000)

/* One letter a container: those that meet all filters ("key=value|key=value"). */
static void check(Database *db, const char *filters, const char *wanted)
{
    g_auto(GStrv) list = g_strsplit(filters, "|", -1);
    g_autoptr(ContainerFilter) filter = NULL;
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(GString) found = g_string_new(NULL);

    WORKS(container_filter_new(db, (const char *const *)list, &filter, &error));
    WORKS(container_list(db, &records, &error));
    for (guint i = 0; i < records->len; i++) {
        const ContainerRecord *record = g_ptr_array_index(records, i);

        if (container_filter_matches(filter, record))
            g_string_append_c(found, record->id[0]);
    }
    if (!g_str_equal(found->str, wanted))
        g_error("filters \"%s\" find \"%s\" instead of \"%s\"", filters, found->str, wanted);
}

static void refuse(Database *db, const char *text, floe_error_code code, const char *why)
{
    const char *filters[] = { text, NULL };
    ContainerFilter *filter = NULL;

    FAILS(container_filter_new(db, filters, &filter, &error), code, why);
    FAILS(container_filter_new(db, filters, &filter, &error), code, text);
}

static void insert(Database *db, ContainerRecord *taken)
{
    WORKS(container_insert(db, taken, &error));
    container_record_free(taken);
}

/* a: running, web, bridge; b: exited with 3; c: stopped with 0, shares a's network. */
static Fixture *make_containers(void)
{
    Fixture *fixture = fixture_new(true);
    g_autofree char *image = insert_image(fixture->db, "1", "localhost/redis:latest", "l1");
    g_autofree char *other = insert_image(fixture->db, "2", "localhost/other:1", "l2");
    NetworkConfig *network = g_new0(NetworkConfig, 1);
    MountConfig *mount = g_new0(MountConfig, 1);
    ContainerRecord *a = make_container("a1", "web-1");
    ContainerRecord *b = make_container("b2", "db");
    ContainerRecord *c = make_container("c3", "web-2");

    network->name = g_strdup("podman");
    insert_network(fixture->db, "podman");
    mount->type = g_strdup("bind");
    mount->source = g_strdup("/srv/www");
    mount->destination = g_strdup("/www");
    a->status.state = FLOE_STATE_RUNNING;
    a->config.created_unix_ns = 100 * SECOND;
    a->config.image_id = g_strdup(image);
    a->config.image_name = g_strdup("localhost/redis:latest");
    a->config.labels = json_pack("{s:s, s:s}", "app", "shop", "tier", "front=end");
    a->config.argv = g_strsplit("/usr/bin/nginx -g x", " ", -1);
    a->config.network_mode = g_strdup("bridge");
    a->config.networks = g_ptr_array_new();
    g_ptr_array_add(a->config.networks, network);
    a->config.mounts = g_ptr_array_new();
    g_ptr_array_add(a->config.mounts, mount);

    b->status.state = FLOE_STATE_EXITED;
    b->status.exited = true;
    b->status.exit_code = 3;
    b->config.created_unix_ns = 200 * SECOND;
    b->config.image_id = g_strdup(other);
    b->config.image_name = g_strdup("localhost/other:1");
    b->config.labels = json_pack("{s:s}", "app", "base");
    b->config.argv = g_strsplit("redis-server", " ", -1);
    b->config.network_mode = g_strdup("host");

    c->status.state = FLOE_STATE_STOPPED;
    c->status.exited = true;
    c->config.created_unix_ns = 300 * SECOND;
    c->config.image_id = g_strdup(image);
    c->config.image_name = g_strdup("gone:1");
    c->config.network_mode = g_strdup("container");
    c->config.network_container = g_strdup(a->id);
    insert(fixture->db, a);
    insert(fixture->db, b);
    insert(fixture->db, c);
    return fixture;
}

static void test_each_key_finds_its_containers(void)
{
    g_autoptr(Fixture) fixture = make_containers();
    Database *db = fixture->db;

    check(db, "", "abc");
    check(db, "id=a", "a");
    check(db, "id=ff", "");
    check(db, "name=web", "ac");
    check(db, "name=^web-1$", "a");
    check(db, "name=b", "abc");
    check(db, "status=running", "a");
    check(db, "status=exited", "bc");
    check(db, "status=stopped", "bc");
    check(db, "status=paused", "");
    check(db, "label=app", "ab");
    check(db, "label=app=shop", "a");
    check(db, "label=tier=front=end", "a");
    check(db, "label=app=", "");
    check(db, "label!=app", "c");
    check(db, "label!=app=shop", "bc");
    check(db, "exited=3", "b");
    check(db, "exited=0", "c");
    check(db, "network=podman", "a");
    check(db, "network=host", "b");
    check(db, "network=container:a1", "c");
    check(db, "command=nginx", "a");
    check(db, "command=^redis", "b");
    check(db, "volume=/srv/www", "a");
    check(db, "volume=/www", "a");
    check(db, "volume=/srv", "");
    check(db, "until=250", "ab");
    check(db, "until=1h", "abc");
    check(db, "until=1970-01-01T00:02:30Z", "a");
}

static void test_images_and_other_containers_are_looked_up(void)
{
    g_autoptr(Fixture) fixture = make_containers();
    Database *db = fixture->db;

    check(db, "ancestor=redis", "ac");
    check(db, "ancestor=localhost/other:1", "b");
    check(db, "ancestor=1000", "ac");
    check(db, "ancestor=gone:1", "c");
    check(db, "ancestor=nothing", "");
    check(db, "before=db", "a");
    check(db, "since=db", "c");
    check(db, "since=a1", "bc");
}

static void test_one_key_is_alternatives_and_several_are_conditions(void)
{
    g_autoptr(Fixture) fixture = make_containers();
    Database *db = fixture->db;

    check(db, "id=a|id=c", "ac");
    check(db, "name=db|name=web-2", "bc");
    check(db, "status=running|status=exited", "abc");
    check(db, "label=app|label=tier", "a");
    check(db, "label!=app=shop|label!=app=base", "c");
    check(db, "name=web|status=running", "a");
    check(db, "name=web|label!=app", "c");
    check(db, "id=a|id=b|exited=3", "b");
}

static void test_wrong_filters_are_refused(void)
{
    g_autoptr(Fixture) fixture = make_containers();
    Database *db = fixture->db;

    refuse(db, "colour=red", FLOE_ERROR_INVALID, "ancestor, before, since");
    refuse(db, "name", FLOE_ERROR_INVALID, "KEY=VALUE");
    refuse(db, "nam=x", FLOE_ERROR_INVALID, "label!");
    refuse(db, "=x", FLOE_ERROR_INVALID, "KEY=VALUE");
    refuse(db, "name=[", FLOE_ERROR_INVALID, "[");
    refuse(db, "status=fine", FLOE_ERROR_INVALID, "unknown container state");
    refuse(db, "exited=x", FLOE_ERROR_INVALID, "exit code");
    refuse(db, "exited=256", FLOE_ERROR_INVALID, "exit code");
    refuse(db, "until=soon", FLOE_ERROR_INVALID, "not a time");
    refuse(db, "before=nobody", FLOE_ERROR_NOT_FOUND, "nobody");
}

static void test_only_status_asks_for_states(void)
{
    static const char *const with[] = { "name=x", "status=paused", NULL };
    static const char *const without[] = { "name=x", "exited=0", NULL };
    g_autoptr(ContainerFilter) asks = NULL;
    g_autoptr(ContainerFilter) does_not = NULL;
    g_autoptr(ContainerFilter) none = NULL;

    WORKS(container_filter_new(NULL, with, &asks, &error));
    WORKS(container_filter_new(NULL, without, &does_not, &error));
    WORKS(container_filter_new(NULL, NULL, &none, &error));
    g_assert_true(container_filter_has_status(asks));
    g_assert_false(container_filter_has_status(does_not));
    g_assert_false(container_filter_has_status(none));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/container-filter/each-key-finds-its-containers",
                    test_each_key_finds_its_containers);
    g_test_add_func("/engine/container-filter/images-and-other-containers-are-looked-up",
                    test_images_and_other_containers_are_looked_up);
    g_test_add_func("/engine/container-filter/one-key-is-alternatives-and-several-are-conditions",
                    test_one_key_is_alternatives_and_several_are_conditions);
    g_test_add_func("/engine/container-filter/wrong-filters-are-refused",
                    test_wrong_filters_are_refused);
    g_test_add_func("/engine/container-filter/only-status-asks-for-states",
                    test_only_status_asks_for_states);
    return g_test_run();
}
