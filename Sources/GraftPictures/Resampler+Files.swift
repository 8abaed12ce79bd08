import GraftFiles

extension Resampler {
  /// Decodes the picture in a file's bytes, as small and as little of it as the result depends on, and writes the result as
  /// planes: [channels × height × width] bytes.
  ///
  /// Pictures become a network's images in this way, those that it learns from and those that it answers.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - start: The index in `output` at which the planes begin.
  /// - Throws: If the bytes are no picture, or if they are damaged.
  package mutating func write(
    file bytes: [UInt8], as colors: ColorMode, planarInto output: inout MutableSpan<UInt8>, at start: Int
  ) throws(FormatError) {
    let reader = try PictureReader(bytes)
    let full = fit.plan(width: reader.width, height: reader.height)
    let plan = full.shrunk(by: reader.format == .jpeg ? full.shrink : 1)
    let (picture, x, y) = try reader.decoded(
      as: colors, shrunkBy: plan.shrunkBy, covering: PictureRegion(columns: plan.columns, rows: plan.rows))
    write(picture, column: x, row: y, plan: plan, planarInto: &output, at: start)
  }
}
