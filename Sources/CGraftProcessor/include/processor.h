/* What Swift cannot ask the processor itself. */

/* Whether processor and operating system support x86-64-v3: AVX2, fused multiply-add and what came with them. */
int processor_has_avx2(void);

/* Whether they support x86-64-v4: AVX-512 F, BW, CD, DQ and VL. */
int processor_has_avx512(void);

/* Asks the system for pages of 2 MB where it has them; a hint that may come to nothing. */
void processor_use_large_pages(void *address, unsigned long bytes);

/* Asks for a cache line that will be read soon. */
static inline void processor_prefetch(const void *address) { __builtin_prefetch(address); }

/* Lets this thread take numbers too small for full precision (below 1e-38) as zero, and returns the mode that it had. The
   velocity of a weight that gets no gradient fades into such numbers, on which a multiply-add can take a hundred times
   longer. */
static inline unsigned long processor_flush_denormals(void) {
#if defined(__x86_64__)
  unsigned int mode = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(mode | 0x8040);
  return mode;
#elif defined(__aarch64__)
  unsigned long mode;
  __asm__ __volatile__("mrs %0, fpcr" : "=r"(mode));
  __asm__ __volatile__("msr fpcr, %0" : : "r"(mode | (1ul << 24)));
  return mode;
#else
  return 0;
#endif
}

/* Goes back to a mode. */
static inline void processor_restore(unsigned long mode) {
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr((unsigned int)mode);
#elif defined(__aarch64__)
  __asm__ __volatile__("msr fpcr, %0" : : "r"(mode));
#endif
}

/* Tells the core that a loop is waiting, so that it saves power and yields to its other thread. */
static inline void processor_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}
