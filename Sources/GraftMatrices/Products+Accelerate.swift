#if canImport(Accelerate)
  import Accelerate
  import GraftKernelCalls

  // On Apple systems products with large weights go to Accelerate, which alone reaches the matrix units. Its results equal the
  // kernels' within rounding. A call is never divided among a team, so the number of threads changes nothing.

  extension Product {
    /// Least number of weights for Accelerate: fewer are multiplied before a matrix unit has been set up.
    private static let smallest = 1 << 14

    /// Whether the product goes to Accelerate. Only the weights decide, so that a row's result does not depend on the number of
    /// rows.
    var suitsAccelerate: Bool { mask == nil && layout.rows * layout.columns >= Product.smallest }

    /// Multiplies panel by panel; each panel is a row-major matrix without gaps.
    func performByAccelerate() {
      let (width, depth) = (layout.panelWidth, layout.rows)
      for panel in 0..<layout.panels {
        let target = output.base + panel * width
        for row in 0..<rows {
          let place = target + row * output.stride
          if let bias {
            place.update(from: bias + panel * width, count: width)
          } else {
            place.update(repeating: 0, count: width)
          }
        }
        cblas_sgemm(
          CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(rows), Int32(width), Int32(depth), 1,
          left.base, Int32(left.stride), weights + panel * layout.panelStride, Int32(width), 1, target,
          Int32(output.stride))
        guard rectifies else { continue }
        for row in 0..<rows {
          let place = target + row * output.stride
          for column in 0..<width where place[column] < 0 { place[column] = 0 }
        }
      }
    }
  }
#endif
