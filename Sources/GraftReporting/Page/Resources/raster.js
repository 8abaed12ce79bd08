"use strict";
// From strokes to the 28 × 28 that a model sees, the way MNIST was made: the ink is scaled to fit a box of 20 × 20 with its shape
// kept, drawn with soft edges, and put into 28 × 28 so that its centre of mass lies in the middle (LeCun et al. 1998, and the page of
// the data set). MNIST's own centres of mass lie at 14.0 ± 0.3 in both directions, counted from the first pixel as 0.
graft.raster = (() => {
  const side = 28;
  const box = 20;
  /** Samples along each side of a pixel. */
  const fine = 4;

  const extent = (strokes, axis) => {
    const values = strokes.flatMap((stroke) => stroke.map((point) => point[axis]));
    return [Math.min(...values), Math.max(...values)];
  };

  /** The square of the distance from (x, y) to a segment. */
  const distance = (x, y, [ax, ay, bx, by]) => {
    const [dx, dy] = [bx - ax, by - ay];
    const length = dx * dx + dy * dy;
    const place = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length));
    const [ex, ey] = [x - ax - place * dx, y - ay - place * dy];
    return ex * ex + ey * ey;
  };

  /** Shares of the pixels of the box that lie under the pen, row by row. */
  const drawn = (segments, radius) => {
    const shares = new Float32Array(box * box);
    const near = (radius + 1) ** 2;
    for (let row = 0; row < box; row++) {
      for (let column = 0; column < box; column++) {
        const own = segments.filter((segment) => distance(column + 0.5, row + 0.5, segment) < near);
        if (own.length === 0) continue;
        let covered = 0;
        for (let y = 0; y < fine; y++) {
          for (let x = 0; x < fine; x++) {
            const [px, py] = [column + (x + 0.5) / fine, row + (y + 0.5) / fine];
            if (own.some((segment) => distance(px, py, segment) <= radius * radius)) covered++;
          }
        }
        shares[row * box + column] = covered / (fine * fine);
      }
    }
    return shares;
  };

  /** How far to move the box so that its centre of mass comes to the middle, in whole pixels, without pushing ink out. */
  const offset = (shares, axis) => {
    let sum = 0;
    let moment = 0;
    let [first, last] = [box, 0];
    shares.forEach((share, index) => {
      if (share === 0) return;
      const place = axis === 0 ? index % box : Math.floor(index / box);
      sum += share;
      moment += share * place;
      first = Math.min(first, place);
      last = Math.max(last, place);
    });
    const wanted = Math.round(side / 2 - moment / sum);
    return Math.max(-first, Math.min(side - 1 - last, wanted));
  };

  /**
   * @param strokes lists of [x, y]
   * @param pen its width in the same unit
   * @returns 784 bytes; all zero where nothing is drawn
   */
  const pixels = (strokes, pen) => {
    const image = new Uint8Array(side * side);
    if (strokes.length === 0) return image;
    const [left, right] = extent(strokes, 0);
    const [top, bottom] = extent(strokes, 1);
    const size = Math.max(right - left, bottom - top, pen);
    // The pen grows and shrinks with the ink, as it did in MNIST, but stays between the thinnest and the thickest of its pens.
    const radius = Math.max(0.9, Math.min(1.7, (pen / 2) * (box / (size + pen))));
    const scale = (box - 2 * radius) / size;
    const moved = (value, low, high) => box / 2 + (value - (low + high) / 2) * scale;
    const segments = strokes.flatMap((stroke) => {
      const points = stroke.map(([x, y]) => [moved(x, left, right), moved(y, top, bottom)]);
      return points.map((point, index) => [...points[Math.max(index - 1, 0)], ...point]);
    });
    const shares = drawn(segments, radius);
    const [shiftX, shiftY] = [offset(shares, 0), offset(shares, 1)];
    shares.forEach((share, index) => {
      if (share > 0) image[(Math.floor(index / box) + shiftY) * side + (index % box) + shiftX] = Math.round(255 * share);
    });
    return image;
  };

  return { side, pixels };
})();
