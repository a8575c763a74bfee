/* SPDX-License-Identifier: Apache-2.0 */
#include "state/database.h"

#include "fixture.h"
#include "state/query.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- opening ---------------------------------------------------------------------------------- */

static void test_a_fresh_one_is_private_and_leaves_no_other_file(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *aside = g_strconcat(fixture->path, ".new", NULL);
    g_autofree char *mode = fixture_sql(fixture, "PRAGMA journal_mode");
    struct stat stat_buffer;

    g_assert_cmpint(stat(fixture->path, &stat_buffer), ==, 0);
    g_assert_cmpint(stat_buffer.st_mode & 0777, ==, 0600);
    g_assert_cmpint(access(aside, F_OK), !=, 0);
    g_assert_cmpstr(mode, ==, "wal");
}

static void test_what_a_killed_maker_left_is_replaced(void)
{
    g_autoptr(Fixture) fixture = fixture_new(false);
    g_autofree char *aside = g_strconcat(fixture->path, ".new", NULL);
    g_autofree char *journal = g_strconcat(aside, "-journal", NULL);

    g_assert_true(g_file_set_contents(aside, "half a database", -1, NULL));
    g_assert_true(g_file_set_contents(journal, "half a journal", -1, NULL));
    WORKS(database_open(fixture->path, &fixture->db, &error));
    g_assert_cmpint(access(aside, F_OK), !=, 0);
    g_assert_cmpint(access(journal, F_OK), !=, 0);
    WORKS(database_set_fact(fixture->db, "key", "value", &error));
}

static void test_the_log_of_a_deleted_one_is_not_taken(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *value = NULL;

    WORKS(database_set_fact(fixture->db, "key", "value", &error));
    database_close(g_steal_pointer(&fixture->db));
    g_assert_cmpint(unlink(fixture->path), ==, 0);
    WORKS(database_open(fixture->path, &fixture->db, &error));
    WORKS(database_get_fact(fixture->db, "key", &value, &error));
    g_assert_null(value);
}

static void test_a_missing_directory_is_named(void)
{
    Database *db = NULL;

    FAILS(database_open("/nonexistent/floe.db", &db, &error), FLOE_ERROR_NOT_FOUND,
          "'/nonexistent'");
    g_assert_null(db);
}

static void test_a_directory_that_takes_no_file_is_an_io_error_with_the_path(void)
{
    Database *db = NULL;

    /* sysfs refuses new files from everyone, root too. */
    FAILS(database_open("/sys/floe.db", &db, &error), FLOE_ERROR_IO, "/sys/floe.db");
    g_assert_null(db);
}

static void test_one_that_cannot_be_written_is_an_io_error_with_the_path(void)
{
    Database *db = NULL;

    FAILS(database_open("/sys/kernel/uevent_seqnum", &db, &error), FLOE_ERROR_IO,
          "open database '/sys/kernel/uevent_seqnum'");
    g_assert_null(db);
}

static void test_another_file_is_not_a_database(void)
{
    g_autoptr(Fixture) fixture = fixture_new(false);
    g_autofree char *text = g_strnfill(5000, 'x');
    g_autofree char *back = NULL;

    g_assert_true(g_file_set_contents(fixture->path, text, -1, NULL));
    FAILS(database_open(fixture->path, &fixture->db, &error), FLOE_ERROR_IO, "is damaged");
    FAILS(database_open(fixture->path, &fixture->db, &error), FLOE_ERROR_IO, fixture->path);
    g_assert_true(g_file_get_contents(fixture->path, &back, NULL, NULL));
    g_assert_cmpstr(back, ==, text);
}

static void test_an_empty_file_is_refused(void)
{
    g_autoptr(Fixture) fixture = fixture_new(false);

    g_assert_true(g_file_set_contents(fixture->path, "", 0, NULL));
    FAILS(database_open(fixture->path, &fixture->db, &error), FLOE_ERROR_SCHEMA, "is empty");
}

static void test_a_damaged_page_is_an_io_error(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *noise = g_strnfill(40000, 'x');
    char *value = NULL;
    int fd;

    WORKS(database_set_fact(fixture->db, "key", "value", &error));
    database_close(g_steal_pointer(&fixture->db));
    g_free(fixture_sql(fixture, "PRAGMA wal_checkpoint(TRUNCATE)"));

    fd = open(fixture->path, O_WRONLY | O_CLOEXEC);
    g_assert_cmpint(pwrite(fd, noise, 40000, 4096), ==, 40000);
    close(fd);

    WORKS(database_open(fixture->path, &fixture->db, &error));
    FAILS(database_get_fact(fixture->db, "key", &value, &error), FLOE_ERROR_IO, "is damaged");
}

static void test_a_newer_schema_is_refused_and_kept(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *version = NULL;

    database_close(g_steal_pointer(&fixture->db));
    g_free(fixture_sql(fixture, "PRAGMA user_version = 1000"));
    FAILS(database_open(fixture->path, &fixture->db, &error), FLOE_ERROR_SCHEMA,
          "schema version 1000, made by a newer floe; this one knows versions up to ");
    version = fixture_sql(fixture, "PRAGMA user_version");
    g_assert_cmpstr(version, ==, "1000");
}

static void test_closing_nothing_is_fine(void)
{
    database_close(NULL);
}

/* --- a disk that takes no more ---------------------------------------------------------------- */

/* A limit on the size of files stands for a full disk: every write beyond it fails. */
static void limit_files(rlim_t size)
{
    struct rlimit limit = { .rlim_cur = size, .rlim_max = RLIM_INFINITY };

    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
}

static int create_on_a_full_disk(const Fixture *fixture, int number)
{
    g_autoptr(GError) error = NULL;
    Database *db = NULL;

    limit_files(8192);
    return !database_open(fixture->path, &db, &error) && err_is(error, FLOE_ERROR_IO) &&
                   strstr(error->message, fixture->path) != NULL
               ? 0
               : 1;
}

static void test_making_one_on_a_full_disk_leaves_nothing(void)
{
    g_autoptr(Fixture) fixture = fixture_new(false);
    g_autoptr(GDir) dir = NULL;

    g_assert_cmpint(wait_for(start_child(create_on_a_full_disk, fixture, 0)), ==, 0);
    dir = g_dir_open(fixture->directory, 0, NULL);
    g_assert_null(g_dir_read_name(dir));
    WORKS(database_open(fixture->path, &fixture->db, &error));
}

static int write_on_a_full_disk(const Fixture *fixture, int number)
{
    g_autoptr(GError) full = NULL;
    g_autoptr(GError) after = NULL;
    g_autofree char *big = g_strnfill(8000000, 'x'); /* more than SQLite holds back */
    Database *db = NULL;
    char *value = NULL;

    if (!database_open(fixture->path, &db, NULL) || !database_set_fact(db, "key", "before", NULL))
        return 1;
    limit_files(200000);
    if (database_set_fact(db, "key", big, &full) || !err_is(full, FLOE_ERROR_IO) ||
        strstr(full->message, fixture->path) == NULL)
        return 2;

    /* In a transaction: what comes after the failure must not be written by itself. */
    Transaction transaction = TRANSACTION_NONE;

    if (!transaction_begin(db, true, &transaction, NULL) ||
        !database_set_fact(db, "other", "value", NULL) || database_set_fact(db, "key", big, NULL))
        return 3;
    if (database_set_fact(db, "key", "after", NULL) || transaction_commit(&transaction, &after))
        return 4;
    if (!database_get_fact(db, "key", &value, NULL) || strcmp(value, "before") != 0)
        return 5;
    limit_files(RLIM_INFINITY);
    return database_set_fact(db, "key", "with room", NULL) ? 0 : 6;
}

static void test_a_full_disk_loses_only_what_did_not_fit(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *value = NULL;
    g_autofree char *other = NULL;

    g_assert_cmpint(wait_for(start_child(write_on_a_full_disk, fixture, 0)), ==, 0);
    WORKS(database_get_fact(fixture->db, "key", &value, &error));
    g_assert_cmpstr(value, ==, "with room");
    WORKS(database_get_fact(fixture->db, "other", &other, &error));
    g_assert_null(other);
}

/* --- transactions ----------------------------------------------------------------------------- */

static void check_fact(Fixture *fixture, const char *key, const char *expected)
{
    g_autofree char *value = NULL;

    WORKS(database_get_fact(fixture->db, key, &value, &error));
    g_assert_cmpstr(value, ==, expected);
}

static void test_a_commit_is_seen_by_the_next_connection(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);

    for (int durable = 0; durable < 2; durable++) {
        g_auto(Transaction) transaction = TRANSACTION_NONE;

        WORKS(transaction_begin(fixture->db, durable, &transaction, &error));
        WORKS(database_set_fact(fixture->db, "key", durable ? "durable" : "quick", &error));
        WORKS(transaction_commit(&transaction, &error));
        g_assert_null(transaction.db);
        fixture_reopen(fixture);
        check_fact(fixture, "key", durable ? "durable" : "quick");
    }
}

static void check_synchronous(Fixture *fixture, int64_t expected)
{
    g_auto(Query) query = QUERY_NONE;
    bool has_row = false;

    WORKS(query_prepare(fixture->db, "PRAGMA synchronous", &query, &error));
    WORKS(query_next(&query, &has_row, &error));
    g_assert_cmpint(query_int64(&query, 0), ==, expected);
}

static void test_only_a_durable_one_waits_for_the_disk(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    Transaction transaction = TRANSACTION_NONE;

    WORKS(database_set_fact(fixture->db, "key", "value", &error));
    check_synchronous(fixture, 1);
    WORKS(transaction_begin(fixture->db, true, &transaction, &error));
    check_synchronous(fixture, 2);
    WORKS(transaction_commit(&transaction, &error));
    WORKS(database_set_fact(fixture->db, "key", "value", &error));
    check_synchronous(fixture, 1);
    WORKS(transaction_begin(fixture->db, false, &transaction, &error));
    check_synchronous(fixture, 1);
    WORKS(transaction_commit(&transaction, &error));
}

static void test_without_a_commit_it_rolls_back(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);

    {
        g_auto(Transaction) transaction = TRANSACTION_NONE;

        WORKS(transaction_begin(fixture->db, false, &transaction, &error));
        WORKS(database_set_fact(fixture->db, "key", "value", &error));
        check_fact(fixture, "key", "value");
    }
    check_fact(fixture, "key", NULL);
}

static void test_one_inside_another_joins_it(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);

    {
        g_auto(Transaction) outer = TRANSACTION_NONE;
        g_auto(Transaction) inner = TRANSACTION_NONE;

        WORKS(transaction_begin(fixture->db, true, &outer, &error));
        WORKS(transaction_begin(fixture->db, false, &inner, &error));
        WORKS(database_set_fact(fixture->db, "key", "value", &error));
        WORKS(transaction_commit(&inner, &error));
    }
    check_fact(fixture, "key", NULL);
}

static void test_a_rollback_inside_dooms_the_whole(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    Transaction outer = TRANSACTION_NONE;
    Transaction inner = TRANSACTION_NONE;

    WORKS(transaction_begin(fixture->db, false, &outer, &error));
    WORKS(database_set_fact(fixture->db, "key", "value", &error));
    WORKS(transaction_begin(fixture->db, false, &inner, &error));
    transaction_clear(&inner);
    FAILS(transaction_commit(&outer, &error), FLOE_ERROR_INTERNAL, "rolled back");
    check_fact(fixture, "key", NULL);

    /* The next one starts anew. */
    WORKS(transaction_begin(fixture->db, false, &outer, &error));
    WORKS(database_set_fact(fixture->db, "key", "again", &error));
    WORKS(transaction_commit(&outer, &error));
    check_fact(fixture, "key", "again");
}

static void test_a_durable_one_inside_a_quick_one_is_refused(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_auto(Transaction) outer = TRANSACTION_NONE;
    g_auto(Transaction) inner = TRANSACTION_NONE;

    WORKS(transaction_begin(fixture->db, false, &outer, &error));
    FAILS(transaction_begin(fixture->db, true, &inner, &error), FLOE_ERROR_INTERNAL, "durable");
    WORKS(transaction_commit(&outer, &error));
}

/* --- facts ------------------------------------------------------------------------------------ */

static void test_a_fact_can_be_replaced_and_missing(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);

    check_fact(fixture, "boot-id", NULL);
    WORKS(database_set_fact(fixture->db, "boot-id", "one", &error));
    WORKS(database_set_fact(fixture->db, "boot-id", "two", &error));
    fixture_reopen(fixture);
    check_fact(fixture, "boot-id", "two");
}

/* --- the write-ahead log ---------------------------------------------------------------------- */

static off_t wal_size(const Fixture *fixture)
{
    g_autofree char *wal = g_strconcat(fixture->path, "-wal", NULL);
    struct stat stat_buffer;

    g_assert_cmpint(stat(wal, &stat_buffer), ==, 0);
    return stat_buffer.st_size;
}

static void test_closing_does_not_wait_for_a_checkpoint(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    off_t size = 0;

    WORKS(database_set_fact(fixture->db, "key", "value", &error));
    size = wal_size(fixture);
    g_assert_cmpint(size, >, 0);
    database_close(g_steal_pointer(&fixture->db));
    g_assert_cmpint(wal_size(fixture), ==, size);
}

/* As processes do that come one after the other, each with one commit. */
static void test_a_long_wal_is_emptied(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    bool was_emptied = false;

    for (int i = 0; i < 600; i++) {
        g_autofree char *key = g_strdup_printf("key %d", i);

        WORKS(database_set_fact(fixture->db, key, "value", &error));
        g_assert_cmpint(wal_size(fixture), <, 260 * 4200);
        was_emptied |= wal_size(fixture) == 0;
        fixture_reopen(fixture);
    }
    g_assert_true(was_emptied);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/state/database/a-fresh-one-is-private-and-leaves-no-other-file",
                    test_a_fresh_one_is_private_and_leaves_no_other_file);
    g_test_add_func("/state/database/what-a-killed-maker-left-is-replaced",
                    test_what_a_killed_maker_left_is_replaced);
    g_test_add_func("/state/database/the-log-of-a-deleted-one-is-not-taken",
                    test_the_log_of_a_deleted_one_is_not_taken);
    g_test_add_func("/state/database/a-missing-directory-is-named",
                    test_a_missing_directory_is_named);
    g_test_add_func("/state/database/a-directory-that-takes-no-file-is-an-io-error-with-the-path",
                    test_a_directory_that_takes_no_file_is_an_io_error_with_the_path);
    g_test_add_func("/state/database/one-that-cannot-be-written-is-an-io-error-with-the-path",
                    test_one_that_cannot_be_written_is_an_io_error_with_the_path);
    g_test_add_func("/state/database/another-file-is-not-a-database",
                    test_another_file_is_not_a_database);
    g_test_add_func("/state/database/an-empty-file-is-refused", test_an_empty_file_is_refused);
    g_test_add_func("/state/database/a-damaged-page-is-an-io-error",
                    test_a_damaged_page_is_an_io_error);
    g_test_add_func("/state/database/a-newer-schema-is-refused-and-kept",
                    test_a_newer_schema_is_refused_and_kept);
    g_test_add_func("/state/database/closing-nothing-is-fine", test_closing_nothing_is_fine);
    g_test_add_func("/state/database/making-one-on-a-full-disk-leaves-nothing",
                    test_making_one_on_a_full_disk_leaves_nothing);
    g_test_add_func("/state/database/a-full-disk-loses-only-what-did-not-fit",
                    test_a_full_disk_loses_only_what_did_not_fit);
    g_test_add_func("/state/database/a-commit-is-seen-by-the-next-connection",
                    test_a_commit_is_seen_by_the_next_connection);
    g_test_add_func("/state/database/only-a-durable-one-waits-for-the-disk",
                    test_only_a_durable_one_waits_for_the_disk);
    g_test_add_func("/state/database/without-a-commit-it-rolls-back",
                    test_without_a_commit_it_rolls_back);
    g_test_add_func("/state/database/one-inside-another-joins-it", test_one_inside_another_joins_it);
    g_test_add_func("/state/database/a-rollback-inside-dooms-the-whole",
                    test_a_rollback_inside_dooms_the_whole);
    g_test_add_func("/state/database/a-durable-one-inside-a-quick-one-is-refused",
                    test_a_durable_one_inside_a_quick_one_is_refused);
    g_test_add_func("/state/database/a-fact-can-be-replaced-and-missing",
                    test_a_fact_can_be_replaced_and_missing);
    g_test_add_func("/state/database/closing-does-not-wait-for-a-checkpoint",
                    test_closing_does_not_wait_for_a_checkpoint);
    g_test_add_func("/state/database/a-long-wal-is-emptied", test_a_long_wal_is_emptied);
    return g_test_run();
}
