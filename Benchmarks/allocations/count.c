// Counts what a program allocates. Preload it (LD_PRELOAD) and read the two counters through dlsym:
//   pwmgr_allocations()   how often anything was allocated
//   pwmgr_live_octets()   octets that are allocated now, as the allocator rounds them
//
// Every entry point that glibc documents is here; each goes on to the function that glibc keeps under another name, so
// that nothing has to be looked up before the first allocation.
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static atomic_uint_fast64_t allocations;
static atomic_int_fast64_t live_octets;

uint64_t pwmgr_allocations(void) { return atomic_load_explicit(&allocations, memory_order_relaxed); }
int64_t pwmgr_live_octets(void) { return atomic_load_explicit(&live_octets, memory_order_relaxed); }

static void *counted(void *memory) {
  if (memory) {
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&live_octets, (int64_t)malloc_usable_size(memory), memory_order_relaxed);
  }
  return memory;
}

static void uncounted(void *memory) {
  if (memory)
    atomic_fetch_sub_explicit(&live_octets, (int64_t)malloc_usable_size(memory), memory_order_relaxed);
}

void *malloc(size_t octets) { return counted(__libc_malloc(octets)); }
void *calloc(size_t count, size_t octets) { return counted(__libc_calloc(count, octets)); }
void *memalign(size_t alignment, size_t octets) { return counted(__libc_memalign(alignment, octets)); }
void *aligned_alloc(size_t alignment, size_t octets) { return counted(__libc_memalign(alignment, octets)); }

void *realloc(void *memory, size_t octets) {
  int64_t before = memory ? (int64_t)malloc_usable_size(memory) : 0;
  void *moved = __libc_realloc(memory, octets);
  // A failure leaves the old memory as it was; a size of 0 frees it.
  if (moved || octets == 0)
    atomic_fetch_sub_explicit(&live_octets, before, memory_order_relaxed);
  return counted(moved);
}

int posix_memalign(void **memory, size_t alignment, size_t octets) {
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0)
    return EINVAL;
  *memory = counted(__libc_memalign(alignment, octets));
  return *memory ? 0 : ENOMEM;
}

void free(void *memory) {
  uncounted(memory);
  __libc_free(memory);
}
