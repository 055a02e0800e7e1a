// What PPP needs beside shim.h: the PPPoX socket of a session, and a child process in a room of its own.
#ifndef PWMGR_CLINUX_PPP_H
#define PWMGR_CLINUX_PPP_H
#include "shim.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

// linux/if_pppox.h's struct sockaddr_pppol2tpv3 (its headers cannot stand beside net/if.h): identifiers in host order. The
// kernel finds the session by our two identifiers alone, whatever the tunnel's family; the rest is for tunnels that it made.
struct pw_sockaddr_pppol2tpv3 {
  sa_family_t family;
  unsigned int protocol;
  pid_t process;
  int descriptor;
  struct sockaddr_in address;
  uint32_t local_tunnel, local_session, peer_tunnel, peer_session;
} __attribute__((packed));

// A socket(2) of PPP over L2TP; -1 with errno.
static inline int pw_pppox_socket(void) {
  return socket(24 /* AF_PPPOX */, SOCK_DGRAM | SOCK_CLOEXEC, 1 /* PX_PROTO_OL2TP */);
}

// Ties it to a session that there is; -1 with errno.
static inline int pw_pppox_connect(
    int descriptor, uint32_t local_tunnel, uint32_t local_session, uint32_t peer_tunnel, uint32_t peer_session) {
  struct pw_sockaddr_pppol2tpv3 address = {0};
  address.family = 24;
  address.protocol = 1;
  address.descriptor = -1;
  address.local_tunnel = local_tunnel;
  address.local_session = local_session;
  address.peer_tunnel = peer_tunnel;
  address.peer_session = peer_session;
  return connect(descriptor, (struct sockaddr *)&address, sizeof(address));
}

// Takes the session's channel from the unit of a pppd that died: the kernel leaves it there, and nobody else could have it.
// A channel that has none, or that nobody has asked for yet, is as it should be.
static inline void pw_ppp_release_channel(int descriptor) {
  int index = 0;
  if (ioctl(descriptor, 0x80047437 /* PPPIOCGCHAN */, &index) != 0) return;
  int channel = open("/dev/ppp", O_RDWR | O_CLOEXEC);
  if (channel < 0) return;
  if (ioctl(channel, 0x40047438 /* PPPIOCATTCHAN */, &index) == 0) ioctl(channel, 0x7439 /* PPPIOCDISCONN */, 0);
  close(channel);
}

// A file for the child alone.
struct pw_private_file {
  const char *path;
  const void *octets;
  size_t length;
};

// A child process that dies with this one, has a session and mounts of its own, and no descriptor but those named here.
struct pw_confined_child {
  const char *program;
  const char *const *arguments;
  const char *const *environment;
  // Its standard input, and its standard output and error.
  int input, output;
  // Becomes its descriptor 3; -1 for none.
  int channel;
  // Folders that are empty for it: nothing that it writes there outlives it, and nobody else's files are seen. Where there
  // are none, its mounts are everybody's.
  const char *const *empty_folders;
  // Files that it finds, in those folders.
  const struct pw_private_file *files;
  size_t file_count;
  // What failed, when something did.
  const char *failed_step;
};

static inline int pw_confined_write(const struct pw_private_file *file) {
  int descriptor = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return -1;
  ssize_t written = write(descriptor, file->octets, file->length);
  int result = written == (ssize_t)file->length ? 0 : -1;
  if (close(descriptor) != 0) result = -1;
  return result;
}

// The mounts of a child, made by itself; NULL, or what could not be done.
static inline const char *pw_confined_mounts(const struct pw_confined_child *child) {
  if (child->empty_folders[0] == NULL) return NULL;
  if (syscall(SYS_unshare, 0x00020000 /* CLONE_NEWNS */) != 0) return "give it mounts of its own (needs CAP_SYS_ADMIN)";
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return "make its mounts private";
  for (size_t i = 0; child->empty_folders[i] != NULL; i++) {
    if (mount("pwmgr", child->empty_folders[i], "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700,size=1m") != 0)
      return child->empty_folders[i];
  }
  for (size_t i = 0; i < child->file_count; i++) {
    if (pw_confined_write(&child->files[i]) != 0) return child->files[i].path;
  }
  return NULL;
}

// Its descriptors, and no other; NULL, or what could not be done.
static inline const char *pw_confined_descriptors(const struct pw_confined_child *child) {
  int first = child->channel < 0 ? 3 : 4;
  if (dup2(child->input, 0) < 0 || dup2(child->output, 1) < 0 || dup2(child->output, 2) < 0) return "lay its descriptors";
  if (child->channel == 3 && fcntl(3, F_SETFD, 0) < 0) return "lay its descriptors";
  if (child->channel >= 0 && child->channel != 3 && dup2(child->channel, 3) < 0) return "lay its descriptors";
  if (syscall(SYS_close_range, first, UINT_MAX, 0) != 0) return "close its other descriptors";
  return NULL;
}

// Between fork and exec: nothing but system calls. Returns only when something failed.
static inline const char *pw_confined_become(const struct pw_confined_child *child, pid_t parent) {
  sigset_t none;
  sigemptyset(&none);
  // The kernel's own structure, nothing of it set: the library's function leaves out the signals that it uses itself.
  const unsigned long usual[8] = {0};
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return "tie it to this process";
  if (getppid() != parent) return "find its parent";
  if (setsid() < 0) return "give it a session";
  // Some of them nobody may change: those are as usual anyway.
  for (int number = 1; number < _NSIG; number++) syscall(SYS_rt_sigaction, number, usual, NULL, 8);
  if (sigprocmask(SIG_SETMASK, &none, NULL) != 0) return "reset its signals";
  const char *failed = pw_confined_mounts(child);
  if (failed == NULL) failed = pw_confined_descriptors(child);
  if (failed != NULL) return failed;
  execve(child->program, (char *const *)child->arguments, (char *const *)child->environment);
  return child->program;
}

// Starts it; the calling thread waits for its exec, and must live as long as the process: the child dies with that thread.
// Returns its process identifier; -1 with errno, and failed_step says what could not be done.
static inline pid_t pw_confined_start(struct pw_confined_child *child) {
  volatile int code = 0;
  const char *volatile step = NULL;
  pid_t parent = getpid();
  // The memory is shared until the exec: what the child writes down is here afterwards.
  pid_t pid = vfork();
  if (pid == 0) {
    step = pw_confined_become(child, parent);
    code = errno;
    _exit(127);
  }
  if (pid < 0) {
    child->failed_step = "make a process";
    return -1;
  }
  if (step != NULL) {
    waitpid(pid, NULL, 0);
    child->failed_step = step;
    errno = code;
    return -1;
  }
  return pid;
}

// memfd_create(2): a file that has no place in any file system.
static inline int pw_memory_file(const char *name) { return (int)syscall(SYS_memfd_create, name, 1 /* MFD_CLOEXEC */); }

// pidfd_open(2): readable once the process has ended.
static inline int pw_process_descriptor(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

#endif
