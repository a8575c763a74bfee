/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a container through libfloe: created, started with its output on this terminal,
 * entered by further commands, worked on in a batch, frozen, thawed where it was, waited for, removed.
 *
 *     cc -o lifecycle lifecycle.c $(pkg-config --cflags --libs libfloe)
 *     ./lifecycle IMAGE [ROOT RUNROOT]
 *
 * As root. IMAGE is one that `floe images` lists and that has /bin/sh, busybox for example. ROOT and
 * RUNROOT are an engine's directories; without them it is the one that the floe command uses.
 */
#include <floe/floe.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static const char counter_script[] = "i=0\n"
                                     "trap 'exit 7' TERM\n"
                                     "while :; do i=$((i + 1)); echo $i >/new; mv /new /count; done\n";

/* Every function of libfloe that can fail returns a bool and tells why in its last parameter. */
static void print_failure(const char *what, floe_error *error)
{
    fprintf(stderr, "%s: %s\n", what, floe_error_get_message(error));
    floe_error_free(error);
}

static bool create(floe_engine *engine, const char *image, const char *script,
                   floe_container **ret_container)
{
    const char *const command[] = { "/bin/sh", "-c", script, NULL };
    const char *const networks[] = { "none", NULL };
    floe_create_options options = FLOE_CREATE_OPTIONS_INIT;
    floe_error *error = NULL;

    options.image = image;
    options.command = command;
    options.networks = networks;
    if (!floe_container_create(engine, &options, ret_container, &error)) {
        print_failure("create", error);
        return false;
    }
    printf("%s: created\n", floe_container_name(*ret_container));
    return true;
}

/* Whatever state it is in: also the way out after a failure. */
static bool remove_container(floe_container *container)
{
    floe_remove_options options = FLOE_REMOVE_OPTIONS_INIT;
    floe_error *error = NULL;
    bool ok;

    options.force = true;
    options.timeout_s = 0;
    ok = floe_container_remove(container, &options, &error);
    if (!ok)
        print_failure("remove", error);
    floe_container_free(container);
    return ok;
}

/* --- a command with its output here --------------------------------------------------------- */

static bool start_attached(floe_container *container)
{
    floe_attach_streams streams = FLOE_ATTACH_STREAMS_INIT; /* our own output, no input */
    floe_attachment *attachment = NULL;
    floe_error *error = NULL;
    int exit_code = 0;
    bool ok;

    /* The streams are connected before the start, so that the first byte is not lost. */
    fflush(stdout);
    ok = floe_container_start_and_attach(container, &streams, &attachment, &error) &&
         floe_attachment_wait(attachment, &exit_code, &error);
    floe_attachment_free(attachment);
    if (!ok) {
        print_failure("start and attach", error);
        return false;
    }
    printf("%s: ended with exit code %d\n", floe_container_name(container), exit_code);
    return exit_code == 3;
}

static bool greet(floe_engine *engine, const char *image)
{
    floe_container *container = NULL;
    bool ok;

    if (!create(engine, image, "echo Hello from $(hostname); exit 3", &container))
        return false;
    ok = start_attached(container);
    return remove_container(container) && ok;
}

/* --- a process that is frozen and thawed ---------------------------------------------------- */

/* Run a command in the container beside its process, with its output here. */
static bool exec_shell(floe_container *container, const char *script)
{
    const char *const command[] = { "/bin/sh", "-c", script, NULL };
    floe_exec_options options = FLOE_EXEC_OPTIONS_INIT;
    floe_error *error = NULL;
    int exit_code = 0;

    options.command = command;
    fflush(stdout);
    if (!floe_container_exec(container, &options, NULL, &exit_code, &error)) {
        print_failure("exec", error);
        return false;
    }
    return exit_code == 0;
}

static bool start(floe_container *container)
{
    floe_error *error = NULL;

    if (!floe_container_start(container, &error)) {
        print_failure("start", error);
        return false;
    }
    /* It runs, but its shell may not have come to the first line yet. */
    return exec_shell(container, "until [ -e /count ]; do sleep 1; done");
}

/* Ten operations, for which the container is locked and looked at once. */
static bool halt_five_times(floe_container *container, void *data, floe_error **error)
{
    int *n_operations = data;

    for (int i = 0; i < 5; i++) {
        if (!floe_container_pause(container, error) || !floe_container_unpause(container, error))
            return false;
        *n_operations += 2;
    }
    return true;
}

static bool batch(floe_container *container)
{
    floe_error *error = NULL;
    int n_operations = 0;

    if (!floe_container_batch(container, halt_five_times, &n_operations, &error)) {
        print_failure("batch", error);
        return false;
    }
    printf("%s: %d operations in a batch\n", floe_container_name(container), n_operations);
    return true;
}

static bool freeze_and_thaw(floe_container *container)
{
    floe_checkpoint_options checkpoint = FLOE_CHECKPOINT_OPTIONS_INIT;
    floe_restore_options restore = FLOE_RESTORE_OPTIONS_INIT;
    floe_checkpoint_stats stats = FLOE_CHECKPOINT_STATS_INIT;
    floe_error *error = NULL;

    if (!floe_container_checkpoint(container, &checkpoint, &stats, &error)) {
        print_failure("checkpoint", error);
        return false;
    }
    printf("%s: frozen, %llu pages of memory\n", floe_container_name(container),
           (unsigned long long)stats.pages_written);
    if (!floe_container_restore(container, &restore, NULL, &error)) {
        print_failure("restore", error);
        return false;
    }
    printf("%s: goes on\n", floe_container_name(container));
    return true;
}

/* Ask the process to end; `wait` tells its exit code, also to those who come late. */
static bool end_and_wait(floe_container *container)
{
    floe_error *error = NULL;
    int exit_code = 0;

    if (!floe_container_kill(container, SIGTERM, &error)) {
        print_failure("kill", error);
        return false;
    }
    if (!floe_container_wait(container, 10000, &exit_code, &error)) {
        print_failure("wait", error);
        return false;
    }
    printf("%s: ended with exit code %d\n", floe_container_name(container), exit_code);
    return exit_code == 7;
}

static bool count(floe_engine *engine, const char *image)
{
    floe_container *container = NULL;
    bool ok;

    if (!create(engine, image, counter_script, &container))
        return false;
    ok = start(container) && batch(container) && exec_shell(container, "cp /count /before") &&
         freeze_and_thaw(container) &&
         exec_shell(container, "[ $(cat /count) -ge $(cat /before) ]") && end_and_wait(container);
    return remove_container(container) && ok;
}

int main(int argc, char **argv)
{
    floe_engine_options options = FLOE_ENGINE_OPTIONS_INIT;
    floe_engine *engine = NULL;
    floe_error *error = NULL;
    bool ok;

    if (argc != 2 && argc != 4) {
        fprintf(stderr, "usage: %s IMAGE [ROOT RUNROOT]\n", argv[0]);
        return EXIT_FAILURE;
    }
    if (argc == 4) {
        options.root = argv[2];
        options.runroot = argv[3];
    }
    if (!floe_engine_open(&options, &engine, &error)) {
        print_failure("open the engine", error);
        return EXIT_FAILURE;
    }
    ok = greet(engine, argv[1]) && count(engine, argv[1]);
    floe_engine_close(engine);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
