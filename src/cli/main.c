/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floe command: global flags, then a verb out of one table. `floe container VERB` and `floe
 * image VERB` are the same functions under podman's longer names.
 */
#include "cli/message.h"
#include "cli/nearest.h"
#include "cli/options.h"
#include "cli/verbs.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* The groups of `floe --help`, in their order. */
typedef enum Group {
    GROUP_RUN,
    GROUP_FREEZE,
    GROUP_LOOK,
    GROUP_FILES,
    GROUP_POD,
    GROUP_IMAGE,
    GROUP_VOLUME,
    GROUP_SECRET,
    GROUP_NETWORK,
    GROUP_HOST,
    GROUP_HIDDEN
} Group;

/* Which other names a verb has. */
enum { IN_CONTAINER = 1 << 0 };

typedef struct Verb {
    const char *name;
    const char *help;
    VerbFunction function;
    Group group;
    unsigned flags;
} Verb;

static const Verb verbs[] = {
    { "attach", "Connect to a running container", cmd_attach, GROUP_RUN, IN_CONTAINER },
    { "build", "Build an image with buildah", cmd_build, GROUP_IMAGE, 0 },
    { "checkpoint", "Freeze running containers to disk", cmd_checkpoint, GROUP_FREEZE,
      IN_CONTAINER },
    { "checkpoint inspect", "Tell what is in checkpoint archives", cmd_checkpoint_inspect,
      GROUP_FREEZE, 0 },
    { "commit", "Make an image of a container", cmd_commit, GROUP_IMAGE, IN_CONTAINER },
    { "container artifact", "Keep files with a container", cmd_container_artifact, GROUP_FILES, 0 },
    { "container cleanup", "Take down what ended containers hold", cmd_cleanup, GROUP_RUN, 0 },
    { "container clone", "Make another container like one that is there", cmd_container_clone,
      GROUP_RUN, 0 },
    { "container diff", "", cmd_container_diff, GROUP_HIDDEN, 0 },
    { "container exists", "Tell by the exit status whether a container exists",
      cmd_container_exists, GROUP_LOOK, 0 },
    { "container inspect", "", cmd_container_inspect, GROUP_HIDDEN, 0 },
    { "container list", "", cmd_ps, GROUP_HIDDEN, 0 },
    { "container ls", "", cmd_ps, GROUP_HIDDEN, 0 },
    { "container refresh", "Make containers anew, as they were", cmd_refresh, GROUP_RUN, 0 },
    { "cp", "Copy files between containers and this host", cmd_cp, GROUP_FILES, IN_CONTAINER },
    { "container prune", "Remove all containers that do not run", cmd_container_prune, GROUP_RUN,
      0 },
    { "create", "Make a container, without starting it", cmd_create, GROUP_RUN, IN_CONTAINER },
    { "diff", "List what a container or image changed", cmd_diff, GROUP_FILES, 0 },
    { "doctor", "Check this host for what floe needs", cmd_doctor, GROUP_HOST, 0 },
    { "events", "Print what happens to containers and images", cmd_events, GROUP_LOOK, 0 },
    { "exec", "Run one more command in a container", cmd_exec, GROUP_RUN, IN_CONTAINER },
    { "export", "Write a container's root file system as a tar", cmd_export, GROUP_FILES,
      IN_CONTAINER },
    { "healthcheck monitor", "", cmd_healthcheck_monitor, GROUP_HIDDEN, 0 },
    { "healthcheck run", "Check a container's health now", cmd_healthcheck_run, GROUP_LOOK, 0 },
    { "history", "Tell how an image was made", cmd_history, GROUP_IMAGE, 0 },
    { "image build", "", cmd_build, GROUP_HIDDEN, 0 },
    { "image diff", "", cmd_image_diff, GROUP_HIDDEN, 0 },
    { "image exists", "Tell by the exit status whether an image exists", cmd_image_exists,
      GROUP_IMAGE, 0 },
    { "image history", "", cmd_history, GROUP_HIDDEN, 0 },
    { "image import", "", cmd_import, GROUP_HIDDEN, 0 },
    { "image inspect", "", cmd_image_inspect, GROUP_HIDDEN, 0 },
    { "image list", "", cmd_images, GROUP_HIDDEN, 0 },
    { "image load", "", cmd_load, GROUP_HIDDEN, 0 },
    { "image ls", "", cmd_images, GROUP_HIDDEN, 0 },
    { "image mount", "Mount images on the host, to be read", cmd_image_mount, GROUP_IMAGE, 0 },
    { "image prune", "Delete images that nobody needs", cmd_image_prune, GROUP_IMAGE, 0 },
    { "image pull", "", cmd_pull, GROUP_HIDDEN, 0 },
    { "image push", "", cmd_push, GROUP_HIDDEN, 0 },
    { "image rm", "", cmd_rmi, GROUP_HIDDEN, 0 },
    { "image save", "", cmd_save, GROUP_HIDDEN, 0 },
    { "image search", "", cmd_search, GROUP_HIDDEN, 0 },
    { "image tag", "", cmd_tag, GROUP_HIDDEN, 0 },
    { "image tree", "Print the layers of an image", cmd_image_tree, GROUP_IMAGE, 0 },
    { "image umount", "", cmd_image_unmount, GROUP_HIDDEN, 0 },
    { "image unmount", "Undo image mount", cmd_image_unmount, GROUP_IMAGE, 0 },
    { "image untag", "", cmd_untag, GROUP_HIDDEN, 0 },
    { "images", "List images", cmd_images, GROUP_IMAGE, 0 },
    { "import", "Make an image of a root file system's tar", cmd_import, GROUP_IMAGE, 0 },
    { "info", "Tell about the host and floe's store", cmd_info, GROUP_HOST, 0 },
    { "init", "Prepare containers without starting them", cmd_init, GROUP_RUN, IN_CONTAINER },
    { "inspect", "Print all that is known of a container, image or volume", cmd_inspect, GROUP_LOOK,
      0 },
    { "kill", "Send a signal to containers", cmd_kill, GROUP_RUN, IN_CONTAINER },
    { "load", "Take images out of an archive", cmd_load, GROUP_IMAGE, 0 },
    { "login", "Log in to a registry", cmd_login, GROUP_IMAGE, 0 },
    { "logout", "Forget the login to a registry", cmd_logout, GROUP_IMAGE, 0 },
    { "logs", "Print what a container has written", cmd_logs, GROUP_LOOK, IN_CONTAINER },
    { "manifest add", "Add an image to a list of images", cmd_manifest_add, GROUP_IMAGE, 0 },
    { "manifest annotate", "Change what a list says of an image", cmd_manifest_annotate,
      GROUP_IMAGE, 0 },
    { "manifest create", "Make a list of images for several platforms", cmd_manifest_create,
      GROUP_IMAGE, 0 },
    { "manifest exists", "Tell by the exit status whether a list exists", cmd_manifest_exists,
      GROUP_IMAGE, 0 },
    { "manifest inspect", "Print what a list has", cmd_manifest_inspect, GROUP_IMAGE, 0 },
    { "manifest push", "Copy a list with its images to a registry", cmd_manifest_push, GROUP_IMAGE,
      0 },
    { "manifest remove", "Take an image out of a list", cmd_manifest_remove, GROUP_IMAGE, 0 },
    { "manifest rm", "Remove lists", cmd_manifest_rm, GROUP_IMAGE, 0 },
    { "mount", "Mount containers' root file systems on the host", cmd_mount, GROUP_FILES,
      IN_CONTAINER },
    { "network connect", "Put a container into one more network", cmd_network_connect,
      GROUP_NETWORK, 0 },
    { "network create", "Make a network", cmd_network_create, GROUP_NETWORK, 0 },
    { "network disconnect", "Take a container out of a network", cmd_network_disconnect,
      GROUP_NETWORK, 0 },
    { "network exists", "Tell by the exit status whether a network exists", cmd_network_exists,
      GROUP_NETWORK, 0 },
    { "network inspect", "Print all that is known of networks", cmd_network_inspect, GROUP_NETWORK,
      0 },
    { "network list", "", cmd_network_ls, GROUP_HIDDEN, 0 },
    { "network ls", "List networks", cmd_network_ls, GROUP_NETWORK, 0 },
    { "network prune", "Remove all networks that no container is in", cmd_network_prune,
      GROUP_NETWORK, 0 },
    { "network reload", "Make anew what containers have in their networks", cmd_network_reload,
      GROUP_NETWORK, 0 },
    { "network remove", "", cmd_network_rm, GROUP_HIDDEN, 0 },
    { "network rm", "Remove networks", cmd_network_rm, GROUP_NETWORK, 0 },
    { "network update", "Change the DNS servers of a network", cmd_network_update, GROUP_NETWORK,
      0 },
    { "pause", "Halt the processes of containers", cmd_pause, GROUP_RUN, IN_CONTAINER },
    { "pod checkpoint", "Freeze a pod into an archive", cmd_pod_checkpoint, GROUP_POD, 0 },
    { "pod clone", "Make another pod like one that is there", cmd_pod_clone, GROUP_POD, 0 },
    { "pod create", "Make a pod, for containers that share namespaces", cmd_pod_create, GROUP_POD,
      0 },
    { "pod exists", "Tell by the exit status whether a pod exists", cmd_pod_exists, GROUP_POD, 0 },
    { "pod inspect", "Print all that is known of a pod", cmd_pod_inspect, GROUP_POD, 0 },
    { "pod kill", "Send a signal to the containers of pods", cmd_pod_kill, GROUP_POD, 0 },
    { "pod list", "", cmd_pod_ps, GROUP_HIDDEN, 0 },
    { "pod logs", "Print what the containers of a pod have written", cmd_pod_logs, GROUP_POD, 0 },
    { "pod ls", "", cmd_pod_ps, GROUP_HIDDEN, 0 },
    { "pod pause", "Halt the processes of pods", cmd_pod_pause, GROUP_POD, 0 },
    { "pod prune", "Remove all pods that do not run", cmd_pod_prune, GROUP_POD, 0 },
    { "pod ps", "List pods", cmd_pod_ps, GROUP_POD, 0 },
    { "pod restart", "Stop pods and start them again", cmd_pod_restart, GROUP_POD, 0 },
    { "pod restore", "Thaw a pod out of an archive", cmd_pod_restore, GROUP_POD, 0 },
    { "pod rm", "Remove pods with their containers", cmd_pod_rm, GROUP_POD, 0 },
    { "pod start", "Start pods", cmd_pod_start, GROUP_POD, 0 },
    { "pod stats", "Print what pods use of the host", cmd_pod_stats, GROUP_POD, 0 },
    { "pod stop", "Stop pods", cmd_pod_stop, GROUP_POD, 0 },
    { "pod top", "List the processes of a pod", cmd_pod_top, GROUP_POD, 0 },
    { "pod unpause", "Let paused pods go on", cmd_pod_unpause, GROUP_POD, 0 },
    { "port", "List where a container's ports are published", cmd_port, GROUP_LOOK, IN_CONTAINER },
    { "ps", "List containers", cmd_ps, GROUP_LOOK, IN_CONTAINER },
    { "pull", "Copy images here", cmd_pull, GROUP_IMAGE, 0 },
    { "push", "Copy an image to a registry", cmd_push, GROUP_IMAGE, 0 },
    { "rename", "Give a container another name", cmd_rename, GROUP_RUN, IN_CONTAINER },
    { "restart", "Stop containers and start them again", cmd_restart, GROUP_RUN, IN_CONTAINER },
    { "restore", "Thaw checkpointed containers", cmd_restore, GROUP_FREEZE, IN_CONTAINER },
    { "rm", "Remove containers", cmd_rm, GROUP_RUN, IN_CONTAINER },
    { "rmi", "Remove images", cmd_rmi, GROUP_IMAGE, 0 },
    { "run", "Run a command in a new container", cmd_run, GROUP_RUN, IN_CONTAINER },
    { "save", "Write an image as an archive", cmd_save, GROUP_IMAGE, 0 },
    { "search", "List the tags that a registry has of an image", cmd_search, GROUP_IMAGE, 0 },
    { "secret create", "Keep what is secret, for containers", cmd_secret_create, GROUP_SECRET, 0 },
    { "secret exists", "Tell by the exit status whether a secret exists", cmd_secret_exists,
      GROUP_SECRET, 0 },
    { "secret inspect", "Print what is known of secrets", cmd_secret_inspect, GROUP_SECRET, 0 },
    { "secret list", "", cmd_secret_ls, GROUP_HIDDEN, 0 },
    { "secret ls", "List secrets", cmd_secret_ls, GROUP_SECRET, 0 },
    { "secret remove", "", cmd_secret_rm, GROUP_HIDDEN, 0 },
    { "secret rm", "Remove secrets", cmd_secret_rm, GROUP_SECRET, 0 },
    { "start", "Start containers", cmd_start, GROUP_RUN, IN_CONTAINER },
    { "stats", "Print what containers use of the host", cmd_stats, GROUP_LOOK, IN_CONTAINER },
    { "stop", "Stop containers", cmd_stop, GROUP_RUN, IN_CONTAINER },
    { "system df", "Tell how much room floe's things take", cmd_system_df, GROUP_HOST, 0 },
    { "system info", "", cmd_info, GROUP_HIDDEN, 0 },
    { "system prune", "Remove what nobody uses", cmd_system_prune, GROUP_HOST, 0 },
    { "system reset", "Remove everything that floe has", cmd_system_reset, GROUP_HOST, 0 },
    { "tag", "Give an image more names", cmd_tag, GROUP_IMAGE, 0 },
    { "top", "List a container's processes", cmd_top, GROUP_LOOK, IN_CONTAINER },
    { "umount", "Undo mount", cmd_umount, GROUP_FILES, IN_CONTAINER },
    { "unmount", "", cmd_umount, GROUP_HIDDEN, IN_CONTAINER },
    { "unpause", "Let paused containers go on", cmd_unpause, GROUP_RUN, IN_CONTAINER },
    { "untag", "Take names off an image", cmd_untag, GROUP_IMAGE, 0 },
    { "update", "Change the limits or the restart policy of a container", cmd_update, GROUP_RUN,
      IN_CONTAINER },
    { "version", "Print floe's version", cmd_version, GROUP_HOST, 0 },
    { "volume create", "Make a volume", cmd_volume_create, GROUP_VOLUME, 0 },
    { "volume exists", "Tell by the exit status whether a volume exists", cmd_volume_exists,
      GROUP_VOLUME, 0 },
    { "volume export", "Write what is in a volume as a tar", cmd_volume_export, GROUP_VOLUME, 0 },
    { "volume import", "Unpack a tar into a volume", cmd_volume_import, GROUP_VOLUME, 0 },
    { "volume inspect", "Print all that is known of volumes", cmd_volume_inspect, GROUP_VOLUME, 0 },
    { "volume list", "", cmd_volume_ls, GROUP_HIDDEN, 0 },
    { "volume ls", "List volumes", cmd_volume_ls, GROUP_VOLUME, 0 },
    { "volume mount", "Have a volume mounted on the host", cmd_volume_mount, GROUP_VOLUME, 0 },
    { "volume prune", "Remove all volumes that no container uses", cmd_volume_prune, GROUP_VOLUME,
      0 },
    { "volume rm", "Remove volumes", cmd_volume_rm, GROUP_VOLUME, 0 },
    { "volume umount", "", cmd_volume_unmount, GROUP_HIDDEN, 0 },
    { "volume unmount", "Undo volume mount", cmd_volume_unmount, GROUP_VOLUME, 0 },
    { "wait", "Wait for containers to end, and print their exit codes", cmd_wait, GROUP_LOOK,
      IN_CONTAINER },
};

static const char *const families[] = { "container", "healthcheck", "image",  "manifest", "network",
                                        "pod",       "secret",      "system", "volume",   NULL };

static const Usage main_usage = {
    .synopsis = "[options] VERB [...]",
    .about = "Run containers, freeze them with all they are doing, and thaw them.",
    .options_first = true,
    .max_words = -1,
};

/* Whether `floe FAMILY` (NULL: floe itself) has that verb; *ret_short is its name there. */
static bool is_in_family(const Verb *verb, const char *family, const char **ret_short)
{
    size_t length = family != NULL ? strlen(family) : 0;

    *ret_short = verb->name;
    if (family == NULL)
        return strchr(verb->name, ' ') == NULL;
    if (strncmp(verb->name, family, length) == 0 && verb->name[length] == ' ') {
        *ret_short = verb->name + length + 1;
        return true;
    }
    return strcmp(family, "container") == 0 && (verb->flags & IN_CONTAINER) != 0;
}

static const Verb *find_verb(const char *family, const char *name)
{
    const char *candidate;

    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
        if (is_in_family(&verbs[i], family, &candidate) && strcmp(candidate, name) == 0)
            return &verbs[i];
    }
    return NULL;
}

static int unknown_verb(const char *family, const char *name)
{
    g_autofree char *front = family != NULL ? g_strconcat(family, " ", NULL) : g_strdup("");
    Nearest nearest = NEAREST_INIT(name);
    const char *candidate;

    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
        if (is_in_family(&verbs[i], family, &candidate))
            nearest_offer(&nearest, candidate);
    }
    for (size_t i = 0; family == NULL && families[i] != NULL; i++)
        nearest_offer(&nearest, families[i]);
    if (nearest.found != NULL)
        return cli_error("unknown verb '%s%s' (did you mean '%s%s'?)\nSee 'floe --help'", front,
                         name, front, nearest.found);
    return cli_error("unknown verb '%s%s'\nSee 'floe --help'", front, name);
}

static void print_group(Group group, const char *title)
{
    int width = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
        if (verbs[i].group != GROUP_HIDDEN)
            width = MAX(width, (int)strlen(verbs[i].name));
    }
    printf("\n%s:\n", title);
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
        if (verbs[i].group == group)
            printf("  %-*s  %s\n", width, verbs[i].name, verbs[i].help);
    }
}

static int print_main_help(const Option *options)
{
    options_print_help(&main_usage, options);
    print_group(GROUP_RUN, "Containers");
    print_group(GROUP_FREEZE, "Freezing");
    print_group(GROUP_LOOK, "Looking");
    print_group(GROUP_FILES, "Files");
    print_group(GROUP_POD, "Pods");
    print_group(GROUP_IMAGE, "Images");
    print_group(GROUP_VOLUME, "Volumes");
    print_group(GROUP_SECRET, "Secrets");
    print_group(GROUP_NETWORK, "Networks");
    print_group(GROUP_HOST, "This host");
    printf(
        "\n'floe VERB --help' tells more; 'floe container VERB' and 'floe image VERB' work too.\n");
    return STATUS_OK;
}

static void print_log(floe_log_level level, const char *message, void *data)
{
    static const char *const names[] = { "", "warning", "info", "debug" };

    cli_print_message(names[level], message);
}

/* podman's names; below "warning" nothing is said but the error that ends the command. */
static bool set_log_level(floe_engine_options *engine, const char *name, GError **error)
{
    static const struct {
        const char *name;
        floe_log_level level;
    } levels[] = {
        { "trace", FLOE_LOG_DEBUG },
        { "debug", FLOE_LOG_DEBUG },
        { "info", FLOE_LOG_INFO },
        { "warn", FLOE_LOG_WARNING },
        { "warning", FLOE_LOG_WARNING },
        { "error", 0 },
        { "fatal", 0 },
        { "panic", 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        if (strcmp(levels[i].name, name) == 0) {
            engine->log = levels[i].level != 0 ? print_log : NULL;
            engine->log_level = levels[i].level;
            return true;
        }
    }
    return cli_set_error(error, "--log-level: '%s' is none of debug, info, warning, error", name);
}

static bool check_cgroup_manager(const char *name, GError **error)
{
    return name == NULL || strcmp(name, "cgroupfs") == 0 || strcmp(name, "systemd") == 0 ||
           cli_set_error(error, "--cgroup-manager: '%s' is neither systemd nor cgroupfs", name);
}

static bool check_storage_driver(const char *name, GError **error)
{
    return name == NULL || strcmp(name, "overlay") == 0 || strcmp(name, "vfs") == 0 ||
           cli_set_error(error, "--storage-driver: '%s' is neither overlay nor vfs", name);
}

static int print_family_help(const char *family)
{
    const char *name;

    printf("Usage: floe %s VERB [...]\n\nVerbs:", family);
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
        if (is_in_family(&verbs[i], family, &name))
            printf(" %s", name);
    }
    printf("\n\n'floe %s VERB --help' tells more of each.\n", family);
    return STATUS_OK;
}

/* "checkpoint" is a verb and a family: the word behind it decides. */
static bool begins_with_family(char **words)
{
    return g_strv_contains(families, words[0]) ||
           (words[1] != NULL && find_verb(words[0], words[1]) != NULL);
}

static int run_verb(Cli *cli, char **words)
{
    const char *family = NULL;

    if (begins_with_family(words)) {
        family = *words++;
        if (words[0] == NULL)
            return cli_error("missing verb\nSee 'floe %s --help'", family);
        if (strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0)
            return print_family_help(family);
    }

    const Verb *verb = find_verb(family, words[0]);
    return verb != NULL ? verb->function(cli, words) : unknown_verb(family, words[0]);
}

/* `floe help run` is `floe run --help`. */
static int run_help(Cli *cli, char **words, const Option *options)
{
    g_autoptr(GPtrArray) command = g_ptr_array_new();

    if (words[0] == NULL)
        return print_main_help(options);
    for (; *words != NULL; words++)
        g_ptr_array_add(command, *words);
    g_ptr_array_add(command, (gpointer) "--help");
    g_ptr_array_add(command, NULL);
    return run_verb(cli, (char **)command->pdata);
}

static int run(Cli *cli, char **argv)
{
    floe_engine_options *engine = &cli->engine_options;
    const char *log_level = "warning";
    bool version = false, help = false;
    g_autoptr(GError) error = NULL;
    char **words;
    const Option options[] = {
        { "cgroup-manager", 0, OPTION_TEXT, &engine->cgroup_manager, "NAME",
          "Who makes cgroups: systemd (the default where it runs) or cgroupfs" },
        { "log-level", 0, OPTION_TEXT, &log_level, "LEVEL",
          "debug, info, warning (the default) or error" },
        { "root", 0, OPTION_TEXT, &engine->root, "DIR",
          "What stays: images, containers (/var/lib/floe)" },
        { "runroot", 0, OPTION_TEXT, &engine->runroot, "DIR", "What a reboot ends (/run/floe)" },
        { "runtime", 0, OPTION_TEXT, &engine->runtime, "NAME",
          "OCI runtime, by name or path (the best that works)" },
        { "storage-driver", 0, OPTION_TEXT, &engine->storage_driver, "NAME",
          "Root file systems: overlay (the default where it works) or vfs, copies" },
        { "version", 'v', OPTION_FLAG, &version, NULL, "Print floe's version" },
        OPTIONS_END,
    };

    if (!options_read(&main_usage, options, argv, &words, &help, &error) ||
        !set_log_level(engine, log_level, &error) ||
        !check_cgroup_manager(engine->cgroup_manager, &error) ||
        !check_storage_driver(engine->storage_driver, &error))
        return cli_error("%s\nSee 'floe --help'", error->message);
    if (version) {
        printf("floe version %s\n", floe_version());
        return STATUS_OK;
    }
    if (help || words[0] == NULL)
        return print_main_help(options);
    if (strcmp(words[0], "help") == 0)
        return run_help(cli, words + 1, options);
    return run_verb(cli, words);
}

/* What is in the buffer may meet a full disk only now; a reader that has gone wants no more. */
static int flush_output(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    if (errno == EPIPE || cli_stdout_is_gone())
        return status;
    return cli_error("write to standard output: %s", g_strerror(errno));
}

int main(int argc, char **argv)
{
    g_autofree char **command_line = g_memdup2(argv, (size_t)(argc + 1) * sizeof(*argv));
    Cli cli = { .engine_options = FLOE_ENGINE_OPTIONS_INIT, .command_line = command_line };

    signal(SIGPIPE, SIG_IGN);
    cli.engine_options.as_service = true;
    int status = run(&cli, argv);
    floe_engine_close(cli.engine);
    return flush_output(status);
}
