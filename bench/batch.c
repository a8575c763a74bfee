/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch RESULT ROOT RUNROOT CONTAINER: asks 1000 times for a container's state through libfloe, one by one and then in a batch,
 * and writes to the file RESULT one line: how long the one took and the other, in microseconds.
 */
#include <floe/floe.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define N_TIMES 1000

static long long now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static bool ask(floe_container *container, void *data, floe_error **error)
{
    floe_container_state state;

    (void)data;
    for (int i = 0; i < N_TIMES; i++) {
        if (!floe_container_get_state(container, &state, error))
            return false;
    }
    return true;
}

/* Freed when the process ends. */
static bool measure(const floe_engine_options *options, const char *name, const char *result,
                    floe_error **error)
{
    floe_engine *engine;
    floe_container *container;

    if (!floe_engine_open(options, &engine, error) ||
        !floe_container_lookup(engine, name, &container, error))
        return false;

    long long begin = now_us();
    if (!ask(container, NULL, error))
        return false;
    long long between = now_us();
    if (!floe_container_batch(container, ask, NULL, error))
        return false;
    long long end = now_us();

    FILE *file = fopen(result, "w");
    if (file == NULL || fprintf(file, "%lld %lld\n", between - begin, end - between) < 0 ||
        fclose(file) != 0)
        perror(result);
    return true;
}

int main(int argc, char **argv)
{
    floe_engine_options options = FLOE_ENGINE_OPTIONS_INIT;
    floe_error *error = NULL;

    if (argc != 5) {
        fputs("usage: batch RESULT ROOT RUNROOT CONTAINER\n", stderr);
        return EXIT_FAILURE;
    }
    options.root = argv[2];
    options.runroot = argv[3];
    if (measure(&options, argv[4], argv[1], &error))
        return EXIT_SUCCESS;
    fprintf(stderr, "batch: %s\n", floe_error_get_message(error));
    floe_error_free(error);
    return EXIT_FAILURE;
}
