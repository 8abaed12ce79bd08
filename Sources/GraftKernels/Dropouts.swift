import GraftKernelCalls

/// Multiplies each element by zero or by `scale`, as one byte of its image's SplitMix64 decides. The eight bytes of a number are
/// used together, so that the loop over them becomes vectors.
func dropout(_ call: DropoutCall, _ part: Int, _ parts: Int) {
  let grid = Grid(call.maps.layout)
  let threshold = UInt64(call.threshold)
  let length = grid.width &* grid.step
  for image in share(of: call.images, part, parts) {
    var state = call.states[image]
    let elements = call.maps.rows.base + image &* call.maps.rows.stride
    for y in 0..<grid.height {
      let line = elements + grid.index(y, 0)
      var place = 0
      while place < length {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        bits ^= bits >> 31
        // A row has room for whole vectors.
        for lane in 0..<8 {
          line[place &+ lane] *= (bits &>> UInt64(8 &* lane)) & 0xFF < threshold ? 0 : call.scale
        }
        place &+= 8
      }
    }
  }
}
