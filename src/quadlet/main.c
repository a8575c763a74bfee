/* SPDX-License-Identifier: Apache-2.0 */
/*
 * floe-system-generator, systemd.generator(7): at boot and at each `systemctl daemon-reload` systemd
 * runs it, and it makes services of the files that say what containers, pods, volumes and networks
 * there are to be. It starts nothing, asks nothing of the engine, and one bad file keeps none of the
 * others from working.
 */
#include "base/fd.h"
#include "base/path.h"
#include "quadlet/service.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME             "floe-system-generator"
#define PODMAN_GENERATOR "podman-system-generator"

/* Earlier ones win. docs/decisions/ tells why there are two families. */
static const char *const own_directories[] = { "/run/floe/systemd", "/etc/floe/systemd",
                                               "/usr/share/floe/systemd" };
static const char *const shared_directories[] = { "/run/containers/systemd",
                                                  "/etc/containers/systemd",
                                                  "/usr/share/containers/systemd" };
static const char *const generator_directories[] = { "/run/systemd/system-generators",
                                                     "/etc/systemd/system-generators",
                                                     "/usr/local/lib/systemd/system-generators",
                                                     "/usr/lib/systemd/system-generators" };

typedef struct Generator {
    bool is_dry_run;
    const char *target; /* systemd's directory for what is generated */
    int n_failures;
    int log_fd; /* /dev/kmsg: at boot there is no other log yet */
} Generator;

/* --- telling ---------------------------------------------------------------------------------- */

/*
 * One write is one record of the kernel's log. It refuses to seek, which dprintf() did up to glibc
 * 2.36, and then nothing came.
 */
static void say(Generator *generator, char level, const char *text)
{
    g_autofree char *line = g_strdup_printf("<%c>" NAME "[%d]: %s\n", level, (int)getpid(), text);

    if (generator->log_fd < 0 || !fd_write_all(generator->log_fd, line, strlen(line), NULL))
        fprintf(stderr, NAME ": %s\n", text);
}

static void complain(const char *text, void *data)
{
    Generator *generator = data;

    generator->n_failures++;
    say(generator, '3', text);
}

/* --- directories ------------------------------------------------------------------------------ */

/* The first of systemd's directories that has it decides; a link to /dev/null switches it off. */
static bool podman_generates(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(generator_directories); i++) {
        g_autofree char *path = g_build_filename(generator_directories[i], PODMAN_GENERATOR, NULL);
        struct stat info;

        if (stat(path, &info) == 0)
            return S_ISREG(info.st_mode);
    }
    return false;
}

/* FLOE_UNIT_DIRS: these and no others, separated by colons. */
static char **source_directories(Generator *generator)
{
    g_autoptr(GStrvBuilder) directories = g_strv_builder_new();
    const char *given = g_getenv("FLOE_UNIT_DIRS");
    bool has_files = false;

    if (given != NULL)
        return g_strsplit(given, ":", -1);
    for (size_t i = 0; i < G_N_ELEMENTS(own_directories); i++)
        g_strv_builder_add(directories, own_directories[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(shared_directories); i++)
        has_files = has_files || g_file_test(shared_directories[i], G_FILE_TEST_IS_DIR);
    if (has_files && podman_generates()) {
        say(generator, '6', "what is in containers/systemd is left to " PODMAN_GENERATOR);
    } else {
        for (size_t i = 0; i < G_N_ELEMENTS(shared_directories); i++)
            g_strv_builder_add(directories, shared_directories[i]);
    }
    return g_strv_builder_end(directories);
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool make_link(const Generator *generator, const char *name, const char *target,
                      GError **error)
{
    g_autofree char *path = g_build_filename(generator->target, name, NULL);
    g_autofree char *directory = g_path_get_dirname(path);

    if (!dir_make(directory, 0755, error))
        return false;
    if (symlink(target, path) < 0 && errno != EEXIST)
        return err_set_errno(error, "link '%s'", path);
    return true;
}

/* The unit that is enabled: the service, or of a template its default instance; NULL: none. */
static char *enabled_name(const UnitFile *unit, const UnitFile *source)
{
    const char *instance = unit_file_last(source, "Install", "DefaultInstance");
    const char *at = strchr(unit->name, '@');

    if (at == NULL || at[1] != '.')
        return g_strdup(unit->name);
    return instance == NULL ? NULL
                            : g_strdup_printf("%.*s%s%s", (int)(at + 1 - unit->name), unit->name,
                                              instance, at + 1);
}

/* What `systemctl enable` does with [Install]: generated units cannot be enabled. */
static bool install(const Generator *generator, const UnitFile *unit, const UnitFile *source,
                    GError **error)
{
    static const struct {
        const char *key, *tail;
    } targets[] = { { "Alias", NULL },
                    { "WantedBy", ".wants/" },
                    { "RequiredBy", ".requires/" },
                    { "UpheldBy", ".upholds/" } };
    g_autofree char *name = enabled_name(unit, source);
    g_autofree char *beside = g_strconcat("../", unit->name, NULL);

    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(targets); i++) {
        g_autofree const char **values = unit_file_values(source, "Install", targets[i].key);
        g_autofree char *joined = g_strjoinv(" ", (char **)values);
        g_auto(GStrv) words = g_strsplit_set(joined, " \t", -1);

        for (char **word = words; *word != NULL; word++) {
            const char *tail = targets[i].tail;
            g_autofree char *link = tail != NULL ? g_strconcat(*word, tail, name, NULL)
                                                 : g_strdup(*word);

            if (**word == '\0' || strchr(*word, '/') != NULL)
                continue;
            if (!make_link(generator, link, tail != NULL ? beside : unit->name, error))
                return false;
        }
    }
    return true;
}

static bool write_unit(const Generator *generator, const UnitFile *unit, const UnitFile *source,
                       GError **error)
{
    g_autofree char *path = NULL;
    g_autofree char *body = unit_file_text(unit);
    g_autofree char *text = g_strconcat("# Made by " NAME "(8)\n\n", body, NULL);

    if (generator->is_dry_run) {
        printf("---%s---\n%s\n", unit->name, text);
        return true;
    }
    path = g_build_filename(generator->target, unit->name, NULL);
    return file_write_atomic(path, text, strlen(text), 0644, error) &&
           install(generator, unit, source, error);
}

/* "a-pod.container" and "a.pod" would both be a-pod.service. */
static bool claim_name(GHashTable *services, const UnitFile *unit, const UnitFile *source,
                       GError **error)
{
    const UnitFile *other = g_hash_table_lookup(services, unit->name);

    if (other != NULL)
        return err_set(error, FLOE_ERROR_EXISTS, "%s: its service, %s, is that of %s already",
                       source->path, unit->name, other->path);
    g_hash_table_insert(services, g_strdup(unit->name), (gpointer)source);
    return true;
}

static void generate(Generator *generator)
{
    g_auto(GStrv) directories = source_directories(generator);
    g_autoptr(GHashTable) services = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_auto(UnitSet) set = { NULL };

    unit_set_load(&set, (const char *const *)directories, complain, generator);
    for (guint i = 0; i < set.units->len; i++) {
        const UnitFile *source = g_ptr_array_index(set.units, i);
        g_autoptr(UnitFile) unit = NULL;
        g_autoptr(GError) err = NULL;

        if (!service_make(&set, source, FLOE_PROGRAM, &unit, &err) ||
            !claim_name(services, unit, source, &err) || !write_unit(generator, unit, source, &err))
            complain(err->message, generator);
    }
}

static int usage(FILE *out, int status)
{
    fputs("Usage: " NAME " [--dryrun] [DIRECTORY [EARLY LATE]]\n\n"
          "Make systemd's services of .container, .pod, .volume, .network, .image and .build files,\n"
          "in DIRECTORY, or with --dryrun on standard output. See floe-systemd.unit(5).\n",
          out);
    return status;
}

int main(int argc, char **argv)
{
    Generator generator = { .log_fd = -1 };

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return usage(stdout, EXIT_SUCCESS);
        if (strcmp(argv[i], "--dryrun") == 0 || strcmp(argv[i], "-dryrun") == 0)
            generator.is_dry_run = true;
        else if (argv[i][0] == '-')
            return usage(stderr, EXIT_FAILURE);
        else if (generator.target == NULL)
            generator.target = argv[i]; /* the "normal" one of systemd's three */
    }
    if (!generator.is_dry_run && generator.target == NULL)
        return usage(stderr, EXIT_FAILURE);
    /* systemd tells its generators about itself; anybody else reads what is written to stderr. */
    if (!generator.is_dry_run && g_getenv("SYSTEMD_SCOPE") != NULL)
        generator.log_fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
    generate(&generator);
    return generator.n_failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
