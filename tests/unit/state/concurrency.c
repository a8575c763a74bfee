/* SPDX-License-Identifier: Apache-2.0 */
/* Several floe processes on one database at once, and ones that die. */
#include "state/database.h"

#include "fixture.h"
#include "state/lease-record.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define N_PROCESSES 8
#define N_NAMES     40

/* Run a function in N_PROCESSES processes at once; the sum of their results, none above 100. */
static int run_all(int (*function)(const Fixture *fixture, int number), const Fixture *fixture)
{
    pid_t pids[N_PROCESSES];
    int sum = 0;

    for (int i = 0; i < N_PROCESSES; i++)
        pids[i] = start_child(function, fixture, i);
    for (int i = 0; i < N_PROCESSES; i++) {
        int result = wait_for(pids[i]);

        g_assert_cmpint(result, >=, 0);
        g_assert_cmpint(result, <=, 100);
        sum += result;
    }
    return sum;
}

static int open_fresh(const Fixture *fixture, int number)
{
    g_autofree char *key = g_strdup_printf("process %d", number);
    g_autoptr(Database) db = NULL;

    return database_open(fixture->path, &db, NULL) && database_set_fact(db, key, "here", NULL) ? 0
                                                                                               : 1;
}

static ino_t wait_for_file(const char *path)
{
    struct stat stat_buffer;

    while (stat(path, &stat_buffer) < 0)
        g_usleep(100);
    return stat_buffer.st_ino;
}

/* All of them find no database, and wait for the lock that its maker holds; one of them makes it. */
static void test_all_who_open_a_fresh_one_succeed(void)
{
    for (int round = 0; round < 5; round++) {
        g_autoptr(Fixture) fixture = fixture_new(false);
        g_autofree char *n_facts = NULL;
        pid_t pids[N_PROCESSES];
        ino_t inode = 0;
        int fd = open(fixture->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        g_assert_cmpint(flock(fd, LOCK_EX), ==, 0);
        for (int i = 0; i < N_PROCESSES; i++)
            pids[i] = start_child(open_fresh, fixture, i);
        g_usleep(50000);
        g_assert_cmpint(flock(fd, LOCK_UN), ==, 0);
        inode = wait_for_file(fixture->path);
        for (int i = 0; i < N_PROCESSES; i++)
            g_assert_cmpint(wait_for(pids[i]), ==, 0);
        close(fd);
        g_assert_cmpuint(wait_for_file(fixture->path), ==, inode);
        n_facts = fixture_sql(fixture, "SELECT count(*) FROM fact");
        g_assert_cmpint(atoi(n_facts), ==, N_PROCESSES);
    }
}

/* How many of the names, the same for all, this process got. */
static int insert_names(const Fixture *fixture, int number)
{
    g_autoptr(Database) db = NULL;
    int n_got = 0;

    if (!database_open(fixture->path, &db, NULL))
        return 101;
    for (int i = 0; i < N_NAMES; i++) {
        g_autofree char *prefix = g_strdup_printf("%x%04x", number, i);
        g_autofree char *name = g_strdup_printf("name%d", i);
        g_autoptr(ContainerRecord) record = make_container(prefix, name);
        g_autoptr(GError) error = NULL;

        if (container_insert(db, record, &error))
            n_got++;
        else if (!err_is(error, FLOE_ERROR_EXISTS))
            return 102;
    }
    return n_got;
}

static void test_a_name_is_taken_once(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(GPtrArray) records = NULL;

    g_assert_cmpint(run_all(insert_names, fixture), ==, N_NAMES);
    WORKS(container_list(fixture->db, &records, &error));
    g_assert_cmpuint(records->len, ==, N_NAMES);
}

/* Take the lowest address that is free, five times, as an allocator would: look, choose, take. */
static int take_addresses(const Fixture *fixture, int number)
{
    g_autofree char *prefix = g_strdup_printf("%x", number);
    g_autofree char *id = make_id(prefix);
    g_autoptr(Database) db = NULL;
    int n_got = 0;

    if (!database_open(fixture->path, &db, NULL))
        return 101;
    while (n_got < 5) {
        g_auto(GStrv) taken = NULL;
        g_autoptr(GError) error = NULL;
        g_autofree char *address = NULL;
        int host = 2;

        if (!lease_list(db, "podman", &taken, NULL))
            return 102;
        do {
            g_free(address);
            address = g_strdup_printf("10.88.0.%d", host++);
        } while (g_strv_contains((const char *const *)taken, address));
        if (lease_take(db, "podman", address, id, &error))
            n_got++;
        else if (!err_is(error, FLOE_ERROR_EXISTS))
            return 103;
    }
    return n_got;
}

static void test_an_address_is_leased_once(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *n_distinct = NULL;

    for (int i = 0; i < N_PROCESSES; i++) {
        g_autofree char *prefix = g_strdup_printf("%x", i);
        g_autofree char *name = g_strdup_printf("name%d", i);

        g_free(insert_container(fixture->db, prefix, name));
    }
    g_assert_cmpint(run_all(take_addresses, fixture), ==, 5 * N_PROCESSES);
    n_distinct = fixture_sql(fixture, "SELECT count(DISTINCT address) FROM lease");
    g_assert_cmpint(atoi(n_distinct), ==, 5 * N_PROCESSES);
}

static int count_up(const Fixture *fixture, int number)
{
    g_autoptr(Database) db = NULL;

    if (!database_open(fixture->path, &db, NULL))
        return 101;
    for (int i = 0; i < 50; i++) {
        g_auto(Transaction) transaction = TRANSACTION_NONE;
        g_autofree char *value = NULL;
        g_autofree char *next = NULL;

        if (!transaction_begin(db, false, &transaction, NULL) ||
            !database_get_fact(db, "counter", &value, NULL))
            return 102;
        next = g_strdup_printf("%d", atoi(value) + 1);
        if (!database_set_fact(db, "counter", next, NULL) || !transaction_commit(&transaction, NULL))
            return 103;
    }
    return 50;
}

static void test_a_transaction_sees_no_other_between_its_reading_and_writing(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *value = NULL;

    WORKS(database_set_fact(fixture->db, "counter", "0", &error));
    g_assert_cmpint(run_all(count_up, fixture), ==, 50 * N_PROCESSES);
    WORKS(database_get_fact(fixture->db, "counter", &value, &error));
    g_assert_cmpint(atoi(value), ==, 50 * N_PROCESSES);
}

/* Write a lot, so that some of it is in the WAL, and die before the commit. */
static int die_inside(const Fixture *fixture, int number)
{
    g_autofree char *big = g_strnfill(100000, 'x');
    Transaction transaction = TRANSACTION_NONE;
    Database *db = NULL;

    if (!database_open(fixture->path, &db, NULL) || !transaction_begin(db, true, &transaction, NULL))
        return 101;
    for (int i = 0; i < 50; i++) {
        g_autofree char *key = g_strdup_printf("lost %d", i);

        if (!database_set_fact(db, key, big, NULL))
            return 102;
    }
    g_free(insert_container(db, "dead", "dead"));
    kill(getpid(), SIGKILL);
    return 103;
}

static void test_who_is_killed_in_a_transaction_leaves_nothing(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *n_facts = NULL;
    g_autofree char *intact = NULL;
    char *id = NULL;

    WORKS(database_set_fact(fixture->db, "kept", "value", &error));
    g_assert_cmpint(wait_for(start_child(die_inside, fixture, 0)), ==, -SIGKILL);

    /* The one that was open all the time can write, and a new one sees the same. */
    WORKS(database_set_fact(fixture->db, "kept", "again", &error));
    FAILS(container_find(fixture->db, "dead", &id, &error), FLOE_ERROR_NOT_FOUND, "dead");
    fixture_reopen(fixture);
    n_facts = fixture_sql(fixture, "SELECT count(*) FROM fact");
    g_assert_cmpstr(n_facts, ==, "1");
    intact = fixture_sql(fixture, "PRAGMA integrity_check");
    g_assert_cmpstr(intact, ==, "ok");
}

static int die_opening(const Fixture *fixture, int number)
{
    Database *db = NULL;

    /* Dies a little later each time, while it makes the database. */
    signal(SIGALRM, SIG_DFL);
    ualarm((useconds_t)(1 + number), 0);
    while (true) {
        if (!database_open(fixture->path, &db, NULL))
            return 101;
        database_close(db);
    }
}

static void test_who_is_killed_while_making_one_is_replaced(void)
{
    for (int i = 0; i < 60; i++) {
        g_autoptr(Fixture) fixture = fixture_new(false);

        g_assert_cmpint(wait_for(start_child(die_opening, fixture, i * 100)), ==, -SIGALRM);
        WORKS(database_open(fixture->path, &fixture->db, &error));
        WORKS(database_set_fact(fixture->db, "key", "value", &error));
        g_free(insert_container(fixture->db, "a", "web"));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/state/concurrency/all-who-open-a-fresh-one-succeed",
                    test_all_who_open_a_fresh_one_succeed);
    g_test_add_func("/state/concurrency/a-name-is-taken-once", test_a_name_is_taken_once);
    g_test_add_func("/state/concurrency/an-address-is-leased-once", test_an_address_is_leased_once);
    g_test_add_func("/state/concurrency/a-transaction-sees-no-other-between-its-reading-and-writing",
                    test_a_transaction_sees_no_other_between_its_reading_and_writing);
    g_test_add_func("/state/concurrency/who-is-killed-in-a-transaction-leaves-nothing",
                    test_who_is_killed_in_a_transaction_leaves_nothing);
    g_test_add_func("/state/concurrency/who-is-killed-while-making-one-is-replaced",
                    test_who_is_killed_while_making_one_is_replaced);
    return g_test_run();
}
