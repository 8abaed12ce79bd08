/* The decoders of libjpeg-turbo, libpng and libwebp behind functions that return. The first two leave by longjmp when a
   file is damaged, which may not cross Swift's frames.

   The caller has read the header and sets the memory aside; every function checks that the library finds the same size.
   All return 1, or 0 with a sentence in `problem`. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define PICTURES_PROBLEM_SIZE 200

/* A file in memory. */
struct pictures_file {
  const uint8_t *bytes;
  size_t count;
};

/* The pixels to read of a JPEG file, as it is stored: columns and rows of the picture after it was shrunken. */
struct pictures_jpeg_request {
  /* The stored size, unshrunken. */
  uint32_t width, height;
  /* 1, 2, 4 or 8. */
  uint32_t shrunk_by;
  uint32_t first_column, columns, first_row, rows;
  /* 1 for a file of greys, 3 for one of colours or of inks. */
  uint32_t channels;
};

/* Reads [rows x columns x channels] samples. `is_damaged` says if the library warned and did not give up by itself. */
int pictures_decode_jpeg(
    struct pictures_file file, const struct pictures_jpeg_request *request, uint8_t *samples, int *is_damaged,
    char problem[PICTURES_PROBLEM_SIZE]);

/* Reads [height x width x channels] samples. `has_alpha` says if opacities are due; they are laid on white. */
int pictures_decode_png(
    struct pictures_file file, uint32_t width, uint32_t height, uint32_t channels, int has_alpha, uint8_t *samples,
    char problem[PICTURES_PROBLEM_SIZE]);

struct pictures_webp_header {
  int width, height, has_alpha, is_animated;
};

int pictures_read_webp_header(
    struct pictures_file file, struct pictures_webp_header *header, char problem[PICTURES_PROBLEM_SIZE]);

/* Reads [height x width x 3] samples. With opacities there must be room for a fourth sample of each pixel. */
int pictures_decode_webp(
    struct pictures_file file, const struct pictures_webp_header *header, uint8_t *samples,
    char problem[PICTURES_PROBLEM_SIZE]);
