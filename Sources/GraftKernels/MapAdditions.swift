import GraftKernelCalls

// The addition of one map's pixels to another's.

func mapAddition(_ call: MapAddition, _ part: Int, _ parts: Int) {
  let (source, target) = (Grid(call.source.layout), Grid(call.target.layout))
  for image in share(of: call.images, part, parts) {
    let from = call.source.rows.base + image &* call.source.rows.stride
    let to = call.target.rows.base + image &* call.target.rows.stride
    for y in 0..<target.height {
      for x in 0..<target.width {
        let (pixel, place) = (from + source.index(y, x), to + target.index(y, x))
        var channel = 0
        while channel < target.pitch {
          var value = loadVector(pixel + channel)
          if call.accumulates { value += loadVector(place + channel) }
          storeVector(value, to: place + channel)
          channel &+= Vector.scalarCount
        }
      }
    }
  }
}
