/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/create-flags.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <unistd.h>

/* --rm: conmon's cleanup removes it too; whoever comes first, it is gone. */
static void remove_ended(floe_container *container)
{
    g_autoptr(floe_error) error = NULL;
    floe_remove_options options = FLOE_REMOVE_OPTIONS_INIT;

    options.force = true;
    if (!floe_container_remove(container, &options, &error) &&
        floe_error_get_code(error) != FLOE_ERROR_REMOVED &&
        floe_error_get_code(error) != FLOE_ERROR_NOT_FOUND)
        cli_warning("cannot remove container %s: %s", floe_container_id(container),
                    floe_error_get_message(error));
}

/* --rmi: unless others use it, also another container of the user's just now. */
static void remove_image(floe_engine *engine, const char *image)
{
    g_autoptr(floe_error) error = NULL;

    if (!floe_image_remove(engine, image, NULL, NULL, NULL, &error) &&
        floe_error_get_code(error) != FLOE_ERROR_IN_USE &&
        floe_error_get_code(error) != FLOE_ERROR_NOT_FOUND)
        cli_warning("cannot remove image %s: %s", image, floe_error_get_message(error));
}

/* As podman: a user or group that the image does not have cannot run anything. */
static int report_start(const floe_error *error)
{
    int status = cli_report(error);

    return floe_error_get_code(error) == FLOE_ERROR_NOT_FOUND ? STATUS_NOT_RUNNABLE : status;
}

static int run_in_background(const CreateOptions *options, floe_container *container)
{
    g_autoptr(floe_error) error = NULL;

    if (!floe_container_start(container, &error)) {
        int status = report_start(error);

        if (options->container.auto_remove)
            remove_ended(container);
        return status;
    }
    puts(floe_container_id(container));
    return STATUS_OK;
}

static bool wants(const CreateOptions *options, const char *stream)
{
    return options->attach == NULL || g_strv_contains(list_const(options->attach), stream);
}

/* With a terminal on both sides, the keys that make signals reach the container as they are. */
static floe_attach_streams streams_for(const CreateOptions *options)
{
    const floe_create_options *container = &options->container;
    floe_attach_streams streams = FLOE_ATTACH_STREAMS_INIT;

    if (container->open_stdin && wants(options, "stdin"))
        streams.stdin_fd = STDIN_FILENO;
    if (!wants(options, "stdout"))
        streams.stdout_fd = -1;
    if (!wants(options, "stderr"))
        streams.stderr_fd = -1;
    streams.detach_keys = options->detach_keys;
    streams.proxy_signals = options->sig_proxy && !(container->tty && streams.stdin_fd >= 0);
    return streams;
}

static int run_in_foreground(const CreateOptions *options, floe_container *container)
{
    g_autoptr(floe_error) error = NULL;
    g_autoptr(floe_attachment) attachment = NULL;
    g_auto(Terminal) terminal = TERMINAL_NONE;
    floe_attach_streams streams = streams_for(options);
    int status = STATUS_OK;

    terminal_lend(&terminal, options->container.tty, streams.stdin_fd >= 0);
    if (!floe_container_start_and_attach(container, &streams, &attachment, &error) ||
        !terminal_attend(&terminal, attachment, &status, &error)) {
        terminal_take_back(&terminal);
        if (floe_error_get_code(error) == FLOE_ERROR_DETACHED)
            return STATUS_OK;
        status = report_start(error);
    }
    if (options->container.auto_remove)
        remove_ended(container);
    return status;
}

static bool passes_streams(const CreateOptions *options)
{
    return g_strcmp0(options->container.log_driver, "passthrough") == 0;
}

/* The container has floe's own streams: there is nothing to attach to. */
static int run_and_wait(const CreateOptions *options, floe_container *container)
{
    g_autoptr(floe_error) error = NULL;
    int status = STATUS_OK;

    if (!floe_container_start(container, &error) ||
        !floe_container_wait(container, -1, &status, &error))
        status = report_start(error);
    if (options->container.auto_remove)
        remove_ended(container);
    return status;
}

int cmd_run(Cli *cli, char **argv)
{
    static const Usage usage = {
        .synopsis = "run [options] IMAGE [COMMAND [ARG...]]",
        .about = "Make a container of an image and run it. In the foreground floe passes on\n"
                 "its output, signals and (with -i) input, and ends with its exit code.",
        .later = create_flags_later,
        .options_first = true,
        .min_words = 1,
        .max_words = -1,
        .words_missing = "an image is missing",
    };
    g_auto(CreateOptions) options = CREATE_OPTIONS_INIT;
    int status;

    if (!create_options_parse(&options, &usage, true, argv, &status))
        return status;

    /* It could change the terminal, and read from it after floe has ended. */
    if (passes_streams(&options) &&
        (isatty(STDIN_FILENO) || isatty(STDOUT_FILENO) || isatty(STDERR_FILENO)))
        return cli_error("--log-driver passthrough cannot be used on a terminal");

    g_autoptr(floe_container) container = create_options_create(cli, &options, &status);
    if (container == NULL)
        return status;
    if (options.detach)
        return run_in_background(&options, container);
    status = passes_streams(&options) ? run_and_wait(&options, container)
                                      : run_in_foreground(&options, container);
    if (options.remove_image)
        remove_image(cli->engine, options.image);
    return status;
}
