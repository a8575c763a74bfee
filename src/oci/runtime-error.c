/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading of runtimes' complaints. Texts are those of runc 1.1 (libcontainer/factory_linux.go,
 * standard_init_linux.go) and crun 1.8 to 1.28 (src/libcrun/container.c, utils.c), which differ
 * from release to release: what is not recognised is passed on as it is.
 */
#include "oci/runtime-error.h"

#include <jansson.h>
#include <string.h>
#include <sys/resource.h>

#define TEXT_MAX    ((size_t)64 * 1024) /* looked at, from the end */
#define MESSAGE_MAX ((size_t)2000)      /* passed on */

/* --- finding the message ---------------------------------------------------------------------- */

/* One line: control characters become spaces. Takes the text. */
static char *one_line(char *text)
{
    for (char *at = text; *at != '\0'; at++) {
        if (g_ascii_iscntrl(*at))
            *at = ' ';
    }
    if (strlen(text) > MESSAGE_MAX)
        text[MESSAGE_MAX] = '\0';

    char *valid = g_utf8_make_valid(g_strstrip(text), -1);
    g_free(text);
    return valid;
}

/* The message of one JSON log entry, or NULL if it is a warning or less. Borrowed. */
static const char *entry_message(const json_t *entry)
{
    const char *level = json_string_value(json_object_get(entry, "level"));

    if (g_strcmp0(level, "error") != 0 && g_strcmp0(level, "fatal") != 0 &&
        g_strcmp0(level, "panic") != 0)
        return NULL;
    return json_string_value(json_object_get(entry, "msg"));
}

/*
 * Step over one JSON value (crun spreads one over several lines) or, where there is none, one line,
 * and remember it if it tells something.
 */
static const char *read_entry(const char *at, const char *end, char **message, char **line)
{
    json_error_t where;
    json_t *entry = NULL;

    if (*at == '{')
        entry = json_loadb(at, (size_t)(end - at), JSON_DISABLE_EOF_CHECK, &where);
    if (entry != NULL) {
        const char *text = entry_message(entry);

        if (text != NULL) {
            /* runc adds the path of CRIU's log, which whoever reads that log tells better. */
            const char *log_path = strstr(text, "\nlog file: ");

            g_free(*message);
            *message = log_path != NULL ? g_strndup(text, (size_t)(log_path - text))
                                        : g_strdup(text);
        }
        json_decref(entry);
        return at + where.position;
    }

    const char *newline = memchr(at, '\n', (size_t)(end - at));
    size_t length = newline != NULL ? (size_t)(newline - at) : (size_t)(end - at);

    g_free(*line);
    *line = g_strndup(at, length);
    return at + length;
}

char *runtime_error_text(const char *text)
{
    size_t length = strlen(text);
    g_autofree char *valid = NULL;
    g_autofree char *message = NULL;
    g_autofree char *line = NULL;

    if (length > TEXT_MAX)
        text += length - TEXT_MAX;
    valid = g_utf8_make_valid(text, -1);

    const char *at = valid;
    const char *end = valid + strlen(valid);

    for (;;) {
        while (g_ascii_isspace(*at))
            at++;
        if (at >= end)
            break;
        at = read_entry(at, end, &message, &line);
    }
    if (message != NULL)
        return one_line(g_steal_pointer(&message));
    return one_line(line != NULL ? g_steal_pointer(&line) : g_strdup(""));
}

/* --- what it means ---------------------------------------------------------------------------- */

typedef struct CommandComplaint {
    const char *pattern; /* groups: `name` of the command, `why` it failed; both may be missing */
    const char *missing; /* said when there is no such file; NULL: it is there, but not runnable */
} CommandComplaint;

static const CommandComplaint COMPLAINTS[] = {
    /* runc, before the command: exec: "x": executable file not found in $PATH */
    { "\\bexec: \"(?<name>.*)\": (?<why>.+)$", "was not found in the container" },
    /* crun, likewise */
    { "^executable file `(?<name>.*)` not found(?: in \\$PATH)?: (?<why>.+)$",
      "was not found in the container" },
    { "^cannot find `(?<name>.*)` in \\$PATH: (?<why>.+)$", "was not found in the container" },
    { "^the path `(?<name>.*)` (?:exists but it )?(?<why>is not .+): ", NULL },
    { "^open executable: (?<why>.+)$", "was not found in the container" },
    /* Both, when the kernel refuses to execute it: the file was there a moment ago. */
    { "^exec(?: container process)?(?: \\(missing dynamic library\\?\\))?"
      "(?: [`\"]?(?<name>/[^`\"]*?)[`\"]?)?: (?<why>.+)$",
      "cannot be run in the container: its interpreter or a library is missing" },
};

/* What every message of runc begins with, one inside the other. */
#define PREFIXES \
    "^(?:(?:(?:runc )?(?:create|run|exec|start|checkpoint|restore|delete|kill|pause|resume) " \
    "failed|[a-z_]+_linux\\.go:\\d+|starting container process caused|unable to start container " \
    "process|error during container init|OCI runtime error): )+"

static bool says_missing(const char *why)
{
    return g_ascii_strncasecmp(why, "executable file not found", 25) == 0 ||
           g_str_has_suffix(why, "no such file or directory") ||
           g_str_has_suffix(why, "No such file or directory");
}

static bool set_command_error(GError **error, const CommandComplaint *complaint, const char *name,
                              const char *why)
{
    g_autofree char *command = name != NULL ? g_strdup_printf("command '%s'", name)
                                            : g_strdup("the command");

    if (complaint->missing != NULL && says_missing(why))
        return err_set(error, FLOE_ERROR_CMD_NOT_FOUND, "%s %s", command, complaint->missing);
    return err_set(error, FLOE_ERROR_CMD_NOT_RUNNABLE, "%s cannot be run in the container: %s",
                   command, why);
}

/* Is it about the container's command? Then the error is set. */
static bool is_command_error(const char *message, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(COMPLAINTS); i++) {
        g_autoptr(GRegex) regex = g_regex_new(COMPLAINTS[i].pattern, 0, 0, NULL);
        g_autoptr(GMatchInfo) match = NULL;

        if (!g_regex_match(regex, message, 0, &match))
            continue;

        g_autofree char *name = g_match_info_fetch_named(match, "name");
        g_autofree char *why = g_match_info_fetch_named(match, "why");

        if (g_strcmp0(name, "") == 0)
            g_clear_pointer(&name, g_free);
        set_command_error(error, &COMPLAINTS[i], name, why);
        return true;
    }
    return false;
}

/* --- a limit (--ulimit) --------------------------------------------------------------------- */

static const char *const LIMITS[] = {
    [RLIMIT_AS] = "as",           [RLIMIT_CORE] = "core",
    [RLIMIT_CPU] = "cpu",         [RLIMIT_DATA] = "data",
    [RLIMIT_FSIZE] = "fsize",     [RLIMIT_LOCKS] = "locks",
    [RLIMIT_MEMLOCK] = "memlock", [RLIMIT_MSGQUEUE] = "msgqueue",
    [RLIMIT_NICE] = "nice",       [RLIMIT_NOFILE] = "nofile",
    [RLIMIT_NPROC] = "nproc",     [RLIMIT_RSS] = "rss",
    [RLIMIT_RTPRIO] = "rtprio",   [RLIMIT_RTTIME] = "rttime",
    [RLIMIT_STACK] = "stack",     [RLIMIT_SIGPENDING] = "sigpending",
};

/* The limit that the kernel refused: runc tells its number, crun its name. -1: it is not that. */
static int refused_limit(const char *message)
{
    g_autoptr(GRegex) regex = g_regex_new("(?:error setting rlimit type (?<number>\\d+)|"
                                          "setrlimit `?(?:RLIMIT_)?(?<name>[A-Z]+)`?): "
                                          "operation not permitted$",
                                          G_REGEX_CASELESS, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;

    if (!g_regex_match(regex, message, 0, &match))
        return -1;

    g_autofree char *number = g_match_info_fetch_named(match, "number");
    g_autofree char *name = g_match_info_fetch_named(match, "name");
    guint64 value = 0;

    if (g_ascii_string_to_unsigned(number, 10, 0, G_N_ELEMENTS(LIMITS) - 1, &value, NULL))
        return (int)value;
    for (size_t i = 0; i < G_N_ELEMENTS(LIMITS); i++) {
        if (name != NULL && g_ascii_strcasecmp(name, LIMITS[i]) == 0)
            return (int)i;
    }
    return -1;
}

static bool is_limit_error(const char *message, GError **error)
{
    int limit = refused_limit(message);
    struct rlimit own;

    if (limit < 0 || getrlimit((__rlimit_resource_t)limit, &own) < 0)
        return false;
    err_set(error, FLOE_ERROR_RUNTIME,
            "the kernel refuses the limit '%s' (--ulimit): without CAP_SYS_RESOURCE none can be above "
            "floe's own hard limit, %" G_GUINT64_FORMAT,
            LIMITS[limit], (guint64)own.rlim_max);
    return true;
}

bool runtime_error(GError **error, const char *runtime_name, const char *text)
{
    g_autofree char *message = runtime_error_text(text);
    g_autoptr(GRegex) prefixes = g_regex_new(PREFIXES, 0, 0, NULL);
    g_autofree char *core = g_regex_replace_literal(prefixes, message, -1, 0, "", 0, NULL);

    if (*core == '\0')
        return err_set(error, FLOE_ERROR_RUNTIME, "%s failed and did not say why", runtime_name);
    if (is_command_error(core, error) || is_limit_error(core, error))
        return false;
    return err_set(error, FLOE_ERROR_RUNTIME, "%s: %s", runtime_name, core);
}
