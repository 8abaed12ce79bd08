"use strict";
// A photograph in the size that a model reads, as Graft's `PictureFit` makes it: cropped, squashed or padded, with Pillow's bilinear or
// bicubic filter, which is as wide as the reduction. Nothing here touches the page.
graft.resize = (() => {
  /** The distance at which a filter ends, in pixels of the coarser grid, and its weights before that. */
  const filters = {
    bilinear: { reach: 1, weight: (x) => Math.max(0, 1 - x) },
    bicubic: { reach: 2, weight: (x) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0) },
  };

  /** The nearest integer, of two the even one. */
  const rounded = (value) => (value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));

  /** Width and height of the whole photograph after it is resized. */
  const resizedSize = (fromWidth, fromHeight, { width, height, mode, cropRatio }) => {
    if (mode === "squash") return [width, height];
    if (mode === "pad") {
      const [ratio, wanted] = [fromWidth / fromHeight, width / height];
      if (ratio > wanted) return [width, Math.max(rounded((fromHeight / fromWidth) * width), 1)];
      return [Math.max(rounded(ratio * height), 1), height];
    }
    const [wide, high] = [Math.floor(width / cropRatio), Math.floor(height / cropRatio)];
    if (wide * fromHeight >= high * fromWidth) return [wide, Math.floor((wide * fromHeight) / fromWidth)];
    return [Math.floor((high * fromWidth) / fromHeight), high];
  };

  /**
   * Along one side: the place of the first pixel in the result, and for each pixel the first old one that it depends on with the
   * weights of those from there.
   */
  const along = (source, resized, wanted, filter) => {
    const { reach, weight } = filters[filter];
    const scale = source / resized;
    const unit = Math.max(scale, 1);
    const cut = Math.max(0, rounded((resized - wanted) / 2));
    const taps = Array.from({ length: Math.min(resized, wanted) }, (_, index) => {
      const center = (cut + index + 0.5) * scale;
      const low = Math.max(0, Math.floor(center - reach * unit + 0.5));
      const high = Math.min(source, Math.floor(center + reach * unit + 0.5));
      const weights = Array.from({ length: high - low }, (_, tap) => weight(Math.abs(low + tap + 0.5 - center) / unit));
      const sum = weights.reduce((one, other) => one + other, 0);
      return { low, weights: weights.map((own) => own / sum) };
    });
    return { start: Math.max(0, rounded((wanted - resized) / 2)), taps };
  };

  /**
   * @param pixels red, green, blue and opacity of each pixel, row by row
   * @param fit width, height, mode, cropRatio and filter
   * @returns bytes [3 × height × width]
   */
  return (pixels, fromWidth, fromHeight, fit) => {
    const [wide, high] = resizedSize(fromWidth, fromHeight, fit);
    const across = along(fromWidth, wide, fit.width, fit.filter);
    const down = along(fromHeight, high, fit.height, fit.filter);
    const result = new Uint8ClampedArray(3 * fit.height * fit.width);
    // First the width, rounded to bytes, then the height.
    const columns = across.taps.length;
    const narrow = new Uint8ClampedArray(fromHeight * columns);
    for (let channel = 0; channel < 3; channel++) {
      for (let row = 0; row < fromHeight; row++) {
        across.taps.forEach(({ low, weights }, column) => {
          let sum = 0;
          for (let tap = 0; tap < weights.length; tap++) sum += weights[tap] * pixels[4 * (row * fromWidth + low + tap) + channel];
          narrow[row * columns + column] = sum;
        });
      }
      down.taps.forEach(({ low, weights }, row) => {
        const place = (channel * fit.height + down.start + row) * fit.width + across.start;
        for (let column = 0; column < columns; column++) {
          let sum = 0;
          for (let tap = 0; tap < weights.length; tap++) sum += weights[tap] * narrow[(low + tap) * columns + column];
          result[place + column] = sum;
        }
      });
    }
    return result;
  };
})();
