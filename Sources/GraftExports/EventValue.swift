import GraftFiles

/// One value of an event: `Summary.Value` (https://github.com/tensorflow/tensorboard, tensorboard/compat/proto/summary.proto).
package struct EventValue {
  let message: ProtocolBuffer

  /// A number that is drawn as a curve.
  package static func scalar(_ tag: String, _ number: Double) -> EventValue {
    EventValue(
      message: .message {
        $0.add(1, tag)
        $0.add(2, Float(number))
      })
  }

  /// The distribution of numbers, in thirty intervals between the smallest and the largest. None if there are no numbers.
  package static func histogram(_ tag: String, _ numbers: [Float]) -> EventValue? {
    guard let low = numbers.min(), let high = numbers.max(), low.isFinite, high.isFinite else { return nil }
    let count = low == high ? 1 : 30
    let width = (Double(high) - Double(low)) / Double(count)
    var buckets = [Int](repeating: 0, count: count)
    var (sum, squares) = (0.0, 0.0)
    for number in numbers {
      let place = width > 0 ? Int((Double(number) - Double(low)) / width) : 0
      buckets[min(place, count - 1)] += 1
      sum += Double(number)
      squares += Double(number) * Double(number)
    }
    let histogram = ProtocolBuffer.message { histogram in
      histogram.add(1, Double(low))
      histogram.add(2, Double(high))
      histogram.add(3, Double(numbers.count))
      histogram.add(4, sum)
      histogram.add(5, squares)
      // The upper end of each interval.
      let limits = (1...count).map { $0 == count ? Double(high) : Double(low) + Double($0) * width }
      histogram.add(6, packed: limits)
      histogram.add(7, packed: buckets.map(Double.init))
    }
    return EventValue(
      message: .message {
        $0.add(1, tag)
        $0.add(5, histogram)
      })
  }

  /// A picture.
  package static func image(_ tag: String, _ picture: PNGImage, channels: Int) -> EventValue {
    let image = ProtocolBuffer.message {
      $0.add(1, picture.height)
      $0.add(2, picture.width)
      $0.add(3, channels)
      $0.add(4, bytes: picture.encoded())
    }
    return EventValue(
      message: .message {
        $0.add(1, tag)
        $0.add(4, image)
      })
  }

  /// The hyper-parameters of a training, for TensorBoard's table of them
  /// (tensorboard/plugins/hparams/plugin_data.proto, `SessionStartInfo`). Numbers, texts and truth values only.
  package static func hyperparameters(_ settings: JSON.Object, began seconds: Double) -> EventValue {
    let start = ProtocolBuffer.message { start in
      for setting in settings {
        guard let value = hyperparameter(setting.value) else { continue }
        start.add(
          1,
          .message {
            $0.add(1, setting.key)
            $0.add(2, value)
          })
      }
      start.add(5, seconds)
    }
    return plugin("_hparams_/session_start_info", .message { $0.add(3, start) })
  }

  /// The end of a training whose hyper-parameters were written.
  package static func ended(_ seconds: Double) -> EventValue {
    let end = ProtocolBuffer.message {
      // STATUS_SUCCESS
      $0.add(1, 1)
      $0.add(2, seconds)
    }
    return plugin("_hparams_/session_end_info", .message { $0.add(4, end) })
  }

  /// `google.protobuf.Value`.
  private static func hyperparameter(_ value: JSON) -> ProtocolBuffer? {
    switch value {
    case .integer, .number: .message { $0.add(2, value.double ?? 0) }
    case .string(let text): .message { $0.add(3, text) }
    case .bool(let isTrue): .message { $0.add(4, isTrue ? 1 : 0) }
    case .null, .array, .object: nil
    }
  }

  private static func plugin(_ tag: String, _ content: ProtocolBuffer) -> EventValue {
    let data = ProtocolBuffer.message {
      $0.add(1, "hparams")
      $0.add(2, content)
    }
    // An empty tensor of floats.
    let tensor = ProtocolBuffer.message {
      $0.add(1, 1)
      $0.add(2, .message { $0.add(2, .message { $0.add(1, 0) }) })
    }
    return EventValue(
      message: .message {
        $0.add(1, tag)
        $0.add(8, tensor)
        $0.add(9, .message { $0.add(1, data) })
      })
  }
}
