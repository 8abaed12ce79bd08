#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "paper.h"
#include "pictures.h"

struct decoding {
  png_structp library;
  png_infop info;
  jmp_buf exit;
  struct pictures_file file;
  size_t place;
  uint32_t width, height, channels;
  int has_alpha;
  uint8_t *samples;
  /* Pixels with their opacities, or their palette indices: one row, or all of an interlaced picture. */
  uint8_t *layered;
  int reads_pixels;
  char *problem;
};

static void refuse(struct decoding *decoding, const char *problem) {
  snprintf(decoding->problem, PICTURES_PROBLEM_SIZE, "%s", problem);
  longjmp(decoding->exit, 1);
}

static void leave(png_structp library, png_const_charp text) { refuse(png_get_error_ptr(library), text); }

/* A warning about other chunks means something that is not shown. About the pixels it means damage that their checksum
   did not tell. Bytes left over when all rows are there are no damage: some programs write them, all viewers ignore
   them. */
static void note(png_structp library, png_const_charp text) {
  struct decoding *decoding = png_get_error_ptr(library);
  if (!decoding->reads_pixels) return;
  if (strstr(text, "Extra compressed data") != NULL || strstr(text, "Too much image data") != NULL) return;
  refuse(decoding, text);
}

static void read_bytes(png_structp library, png_bytep target, size_t count) {
  struct decoding *decoding = png_get_io_ptr(library);
  if (count > decoding->file.count - decoding->place) refuse(decoding, "the file breaks off");
  memcpy(target, decoding->file.bytes + decoding->place, count);
  decoding->place += count;
}

/* The colours of a palette, with transparent ones laid on white: each pixel looks its colour up. libpng would draw an
   index beyond the palette in black. */
struct colors {
  uint8_t values[256][3];
  int count;
};

static struct colors read_palette(struct decoding *decoding) {
  struct colors colors = {.count = 0};
  png_colorp palette = NULL;
  if (!png_get_PLTE(decoding->library, decoding->info, &palette, &colors.count)) {
    refuse(decoding, "its palette cannot be read");
  }
  png_bytep opacities = NULL;
  int opacity_count = 0;
  png_get_tRNS(decoding->library, decoding->info, &opacities, &opacity_count, NULL);
  if (decoding->has_alpha != (opacities != NULL)) {
    refuse(decoding, decoding->has_alpha ? "its opacities cannot be read" : "its colours are not those of its header");
  }
  for (int index = 0; index < colors.count; index++) {
    const uint8_t source[4] = {
        palette[index].red, palette[index].green, palette[index].blue,
        index < opacity_count ? opacities[index] : 255};
    lay_on_white(source, colors.values[index], 1, 3);
  }
  return colors;
}

static void paint(
    struct decoding *decoding, const struct colors *colors, const uint8_t *indices, uint8_t *target, size_t pixels) {
  for (size_t pixel = 0; pixel < pixels; pixel++) {
    if (indices[pixel] >= colors->count) {
      char problem[PICTURES_PROBLEM_SIZE];
      snprintf(
          problem, sizeof problem, "a pixel has palette index %d, the palette has %d colour%s", indices[pixel],
          colors->count, colors->count == 1 ? "" : "s");
      refuse(decoding, problem);
    }
    memcpy(target + 3 * pixel, colors->values[indices[pixel]], 3);
  }
}

/* All rows into `target`, `stride` bytes apart. */
static void read_rows(struct decoding *decoding, int passes, uint8_t *target, size_t stride) {
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t row = 0; row < decoding->height; row++) png_read_row(decoding->library, target + row * stride, NULL);
  }
}

static void decode(struct decoding *decoding) {
  png_structp library = decoding->library;
  const uint32_t width = decoding->width, height = decoding->height, channels = decoding->channels;
  png_set_read_fn(library, decoding, read_bytes);
  /* All chunks but those of the picture are skipped unread: text and profiles cannot unpack to gigabytes, no gamma is
     applied, and if they are damaged it does not matter. */
  png_set_keep_unknown_chunks(library, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
#ifdef PNG_MAXIMUM_INFLATE_WINDOW
  /* Some programs write a window that is too small for their own data. */
  png_set_option(library, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON);
#endif
  png_read_info(library, decoding->info);
  const int has_palette = png_get_color_type(library, decoding->info) == PNG_COLOR_TYPE_PALETTE;
  struct colors colors;
  if (has_palette) {
    /* Indices of less than eight bits become bytes. */
    colors = read_palette(decoding);
    png_set_packing(library);
  } else {
    /* Greys of less than eight bits become bytes, and a transparent colour an opacity. The colour is compared with all
       16 bits before the lower eight are dropped. */
    png_set_expand(library);
    png_set_strip_16(library);
  }
  const int passes = png_set_interlace_handling(library);
  png_read_update_info(library, decoding->info);
  if (png_get_image_width(library, decoding->info) != width
      || png_get_image_height(library, decoding->info) != height) {
    refuse(decoding, "its size is not the one of its header");
  }
  const uint32_t layers = has_palette ? 1 : channels + (decoding->has_alpha ? 1 : 0);
  const size_t stride = (size_t)width * layers;
  if ((has_palette && channels != 3) || png_get_channels(library, decoding->info) != layers
      || png_get_rowbytes(library, decoding->info) != stride) {
    refuse(decoding, decoding->has_alpha ? "its opacities cannot be read" : "its colours are not those of its header");
  }
  decoding->reads_pixels = 1;
  if (!decoding->has_alpha && !has_palette) {
    read_rows(decoding, passes, decoding->samples, stride);
  } else {
    decoding->layered = malloc(passes > 1 ? stride * height : stride);
    if (decoding->layered == NULL) refuse(decoding, "memory is short");
    if (passes > 1) {
      read_rows(decoding, passes, decoding->layered, stride);
      if (has_palette) {
        paint(decoding, &colors, decoding->layered, decoding->samples, (size_t)width * height);
      } else {
        lay_on_white(decoding->layered, decoding->samples, (size_t)width * height, channels);
      }
    } else {
      for (uint32_t row = 0; row < height; row++) {
        png_read_row(library, decoding->layered, NULL);
        uint8_t *target = decoding->samples + (size_t)row * width * channels;
        if (has_palette) {
          paint(decoding, &colors, decoding->layered, target, width);
        } else {
          lay_on_white(decoding->layered, target, width, channels);
        }
      }
    }
  }
  decoding->reads_pixels = 0;
  /* To the end of the image, so that a file that breaks off behind the pixels is seen. */
  png_read_end(library, NULL);
}

static int try_decoding(struct decoding *decoding) {
  if (setjmp(decoding->exit)) return 0;
  decoding->library = png_create_read_struct(PNG_LIBPNG_VER_STRING, decoding, leave, note);
  if (decoding->library != NULL) decoding->info = png_create_info_struct(decoding->library);
  if (decoding->info == NULL) refuse(decoding, "libpng cannot start");
  decode(decoding);
  return 1;
}

int pictures_decode_png(
    struct pictures_file file, uint32_t width, uint32_t height, uint32_t channels, int has_alpha, uint8_t *samples,
    char problem[PICTURES_PROBLEM_SIZE]) {
  struct decoding decoding = {
      .file = file,
      .width = width,
      .height = height,
      .channels = channels,
      .has_alpha = has_alpha,
      .samples = samples,
      .problem = problem};
  const int succeeded = try_decoding(&decoding);
  free(decoding.layered);
  png_destroy_read_struct(&decoding.library, &decoding.info, NULL);
  return succeeded;
}
