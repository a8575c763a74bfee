/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRIU's log (level 4): "(00.011723) Error (criu/sk-inet.c:200): inet: Connected TCP socket, ...",
 * with the process before "Error" during a restore. The first error that is known here is the
 * reason; the later ones follow from it. Texts are those of CRIU 3.16 to 4.2.
 *
 * An error about a socket does not say which: the lines before it do, so they are followed too.
 */
#include "oci/criu-log.h"

#include "oci/criu.h"
#include "oci/tcp-peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#define LOG_LINE_MAX  4096
#define SOCKETS_MAX   10000
#define VERSION_LINES 20          /* of them one tells it */
#define FULL_BELOW    (64 * 1024) /* bytes: less than the smallest checkpoint has */
#define ERROR_MARK    "Error ("
#define OPTIONS_FILE  "/etc/criu/default.conf"

#define SOCKET   "%s"
#define NO_SPACE "no space is left where the checkpoint's files go"

typedef struct Explanation {
    const char *pattern; /* in the text after "Error (file:line): " */
    const char *words;   /* \1, \2: groups of the pattern. SOCKET: which one, if it is known */
} Explanation;

/* clang-format off */
/* The first that matches a line counts: the particular ones before the general. */
static const Explanation EXPLANATIONS[] = {
    /* Connections and locks */
    { "Connected TCP socket, consider",
      "the container has an established TCP connection" SOCKET "; use --tcp-established" },
    { "Connected TCP socket in image",
      "the checkpoint holds an established TCP connection" SOCKET
      "; use --tcp-established to restore it" },
    { "In-flight connection",
      "a TCP connection is being made that the container has not accepted yet; try again in a "
      "moment" },
    { "Some file locks are hold by dumping tasks",
      "the container holds file locks; use --file-locks" },
    { "unix: (?:Dangling connection|External socket|Can't dump half of stream unix)",
      "a process is connected to a unix socket outside of the container, which cannot be frozen "
      "with it" },
    { "BUG! Unknown socket collected \\(family (\\d+)\\)",
      "a process has a socket of address family \\1, which CRIU does not know" },
    /* Files */
    { "Can't lookup mount=-?\\d+ for fd=-?\\d+ path=(.+)",
      "a process uses the file '\\1' on a mount that is not the container's" },
    { "Can't dump file \\d+ of that type \\[\\d+\\] \\((?:chr|blk) (\\d+:\\d+)\\)",
      "a process has the device \\1 open, which CRIU cannot dump" },
    { "Can't dump file \\d+ of that type \\[\\d+\\] \\((?:unknown|anon) (.+)\\)",
      "a process has '\\1' open, which CRIU cannot dump" },
    { "send_fds failed",
      "a process has a descriptor open that cannot be handed over (io_uring is one), so CRIU "
      "cannot dump it" },
    { "Can't dump ghost file (.+) of (\\d+) size",
      "the deleted file '\\1' is still open, and with \\2 bytes too large to be kept; raise CRIU's "
      "ghost-limit in " OPTIONS_FILE },
    { "Can't create link remap for (.+)\\. Use link-remap",
      "the file '\\1' is open, and was deleted while it has another name; put link-remap into "
      OPTIONS_FILE },
    { "Can't open file (.+?)(?: on restore)?: No such file",
      "the file '\\1' was in use when the container was checkpointed, and is not there now" },
    { "File (.+) has bad size (\\d+) \\(expect (\\d+)\\)",
      "the file '\\1' was in use when the container was checkpointed, and has changed since: it has "
      "\\2 bytes, not \\3" },
    { "File (.+) has bad (?:build-ID|checksum|mode)",
      "the file '\\1' was in use when the container was checkpointed, and has changed since" },
    { "mnt: (.*(?:unreachable sharing|proper root mount|unsupported id).*)",
      "CRIU cannot dump one of the container's mounts: \\1" },
    { "Can't open parent path",
      "the checkpoint goes on from a pre-checkpoint that is not there; name that one's archive with "
      "--import-previous" },
    /* The host */
    { "No space left on device", NO_SPACE },
    { "execvp\\(\"(ip6?tables(?:-legacy)?-restore|nft)\"",
      "CRIU locks the network by the program '\\1', which is not installed: install the package "
      "iptables" },
    { "execvp\\(\"(.+?)\", \\.\\.\\.\\) failed: (.+)", "CRIU cannot run the program '\\1': \\2" },
    { "Can't get rlimit \\d+: Operation not permitted",
      "floe lacks CAP_SYS_RESOURCE, without which CRIU cannot dump processes of another user" },
    { "Locking network failed", "CRIU cannot lock the container's network" },
    { "(?:Unseizable non-zombie|Unable to (?:seize|attach to)|ptrace).*(?:err|not permitted)",
      "a process of the container cannot be seized: a debugger or tracer may have it" },
    { "Can't fork for (\\d+): File exists|Pid (\\d+) do(?:es)? not match expected",
      "the process id \\1\\2 is taken by another process" },
    { "Can't get 1:(?:16|34) opt",
      "CRIU is too old for this kernel, and cannot dump its sockets: CRIU 4.2 or newer is needed" },
    { "(?i)(?:vdso|vvar).*", "CRIU does not know this kernel's vDSO (\\0): a newer CRIU is needed" },
    { "(?i)Tracking memory is not available|soft.?dirty",
      "the kernel does not track changes of memory (CONFIG_MEM_SOFT_DIRTY)" },
    { "cpu: (.*(?:not supported|capabilit|do not match|doesn't match).*)",
      "this machine's processor lacks what the container used: \\1" },
    /* The images */
    { "Unexpected EOF on (.+)|Can't read inventory",
      "the checkpoint is not complete: an image of it is missing or cut short" },
    { "Magic doesn't match for (.+)", "the checkpoint is damaged: '\\1' is not an image of CRIU" },
};

/* clang-format on */

/* What is also said when all goes well, or only says that something failed before. */
#define NOISE \
    "^rlimit: Can't setup RLIMIT_NOFILE|cgroupd: recv req error|^(?:Dumping|Restoring|Pre-dumping)" \
    " FAILED|failed with -?\\d+$|^exited, status|^Unable to open fd="

typedef struct LogReader {
    GHashTable *sockets; /* inode "0x4399e": "10.88.0.2:6379" of every established connection */
    char *socket;        /* the one that CRIU is at; NULL: not known */
    unsigned long inode; /* of that; 0: not known */
    pid_t pid;           /* in the network namespace of the sockets; 0: none */
    GRegex *noise;
    char *reason;      /* explained */
    char *first_error; /* not explained, no noise */
} LogReader;

static void log_reader_clear(LogReader *reader)
{
    g_hash_table_unref(reader->sockets);
    g_regex_unref(reader->noise);
    g_free(reader->socket);
    g_free(reader->reason);
    g_free(reader->first_error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LogReader, log_reader_clear)

/* --- which socket ----------------------------------------------------------------------------- */

/* NULL for what is no address. */
static char *endpoint(const char *address, unsigned int port)
{
    if (!g_hostname_is_ip_address(address))
        return NULL;
    return strchr(address, ':') != NULL ? g_strdup_printf("[%s]:%u", address, port)
                                        : g_strdup_printf("%s:%u", address, port);
}

/*
 * Lines of criu/sk-inet.c, show_one_inet() and show_one_inet_img(), and of criu/sockets.c,
 * lookup_socket().
 */
static void follow_sockets(LogReader *reader, const char *line)
{
    char inode[32], family[16], type[16], protocol[16], state[24], address[48];
    unsigned int port = 0;
    const char *at;

    if ((at = strstr(line, "Collected: ino")) != NULL) {
        if (sscanf(at, "Collected: ino %31s family %15s type %15s port %u state %23s src_addr %47s",
                   inode, family, type, &port, state, address) == 6 &&
            g_str_equal(state, "TCP_ESTABLISHED") &&
            g_hash_table_size(reader->sockets) < SOCKETS_MAX)
            g_hash_table_replace(reader->sockets, g_strdup(inode), endpoint(address, port));
    } else if ((at = strstr(line, "Searching for socket ")) != NULL) {
        if (sscanf(at, "Searching for socket %31s", inode) == 1) {
            g_free(reader->socket);
            reader->socket = g_strdup(g_hash_table_lookup(reader->sockets, inode));
            reader->inode = strtoul(inode, NULL, 16);
        }
    } else if ((at = strstr(line, "Restore: family")) != NULL) {
        if (sscanf(at, "Restore: family %15s type %15s proto %15s port %u state %23s src_addr %47s",
                   family, type, protocol, &port, state, address) == 6) {
            g_free(reader->socket);
            reader->socket = endpoint(address, port);
        }
    }
}

/* --- the reason ------------------------------------------------------------------------------- */

/* " (10.88.0.2:6379 to 10.88.0.1:40522)", as far as it is known. CRIU's log has one end only. */
static char *name_connection(const LogReader *reader)
{
    unsigned int port = 0;
    g_autofree char *address = NULL;
    g_autofree char *peer = NULL;

    if (reader->socket == NULL)
        return g_strdup("");
    if (reader->pid > 0 && reader->inode > 0)
        address = tcp_peer_address(reader->pid, reader->inode, &port);
    if (address != NULL)
        peer = endpoint(address, port);
    return peer != NULL ? g_strdup_printf(" (%s to %s)", reader->socket, peer)
                        : g_strdup_printf(" (%s)", reader->socket);
}

/* Put the connection where the words have it. */
static char *name_socket(const char *words, const LogReader *reader)
{
    g_autofree char *name = name_connection(reader);
    g_auto(GStrv) parts = g_strsplit(words, SOCKET, 2);

    return g_strjoinv(name, parts);
}

static char *explain(const LogReader *reader, const char *message)
{
    for (size_t i = 0; i < G_N_ELEMENTS(EXPLANATIONS); i++) {
        const char *words = EXPLANATIONS[i].words;
        g_autoptr(GRegex) regex = g_regex_new(EXPLANATIONS[i].pattern, 0, 0, NULL);
        g_autoptr(GMatchInfo) match = NULL;

        if (!g_regex_match(regex, message, 0, &match))
            continue;
        return strstr(words, SOCKET) != NULL ? name_socket(words, reader)
                                             : g_match_info_expand_references(match, words, NULL);
    }
    return NULL;
}

static void read_line(LogReader *reader, const char *line)
{
    const char *mark = strstr(line, ERROR_MARK);
    const char *text = mark != NULL ? strstr(mark, "): ") : NULL;

    follow_sockets(reader, line);
    if (text == NULL)
        return;

    g_autofree char *message = g_utf8_make_valid(text + strlen("): "), -1);

    for (char *at = message; *at != '\0'; at++) {
        if (g_ascii_iscntrl(*at))
            *at = ' ';
    }
    g_strstrip(message);
    if (*message == '\0' || g_regex_match(reader->noise, message, 0, NULL))
        return;
    reader->reason = explain(reader, message);
    if (reader->first_error == NULL)
        reader->first_error = g_steal_pointer(&message);
}

/*
 * The log is then cut off anywhere, often before the reason. A file system without blocks (a tmpfs
 * without a limit) has no size, and is never full.
 */
static bool is_on_full_disk(FILE *log)
{
    struct statvfs disk;

    return fstatvfs(fileno(log), &disk) == 0 && disk.f_blocks > 0 &&
           disk.f_bavail * disk.f_frsize < FULL_BELOW;
}

char *criu_log_reason(const char *log_path, pid_t pid)
{
    char line[LOG_LINE_MAX];
    size_t seen = 0;
    FILE *log = fopen(log_path, "re");

    if (log == NULL)
        return NULL;

    g_auto(LogReader) reader = {
        .sockets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
        .noise = g_regex_new(NOISE, 0, 0, NULL),
        .pid = pid,
    };

    while (reader.reason == NULL && seen < CRIU_LOG_LIMIT && fgets(line, sizeof(line), log) != NULL) {
        seen += strlen(line);
        read_line(&reader, line);
    }
    if (reader.reason == NULL && is_on_full_disk(log))
        reader.reason = g_strdup(NO_SPACE);
    fclose(log);
    return reader.reason != NULL ? g_steal_pointer(&reader.reason)
                                 : g_steal_pointer(&reader.first_error);
}

int criu_log_version(const char *log_path)
{
    char line[LOG_LINE_MAX];
    int version = 0;
    FILE *log = fopen(log_path, "re");

    for (int i = 0; log != NULL && i < VERSION_LINES && version == 0; i++) {
        const char *found = fgets(line, sizeof(line), log) != NULL ? strstr(line, "Version: ")
                                                                   : NULL;

        if (found != NULL)
            criu_version_parse(found, &version);
    }
    if (log != NULL)
        fclose(log);
    return version;
}
