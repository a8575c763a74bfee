/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table of instructions, one function each. They are read as `podman import --change` reads
 * them, with the Dockerfile's forms where those hold more (several pairs, quotes, port ranges).
 */
#include "storage/image-changes.h"

#include <ctype.h>
#include <signal.h>
#include <string.h>

#define PORT_MAX    65535
#define SIGNAL_MAX  64
#define EMPTY_VALUE json_object() /* ports and volumes are sets: {"80/tcp": {}} */

typedef bool (*ChangeFunction)(json_t *config, const char *value, GError **error);

/* --- values ----------------------------------------------------------------------------------- */

static bool invalid(GError **error, const char *what, const char *value)
{
    err_set(error, FLOE_ERROR_INVALID, "%s: '%s'", what, value);
    return false;
}

/*
 * Words as a shell parts them: quotes keep spaces and go away, a backslash takes the next character
 * as it is.
 */
static bool words_split(const char *value, char ***ret_words, GError **error)
{
    return g_shell_parse_argv(value, NULL, ret_words, NULL) ||
           err_set(error, FLOE_ERROR_INVALID, "a quote or a backslash has no end");
}

/* A JSON array of strings, or NULL where the value is no JSON array at all. */
static bool array_parse(const char *value, json_t **ret_array, GError **error)
{
    g_autoptr(JsonValue) array = json_loads(value, 0, NULL);
    json_t *item;
    size_t i;

    *ret_array = NULL;
    if (!json_is_array(array))
        return true;
    json_array_foreach(array, i, item) {
        if (!json_is_string(item))
            return invalid(error, "only strings can be in the array", value);
    }
    *ret_array = g_steal_pointer(&array);
    return true;
}

/* An object inside the configuration, made where it is missing. */
static json_t *member_object(json_t *config, const char *key)
{
    json_t *object = json_object_get(config, key);

    if (!json_is_object(object)) {
        object = json_object();
        json_object_set_new(config, key, object);
    }
    return object;
}

/* --- instructions ----------------------------------------------------------------------------- */

static bool change_command(json_t *config, const char *key, const char *value, GError **error)
{
    json_t *command = NULL;

    if (!array_parse(value, &command, error))
        return false;
    if (command == NULL)
        command = json_pack("[s, s, s]", "/bin/sh", "-c", value);
    json_object_set_new(config, key, command);
    return true;
}

static bool change_cmd(json_t *config, const char *value, GError **error)
{
    return change_command(config, "Cmd", value, error);
}

static bool change_entrypoint(json_t *config, const char *value, GError **error)
{
    return change_command(config, "Entrypoint", value, error);
}

/* NAME=VALUE takes the place of an earlier one with the name. */
static void env_set(json_t *env, const char *pair)
{
    size_t name_length = strcspn(pair, "=") + 1;
    json_t *old;
    size_t i;

    json_array_foreach(env, i, old) {
        const char *text = json_string_value(old);

        if (text != NULL && strncmp(text, pair, name_length) == 0) {
            json_array_set_new(env, i, json_string(pair));
            return;
        }
    }
    json_array_append_new(env, json_string(pair));
}

static void label_set(json_t *labels, const char *pair)
{
    g_autofree char *name = g_strndup(pair, strcspn(pair, "="));

    json_object_set_new(labels, name, json_string(pair + strlen(name) + 1));
}

/* "K V", the old form: the rest of the line is the value as it stands. */
static bool pair_from_rest(const char *value, char **ret_pair, GError **error)
{
    size_t name_length = strcspn(value, " \t");
    const char *rest = value + name_length + strspn(value + name_length, " \t");

    if (*rest == '\0')
        return invalid(error, "NAME=VALUE is wanted", value);
    *ret_pair = g_strdup_printf("%.*s=%s", (int)name_length, value, rest);
    return true;
}

/* Call `set` for each K=V of the value. */
static bool change_pairs(json_t *target, const char *value, void (*set)(json_t *, const char *),
                         GError **error)
{
    g_auto(GStrv) words = NULL;

    if (!words_split(value, &words, error))
        return false;
    if (strchr(words[0], '=') == NULL) {
        g_autofree char *pair = NULL;

        if (!pair_from_rest(value, &pair, error))
            return false;
        set(target, pair);
        return true;
    }
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strchr(words[i], '=') == NULL || words[i][0] == '=')
            return invalid(error, "NAME=VALUE is wanted", words[i]);
    }
    for (size_t i = 0; words[i] != NULL; i++)
        set(target, words[i]);
    return true;
}

static bool change_env(json_t *config, const char *value, GError **error)
{
    json_t *env = json_object_get(config, "Env");

    if (!json_is_array(env)) {
        env = json_array();
        json_object_set_new(config, "Env", env);
    }
    return change_pairs(env, value, env_set, error);
}

static bool change_label(json_t *config, const char *value, GError **error)
{
    return change_pairs(member_object(config, "Labels"), value, label_set, error);
}

static bool change_workdir(json_t *config, const char *value, GError **error)
{
    const char *before = json_string_value(json_object_get(config, "WorkingDir"));
    g_autofree char *path = g_build_filename(before != NULL ? before : "/", value, NULL);

    json_object_set_new(config, "WorkingDir", json_string(value[0] == '/' ? value : path));
    return true;
}

static bool change_user(json_t *config, const char *value, GError **error)
{
    if (strpbrk(value, " \t") != NULL)
        return invalid(error, "USER takes one name", value);
    json_object_set_new(config, "User", json_string(value));
    return true;
}

/* "80", or "8000-8010" with both ends. */
static bool ports_parse(const char *text, guint64 *ret_first, guint64 *ret_last)
{
    g_auto(GStrv) ends = g_strsplit(text, "-", 2);
    const char *last = ends[0] != NULL && ends[1] != NULL ? ends[1] : ends[0];

    return last != NULL && g_ascii_string_to_unsigned(ends[0], 10, 1, PORT_MAX, ret_first, NULL) &&
           g_ascii_string_to_unsigned(last, 10, *ret_first, PORT_MAX, ret_last, NULL);
}

static bool port_expose(json_t *ports, const char *word, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(word, "/", 2);
    const char *protocol = parts[0] != NULL && parts[1] != NULL ? parts[1] : "tcp";
    guint64 first, last;

    if (parts[0] == NULL || !ports_parse(parts[0], &first, &last))
        return invalid(error, "not a port or range of ports", word);
    if (!g_str_equal(protocol, "tcp") && !g_str_equal(protocol, "udp") &&
        !g_str_equal(protocol, "sctp"))
        return invalid(error, "the protocol is none of tcp, udp, sctp", word);

    for (guint64 port = first; port <= last; port++) {
        g_autofree char *key = g_strdup_printf("%" G_GUINT64_FORMAT "/%s", port, protocol);
        json_object_set_new(ports, key, EMPTY_VALUE);
    }
    return true;
}

static bool change_expose(json_t *config, const char *value, GError **error)
{
    g_auto(GStrv) words = NULL;

    if (!words_split(value, &words, error))
        return false;
    for (size_t i = 0; words[i] != NULL; i++) {
        if (!port_expose(member_object(config, "ExposedPorts"), words[i], error))
            return false;
    }
    return true;
}

/* A number, or a name with or without SIG; RTMIN+1 and RTMAX-1 too. */
static bool signal_is_known(const char *text)
{
    const char *name = g_ascii_strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;

    if (g_ascii_string_to_unsigned(text, 10, 1, SIGNAL_MAX, NULL, NULL))
        return true;
    if (g_ascii_strncasecmp(name, "RTMIN", 5) == 0 || g_ascii_strncasecmp(name, "RTMAX", 5) == 0)
        return name[5] == '\0' ||
               ((name[5] == '+' || name[5] == '-') &&
                g_ascii_string_to_unsigned(name + 6, 10, 0, SIGNAL_MAX, NULL, NULL));
    for (int number = 1; number < NSIG; number++) {
        const char *known = sigabbrev_np(number);

        if (known != NULL && g_ascii_strcasecmp(name, known) == 0)
            return true;
    }
    return false;
}

static bool change_stopsignal(json_t *config, const char *value, GError **error)
{
    if (!signal_is_known(value))
        return invalid(error, "no such signal", value);
    json_object_set_new(config, "StopSignal", json_string(value));
    return true;
}

static bool change_volume(json_t *config, const char *value, GError **error)
{
    g_autoptr(JsonValue) paths = NULL;
    json_t *path;
    size_t i;

    if (!array_parse(value, &paths, error))
        return false;
    if (paths == NULL) {
        g_auto(GStrv) words = NULL;

        if (!words_split(value, &words, error))
            return false;
        paths = json_from_strv((const char *const *)words);
    }
    json_array_foreach(paths, i, path) {
        if (json_string_length(path) == 0)
            return invalid(error, "a volume's path is empty", value);
        json_object_set_new(member_object(config, "Volumes"), json_string_value(path), EMPTY_VALUE);
    }
    return true;
}

/* What a build on top of the image does first; a container has nothing of it. */
static bool change_onbuild(json_t *config, const char *value, GError **error)
{
    json_t *triggers = json_object_get(config, "OnBuild");

    if (!json_is_array(triggers)) {
        triggers = json_array();
        json_object_set_new(config, "OnBuild", triggers);
    }
    json_array_append_new(triggers, json_string(value));
    return true;
}

static const struct {
    const char *name;
    ChangeFunction change;
} instructions[] = {
    { "CMD", change_cmd },
    { "ENTRYPOINT", change_entrypoint },
    { "ENV", change_env },
    { "EXPOSE", change_expose },
    { "LABEL", change_label },
    { "ONBUILD", change_onbuild },
    { "STOPSIGNAL", change_stopsignal },
    { "USER", change_user },
    { "VOLUME", change_volume },
    { "WORKDIR", change_workdir },
};

static ChangeFunction instruction_find(const char *name, size_t length)
{
    for (size_t i = 0; i < G_N_ELEMENTS(instructions); i++) {
        if (strlen(instructions[i].name) == length &&
            g_ascii_strncasecmp(instructions[i].name, name, length) == 0)
            return instructions[i].change;
    }
    return NULL;
}

static bool change_apply(json_t *config, const char *instruction, GError **error)
{
    /* Both "CMD /bin/sh" and "CMD=/bin/sh", as podman takes them. */
    size_t length = strcspn(instruction, " \t=");
    g_autofree char *value = g_strdup(instruction + length + (instruction[length] != '\0'));
    ChangeFunction change = instruction_find(instruction, length);

    if (!g_utf8_validate(instruction, -1, NULL))
        return err_set(error, FLOE_ERROR_INVALID, "it is not UTF-8");
    if (change == NULL)
        return err_set(error, FLOE_ERROR_INVALID,
                       "'%.*s' is none of CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, "
                       "STOPSIGNAL, USER, VOLUME, WORKDIR",
                       (int)MIN(length, 64), instruction);
    g_strstrip(value);
    if (*value == '\0')
        return err_set(error, FLOE_ERROR_INVALID, "it has no value");
    return change(config, value, error);
}

bool image_config_change(json_t *config, const char *instruction, GError **error)
{
    const char *start = instruction + strspn(instruction, " \t\n");

    return change_apply(config, start, error) || err_prefix(error, "change '%s'", instruction);
}
