#pragma once
#include <stddef.h>
#include <stdint.h>

/* Lays pixels on white paper: round((c a + 255 (255 - a)) / 255) for each channel c with opacity a, rounded once.
   `source` has the opacity after the channels of each pixel; it may be `target`. */
static inline void lay_on_white(const uint8_t *source, uint8_t *target, size_t pixels, uint32_t channels) {
  for (size_t pixel = 0; pixel < pixels; pixel++) {
    const uint32_t alpha = source[channels];
    for (uint32_t channel = 0; channel < channels; channel++) {
      target[channel] = (uint8_t)((source[channel] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
    source += channels + 1;
    target += channels;
  }
}
