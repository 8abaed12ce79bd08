#if defined(__linux__)
#define _GNU_SOURCE
#include <sys/mman.h>
#endif
#include "processor.h"

void processor_use_large_pages(void *address, unsigned long bytes) {
#if defined(__linux__)
  (void)madvise(address, bytes, MADV_HUGEPAGE);
#else
  (void)address;
  (void)bytes;
#endif
}

#if defined(__x86_64__)
int processor_has_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("x86-64-v3");
}
int processor_has_avx512(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("x86-64-v4");
}
#else
int processor_has_avx2(void) { return 0; }
int processor_has_avx512(void) { return 0; }
#endif
