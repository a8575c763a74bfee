/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include "base/digest.h"
#include "base/tree.h"

#include <sqlite3.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

Fixture *fixture_new(bool with_database)
{
    Fixture *fixture = g_new0(Fixture, 1);

    fixture->directory = g_dir_make_tmp("floe-state-XXXXXX", NULL);
    g_assert_nonnull(fixture->directory);
    fixture->path = g_build_filename(fixture->directory, "floe.db", NULL);
    if (with_database)
        WORKS(database_open(fixture->path, &fixture->db, &error));
    return fixture;
}

void fixture_free(Fixture *fixture)
{
    database_close(fixture->db);
    WORKS(tree_remove(fixture->directory, &error));
    g_free(fixture->directory);
    g_free(fixture->path);
    g_free(fixture);
}

void fixture_reopen(Fixture *fixture)
{
    database_close(g_steal_pointer(&fixture->db));
    WORKS(database_open(fixture->path, &fixture->db, &error));
}

char *fixture_sql(const Fixture *fixture, const char *sql)
{
    sqlite3 *handle = NULL;
    sqlite3_stmt *statement = NULL;
    char *text = NULL;

    g_assert_cmpint(sqlite3_open(fixture->path, &handle), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), ==, SQLITE_OK);
    if (sqlite3_step(statement) == SQLITE_ROW)
        text = g_strdup((const char *)sqlite3_column_text(statement, 0));
    g_assert_cmpint(sqlite3_finalize(statement), ==, SQLITE_OK);
    sqlite3_close(handle);
    return text;
}

char *make_id(const char *prefix)
{
    g_autofree char *zeros = g_strnfill(64 - strlen(prefix), '0');

    return g_strconcat(prefix, zeros, NULL);
}

ContainerRecord *make_container(const char *id_prefix, const char *name)
{
    ContainerRecord *record = container_record_new();

    record->id = make_id(id_prefix);
    record->name = g_strdup(name);
    record->status.state = FLOE_STATE_CONFIGURED;
    return record;
}

char *insert_container(Database *db, const char *id_prefix, const char *name)
{
    g_autoptr(ContainerRecord) record = make_container(id_prefix, name);

    WORKS(container_insert(db, record, &error));
    return g_steal_pointer(&record->id);
}

void insert_network(Database *db, const char *name)
{
    g_autoptr(NetworkRecord) record = network_record_new();

    record->id = id_random();
    record->name = g_strdup(name);
    record->info = json_pack("{s:s}", "name", name);
    WORKS(network_insert(db, record, &error));
}

ImageRecord *make_image(const char *id_prefix, const char *names, const char *layers)
{
    ImageRecord *record = g_new0(ImageRecord, 1);

    record->id = make_id(id_prefix);
    record->manifest_digest = g_strconcat("sha256:", record->id, NULL);
    record->size_bytes = INT64_C(5000000000);
    record->names = names != NULL ? g_strsplit(names, "|", -1) : NULL;
    record->layers = layers != NULL ? g_strsplit(layers, "|", -1) : NULL;
    record->config = json_pack("{s:s, s:{s:[s]}}", "architecture", "amd64", "config", "Cmd", "a\"b");
    return record;
}

char *insert_image(Database *db, const char *id_prefix, const char *names, const char *layers)
{
    ImageRecord *record = make_image(id_prefix, names, layers);
    char *id = g_strdup(record->id);

    WORKS(image_insert(db, record, &error));
    image_record_free(record);
    return id;
}

ExecRecord *make_session(const char *id, const char *container_id)
{
    static const char *const command[] = { "sh", "-c", "echo \"hello\"", NULL };
    ExecRecord *record = g_new0(ExecRecord, 1);

    record->id = g_strdup(id);
    record->container_id = g_strdup(container_id);
    record->command = g_strdupv((char **)command);
    return record;
}

void check_failed(bool result, GError **error, floe_error_code code, const char *text)
{
    g_assert_false(result);
    g_assert_error(*error, FLOE_ERROR_DOMAIN, (int)code);
    if (strstr((*error)->message, text) == NULL)
        g_error("'%s' is not in '%s'", text, (*error)->message);
}

pid_t start_child(int (*function)(const Fixture *fixture, int number), const Fixture *fixture,
                  int number)
{
    pid_t pid = fork();

    g_assert_cmpint(pid, >=, 0);
    if (pid == 0)
        _exit(function(fixture, number));
    return pid;
}

int wait_for(pid_t pid)
{
    int status = 0;

    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
