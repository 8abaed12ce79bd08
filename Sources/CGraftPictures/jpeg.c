#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "pictures.h"

/* A file of many empty scans would keep the library busy for hours. The limit is TurboJPEG's. */
#define MOST_SCANS 500
/* Pixels times scans, which bounds the time: about three seconds of empty scans. The usual progressive files have ten
   scans. */
#define MOST_SCANNED_PIXELS 4000000000

/* The most bytes that may be left over before a marker, whatever they are. */
#define MOST_STRAY_BYTES 4

struct decoding {
  struct jpeg_decompress_struct library;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf exit;
  struct pictures_file file;
  const struct pictures_jpeg_request *request;
  uint8_t *samples;
  int *is_damaged;
  char *problem;
};

static struct decoding *decoding_of(j_common_ptr library) { return library->client_data; }

static void leave(j_common_ptr library) {
  struct decoding *decoding = decoding_of(library);
  if (library->err->msg_code == JWRN_JPEG_EOF) {
    snprintf(decoding->problem, PICTURES_PROBLEM_SIZE, "the file breaks off");
  } else if (library->err->msg_code == JWRN_EXTRANEOUS_DATA && library->err->msg_parm.i[1] == JPEG_EOI) {
    /* Their number is not known: some were read already. */
    snprintf(decoding->problem, PICTURES_PROBLEM_SIZE, "data are left over after the last row of its size");
  } else {
    char text[JMSG_LENGTH_MAX];
    (*library->err->format_message)(library, text);
    snprintf(decoding->problem, PICTURES_PROBLEM_SIZE, "%s", text);
  }
  longjmp(decoding->exit, 1);
}

static void refuse(struct decoding *decoding, const char *problem) {
  snprintf(decoding->problem, PICTURES_PROBLEM_SIZE, "%s", problem);
  longjmp(decoding->exit, 1);
}

/* Whether the last `count` bytes that the library has passed over are zeros or 0xff. */
static int is_padding(const struct decoding *decoding, int count) {
  const uint8_t *place = decoding->library.src->next_input_byte;
  if (count > place - decoding->file.bytes) return 0;
  for (; count > 0; count--) {
    place--;
    if (*place != 0 && *place != 0xff) return 0;
  }
  return 1;
}

/* Whether a warning leaves the picture whole. Other viewers show such files without a word.

   - A version or a transform that the library does not know: it reads the file as the usual one.
   - Bytes before a marker that belong to nothing: padding between segments, or after the last scan before the end, as
     many cameras write. More than a few that are no padding are data of rows or columns that the header does not tell.
     Bytes left over before another scan or before a restart marker are another matter: the data before them were not
     read as they were written.

   All others mean that pixels are lost, and the library fills in grey: the file breaks off, a code that is none, data
   that end too early, a restart marker missed, scans that do not fit together. */
static int is_harmless(const struct decoding *decoding) {
  switch (decoding->errors.msg_code) {
  case JWRN_ADOBE_XFORM:
  case JWRN_JFIF_MAJOR:
    return 1;
  case JWRN_EXTRANEOUS_DATA:
    if (decoding->library.input_scan_number > 0 && decoding->errors.msg_parm.i[1] != JPEG_EOI) return 0;
    return decoding->errors.msg_parm.i[0] <= MOST_STRAY_BYTES || is_padding(decoding, decoding->errors.msg_parm.i[0]);
  default:
    return 0;
  }
}

static void note(j_common_ptr library, int level) {
  if (level >= 0 || is_harmless(decoding_of(library))) return;
  *decoding_of(library)->is_damaged = 1;
  leave(library);
}

static void check_scans(j_common_ptr library) {
  struct decoding *decoding = decoding_of(library);
  const int scans = decoding->library.input_scan_number;
  if (scans > MOST_SCANS) refuse(decoding, "it has more than 500 scans");
  const uint64_t pixels = (uint64_t)decoding->library.image_width * decoding->library.image_height;
  if ((uint64_t)scans * pixels > MOST_SCANNED_PIXELS) refuse(decoding, "it has too many scans for its size");
}

/* Red, green and blue of inks. Files hold them as Adobe's programs write them: 255 is no ink. Rounded as in Pillow. */
static void print_inks(const uint8_t *inks, uint8_t *colors, size_t pixels) {
  for (; pixels > 0; pixels--, inks += 4, colors += 3) {
    const int light = inks[3];
    for (int channel = 0; channel < 3; channel++) {
      const int product = (255 - inks[channel]) * light + 128;
      const int color = light - (((product >> 8) + product) >> 8);
      colors[channel] = (uint8_t)(color < 0 ? 0 : color);
    }
  }
}

/* Whether the rest of a scan comes to the end of the image: whether a file is whole whose last rows are not read. */
static int reaches_end(const struct decoding *decoding) {
  const uint8_t *place = decoding->library.src->next_input_byte;
  const uint8_t *end = place + decoding->library.src->bytes_in_buffer;
  if (decoding->library.unread_marker == JPEG_EOI) return 1;
  while (place < end && (place = memchr(place, 0xff, (size_t)(end - place))) != NULL) {
    /* A marker may have several 0xff before it; 0xff 0 is a byte of data. */
    while (place < end && *place == 0xff) place++;
    if (place == end) return 0;
    if (*place == JPEG_EOI) return 1;
    place++;
  }
  return 0;
}

static void decode(struct decoding *decoding) {
  j_decompress_ptr library = &decoding->library;
  const struct pictures_jpeg_request *request = decoding->request;
  jpeg_create_decompress(library);
  library->progress = &decoding->progress;
  jpeg_mem_src(library, decoding->file.bytes, (unsigned long)decoding->file.count);
  jpeg_read_header(library, TRUE);
  if (library->image_width != request->width || library->image_height != request->height) {
    refuse(decoding, "it has two frame headers");
  }
  switch (library->num_components) {
  case 1: library->out_color_space = JCS_GRAYSCALE; break;
  case 3: library->out_color_space = JCS_RGB; break;
  case 4: library->out_color_space = JCS_CMYK; break;
  default: refuse(decoding, "its number of components is neither 1, 3 nor 4");
  }
  library->scale_num = 1;
  library->scale_denom = request->shrunk_by;
  library->dct_method = JDCT_ISLOW;
  library->do_fancy_upsampling = TRUE;
  jpeg_start_decompress(library);
  const uint32_t channels = library->num_components == 1 ? 1 : 3;
  if (channels != request->channels) refuse(decoding, "it has two frame headers");

  /* Smooth upsampling mixes neighbours: one more block of every component around the region makes its pixels the same
     bits as those of the whole picture. */
  const JDIMENSION margin_right = (JDIMENSION)library->max_h_samp_factor * DCTSIZE / request->shrunk_by;
  const JDIMENSION margin_below = (JDIMENSION)library->max_v_samp_factor * DCTSIZE / request->shrunk_by;
  const JDIMENSION full_width = library->output_width;
  JDIMENSION left = request->first_column > margin_right ? request->first_column - margin_right : 0;
  JDIMENSION right = request->first_column + request->columns + margin_right;
  JDIMENSION top = request->first_row > margin_below ? request->first_row - margin_below : 0;
  const JDIMENSION bottom = request->first_row + request->rows;
  if (right > full_width) right = full_width;
  if (bottom > library->output_height || request->first_column + request->columns > full_width) {
    refuse(decoding, "its size is not the one of its header");
  }
  JDIMENSION width = right - left;
  if (width < full_width) jpeg_crop_scanline(library, &left, &width);

  const int is_direct = library->output_components == (int)channels && width == request->columns;
  const size_t row_size = (size_t)request->columns * channels;
  JSAMPARRAY scratch = (*library->mem->alloc_sarray)(
      (j_common_ptr)library, JPOOL_IMAGE, width * (JDIMENSION)library->output_components, 1);
  if (top > 0) jpeg_skip_scanlines(library, top);
  while (library->output_scanline < bottom) {
    const JDIMENSION row = library->output_scanline;
    const int is_wanted = row >= request->first_row;
    uint8_t *target = decoding->samples + (is_wanted ? (row - request->first_row) * row_size : 0);
    JSAMPROW place = is_direct && is_wanted ? target : scratch[0];
    if (jpeg_read_scanlines(library, &place, 1) != 1) refuse(decoding, "its rows end too early");
    if (!is_wanted || is_direct) continue;
    const uint8_t *source = scratch[0] + (request->first_column - left) * (size_t)library->output_components;
    if (library->output_components == 4) {
      print_inks(source, target, request->columns);
    } else {
      memcpy(target, source, row_size);
    }
  }
  /* A file that breaks off is refused, even if the rows that it lacks are not wanted. The library has seen the end of a
     file of several scans. Of one scan it sees the end after the last row only, and searching it is much faster than
     decoding. Damage in rows below the region goes unseen if the end is there. */
  if (library->output_scanline == library->output_height) {
    jpeg_finish_decompress(library);
  } else if (!jpeg_has_multiple_scans(library) && !reaches_end(decoding)) {
    *decoding->is_damaged = 1;
    refuse(decoding, "the file breaks off");
  }
}

static int try_decoding(struct decoding *decoding) {
  if (setjmp(decoding->exit)) return 0;
  decode(decoding);
  return 1;
}

int pictures_decode_jpeg(
    struct pictures_file file, const struct pictures_jpeg_request *request, uint8_t *samples, int *is_damaged,
    char problem[PICTURES_PROBLEM_SIZE]) {
  struct decoding decoding = {
      .file = file, .request = request, .samples = samples, .is_damaged = is_damaged, .problem = problem};
  decoding.library.err = jpeg_std_error(&decoding.errors);
  decoding.library.client_data = &decoding;
  decoding.errors.error_exit = leave;
  decoding.errors.emit_message = note;
  decoding.progress.progress_monitor = check_scans;
  *is_damaged = 0;
  const int succeeded = try_decoding(&decoding);
  jpeg_destroy_decompress(&decoding.library);
  return succeeded;
}
