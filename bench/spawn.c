/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spawn RESULT one|tree COMMAND...: runs the command, passes on its exit status, and writes to the file RESULT one line:
 * how long it took (microseconds), and the peak memory (KiB) of its largest process, and of all its processes together.
 *
 * In C and small, because a process starts with its parent's peak memory, which would be Python's. "All together" is sampled
 * in a busy loop, which disturbs the time: so only with "tree", and a run gives either a good time or that number (else 0).
 * It counts descendants that were left alone as well (conmon), each with its share of the memory it shares with others (PSS).
 */
#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* The proportional memory of one process, 0 when it is gone or has none. */
static long pss_kib(int pid)
{
    char path[64], line[128];
    long kib = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    while (kib == 0 && fgets(line, sizeof(line), file) != NULL)
        sscanf(line, "Pss: %ld", &kib);
    fclose(file);
    return kib;
}

static long descendants_kib(int pid);

/* Children belong to the thread that made them. */
static long children_kib(int pid, const char *thread)
{
    char path[96];
    long kib = 0;
    int child;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/task/%.16s/children", pid, thread);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    while (fscanf(file, "%d", &child) == 1)
        kib += pss_kib(child) + descendants_kib(child);
    fclose(file);
    return kib;
}

static long descendants_kib(int pid)
{
    char path[64];
    long kib = 0;
    struct dirent *entry;
    DIR *threads;

    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    threads = opendir(path);
    if (threads == NULL)
        return 0;
    while ((entry = readdir(threads)) != NULL)
        if (entry->d_name[0] != '.')
            kib += children_kib(pid, entry->d_name);
    closedir(threads);
    return kib;
}

/* Waits for the child; gives the peak of all together where it is asked for. */
static long wait_for(pid_t child, bool sample, int *status, struct rusage *usage)
{
    long peak = 0;

    while (sample && wait4(child, status, WNOHANG, usage) == 0) {
        long now = descendants_kib(getpid());

        if (now > peak)
            peak = now;
    }
    if (!sample)
        wait4(child, status, 0, usage);
    return peak;
}

int main(int argc, char **argv)
{
    struct rusage usage = { 0 };
    long long begin;
    long together;
    int status = 0;
    pid_t child;
    FILE *result;

    if (argc < 4)
        return 125;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    begin = now_us();
    if (posix_spawnp(&child, argv[3], NULL, NULL, argv + 3, environ) != 0)
        return 127;
    together = wait_for(child, strcmp(argv[2], "tree") == 0, &status, &usage);
    begin = now_us() - begin;

    result = fopen(argv[1], "we");
    if (result == NULL || fprintf(result, "%lld %ld %ld\n", begin, usage.ru_maxrss, together) < 0 ||
        fclose(result) != 0)
        return 125;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
