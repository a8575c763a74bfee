/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of src/state/ share: a database in a directory of its own, records to put in it. */
#pragma once

#include "state/container-record.h"
#include "state/exec-record.h"
#include "state/image-record.h"
#include "state/network-record.h"

#include <sys/types.h>

typedef struct Fixture {
    char *directory;
    char *path; /* of the database */
    Database *db;
} Fixture;

/* `with_database` false: nothing is opened, db is NULL. */
Fixture *fixture_new(bool with_database);
void fixture_free(Fixture *fixture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fixture, fixture_free)

/* Close the database and open it again: what was written is read by a new connection. */
void fixture_reopen(Fixture *fixture);

/* Run SQL behind floe's back, in a connection of its own; the first column of the first row. */
char *fixture_sql(const Fixture *fixture, const char *sql);

/* 64 hex digits that begin with `prefix` and go on with zeros. */
char *make_id(const char *prefix);

/* A container without an image. */
ContainerRecord *make_container(const char *id_prefix, const char *name);

/* Make and insert it; the id. */
char *insert_container(Database *db, const char *id_prefix, const char *name);

/* `names` and `layers` are lists with '|' between; NULL: none. */
ImageRecord *make_image(const char *id_prefix, const char *names, const char *layers);
char *insert_image(Database *db, const char *id_prefix, const char *names, const char *layers);

/* A network without a bridge. */
void insert_network(Database *db, const char *name);

/* An exec session. */
ExecRecord *make_session(const char *id, const char *container_id);

/* The call failed with this code and a text that has `text` in it. */
void check_failed(bool result, GError **error, floe_error_code code, const char *text);
#define FAILS(call, code, text) \
    do { \
        g_autoptr(GError) error = NULL; \
        bool result = (call); \
        check_failed(result, &error, code, text); \
    } while (0)

/* The call succeeded. */
#define WORKS(call) \
    do { \
        g_autoptr(GError) error = NULL; \
        bool result = (call); \
        g_assert_no_error(error); \
        g_assert_true(result); \
    } while (0)

/* Run a function in a process of its own; its result is the exit status. */
pid_t start_child(int (*function)(const Fixture *fixture, int number), const Fixture *fixture,
                  int number);

/* The exit status, or minus the signal that ended it. */
int wait_for(pid_t pid);
