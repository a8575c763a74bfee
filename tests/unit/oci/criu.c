/* SPDX-License-Identifier: Apache-2.0 */
/* The logs in data/ are excerpts of real ones: CRIU 4.2.1 under runc 1.1.5, kernel 6.18. */
#include "oci/criu.h"

#include "base/fd.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char *data_file(const char *name)
{
    return g_test_build_filename(G_TEST_DIST, "data", name, NULL);
}

/* A file with this content; its path is good until the descriptor is closed. */
static char *file_of(const void *content, size_t length, int *ret_fd)
{
    g_autoptr(GError) error = NULL;

    *ret_fd = memfd_create("test", MFD_CLOEXEC);
    g_assert_cmpint(*ret_fd, >=, 0);
    fd_write_all(*ret_fd, content, length, &error);
    g_assert_no_error(error);
    return g_strdup_printf("/proc/self/fd/%d", *ret_fd);
}

static char *reason_of(const char *log)
{
    autofd int fd = -1;
    g_autofree char *path = file_of(log, strlen(log), &fd);

    return criu_log_reason(path, 0);
}

/* --- logs ------------------------------------------------------------------------------------- */

static const struct {
    const char *log;
    const char *reason;
} REAL_LOGS[] = {
    { "criu-tcp-dump.log", "the container has an established TCP connection (127.0.0.1:42720); use "
                           "--tcp-established" },
    { "criu-tcp-restore.log", "the checkpoint holds an established TCP connection "
                              "(127.0.0.1:42736); use --tcp-established to restore it" },
    { "criu-in-flight-dump.log", "a TCP connection is being made that the container has not "
                                 "accepted yet; try again in a moment" },
    { "criu-file-lock-dump.log", "the container holds file locks; use --file-locks" },
    { "criu-unix-socket-dump.log", "a process is connected to a unix socket outside of the "
                                   "container, which cannot be frozen with it" },
    { "criu-ghost-dump.log", "the deleted file '/data/g' is still open, and with 2002944 bytes too "
                             "large to be kept; raise CRIU's ghost-limit in "
                             "/etc/criu/default.conf" },
    { "criu-link-remap-dump.log", "the file '/data/g' is open, and was deleted while it has another "
                                  "name; put link-remap into /etc/criu/default.conf" },
    { "criu-missing-file-restore.log", "the file 'data/g' was in use when the container was "
                                       "checkpointed, and is not there now" },
    { "criu-changed-file-restore.log", "the file 'data/g' was in use when the container was "
                                       "checkpointed, and has changed since: it has 2 bytes, not "
                                       "0" },
    { "criu-no-iptables-dump.log", "CRIU locks the network by the program 'iptables-restore', which "
                                   "is not installed: install the package iptables" },
    { "criu-no-space-dump.log", "no space is left where the checkpoint's files go" },
    { "criu-device-dump.log", "a process has the device 10:229 open, which CRIU cannot dump" },
    { "criu-userfaultfd-dump.log", "a process has 'anon_inode:[userfaultfd]' open, which CRIU cannot "
                                   "dump" },
    { "criu-vsock-dump.log", "a process has a socket of address family 40, which CRIU does not "
                             "know" },
    { "criu-pid-taken-restore.log", "the process id 916 is taken by another process" },
    { "criu-other-mount-dump.log", "a process uses the file '/bin/python3.11' on a mount that is not "
                                   "the container's" },
    { "criu-io-uring-dump.log", "a process has a descriptor open that cannot be handed over "
                                "(io_uring is one), so CRIU cannot dump it" },
    { "criu-success-dump.log", NULL },
    { "criu-success-restore.log", NULL },
};

static void test_real_logs_are_explained(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(REAL_LOGS); i++) {
        g_autofree char *path = data_file(REAL_LOGS[i].log);
        g_autofree char *reason = NULL;

        g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
        reason = criu_log_reason(path, 0);
        g_test_message("%s", path);
        g_assert_cmpstr(reason, ==, REAL_LOGS[i].reason);
    }
}

/* Seen elsewhere, or in CRIU's source. */
static const struct {
    const char *line;
    const char *reason;
} LINES[] = {
    { "(00.1) Error (criu/sockets.c:132): sockets: Can't get 1:16 opt: Operation not supported\n",
      "CRIU is too old for this kernel, and cannot dump its sockets: CRIU 4.2 or newer is needed" },
    { "(00.1) Error (criu/vdso.c:471): vdso: Unexpected rt vvar area bounds\n",
      "CRIU does not know this kernel's vDSO (vdso: Unexpected rt vvar area bounds): a newer CRIU "
      "is needed" },
    { "(00.1)  12: Error (criu/files-reg.c:1): File usr/lib/x.so has bad build-ID\n",
      "the file 'usr/lib/x.so' was in use when the container was checkpointed, and has changed "
      "since" },
    { "(00.1) Error (criu/cr-dump.c:1): Can't get rlimit 0: Operation not permitted\n",
      "floe lacks CAP_SYS_RESOURCE, without which CRIU cannot dump processes of another user" },
    { "Error (criu/image.c:9): Magic doesn't match for core-1.img\n",
      "the checkpoint is damaged: 'core-1.img' is not an image of CRIU" },
    { "(00.1) Error (criu/x.c:9): something new\n(00.2) Error (criu/y.c:9): and its result\n",
      "something new" },
    { "(00.1) Error (criu/x.c:9): something new\n"
      "(00.2) Error (criu/file-lock.c:110): Some file locks are hold by dumping tasks! You can\n",
      "the container holds file locks; use --file-locks" },
    { "(00.1) Error (criu/x.c:9): with \x01 a control\tcharacter and \xff\n",
      "with   a control character and \xef\xbf\xbd" },
    { "(00.1) Error (criu/files-reg.c:1): Can't dump ghost file /%s\\1 of 9 size, increase limit\n",
      "the deleted file '/%s\\1' is still open, and with 9 bytes too large to be kept; raise CRIU's "
      "ghost-limit in /etc/criu/default.conf" },
    { "(00.1) Error (criu/sk-inet.c:200): inet: Connected TCP socket, consider using x\n",
      "the container has an established TCP connection; use --tcp-established" },
    { "(00.1) inet: Collected: ino  0x1 family AF_INET6 type SOCK_STREAM port 80 state "
      "TCP_ESTABLISHED src_addr fd00::1\n"
      "(00.2) sockets: Searching for socket 0x1 family 10\n"
      "(00.3) Error (criu/sk-inet.c:200): inet: Connected TCP socket, consider using x\n",
      "the container has an established TCP connection ([fd00::1]:80); use --tcp-established" },
    { "(00.1) Error (criu/cr-dump.c:1975): Dumping FAILED.\n", NULL },
    { "Error (\nError (): \nError", NULL },
    { "", NULL },
};

static void test_lines_are_explained(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(LINES); i++) {
        g_autofree char *reason = reason_of(LINES[i].line);

        g_assert_cmpstr(reason, ==, LINES[i].reason);
    }
}

static void test_a_missing_log_has_no_reason(void)
{
    g_assert_null(criu_log_reason("/no/such/log", 0));
}

/* --- statistics ------------------------------------------------------------------------------- */

static void test_real_statistics_are_read(void)
{
    g_autofree char *dump_path = data_file("stats-dump");
    g_autofree char *restore_path = data_file("stats-restore");
    g_autoptr(GError) error = NULL;
    CriuDumpStats dump = { 0 };
    CriuRestoreStats restore = { 0 };

    criu_read_dump_stats(dump_path, &dump, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(dump.freezing_us, ==, 459);
    g_assert_cmpuint(dump.frozen_us, ==, 69607);
    g_assert_cmpuint(dump.memdump_us, ==, 2614);
    g_assert_cmpuint(dump.memwrite_us, ==, 1217);
    g_assert_cmpuint(dump.pages_scanned, ==, 769);
    g_assert_cmpuint(dump.pages_written, ==, 701);
    criu_read_restore_stats(restore_path, &restore, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(restore.pages_compared, ==, 0);
    g_assert_cmpuint(restore.forking_us, ==, 2);
    g_assert_cmpuint(restore.restore_us, ==, 98173);
    g_assert_cmpuint(restore.pages_restored, ==, 701);

    g_assert_false(criu_read_dump_stats(restore_path, &dump, &error));
    g_assert_true(err_is(error, FLOE_ERROR_INVALID));
    g_clear_error(&error);
    g_assert_false(criu_read_dump_stats("/no/such/stats", &dump, &error));
    g_assert_true(err_is(error, FLOE_ERROR_NOT_FOUND));
}

#define HEADER "\x40\x59\x10\x55\x06\x33\x09\x57"
#define BROKEN(bytes) \
    { \
        bytes, sizeof(bytes) - 1 \
    }

static void test_broken_statistics_are_refused(void)
{
    static const struct {
        const char *bytes;
        size_t length;
    } cases[] = {
        BROKEN(""),
        BROKEN(HEADER),
        BROKEN("\x41\x59\x10\x55\x06\x33\x09\x57\x04\0\0\0\x0a\x02\x08\x01"), /* magic */
        BROKEN(HEADER "\x05\0\0\0\x0a\x02\x08\x01"),                          /* length */
        BROKEN(HEADER "\x04\0\0\0\x0a\x03\x08\x01"),                          /* message too long */
        BROKEN(HEADER "\x03\0\0\0\x0a\x01\x08"),                              /* no number */
        BROKEN(HEADER "\x04\0\0\0\x0a\x02\x08\x80"),                          /* cut number */
        BROKEN(HEADER "\x04\0\0\0\x0a\x02\x0b\x01"),                          /* a group */
        BROKEN(HEADER "\x02\0\0\0\x08\x01"),                                  /* no message */
        BROKEN(HEADER "\x0d\0\0\0\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), /* 65 bits */
        BROKEN(HEADER "\0\0\0\0"),
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        autofd int fd = -1;
        g_autofree char *path = file_of(cases[i].bytes, cases[i].length, &fd);
        g_autoptr(GError) error = NULL;
        CriuDumpStats stats = { .frozen_us = 7 };

        g_test_message("case %zu", i);
        g_assert_false(criu_read_dump_stats(path, &stats, &error));
        g_assert_true(err_is(error, FLOE_ERROR_INVALID));
        g_assert_cmpuint(stats.frozen_us, ==, 7);
    }
}

static void test_unknown_fields_are_skipped(void)
{
    static const char bytes[] = HEADER "\x23\0\0\0\x15\1\2\3\4\x0a\x1c\x7a\x03xyz\x08\xac\x02\x11"
                                       "12345678\x10\xff\xff\xff\xff\xff"
                                       "\xff\xff\xff\xff\x01";
    autofd int fd = -1;
    g_autofree char *path = file_of(bytes, sizeof(bytes) - 1, &fd);
    g_autoptr(GError) error = NULL;
    CriuDumpStats stats = { 0 };

    criu_read_dump_stats(path, &stats, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(stats.freezing_us, ==, 300);
    g_assert_cmpuint(stats.frozen_us, ==, G_MAXUINT64);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/oci/criu/real-logs-are-explained", test_real_logs_are_explained);
    g_test_add_func("/oci/criu/lines-are-explained", test_lines_are_explained);
    g_test_add_func("/oci/criu/a-missing-log-has-no-reason", test_a_missing_log_has_no_reason);
    g_test_add_func("/oci/criu/real-statistics-are-read", test_real_statistics_are_read);
    g_test_add_func("/oci/criu/broken-statistics-are-refused", test_broken_statistics_are_refused);
    g_test_add_func("/oci/criu/unknown-fields-are-skipped", test_unknown_fields_are_skipped);
    return g_test_run();
}
