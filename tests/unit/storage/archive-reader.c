/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/archive-reader.h"

#include "base/scratch.h"
#include "tar-maker.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef struct Opened {
    ArchiveReader *reader;
    char *directory;
    int stdin_before;
} Opened;

/* The bytes as a file, or through a pipe as standard input. */
static void opened_init(Opened *opened, GByteArray *bytes, bool is_pipe)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;

    opened->directory = scratch_make();
    opened->stdin_before = -1;
    path = g_build_filename(opened->directory, "archive", NULL);
    if (is_pipe) {
        int ends[2];

        g_assert_cmpuint(bytes->len, <=, 65536);
        g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
        g_assert_cmpint(write(ends[1], bytes->data, bytes->len), ==, bytes->len);
        close(ends[1]);
        opened->stdin_before = dup(STDIN_FILENO);
        dup2(ends[0], STDIN_FILENO);
        close(ends[0]);
    } else {
        g_assert_true(file_write_atomic(path, bytes->data, bytes->len, 0600, &error));
    }
    archive_reader_open(is_pipe ? "-" : path, opened->directory, &opened->reader, &error);
    g_assert_no_error(error);
    g_byte_array_unref(bytes);
}

static void opened_clear(Opened *opened)
{
    if (opened->stdin_before >= 0) {
        dup2(opened->stdin_before, STDIN_FILENO);
        close(opened->stdin_before);
    }
    archive_reader_free(opened->reader);
    scratch_remove(&opened->directory);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Opened, opened_clear)

static void documents_put(TarMaker *maker)
{
    tar_file(maker, "config.dump", "{\"id\": 1}");
    tar_file(maker, "spec.dump", "{\"spec\": 2}");
}

/* The names of all entries, and whether the reading ended well. */
static char *names_of(ArchiveReader *reader, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);
    const ArchiveEntry *entry;

    for (;;) {
        if (!archive_reader_next(reader, &entry, error))
            return NULL;
        if (entry == NULL)
            return g_string_free(g_steal_pointer(&names), FALSE);
        g_string_append_printf(names, "%s%s ", entry->name,
                               entry->kind == ARCHIVE_ENTRY_DIRECTORY ? "/"
                               : entry->kind == ARCHIVE_ENTRY_PARENT  ? "@"
                                                                      : "");
    }
}

static void check_whole(GByteArray *bytes, bool is_pipe, const char *expected)
{
    g_auto(Opened) opened = { 0 };
    g_auto(ArchiveDocuments) documents = { 0 };
    g_autoptr(GError) error = NULL;
    g_autofree char *names = NULL;

    opened_init(&opened, bytes, is_pipe);
    archive_reader_documents(opened.reader, &documents, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(documents.config, ==, "{\"id\": 1}");
    g_assert_cmpstr(documents.spec, ==, "{\"spec\": 2}");
    names = names_of(opened.reader, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(names, ==, expected);
}

static GByteArray *documents_first(const char *filter)
{
    TarMaker *maker = tar_maker_new(filter);

    documents_put(maker);
    tar_directory(maker, "checkpoint/", 0700);
    tar_file(maker, "checkpoint/inventory.img", "x");
    tar_symlink(maker, "checkpoint/parent", "../pre-checkpoint");
    return tar_finish(maker);
}

/* As podman does. */
static GByteArray *documents_later(const char *filter)
{
    TarMaker *maker = tar_maker_new(filter);

    tar_directory(maker, "./artifacts/", 0700);
    tar_file(maker, "./artifacts/a", "content");
    documents_put(maker);
    tar_file(maker, "ctr.log", "line");
    return tar_finish(maker);
}

static void test_finds_the_documents_wherever_they_stand(void)
{
    const char *filters[] = { "none", "gzip", "zstd" };

    for (size_t i = 0; i < G_N_ELEMENTS(filters); i++) {
        for (int is_pipe = 0; is_pipe < 2; is_pipe++) {
            check_whole(documents_first(filters[i]), is_pipe,
                        "checkpoint/ checkpoint/inventory.img checkpoint/parent@ ");
            check_whole(documents_later(filters[i]), is_pipe, "artifacts/ artifacts/a ctr.log ");
        }
    }
}

static void test_hands_out_contents_and_no_more_than_allowed(void)
{
    g_auto(Opened) opened = { 0 };
    g_auto(ArchiveDocuments) documents = { 0 };
    const ArchiveEntry *entry;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    size_t length = 0;
    autofd int fd = -1;

    opened_init(&opened, documents_later("zstd"), false);
    g_assert_true(archive_reader_documents(opened.reader, &documents, &error));
    archive_reader_limit(opened.reader, 10);
    g_assert_true(archive_reader_next(opened.reader, &entry, &error));
    g_assert_false(archive_reader_text(opened.reader, 100, &text, &length, &error));
    g_assert_cmpint(error->code, ==, FLOE_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_true(archive_reader_next(opened.reader, &entry, &error));
    g_assert_true(archive_reader_text(opened.reader, 7, &text, &length, &error));
    g_assert_cmpstr(text, ==, "content");
    g_assert_true(archive_reader_next(opened.reader, &entry, &error));
    g_assert_cmpstr(entry->name, ==, "ctr.log");

    IN(opened.directory, path, "out");
    fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    g_assert_false(archive_reader_write(opened.reader, fd, &error));
    g_assert_cmpint(error->code, ==, FLOE_ERROR_IO);
    g_assert_nonnull(strstr(error->message, "ctr.log"));
    g_assert_nonnull(strstr(error->message, "needs 4 bytes"));
}

static void put_node(TarMaker *maker, mode_t mode)
{
    struct archive_entry *entry = tar_entry("checkpoint/dev", mode | 0600);

    archive_entry_set_rdev(entry, 0x103);
    tar_put(maker, entry, NULL, 0);
}

static void bad_device(TarMaker *maker)
{
    put_node(maker, S_IFCHR);
}
static void bad_fifo(TarMaker *maker)
{
    put_node(maker, S_IFIFO);
}
static void bad_escape(TarMaker *maker)
{
    tar_file(maker, "../../etc/cron.d/x", "x");
}
static void bad_detour(TarMaker *maker)
{
    tar_file(maker, "checkpoint/../ctr.log", "x");
}
static void bad_absolute(TarMaker *maker)
{
    tar_file(maker, "/etc/passwd", "x");
}
static void bad_slashes(TarMaker *maker)
{
    tar_file(maker, "checkpoint//x", "x");
}
static void bad_symlink(TarMaker *maker)
{
    tar_symlink(maker, "checkpoint", "/etc");
}
static void bad_parent(TarMaker *maker)
{
    tar_symlink(maker, "checkpoint/parent", "../../x");
}
static void bad_hardlink(TarMaker *maker)
{
    tar_hardlink(maker, "ctr.log", "config.dump");
}

static void bad_twice(TarMaker *maker)
{
    tar_file(maker, "ctr.log", "x");
    tar_file(maker, "./ctr.log", "y");
}

static void bad_document_twice(TarMaker *maker)
{
    tar_file(maker, "config.dump", "{}");
}

static void bad_owner(TarMaker *maker)
{
    struct archive_entry *entry = tar_entry("ctr.log", S_IFREG | 0600);

    archive_entry_set_uid(entry, 0xffffffff);
    tar_put(maker, entry, "", 0);
}

static void test_refuses_tricks(void)
{
    const struct {
        void (*put)(TarMaker *maker);
        const char *error;
    } tricks[] = {
        { bad_device, "neither a file nor a directory" },
        { bad_fifo, "neither a file nor a directory" },
        { bad_escape, "leads out" },
        { bad_detour, "not a plain relative path" },
        { bad_absolute, "not a plain relative path" },
        { bad_slashes, "not a plain relative path" },
        { bad_symlink, "symbolic link" },
        { bad_parent, "symbolic link" },
        { bad_hardlink, "hard link" },
        { bad_twice, "there twice" },
        { bad_document_twice, "there twice" },
        { bad_owner, "owner 4294967295 is out of range" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(tricks); i++) {
        g_auto(Opened) opened = { 0 };
        g_auto(ArchiveDocuments) documents = { 0 };
        g_autoptr(GError) error = NULL;
        TarMaker *maker = tar_maker_new("none");

        documents_put(maker);
        tricks[i].put(maker);
        opened_init(&opened, tar_finish(maker), false);
        g_assert_true(archive_reader_documents(opened.reader, &documents, &error));
        g_assert_null(names_of(opened.reader, &error));
        g_assert_cmpint(error->code, ==, FLOE_ERROR_INVALID);
        if (strstr(error->message, tricks[i].error) == NULL)
            g_error("trick %zu: %s", i, error->message);
    }
}

static void test_refuses_what_is_no_archive(void)
{
    const char *const texts[] = { "", "hello", "{\"id\": 1}" };
    TarMaker *maker = tar_maker_new("gzip");
    g_auto(ArchiveDocuments) documents = { 0 };
    g_auto(Opened) half = { 0 };
    g_autoptr(GError) error = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_auto(Opened) opened = { 0 };
        GByteArray *bytes = g_byte_array_new();

        g_byte_array_append(bytes, (const guint8 *)texts[i], (guint)strlen(texts[i]));
        opened_init(&opened, bytes, false);
        g_assert_false(archive_reader_documents(opened.reader, &documents, &error));
        g_assert_cmpint(error->code, ==, FLOE_ERROR_INVALID);
        g_clear_error(&error);
    }
    tar_file(maker, "config.dump", "{}");
    opened_init(&half, tar_finish(maker), false);
    g_assert_false(archive_reader_documents(half.reader, &documents, &error));
    g_assert_nonnull(strstr(error->message, "no spec.dump"));
}

/* Wherever it is cut, reading it to the end tells. */
static void test_refuses_a_cut_archive(void)
{
    const char *filters[] = { "none", "gzip", "zstd" };

    for (size_t i = 0; i < G_N_ELEMENTS(filters); i++) {
        g_autoptr(GByteArray) whole = documents_later(filters[i]);
        guint end = whole->len;

        /* A plain tar ends with zeros, of which none is missed. */
        while (i == 0 && end > 0 && whole->data[end - 1] == 0)
            end--;
        for (guint length = 0; length < end; length += MAX(1, end / 37)) {
            g_auto(Opened) opened = { 0 };
            g_auto(ArchiveDocuments) documents = { 0 };
            g_autoptr(GError) error = NULL;
            g_autofree char *names = NULL;
            GByteArray *cut = g_byte_array_new();

            g_byte_array_append(cut, whole->data, length);
            opened_init(&opened, cut, false);
            if (archive_reader_documents(opened.reader, &documents, &error))
                names = names_of(opened.reader, &error);
            /* Cut between two entries, it looks whole: what is missing has to be missed. */
            if (names != NULL && i == 0 && length % 512 == 0)
                continue;
            g_assert_null(names);
            g_assert_nonnull(error);
        }
    }
}

/* Few bytes that become many: the documents have a limit. */
static void test_refuses_a_bomb(void)
{
    g_auto(Opened) opened = { 0 };
    g_auto(ArchiveDocuments) documents = { 0 };
    g_autoptr(GError) error = NULL;
    TarMaker *maker = tar_maker_new("zstd");
    size_t size = ARCHIVE_DOCUMENT_LIMIT + 1;
    g_autofree char *zeros = g_malloc0(size);

    tar_put(maker, tar_entry("config.dump", S_IFREG | 0600), zeros, size);
    opened_init(&opened, tar_finish(maker), false);
    g_assert_false(archive_reader_documents(opened.reader, &documents, &error));
    g_assert_nonnull(strstr(error->message, "config.dump"));
    g_assert_nonnull(strstr(error->message, "longer than"));
}

static void test_tells_what_a_pods_archive_is_for(void)
{
    g_auto(Opened) opened = { 0 };
    g_auto(ArchiveDocuments) documents = { 0 };
    g_autoptr(GError) error = NULL;
    TarMaker *maker = tar_maker_new("none");

    tar_file(maker, "pod.dump", "{}");
    opened_init(&opened, tar_finish(maker), false);
    g_assert_false(archive_reader_documents(opened.reader, &documents, &error));
    g_assert_nonnull(strstr(error->message, "pod restore"));
}

/* A stream that never ends is no archive with a long end. */
static void test_gives_up_behind_the_end(void)
{
    g_autoptr(ArchiveReader) reader = NULL;
    g_auto(ArchiveDocuments) documents = { 0 };
    g_autoptr(GError) error = NULL;

    archive_reader_open("/dev/zero", g_get_tmp_dir(), &reader, &error);
    g_assert_no_error(error);
    g_assert_false(archive_reader_documents(reader, &documents, &error));
    g_assert_nonnull(strstr(error->message, "behind its end"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/storage/archive-reader/finds-the-documents-wherever-they-stand",
                    test_finds_the_documents_wherever_they_stand);
    g_test_add_func("/storage/archive-reader/hands-out-contents-and-no-more-than-allowed",
                    test_hands_out_contents_and_no_more_than_allowed);
    g_test_add_func("/storage/archive-reader/refuses-tricks", test_refuses_tricks);
    g_test_add_func("/storage/archive-reader/refuses-what-is-no-archive",
                    test_refuses_what_is_no_archive);
    g_test_add_func("/storage/archive-reader/refuses-a-cut-archive", test_refuses_a_cut_archive);
    g_test_add_func("/storage/archive-reader/refuses-a-bomb", test_refuses_a_bomb);
    g_test_add_func("/storage/archive-reader/tells-what-a-pods-archive-is-for",
                    test_tells_what_a_pods_archive_is_for);
    g_test_add_func("/storage/archive-reader/gives-up-behind-the-end", test_gives_up_behind_the_end);
    return g_test_run();
}
