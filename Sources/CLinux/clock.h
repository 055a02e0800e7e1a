// The Glibc module lacks adjtimex(2).
#ifndef PWMGR_CLINUX_CLOCK_H
#define PWMGR_CLINUX_CLOCK_H
#include <sys/timex.h>

// The state of the kernel's clock (TIME_OK, TIME_ERROR and so on), which is only read; -1 where that is refused.
static inline int pw_clock_state(void) {
  struct timex question = {.modes = 0};
  return adjtimex(&question);
}

#endif
