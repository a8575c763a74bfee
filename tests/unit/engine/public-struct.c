/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/public-struct.h"

#include "engine/place.h"

#include <stdint.h>
#include <string.h>

typedef struct Wish {
    size_t size;
    int64_t old;
    int64_t added; /* by a later header */
} Wish;

#define OLD_SIZE offsetof(Wish, added)

static void test_nothing_said_is_the_defaults(void)
{
    Wish known = { sizeof(known), 1, 2 };

    g_assert_true(public_options(NULL, &known, sizeof(known), NULL));
    g_assert_cmpint(known.old, ==, 1);
    g_assert_cmpint(known.added, ==, 2);
}

static void test_a_shorter_struct_leaves_the_rest_as_it_is(void)
{
    Wish options = { OLD_SIZE, 10, 20 };
    Wish known = { sizeof(known), 1, 2 };

    g_assert_true(public_options(&options, &known, sizeof(known), NULL));
    g_assert_cmpint(known.old, ==, 10);
    g_assert_cmpint(known.added, ==, 2);
}

static void test_of_a_longer_struct_the_known_part_is_taken(void)
{
    Wish options = { sizeof(options), 10, 20 };
    Wish known = { OLD_SIZE, 1, 2 };

    g_assert_true(public_options(&options, &known, OLD_SIZE, NULL));
    g_assert_cmpint(known.old, ==, 10);
    g_assert_cmpint(known.added, ==, 2);
}

static void test_a_result_keeps_to_the_callers_size(void)
{
    const Wish made = { 0, 10, 20 };
    Wish result = { OLD_SIZE, 1, 2 };

    g_assert_true(public_result_check(&result, NULL));
    public_result_write(&result, &made, sizeof(made));
    g_assert_cmpuint(result.size, ==, OLD_SIZE);
    g_assert_cmpint(result.old, ==, 10);
    g_assert_cmpint(result.added, ==, 2);

    g_assert_true(public_result_check(NULL, NULL));
    public_result_write(NULL, &made, sizeof(made));
}

static void refused(bool ok, floe_error **error)
{
    g_assert_false(ok);
    g_assert_cmpint(floe_error_get_code(*error), ==, FLOE_ERROR_INVALID);
    g_assert_nonnull(strstr(floe_error_get_message(*error), "size"));
    floe_error_free(*error);
    *error = NULL;
}

/* Each entry refuses a struct that nobody filled. */
static void test_each_entry_refuses_the_size_zero(void)
{
    g_autoptr(Place) place = place_with(FLOE_STATE_CONFIGURED);
    floe_container *ctr = place->ctr;
    floe_attachment *attachment = NULL;
    floe_engine *engine = NULL;
    floe_error *error = NULL;
    char *text = NULL;

    refused(floe_engine_open(&(floe_engine_options){ 0 }, &engine, &error), &error);
    refused(floe_doctor(&(floe_engine_options){ 0 }, &text, &error), &error);
    refused(floe_container_create(place->engine, &(floe_create_options){ 0 }, NULL, &error), &error);
    refused(floe_container_list(place->engine, &(floe_list_options){ 0 }, &text, &error), &error);
    refused(floe_container_logs(ctr, &(floe_logs_options){ 0 }, 1, 2, &error), &error);
    refused(floe_container_stop(ctr, &(floe_stop_options){ 0 }, &error), &error);
    refused(floe_container_restart(ctr, &(floe_stop_options){ 0 }, &error), &error);
    refused(floe_container_remove(ctr, &(floe_remove_options){ 0 }, &error), &error);
    refused(floe_container_exec(ctr, &(floe_exec_options){ 0 }, NULL, NULL, &error), &error);
    refused(floe_container_exec(ctr, NULL, &(floe_attach_streams){ 0 }, NULL, &error), &error);
    refused(floe_container_exec_detached(ctr, &(floe_exec_options){ 0 }, NULL, &error), &error);
    refused(floe_container_start_and_attach(ctr, &(floe_attach_streams){ 0 }, &attachment, &error),
            &error);
    refused(floe_container_checkpoint(ctr, &(floe_checkpoint_options){ 0 }, NULL, &error), &error);
    refused(floe_container_checkpoint(ctr, NULL, &(floe_checkpoint_stats){ 0 }, &error), &error);
    refused(floe_container_restore(ctr, &(floe_restore_options){ 0 }, NULL, &error), &error);
    refused(floe_container_restore(ctr, NULL, &(floe_restore_stats){ 0 }, &error), &error);
    refused(floe_image_import(place->engine, -1, &(floe_import_options){ 0 }, NULL, &error), &error);
    refused(floe_image_remove(place->engine, "x", &(floe_image_remove_options){ 0 }, NULL, NULL,
                              &error),
            &error);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/public-struct/nothing-said-is-the-defaults",
                    test_nothing_said_is_the_defaults);
    g_test_add_func("/engine/public-struct/a-shorter-struct-leaves-the-rest-as-it-is",
                    test_a_shorter_struct_leaves_the_rest_as_it_is);
    g_test_add_func("/engine/public-struct/of-a-longer-struct-the-known-part-is-taken",
                    test_of_a_longer_struct_the_known_part_is_taken);
    g_test_add_func("/engine/public-struct/a-result-keeps-to-the-callers-size",
                    test_a_result_keeps_to_the_callers_size);
    g_test_add_func("/engine/public-struct/each-entry-refuses-the-size-zero",
                    test_each_entry_refuses_the_size_zero);
    return g_test_run();
}
