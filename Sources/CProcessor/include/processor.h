/* What Swift cannot ask the processor itself. */

/* Whether processor and operating system support AVX2 with fused multiply-add (x86-64-v3). */
int processor_has_avx2(void);

/* Whether they support the AVX-512 of x86-64-v4: F, BW, CD, DQ and VL. */
int processor_has_avx512(void);

/* Tells the core that a loop is waiting, so that it saves power and yields to its other thread. */
static inline void processor_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}
