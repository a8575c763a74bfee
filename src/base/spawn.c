/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a process. The child shares our memory until it executes the program (clone with CLONE_VM
 * and CLONE_VFORK), which costs the same however big we are, and lets it tell by a plain assignment
 * which step failed. posix_spawn() knows nothing of namespaces, pidfds and close_range(), hence
 * this.
 *
 * Everything the child needs is worked out beforehand (SpawnPlan): between clone() and execve()
 * there are only system calls.
 */
#include "base/spawn.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHILD_STACK_SIZE ((size_t)64 * 1024)
/* An argument with none of these is logged as it is. */
#define NOT_PLAIN " \t\r\n'\"\\$`|&;<>()*?[]{}~#!"

static const char *path_of_environment(const char *const *env)
{
    if (env == NULL)
        return NULL;
    for (size_t i = 0; env[i] != NULL; i++) {
        if (g_str_has_prefix(env[i], "PATH="))
            return env[i] + strlen("PATH=");
    }
    return PROGRAM_SYSTEM_PATH;
}

/* --- the child, up to execve() ---------------------------------------------------------------- */

static const char STEP_EXEC[] = "execute it";

/* What the child needs to make a child itself. */
struct Detached {
    char *stack;
    pid_t pid; /* written by it */
};

typedef struct SpawnPlan {
    const SpawnOptions *options;
    const char *program;
    char *const *env;
    SpawnFd *fds; /* 0, 1, 2 and the given ones, in order of their numbers in the child */
    size_t n_fds;
    struct Detached *detached; /* NULL: the program is our child */
    /* Written by the child: what it is at, and errno when that failed. */
    const char *step;
    int failed_errno;
} SpawnPlan;

/* Put every descriptor at its number and close all others. */
static bool child_arrange_fds(SpawnPlan *plan)
{
    int first_free = plan->fds[plan->n_fds - 1].child + 1;
    unsigned int next = 0;

    /*
     * First out of the way of all target numbers: a descriptor may sit where another one must go.
     */
    for (size_t i = 0; i < plan->n_fds; i++) {
        plan->fds[i].fd = fcntl(plan->fds[i].fd, F_DUPFD_CLOEXEC, first_free);
        if (plan->fds[i].fd < 0)
            return false;
    }
    for (size_t i = 0; i < plan->n_fds; i++) {
        unsigned int target = (unsigned int)plan->fds[i].child;

        if (dup2(plan->fds[i].fd, plan->fds[i].child) < 0)
            return false;
        if (target > next && close_range(next, target - 1, 0) < 0)
            return false;
        next = target + 1;
    }
    return close_range(next, ~0U, 0) == 0;
}

static void child_reset_signals(void)
{
    struct sigaction by_default = { .sa_handler = SIG_DFL };
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        sigaction(number, &by_default, NULL); /* SIGKILL, SIGSTOP and glibc's own refuse: fine */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool child_prepare(SpawnPlan *plan)
{
    const SpawnOptions *options = plan->options;

    plan->step = "make a process group";
    if (options->own_group && setpgid(0, 0) < 0)
        return false;
    plan->step = "die with its parent";
    if (options->dies_with_us && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return false;
    if (options->umask >= 0)
        umask((mode_t)options->umask);
    plan->step = "enter the network namespace";
    if (options->netns_fd >= 0 && setns(options->netns_fd, CLONE_NEWNET) < 0)
        return false;
    plan->step = "make a mount namespace";
    if (options->own_mounts &&
        (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0))
        return false;
    plan->step = "enter the working directory";
    if (options->cwd != NULL && chdir(options->cwd) < 0)
        return false;
    plan->step = "arrange the descriptors";
    return child_arrange_fds(plan);
}

/*
 * Runs on a stack of its own in our memory. It may only make system calls, and returning ends it.
 */
static int child_main(void *data)
{
    SpawnPlan *plan = data;

    if (child_prepare(plan)) {
        child_reset_signals();
        plan->step = STEP_EXEC;
        execve(plan->program, (char *const *)plan->options->argv, plan->env);
    }
    plan->failed_errno = errno;
    return 127;
}

/*
 * The child of a detached start: it makes a child itself, and ends at once, so that the host's init
 * is left to reap that one.
 */
static int child_detach(void *data)
{
    SpawnPlan *plan = data;

    plan->step = "leave the session";
    if (setsid() >= 0) {
        plan->step = "make a process of its own";
        plan->detached->pid = clone(child_main, plan->detached->stack + CHILD_STACK_SIZE,
                                    CLONE_VM | CLONE_VFORK | SIGCHLD, plan);
        if (plan->detached->pid >= 0)
            return 0;
    }
    plan->failed_errno = errno;
    return 127;
}

/* --- starting --------------------------------------------------------------------------------- */

static int compare_targets(const void *a, const void *b)
{
    return ((const SpawnFd *)a)->child - ((const SpawnFd *)b)->child;
}

/* The descriptors of the child, sorted. null_fd stands in where the options have -1. */
static SpawnFd *plan_fds(const SpawnOptions *options, int null_fd)
{
    const int standard[] = { options->stdin_fd, options->stdout_fd, options->stderr_fd };
    size_t n_fds = G_N_ELEMENTS(standard) + options->n_fds;
    SpawnFd *fds = g_new(SpawnFd, n_fds);

    for (int i = 0; i < (int)G_N_ELEMENTS(standard); i++)
        fds[i] = (SpawnFd){ .fd = standard[i] >= 0 ? standard[i] : null_fd, .child = i };
    if (options->n_fds > 0)
        memcpy(fds + G_N_ELEMENTS(standard), options->fds, options->n_fds * sizeof(*fds));
    qsort(fds, n_fds, sizeof(*fds), compare_targets);
    for (size_t i = 1; i < n_fds; i++)
        g_assert(fds[i].child > fds[i - 1].child);
    return fds;
}

/*
 * clone() with all signals blocked: one of our handlers must not run in the child, in our memory.
 * It returns when the child has executed the program or has ended.
 */
static pid_t clone_child(SpawnPlan *plan, int *ret_pidfd)
{
    g_autofree char *stack = g_malloc(CHILD_STACK_SIZE);
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);

    pid_t pid = clone(plan->detached != NULL ? child_detach : child_main, stack + CHILD_STACK_SIZE,
                      CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, plan, ret_pidfd);
    int clone_errno = errno;

    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = clone_errno;
    return pid;
}

static void log_started(const Child *child, const char *program, const char *const *argv)
{
    g_autoptr(GString) line = g_string_new(NULL);

    if (!log_is_heard(FLOE_LOG_DEBUG))
        return;
    for (size_t i = 1; argv[i] != NULL; i++) {
        g_autofree char *quoted = g_shell_quote(argv[i]);
        bool is_plain = argv[i][0] != '\0' && strpbrk(argv[i], NOT_PLAIN) == NULL;

        g_string_append_printf(line, " %s", is_plain ? argv[i] : quoted);
    }
    log_debug("started process %d: %s%s", (int)child->pid, program, line->str);
}

static bool report_failed_child(const SpawnPlan *plan, GError **error)
{
    bool in_exec = plan->step == STEP_EXEC;
    const char *cwd = plan->options->cwd;

    errno = plan->failed_errno;
    err_set_errno(error, "run '%s'%s%s%s: %s", plan->program, cwd != NULL ? " in directory '" : "",
                  cwd != NULL ? cwd : "", cwd != NULL ? "'" : "", plan->step);
    if (in_exec && (plan->failed_errno == ENOENT || plan->failed_errno == EACCES))
        err_recode(error, FLOE_ERROR_MISSING_PART);
    return false;
}

static bool start(const SpawnOptions *options, struct Detached *detached, Child *ret_child,
                  GError **error)
{
    g_autofree char *program = program_find(options->argv[0], path_of_environment(options->env));

    if (program == NULL)
        return err_set(error, FLOE_ERROR_MISSING_PART, "'%s' is not installed (it is not in PATH)",
                       options->argv[0]);

    autofd int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null_fd < 0)
        return err_set_errno(error, "open '/dev/null'");

    g_autofree SpawnFd *fds = plan_fds(options, null_fd);
    SpawnPlan plan = {
        .options = options,
        .program = program,
        .env = options->env != NULL ? (char *const *)options->env : environ,
        .fds = fds,
        .n_fds = 3 + options->n_fds,
        .detached = detached,
    };
    g_auto(Child) child = CHILD_NONE;

    child.started_ms = clock_monotonic_ms();
    child.pid = clone_child(&plan, &child.pidfd);
    if (child.pid < 0) {
        child.pid = 0;
        return err_set_errno(error, "make a process for '%s'", program);
    }
    if (plan.failed_errno != 0)
        return report_failed_child(&plan, error);

    log_started(&child, program, options->argv);
    *ret_child = child_steal(&child);
    return true;
}

bool spawn_start(const SpawnOptions *options, Child *ret_child, GError **error)
{
    return start(options, NULL, ret_child, error);
}

bool spawn_detached(const SpawnOptions *options, pid_t *ret_pid, GError **error)
{
    g_autofree char *stack = g_malloc(CHILD_STACK_SIZE);
    struct Detached detached = { stack, 0 };
    g_auto(Child) child = CHILD_NONE;
    int status = 0;

    if (!start(options, &detached, &child, error) || !child_wait(&child, -1, &status, error))
        return false;
    if (ret_pid != NULL)
        *ret_pid = detached.pid;
    return true;
}
