#include <stdio.h>

#include <webp/decode.h>

#include "paper.h"
#include "pictures.h"

static int check(VP8StatusCode status, char problem[PICTURES_PROBLEM_SIZE]) {
  const char *text = "its data are corrupt";
  switch (status) {
  case VP8_STATUS_OK: return 1;
  case VP8_STATUS_NOT_ENOUGH_DATA: text = "the file breaks off"; break;
  case VP8_STATUS_OUT_OF_MEMORY: text = "memory is short"; break;
  case VP8_STATUS_UNSUPPORTED_FEATURE: text = "it is of a kind that is not read"; break;
  default: break;
  }
  snprintf(problem, PICTURES_PROBLEM_SIZE, "%s", text);
  return 0;
}

int pictures_read_webp_header(
    struct pictures_file file, struct pictures_webp_header *header, char problem[PICTURES_PROBLEM_SIZE]) {
  WebPBitstreamFeatures features;
  if (!check(WebPGetFeatures(file.bytes, file.count, &features), problem)) return 0;
  header->width = features.width;
  header->height = features.height;
  header->has_alpha = features.has_alpha;
  header->is_animated = features.has_animation;
  return 1;
}

int pictures_decode_webp(
    struct pictures_file file, const struct pictures_webp_header *header, uint8_t *samples,
    char problem[PICTURES_PROBLEM_SIZE]) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) return check(VP8_STATUS_UNSUPPORTED_FEATURE, problem);
  const size_t pixels = (size_t)header->width * (size_t)header->height;
  const int layers = header->has_alpha ? 4 : 3;
  config.output.colorspace = header->has_alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = samples;
  config.output.u.RGBA.stride = header->width * layers;
  config.output.u.RGBA.size = pixels * (size_t)layers;
  VP8StatusCode status = WebPDecode(file.bytes, file.count, &config);
  if (status == VP8_STATUS_OK && (config.output.width != header->width || config.output.height != header->height)) {
    status = VP8_STATUS_BITSTREAM_ERROR;
  }
  /* In place: the samples move to the front. */
  if (header->has_alpha && status == VP8_STATUS_OK) lay_on_white(samples, samples, pixels, 3);
  WebPFreeDecBuffer(&config.output);
  return check(status, problem);
}
