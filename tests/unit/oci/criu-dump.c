/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The images in data/dump/ are those of a real container: CRIU 4.2.1 under runc 1.1.5, kernel 6.18.
 * Its first process has threads, sockets of every kind, a deleted file and a lock; one child waits,
 * one is a zombie, and one gave itself a name with a newline.
 */
#include "base/fd.h"
#include "oci/criu-memory.h"
#include "oci/criu-privileges.h"
#include "oci/criu-processes.h"

#include <string.h>

typedef struct Dump {
    CriuDump *dump;
    CriuFiles *files;
    CriuKnown known;
    json_t *processes;
} Dump;

static void dump_clear(Dump *dump)
{
    criu_dump_free(dump->dump);
    criu_files_free(dump->files);
    g_clear_pointer(&dump->known.commands, g_hash_table_unref);
    json_decref(dump->processes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Dump, dump_clear)

static void add_image(CriuDump *dump, const char *name, const void *data, size_t length)
{
    g_autoptr(GError) error = NULL;

    criu_dump_add(dump, name, g_memdup2(data, length), length, &error);
    g_assert_no_error(error);
}

/* All images. */
static CriuDump *load_images(void)
{
    g_autofree char *directory = g_test_build_filename(G_TEST_DIST, "data", "dump", NULL);
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    CriuDump *dump = criu_dump_new();
    const char *name;

    g_assert_nonnull(dir);
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(directory, name, NULL);
        g_autofree char *data = NULL;
        g_autoptr(GError) error = NULL;
        size_t length;

        g_assert_true(criu_dump_wants(name));
        file_read(path, CRIU_IMAGE_LIMIT, &data, &length, &error);
        g_assert_no_error(error);
        add_image(dump, name, data, length);
    }
    return dump;
}

static bool tell(Dump *dump, GError **error)
{
    const char *machine = NULL;

    dump->known.commands = g_hash_table_new(NULL, NULL);
    dump->known.page_size = 4096;
    return criu_files_new(dump->dump, &dump->files, error) &&
           criu_processes(dump->dump, dump->files, &dump->known, &dump->processes, &machine, error);
}

static void load(Dump *dump)
{
    g_autoptr(GError) error = NULL;

    dump->dump = load_images();
    tell(dump, &error);
    g_assert_no_error(error);
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static int number_of(const json_t *object, const char *key)
{
    return (int)json_integer_value(json_object_get(object, key));
}

static const json_t *process_at(const Dump *dump, size_t place)
{
    return json_array_get(dump->processes, place);
}

static const json_t *open_at(const json_t *process, const char *list, int descriptor)
{
    json_t *open;
    size_t i;

    json_array_foreach(json_object_get(process, list), i, open) {
        if (number_of(open, "Fd") == descriptor)
            return open;
    }
    return NULL;
}

/* --- processes -------------------------------------------------------------------------------- */

static void test_processes_are_told(void)
{
    g_auto(Dump) dump = { 0 };
    const json_t *first, *zombie;

    load(&dump);
    g_assert_cmpuint(json_array_size(dump.processes), ==, 4);
    first = process_at(&dump, 0);
    g_assert_cmpint(number_of(first, "Pid"), ==, 1);
    g_assert_cmpint(number_of(first, "Ppid"), ==, 0);
    g_assert_cmpstr(text_of(first, "Name"), ==, "rich");
    g_assert_cmpstr(text_of(first, "State"), ==, "running");
    g_assert_cmpstr(text_of(first, "Executable"), ==, "/rich");
    g_assert_cmpstr(text_of(first, "Directory"), ==, "/");
    g_assert_cmpuint(json_array_size(json_object_get(first, "Threads")), ==, 3);
    g_assert_cmpint(number_of(first, "Memory"), ==, 18 * 4096);
    zombie = process_at(&dump, 2);
    g_assert_cmpstr(text_of(zombie, "State"), ==, "zombie");
    g_assert_cmpint(number_of(zombie, "ExitCode"), ==, 3);
    g_assert_null(json_object_get(zombie, "Threads"));
    g_assert_cmpstr(text_of(process_at(&dump, 3), "Name"), ==, "odd\nname");
}

static void test_files_are_told(void)
{
    g_auto(Dump) dump = { 0 };
    const json_t *first, *file;

    load(&dump);
    first = process_at(&dump, 0);
    file = open_at(first, "Files", 20);
    g_assert_cmpstr(text_of(file, "Path"), ==, "/tmp/notes");
    g_assert_cmpstr(text_of(file, "Access"), ==, "rw");
    g_assert_cmpint(number_of(file, "Position"), ==, 5);
    g_assert_null(json_object_get(file, "Deleted"));
    g_assert_true(json_is_true(json_object_get(open_at(first, "Files", 21), "Deleted")));
    g_assert_cmpstr(text_of(open_at(first, "Files", 22), "Name"), ==, "scratch");
    g_assert_cmpstr(text_of(open_at(first, "Files", 23), "Access"), ==, "r");
    g_assert_cmpstr(text_of(open_at(first, "Files", 12), "Access"), ==, "r");
    g_assert_cmpint(number_of(open_at(first, "Files", 12), "Pipe"), ==,
                    number_of(open_at(process_at(&dump, 1), "Files", 13), "Pipe"));
    g_assert_cmpstr(text_of(open_at(first, "Files", 15), "Type"), ==, "eventfd");
}

static void test_sockets_are_told(void)
{
    g_auto(Dump) dump = { 0 };
    const json_t *first, *pair;

    load(&dump);
    first = process_at(&dump, 0);
    g_assert_cmpstr(text_of(open_at(first, "Sockets", 3), "State"), ==, "listening");
    g_assert_cmpstr(text_of(open_at(first, "Sockets", 3), "Local"), ==, "0.0.0.0:8080");
    g_assert_null(text_of(open_at(first, "Sockets", 3), "Remote"));
    g_assert_cmpstr(text_of(open_at(first, "Sockets", 4), "State"), ==, "established");
    g_assert_cmpstr(text_of(open_at(first, "Sockets", 4), "Remote"), ==, "127.0.0.1:8080");
    g_assert_cmpstr(text_of(open_at(first, "Sockets", 5), "Remote"), ==,
                    text_of(open_at(first, "Sockets", 4), "Local"));
    g_assert_cmpstr(text_of(open_at(first, "Sockets", 6), "Local"), ==, "[::1]:8081");
    g_assert_cmpstr(text_of(open_at(first, "Sockets", 7), "Protocol"), ==, "udp");
    g_assert_null(text_of(open_at(first, "Sockets", 7), "State"));
    g_assert_cmpstr(text_of(open_at(first, "Sockets", 8), "Local"), ==, "/tmp/socket");
    g_assert_cmpstr(text_of(open_at(first, "Sockets", 9), "Local"), ==, "@hidden");
    pair = open_at(first, "Sockets", 10);
    g_assert_cmpint(number_of(pair, "Peer"), ==, number_of(open_at(first, "Sockets", 11), "Inode"));
    g_assert_cmpstr(text_of(open_at(first, "Sockets", 14), "Family"), ==, "netlink");
}

static void test_locks_are_told(void)
{
    g_auto(Dump) dump = { 0 };
    g_autoptr(JsonValue) locks = NULL;
    g_autoptr(GError) error = NULL;

    load(&dump);
    criu_files_locks(dump.files, &locks, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(json_array_size(locks), ==, 1);
    g_assert_cmpstr(text_of(json_array_get(locks, 0), "Kind"), ==, "flock");
    g_assert_cmpstr(text_of(json_array_get(locks, 0), "Type"), ==, "write");
    g_assert_cmpint(number_of(json_array_get(locks, 0), "Fd"), ==, 20);
}

/* --- memory ----------------------------------------------------------------------------------- */

static void test_the_command_line_is_found_in_the_memory(void)
{
    g_autoptr(CriuDump) dump = load_images();
    g_autoptr(GError) error = NULL;
    CriuSlice slice;

    criu_memory_command(dump, 1, (uint64_t)18 * 4096, &slice, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(slice.length, ==, strlen("/rich") + strlen("one") + strlen("two words") + 3);
    g_assert_cmpuint(slice.offset, >, (uint64_t)15 * 4096);
    g_assert_cmpuint(slice.offset + slice.length, <=, (uint64_t)18 * 4096);
}

static void test_a_file_of_another_size_has_no_command_line(void)
{
    static const uint64_t sizes[] = { 0, 1, 17 * 4096, UINT64_MAX, 18ULL << 40 };
    g_autoptr(CriuDump) dump = load_images();

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(GError) error = NULL;
        CriuSlice slice;

        criu_memory_command(dump, 1, sizes[i], &slice, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(slice.length, ==, 0);
    }
}

/* Memory that lies in the dump before this one, or was never dumped, is not in the file. */
static void test_memory_elsewhere_is_told_apart(void)
{
    /* a head with pages_id 1; two pages present at 0x1000, three in the parent, one of neither */
    static const char pagemap[] = "\x19\x43\x56\x54\x25\x40\x08\x56"
                                  "\x02\0\0\0\x08\x01"
                                  "\x09\0\0\0\x08\x80\x20\x10\x00\x20\x04\x28\x02"
                                  "\x07\0\0\0\x08\x80\x60\x10\x03\x18\x01"
                                  "\x0a\0\0\0\x08\x80\xc0\x01\x10\x00\x20\x02\x28\x01";
    g_autoptr(CriuDump) dump = criu_dump_new();
    g_autoptr(GError) error = NULL;
    CriuMemory memory;

    add_image(dump, "pagemap-5.img", pagemap, sizeof(pagemap) - 1);
    criu_memory_read(dump, 5, &memory, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(memory.pages_id, ==, 1);
    g_assert_cmpuint(memory.saved_pages, ==, 2);
    g_assert_cmpuint(memory.parent_pages, ==, 3);
    g_assert_cmpuint(criu_memory_page_size(&memory, 8192), ==, 4096);
    criu_memory_read(dump, 6, &memory, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(memory.saved_pages, ==, 0);
}

static void test_command_lines_are_split(void)
{
    static const struct {
        const char *data;
        size_t length;
        unsigned count;
        const char *joined;
    } cases[] = {
        { "a\0bc\0", 5, 2, "a|bc" },  { "a\0bc", 4, 2, "a|bc" },
        { "a\0\0b\0", 5, 3, "a||b" }, { "title: x\0\0\0\0", 12, 1, "title: x" },
        { "\0", 1, 1, "" },           { "", 0, 0, "" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) words = criu_command_split(cases[i].data, cases[i].length);
        g_autofree char *joined = g_strjoinv("|", words);

        g_assert_cmpstr(joined, ==, cases[i].joined);
        g_assert_cmpuint(g_strv_length(words), ==, cases[i].count);
    }
}

/* --- broken images ---------------------------------------------------------------------------- */

/* Whatever an image is cut to, it is refused or told, and every image is looked at. */
static void test_cut_images_are_refused(void)
{
    static const char *const names[] = { "pstree.img",     "fs-1.img",     "core-1.img",
                                         "ids-1.img",      "mm-1.img",     "pagemap-1.img",
                                         "files.img",      "fdinfo-2.img", "memfd.img",
                                         "remap-fpath.img" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_auto(Dump) dump = { .dump = load_images() };
        g_autoptr(GError) error = NULL;
        g_autofree char *copy = NULL;
        ProtobufBytes data;
        const char *name;

        g_assert_true(criu_dump_find(dump.dump, &data, &name, "%s", names[i]));
        copy = g_memdup2(data.at, data.length);
        add_image(dump.dump, names[i], copy, data.length - 1);
        g_assert_false(tell(&dump, &error));
        g_assert_true(err_is(error, FLOE_ERROR_INVALID));
        g_assert_nonnull(strstr(error->message, names[i]));
    }
}

static void test_an_image_of_another_kind_is_refused(void)
{
    static const char other[] = "\x19\x43\x56\x54\x30\x30\x27\x50";
    g_auto(Dump) dump = { .dump = load_images() };
    g_autoptr(GError) error = NULL;

    add_image(dump.dump, "files.img", other, sizeof(other) - 1);
    g_assert_false(tell(&dump, &error));
    g_assert_true(err_is(error, FLOE_ERROR_INVALID));
}

static void test_a_process_that_is_there_twice_is_refused(void)
{
    static const char twice[] = "\x19\x43\x56\x54\x30\x30\x27\x50"
                                "\x08\0\0\0\x08\x01\x10\x00\x18\x01\x20\x01"
                                "\x08\0\0\0\x08\x01\x10\x00\x18\x01\x20\x01";
    g_auto(Dump) dump = { .dump = load_images() };
    g_autoptr(GError) error = NULL;

    add_image(dump.dump, "pstree.img", twice, sizeof(twice) - 1);
    g_assert_false(tell(&dump, &error));
    g_assert_cmpstr(error->message, ==, "process 1 is there twice");
}

static void test_numbers_in_names_are_read(void)
{
    uint32_t number = 0;

    g_assert_true(criu_image_number("core-17.img", "core-", &number));
    g_assert_cmpuint(number, ==, 17);
    g_assert_false(criu_image_number("core-.img", "core-", &number));
    g_assert_false(criu_image_number("core--1.img", "core-", &number));
    g_assert_false(criu_image_number("core-99999999999.img", "core-", &number));
    g_assert_false(criu_image_number("core-1.img.gz", "core-", &number));
    g_assert_false(criu_dump_wants("pages-1.img"));
    g_assert_false(criu_dump_wants("pagemap-shmem-1.img"));
}

/* --- privileges ------------------------------------------------------------------------------- */

static void test_privileges_are_those_of_all_processes(void)
{
    g_autofree char *directory = g_test_build_filename(G_TEST_DIST, "data", "dump", NULL);
    g_autoptr(GError) error = NULL;
    CriuPrivileges privileges = { 0 };

    criu_privileges_look(directory, &privileges, &error);
    g_assert_no_error(error);
    g_assert_cmphex(privileges.capabilities, ==, 0xa80425fb);
    g_assert_cmpint(privileges.unfiltered, ==, 0);
}

/* A core image, whose parts are put together here: bytes, each up to its length. */
static bool look_at_core(const char *message, size_t length, CriuPrivileges *privileges,
                         GError **error)
{
    static const char magic[] = "\x19\x43\x56\x54\x47\x38\x05\x55";
    g_autoptr(GByteArray) image = g_byte_array_new();
    uint32_t size = GUINT32_TO_LE((uint32_t)length);

    g_byte_array_append(image, (const guint8 *)magic, 8);
    g_byte_array_append(image, (const guint8 *)&size, sizeof(size));
    g_byte_array_append(image, (const guint8 *)message, (guint)length);
    return criu_privileges_add("core-7.img", image->data, image->len, 7, privileges, error);
}

#define TASK(state) "\x1a\x02\x08" state
#define LOOK(message, privileges, error) \
    look_at_core(message, sizeof(message) - 1, privileges, error)

static void test_forged_privileges_are_seen(void)
{
    static const char *const none = "holds a process without credentials";
    g_autoptr(GError) error = NULL;
    CriuPrivileges found = { 0 };

    /* cap_eff 1 and 0x20 of the high word; cap_amb 4; no seccomp. */
    g_assert_true(LOOK(TASK("\1") "\x2a\x09\x52\x07\x58\x01\x58\x20\x98\x01\x04", &found, &error));
    g_assert_cmphex(found.capabilities, ==, 0x2000000005);
    g_assert_cmpint(found.unfiltered, ==, 7);

    /* The same numbers in a row, and with a filter. */
    found = (CriuPrivileges){ 0 };
    g_assert_true(LOOK(TASK("\1") "\x2a\x08\x52\x04\x62\x02\x01\x20\x58\x02", &found, &error));
    g_assert_cmphex(found.capabilities, ==, 0x2000000001);
    g_assert_cmpint(found.unfiltered, ==, 0);

    /* A thread that says nothing of a filter has its process's; one that says it has none has not. */
    g_assert_true(LOOK("\x2a\x02\x52\x00", &found, &error));
    g_assert_cmpint(found.unfiltered, ==, 0);
    g_assert_true(LOOK("\x2a\x04\x52\x00\x58\x00", &found, &error));
    g_assert_cmpint(found.unfiltered, ==, 7);

    /* A zombie has nothing, a process that lives must have credentials. */
    g_assert_true(LOOK(TASK("\2"), &found, &error));
    g_assert_false(LOOK(TASK("\1"), &found, &error));
    g_assert_nonnull(strstr(error->message, none));
    g_clear_error(&error);
    g_assert_false(LOOK("", &found, &error));
    g_clear_error(&error);

    /* What CRIU would put together: a part twice, three words. */
    g_assert_false(LOOK(TASK("\1") "\x2a\x02\x52\x00\x2a\x02\x52\x00", &found, &error));
    g_clear_error(&error);
    g_assert_false(LOOK(TASK("\1") TASK("\2") "\x2a\x02\x52\x00", &found, &error));
    g_clear_error(&error);
    g_assert_false(LOOK(TASK("\1") "\x2a\x04\x52\x00\x52\x00", &found, &error));
    g_clear_error(&error);
    g_assert_false(LOOK(TASK("\1") "\x2a\x08\x52\x06\x58\x01\x58\x01\x58\x01", &found, &error));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/oci/criu-dump/processes-are-told", test_processes_are_told);
    g_test_add_func("/oci/criu-dump/files-are-told", test_files_are_told);
    g_test_add_func("/oci/criu-dump/sockets-are-told", test_sockets_are_told);
    g_test_add_func("/oci/criu-dump/locks-are-told", test_locks_are_told);
    g_test_add_func("/oci/criu-dump/the-command-line-is-found-in-the-memory",
                    test_the_command_line_is_found_in_the_memory);
    g_test_add_func("/oci/criu-dump/a-file-of-another-size-has-no-command-line",
                    test_a_file_of_another_size_has_no_command_line);
    g_test_add_func("/oci/criu-dump/memory-elsewhere-is-told-apart",
                    test_memory_elsewhere_is_told_apart);
    g_test_add_func("/oci/criu-dump/command-lines-are-split", test_command_lines_are_split);
    g_test_add_func("/oci/criu-dump/cut-images-are-refused", test_cut_images_are_refused);
    g_test_add_func("/oci/criu-dump/an-image-of-another-kind-is-refused",
                    test_an_image_of_another_kind_is_refused);
    g_test_add_func("/oci/criu-dump/a-process-that-is-there-twice-is-refused",
                    test_a_process_that_is_there_twice_is_refused);
    g_test_add_func("/oci/criu-dump/numbers-in-names-are-read", test_numbers_in_names_are_read);
    g_test_add_func("/oci/criu-dump/privileges-are-those-of-all-processes",
                    test_privileges_are_those_of_all_processes);
    g_test_add_func("/oci/criu-dump/forged-privileges-are-seen", test_forged_privileges_are_seen);
    return g_test_run();
}
