/* SPDX-License-Identifier: Apache-2.0 */
/*
 * data/podman.tar.zst is an archive of podman 4.3.1 with CRIU 4.2.1: what is large and not looked at
 * is left out, and the memory but for the command lines is zeros.
 */
#include "base/fd.h"
#include "base/json.h"
#include "base/scratch.h"

#include <floe/floe.h>

#include <string.h>

#define LIMIT ((size_t)1024 * 1024)

static char *archive_path(void)
{
    return g_test_build_filename(G_TEST_DIST, "data", "podman.tar.zst", NULL);
}

static json_t *inspect(const char *path)
{
    g_autoptr(GError) error = NULL;
    floe_error *failure = NULL;
    json_t *archive = NULL;
    char *text = NULL;

    floe_checkpoint_inspect(path, &text, &failure);
    g_assert_null(failure);
    json_parse(text, strlen(text), "answer", &archive, &error);
    g_assert_no_error(error);
    floe_free(text);
    return archive;
}

static void assert_refused(const char *path, floe_error_code code, const char *words)
{
    floe_error *failure = NULL;
    char *text = NULL;

    g_assert_false(floe_checkpoint_inspect(path, &text, &failure));
    g_assert_null(text);
    g_assert_cmpint(floe_error_get_code(failure), ==, code);
    if (strstr(floe_error_get_message(failure), words) == NULL)
        g_error("'%s' is not in '%s'", words, floe_error_get_message(failure));
    floe_error_free(failure);
}

static const char *text_at(const json_t *archive, const char *part, const char *key)
{
    return json_string_value(json_object_get(json_object_get(archive, part), key));
}

static void test_an_archive_of_podmans_is_told(void)
{
    g_autofree char *path = archive_path();
    g_autoptr(JsonValue) archive = inspect(path);
    const char *name = NULL, *word = NULL, *network = NULL, *address = NULL, *volume = NULL;
    const char *need = NULL, *other_need = NULL;
    int frozen = 0, memory = 0, size = 0;

    g_assert_cmpint(json_unpack(archive,
                                "{s:s, s:[s,s,s], s:[{s:s,s:[s]}], s:[{s:s,s:i}], s:{s:i}, s:{s:i}, "
                                "s:[s,s]}",
                                "Name", &name, "Command", &word, &word, &word, "Networks", "Name",
                                &network, "Addresses", &address, "Volumes", "Name", &volume, "Size",
                                &size, "Statistics", "frozen_time", &frozen, "Sizes", "Memory",
                                &memory, "Needs", &need, &other_need),
                    ==, 0);
    g_assert_cmpstr(name, ==, "rich");
    g_assert_cmpstr(word, ==, "two words");
    g_assert_cmpstr(network, ==, "podman");
    g_assert_cmpstr(address, ==, "10.189.0.5/16");
    g_assert_cmpstr(volume, ==, "data");
    g_assert_cmpint(size, ==, 1536);
    g_assert_cmpint(frozen, ==, 85317);
    g_assert_cmpint(memory, ==, 3371008);
    g_assert_cmpstr(need, ==, "tcp-established");
    g_assert_cmpstr(other_need, ==, "file-locks");
    g_assert_cmpstr(text_at(archive, "Archive", "Compression"), ==, "zstd");
    g_assert_cmpstr(text_at(archive, "Archive", "Kind"), ==, "container");
    g_assert_cmpstr(text_at(archive, "MadeBy", "Engine"), ==, "podman");
    g_assert_cmpstr(text_at(archive, "MadeBy", "Machine"), ==, "x86_64");
}

static void test_command_lines_come_from_the_memory(void)
{
    g_autofree char *path = archive_path();
    g_autoptr(JsonValue) archive = inspect(path);
    json_t *processes = json_object_get(archive, "Processes");
    g_autofree char *command = json_to_text(
        json_object_get(json_array_get(processes, 1), "Command"));

    g_assert_cmpstr(command, ==, "[\"/rich\",\"child\",\"with two words\"]");
    g_assert_null(json_object_get(json_array_get(processes, 2), "Command")); /* a zombie */
}

static void test_what_is_no_archive_is_refused(void)
{
    SCRATCH(directory);
    IN(directory, path, "file");

    assert_refused("/no/such/file", FLOE_ERROR_NOT_FOUND, "/no/such/file");
    assert_refused(directory, FLOE_ERROR_IO, directory);
    g_file_set_contents(path, "", 0, NULL);
    assert_refused(path, FLOE_ERROR_INVALID, "empty");
    g_file_set_contents(path, "It was a dark and stormy night.", -1, NULL);
    assert_refused(path, FLOE_ERROR_INVALID, "not a tar archive");
}

/* Wherever it is cut, there is an error and no answer. */
static void test_a_cut_archive_is_refused(void)
{
    g_autofree char *whole = archive_path();
    SCRATCH(directory);
    IN(directory, path, "cut");
    g_autofree char *data = NULL;
    g_autoptr(GError) error = NULL;
    size_t length = 0;

    file_read(whole, LIMIT, &data, &length, &error);
    g_assert_no_error(error);
    for (size_t cut = 1; cut < length; cut += 97) {
        g_file_set_contents(path, data, (gssize)cut, NULL);
        assert_refused(path, FLOE_ERROR_INVALID, path);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/archive-inspect/an-archive-of-podmans-is-told",
                    test_an_archive_of_podmans_is_told);
    g_test_add_func("/engine/archive-inspect/command-lines-come-from-the-memory",
                    test_command_lines_come_from_the_memory);
    g_test_add_func("/engine/archive-inspect/what-is-no-archive-is-refused",
                    test_what_is_no_archive_is_refused);
    g_test_add_func("/engine/archive-inspect/a-cut-archive-is-refused",
                    test_a_cut_archive_is_refused);
    return g_test_run();
}
