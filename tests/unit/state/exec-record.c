/* SPDX-License-Identifier: Apache-2.0 */
#include "state/exec-record.h"

#include "fixture.h"

static void test_sessions_come_back_in_order(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *web = insert_container(fixture->db, "a", "web");
    g_autofree char *other = insert_container(fixture->db, "b", "other");
    g_autoptr(ExecRecord) first = make_session("f1", web);
    g_autoptr(ExecRecord) second = make_session("a2", web);
    g_autoptr(ExecRecord) elsewhere = make_session("c3", other);
    g_autoptr(GPtrArray) records = NULL;
    const ExecRecord *back;

    WORKS(exec_insert(fixture->db, first, &error));
    WORKS(exec_insert(fixture->db, elsewhere, &error));
    WORKS(exec_insert(fixture->db, second, &error));
    fixture_reopen(fixture);
    WORKS(exec_list(fixture->db, web, &records, &error));
    g_assert_cmpuint(records->len, ==, 2);
    back = g_ptr_array_index(records, 0);
    g_assert_cmpstr(back->id, ==, "f1");
    g_assert_cmpstr(back->container_id, ==, web);
    g_assert_true(
        g_strv_equal((const char *const *)back->command, (const char *const *)first->command));
    back = g_ptr_array_index(records, 1);
    g_assert_cmpstr(back->id, ==, "a2");
}

static void test_a_session_is_saved_as_it_goes_on(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *web = insert_container(fixture->db, "a", "web");
    g_autoptr(ExecRecord) session = make_session("f1", web);
    g_autoptr(GPtrArray) records = NULL;
    const ExecRecord *back;

    WORKS(exec_insert(fixture->db, session, &error));
    session->pid = 12;
    session->conmon_pid = 11;
    session->tty = true;
    WORKS(exec_save(fixture->db, session, &error));
    WORKS(exec_list(fixture->db, web, &records, &error));
    back = g_ptr_array_index(records, 0);
    g_assert_cmpint(back->pid, ==, 12);
    g_assert_cmpint(back->conmon_pid, ==, 11);
    g_assert_true(back->tty);
}

static void test_one_without_a_container_is_refused(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autoptr(ExecRecord) session = make_session("f1", "gone");

    FAILS(exec_insert(fixture->db, session, &error), FLOE_ERROR_NOT_FOUND,
          "no container with name or ID \"gone\" found: no such container");
}

static void test_an_id_in_use_is_refused(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *web = insert_container(fixture->db, "a", "web");
    g_autoptr(ExecRecord) session = make_session("f1", web);

    WORKS(exec_insert(fixture->db, session, &error));
    FAILS(exec_insert(fixture->db, session, &error), FLOE_ERROR_EXISTS, "f1");
}

static void test_a_deleted_one_is_gone(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *web = insert_container(fixture->db, "a", "web");
    g_autoptr(ExecRecord) session = make_session("f1", web);
    g_autoptr(GPtrArray) records = NULL;

    WORKS(exec_insert(fixture->db, session, &error));
    WORKS(exec_delete(fixture->db, "f1", &error));
    WORKS(exec_delete(fixture->db, "f1", &error));
    WORKS(exec_list(fixture->db, web, &records, &error));
    g_assert_cmpuint(records->len, ==, 0);
    FAILS(exec_save(fixture->db, session, &error), FLOE_ERROR_NOT_FOUND,
          "no exec session with ID f1 found: no such exec session");
    exec_record_free(NULL);
}

static void test_a_damaged_one_is_named(void)
{
    g_autoptr(Fixture) fixture = fixture_new(true);
    g_autofree char *web = insert_container(fixture->db, "a", "web");
    g_autoptr(ExecRecord) session = make_session("f1", web);
    GPtrArray *records = NULL;

    WORKS(exec_insert(fixture->db, session, &error));
    g_free(fixture_sql(fixture, "UPDATE exec_session SET session = '{\"pid\":\"x\"}'"));
    FAILS(exec_list(fixture->db, web, &records, &error), FLOE_ERROR_IO, "exec session 'f1'");
    g_assert_null(records);
}

#define ADD(name, function) g_test_add_func("/state/exec-record/" name, function)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("sessions-come-back-in-order", test_sessions_come_back_in_order);
    ADD("a-session-is-saved-as-it-goes-on", test_a_session_is_saved_as_it_goes_on);
    ADD("one-without-a-container-is-refused", test_one_without_a_container_is_refused);
    ADD("an-id-in-use-is-refused", test_an_id_in_use_is_refused);
    ADD("a-deleted-one-is-gone", test_a_deleted_one_is_gone);
    ADD("a-damaged-one-is-named", test_a_damaged_one_is_named);
    return g_test_run();
}
