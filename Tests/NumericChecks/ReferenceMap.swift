/// A feature map in Double and what layers do with it, written so that nobody can doubt it: loops over channel, row and column, in
/// the order in which PyTorch stores images.
package struct ReferenceMap: Sendable, Equatable {
  package let channels: Int
  package let height: Int
  package let width: Int
  /// Channel, row, column.
  package var values: [Double]

  package init(channels: Int, height: Int, width: Int, values: [Double]) {
    precondition(values.count == channels * height * width)
    (self.channels, self.height, self.width, self.values) = (channels, height, width, values)
  }

  package init(channels: Int, height: Int, width: Int) {
    self.init(
      channels: channels, height: height, width: width,
      values: [Double](repeating: 0, count: channels * height * width))
  }

  package subscript(channel: Int, y: Int, x: Int) -> Double {
    get { values[(channel * height + y) * width + x] }
    set { values[(channel * height + y) * width + x] = newValue }
  }

  /// The value there, zero outside: what a padded convolution reads.
  package func padded(_ channel: Int, _ y: Int, _ x: Int) -> Double {
    y >= 0 && y < height && x >= 0 && x < width ? self[channel, y, x] : 0
  }

  package func mapping(_ function: (_ channel: Int, _ value: Double) -> Double) -> ReferenceMap {
    var result = self
    for index in values.indices { result.values[index] = function(index / (height * width), values[index]) }
    return result
  }
}

/// Square windows over a map, as convolutions and pooling see them.
package struct ReferenceWindow: Sendable, Hashable {
  package let size: Int
  package let stride: Int
  package let padding: Int

  package init(size: Int, stride: Int = 1, padding: Int = 0) {
    (self.size, self.stride, self.padding) = (size, stride, padding)
  }

  /// Positions of a window along a side of `length`.
  package func positions(_ length: Int) -> Int { (length + 2 * padding - size) / stride + 1 }

  /// Whether a window fits at all.
  package func fits(_ height: Int, _ width: Int) -> Bool {
    min(height, width) + 2 * padding >= size
  }
}

extension ReferenceMap {
  /// - Parameter weight: [outputs][channels][row of the window][column].
  package func convolved(_ weight: [Double], bias: [Double]?, outputs: Int, _ window: ReferenceWindow) -> ReferenceMap {
    let size = window.size
    precondition(weight.count == outputs * channels * size * size)
    var result = ReferenceMap(channels: outputs, height: window.positions(height), width: window.positions(width))
    for output in 0..<outputs {
      for y in 0..<result.height {
        for x in 0..<result.width {
          var sum = bias?[output] ?? 0
          for channel in 0..<channels {
            for i in 0..<size {
              for j in 0..<size {
                sum +=
                  weight[((output * channels + channel) * size + i) * size + j]
                  * padded(channel, y * window.stride + i - window.padding, x * window.stride + j - window.padding)
              }
            }
          }
          result[output, y, x] = sum
        }
      }
    }
    return result
  }

  /// The gradient of the weight of ``convolved(_:bias:outputs:_:)``, in the weight's order.
  package func weightGradient(_ outputGradient: ReferenceMap, _ window: ReferenceWindow) -> [Double] {
    var result: [Double] = []
    for output in 0..<outputGradient.channels {
      for channel in 0..<channels {
        for i in 0..<window.size {
          for j in 0..<window.size {
            var sum = 0.0
            for y in 0..<outputGradient.height {
              for x in 0..<outputGradient.width {
                sum +=
                  outputGradient[output, y, x]
                  * padded(channel, y * window.stride + i - window.padding, x * window.stride + j - window.padding)
              }
            }
            result.append(sum)
          }
        }
      }
    }
    return result
  }

  /// The gradient of the input of ``convolved(_:bias:outputs:_:)``: each position of the output hands its own back to what it read.
  package func inputGradient(
    _ outputGradient: ReferenceMap, _ weight: [Double], _ window: ReferenceWindow
  ) -> ReferenceMap {
    var result = ReferenceMap(channels: channels, height: height, width: width)
    for output in 0..<outputGradient.channels {
      for y in 0..<outputGradient.height {
        for x in 0..<outputGradient.width {
          for channel in 0..<channels {
            for i in 0..<window.size {
              for j in 0..<window.size {
                let (row, column) = (y * window.stride + i - window.padding, x * window.stride + j - window.padding)
                guard row >= 0, row < height, column >= 0, column < width else { continue }
                let place = ((output * channels + channel) * window.size + i) * window.size + j
                result[channel, row, column] += outputGradient[output, y, x] * weight[place]
              }
            }
          }
        }
      }
    }
    return result
  }

  package enum Pool: String, Sendable, CaseIterable { case maximum, average }

  /// Windows that leave the map at the right or below are left out.
  package func pooled(_ kind: Pool, _ window: ReferenceWindow) -> ReferenceMap {
    var result = ReferenceMap(channels: channels, height: window.positions(height), width: window.positions(width))
    for channel in 0..<channels {
      for y in 0..<result.height {
        for x in 0..<result.width {
          let values = windowed(channel, y, x, window).map { self[channel, $0.y, $0.x] }
          result[channel, y, x] =
            kind == .maximum ? values.max() ?? 0 : values.reduce(0, +) / Double(values.count)
        }
      }
    }
    return result
  }

  /// The gradient of the input of ``pooled(_:_:)``; of equal largest values the first, row by row, has it.
  package func poolingGradient(
    _ outputGradient: ReferenceMap, _ kind: Pool, _ window: ReferenceWindow
  ) -> ReferenceMap {
    var result = ReferenceMap(channels: channels, height: height, width: width)
    for channel in 0..<channels {
      for y in 0..<outputGradient.height {
        for x in 0..<outputGradient.width {
          let places = windowed(channel, y, x, window)
          let gradient = outputGradient[channel, y, x]
          if kind == .average {
            for place in places { result[channel, place.y, place.x] += gradient / Double(places.count) }
          } else {
            let largest = places.map { self[channel, $0.y, $0.x] }.max()
            if let first = places.first(where: { self[channel, $0.y, $0.x] == largest }) {
              result[channel, first.y, first.x] += gradient
            }
          }
        }
      }
    }
    return result
  }

  /// How far the largest value of a window is from another one: what a step must not cross, for the slope to be one. Equal values
  /// are left out: behind a rectifier, or where images are black, they stay equal whatever moves.
  package func smallestGap(_ window: ReferenceWindow) -> Double {
    var smallest = Double.infinity
    for channel in 0..<channels {
      for y in 0..<window.positions(height) {
        for x in 0..<window.positions(width) {
          let values = windowed(channel, y, x, window).map { self[channel, $0.y, $0.x] }
          let largest = values.max() ?? 0
          for value in values where value != largest { smallest = min(smallest, largest - value) }
        }
      }
    }
    return smallest
  }

  private func windowed(_ channel: Int, _ y: Int, _ x: Int, _ window: ReferenceWindow) -> [(y: Int, x: Int)] {
    (0..<window.size).flatMap { i in
      (0..<window.size).map { j in (y: y * window.stride + i, x: x * window.stride + j) }
    }
  }
}
