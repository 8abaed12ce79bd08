import GraftFiles

/// A file of events that TensorBoard reads: records of TensorFlow's TFRecord format, each an `Event`
/// (https://github.com/tensorflow/tensorboard, tensorboard/compat/proto/event.proto).
///
/// A record is its length (8 bytes), the masked checksum of the length, the event, and the masked checksum of the event. A training that
/// goes on after a crash opens the same file: what was written behind its state, and a record that the crash cut off, is cut away, so that
/// no step comes twice.
package struct EventFile {
  private let file: AppendedFile
  /// Seconds since 1970.
  private let now: () -> Double

  /// The name in its folder. TensorBoard knows files of events by `tfevents`; the name does not depend on the time, so that a training
  /// that goes on finds its file.
  package static let name = "events.out.tfevents.graft"

  /// Opens the file of a folder.
  ///
  /// - Parameters:
  ///   - step: The last step whose events are kept; nil begins anew.
  ///   - now: Tells the time of an event, in seconds since 1970.
  package init(in folder: String, keepingUpTo step: Int?, now: @escaping () -> Double) throws {
    self.now = now
    file = try AppendedFile(at: "\(folder)/\(EventFile.name)") { content in
      step.map { EventFile.end(of: content, upTo: $0) } ?? 0
    }
    isNew = file.isEmpty
    if isNew { try append(EventFile.version(now())) }
  }

  /// Whether nothing was kept.
  package let isNew: Bool

  /// Adds values of one step.
  package func add(_ values: [EventValue], step: Int) throws {
    let event = ProtocolBuffer.message { event in
      event.add(1, now())
      event.add(2, step)
      event.add(5, .message { summary in for value in values { summary.add(1, value.message) } })
    }
    try append(event.bytes)
  }

  /// Waits until everything is on the medium.
  package func synchronize() throws { try file.synchronize() }

  /// Closes the file, with all events on the medium.
  package func finish() throws { try file.finish() }

  private static func version(_ now: Double) -> [UInt8] {
    ProtocolBuffer.message {
      $0.add(1, now)
      $0.add(3, "brain.Event:2")
    }.bytes
  }

  private func append(_ event: [UInt8]) throws {
    var record: [UInt8] = []
    record.append(littleEndian: UInt64(event.count))
    record.append(littleEndian: EventFile.masked(record))
    record += event
    record.append(littleEndian: EventFile.masked(event))
    try file.append(record)
  }

  /// A checksum as TFRecord stores it: rotated, plus a constant (tensorflow/core/lib/hash/crc32c.h, `Mask`).
  private static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let checksum = CRC32C.checksum(bytes)
    return (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
  }

  // MARK: Reading what was written

  /// The bytes before the first record that is not whole or whose step is above `step`.
  static func end(of content: [UInt8], upTo step: Int) -> Int {
    var place = 0
    func number<Number: FixedWidthInteger>(_ type: Number.Type, at start: Int) -> Number {
      content[start..<start + Number.bitWidth / 8].reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }
    while place + 16 <= content.count {
      let length = number(UInt64.self, at: place)
      guard number(UInt32.self, at: place + 8) == masked(content[place..<place + 8]),
        length <= content.count - place - 16
      else { break }
      let event = content[place + 12..<place + 12 + Int(length)]
      guard number(UInt32.self, at: event.endIndex) == masked(event), self.step(of: event) <= step else { break }
      place = event.endIndex + 4
    }
    return place
  }

  /// The step of an event that was written here: the second field, behind the time (9 bytes); 0 if it is another.
  private static func step(of event: ArraySlice<UInt8>) -> Int {
    let field = event.dropFirst(9)
    // Field 2, a varint.
    guard field.first == 2 << 3 else { return 0 }
    var (step, shift) = (0, 0)
    for byte in field.dropFirst() {
      step |= Int(byte & 127) << shift
      shift += 7
      if byte < 128 || shift > 56 { break }
    }
    return step
  }
}
