// A child process that speaks on its standard streams: what posix_spawn(3) cannot do (die with its parent, hold nothing else).
#ifndef PWMGR_CLINUX_PROCESS_H
#define PWMGR_CLINUX_PROCESS_H
#include "shim.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

// sys/resource.h is left out: what it declares depends on _GNU_SOURCE, and the module that Swift makes of it must say the same.
#define PW_RLIMIT_CORE 4

// How often a file that is being written is tried, and the pause after each time: a tenth of a second in all.
#define PW_BUSY_ATTEMPTS 20
#define PW_BUSY_NANOSECONDS 5000000

// What to start.
struct pw_child {
  const char *program;
  const char *const *arguments;
  const char *const *environment;
  // Its standard streams.
  int input, output, error;
  // What failed, when something did.
  const char *failed_step;
};

// Between fork and exec: nothing but system calls. Returns only when something failed.
static inline const char *pw_child_become(const struct pw_child *child, pid_t parent) {
  sigset_t none;
  sigemptyset(&none);
  struct sigaction usual = {0};
  usual.sa_handler = SIG_DFL;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return "tie it to this process";
  if (getppid() != parent) return "find its parent";
  if (setsid() < 0) return "give it a session";
  // Some of them nobody may change: those are as usual anyway.
  for (int number = 1; number < _NSIG; number++) sigaction(number, &usual, NULL);
  if (sigprocmask(SIG_SETMASK, &none, NULL) != 0) return "reset its signals";
  // No core file of ours: it may hold what the site file says.
  const uint64_t no_core[2] = {0, 0};
  if (syscall(SYS_prlimit64, 0, PW_RLIMIT_CORE, no_core, NULL) != 0) return "limit it";
  if (chdir("/") != 0) return "change to /";
  // All three are above 2: the pipes were opened when the standard streams were there.
  if (dup2(child->input, 0) < 0 || dup2(child->output, 1) < 0 || dup2(child->error, 2) < 0) return "lay its streams";
  if (syscall(SYS_close_range, 3, UINT_MAX, 0) != 0) return "close its other descriptors";
  // A file that somebody has just written may be open for writing a moment longer: in a process that another thread of the writer's
  // has forked and that has not come to its exec.
  for (int attempt = 0; attempt < PW_BUSY_ATTEMPTS; attempt++) {
    execve(child->program, (char *const *)child->arguments, (char *const *)child->environment);
    if (errno != ETXTBSY) break;
    struct timespec pause = {0, PW_BUSY_NANOSECONDS};
    nanosleep(&pause, NULL);
    errno = ETXTBSY;
  }
  return "execute it";
}

// Starts it; the calling thread waits for its exec, and must live as long as the process: the child dies with that thread.
// Returns its process identifier, which is its session's and its process group's; -1 with errno, and failed_step says what
// could not be done.
static inline pid_t pw_child_start(struct pw_child *child) {
  volatile int code = 0;
  const char *volatile step = NULL;
  pid_t parent = getpid();
  // Signals wait: a handler of ours must not run in the child, whose memory is ours until the exec.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = vfork();
  if (pid == 0) {
    step = pw_child_become(child, parent);
    code = errno;
    _exit(127);
  }
  int fork_code = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (pid < 0) {
    child->failed_step = "make a process";
    errno = fork_code;
    return -1;
  }
  if (step != NULL) {
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
    child->failed_step = step;
    errno = code;
    return -1;
  }
  return pid;
}

// write(2) that sends no SIGPIPE, whatever the process does with that signal: a reader that has gone is EPIPE and no more.
static inline ssize_t pw_write_quietly(int descriptor, const void *octets, size_t count) {
  sigset_t pipe, before;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, &before);
  ssize_t written = write(descriptor, octets, count);
  int code = errno;
  // The signal is this thread's own, and waits: it is taken away before the mask is as it was.
  struct timespec now = {0, 0};
  if (written < 0 && code == EPIPE && !sigismember(&before, SIGPIPE)) {
    while (sigtimedwait(&pipe, NULL, &now) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = code;
  return written;
}

// pidfd_open(2): readable once the process has ended.
static inline int pw_child_descriptor(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

#endif
