import Foundation
import GraftFiles

/// An input of a target: a byte that chooses a form, and the content.
struct FuzzInput {
  /// The number of the form; the digits `0`, `1` and so on choose themselves.
  let form: Int
  let content: [UInt8]

  /// - Parameter forms: The number of forms, a divisor of 48.
  init(_ bytes: [UInt8], forms: Int) {
    form = Int(bytes.first ?? 0) % forms
    content = Array(bytes.dropFirst())
  }
}

/// The value that a parser makes of an input of `size` bytes; nil if it refuses the input with a proper error.
func accepted<Value>(_ size: Int, _ parse: () throws -> Value) -> Value? {
  do {
    return try parse()
  } catch {
    check(error, size: size)
    return nil
  }
}

/// Checks that an error is one line, and that its position lies in the input.
func check(_ error: any Error, size: Int) {
  guard let failure = error as? any Failure else { fatalError("an error that is no failure: \(error)") }
  let text = failure.description
  require(!text.isEmpty && !text.utf8.contains { $0 == 0x0a || $0 == 0x0d }, "an error is one line: \(text)")
  guard let error = error as? FormatError, error.container == nil, let offset = error.offset else { return }
  require((0...size).contains(offset), "byte \(offset) lies in the input of \(size): \(text)")
}

/// Ends the process if a property does not hold; unlike `precondition`, it says which, in a release build too.
func require(_ holds: Bool, _ property: @autoclosure () -> String) {
  if !holds { fatalError("violated: \(property())") }
}

/// A defect that is there on purpose, if the environment has FUZZ_PLANT=1: three conditions hold of what a parser made.
///
/// `Scripts/fuzz --plants` shows that each target finds its own, from seeds without it: that the build is instrumented, and
/// that changed inputs come through to the parsers' results.
enum Plant {
  private static let isOn = ProcessInfo.processInfo.environment["FUZZ_PLANT"] == "1"
  /// How far the last input came. Writing it keeps the three branches apart, which an optimizer could make one.
  nonisolated(unsafe) private static var depth = 0

  @inline(never)
  static func check(
    _ first: @autoclosure () -> Bool, _ second: @autoclosure () -> Bool, _ third: @autoclosure () -> Bool
  ) {
    guard isOn else { return }
    if first() {
      depth = 1
      if second() {
        depth = 2
        if third() { fatalError("the planted defect was found") }
      }
    }
  }

  /// The defect of 32 bytes or more that have one of each of three ranges among them. No seed has bytes of all of them.
  static func check(_ bytes: [UInt8]) {
    if bytes.count >= 32 { check(bytes, 0xa0...0xaf, 0xc0...0xcf, 0xe0...0xef) }
  }

  /// The same of text: `@` and the next fifteen characters, `P` and the next, `p` and the next.
  static func check(text bytes: [UInt8]) { check(bytes, 0x40...0x4f, 0x50...0x5f, 0x70...0x7f) }

  private static func check(
    _ bytes: [UInt8], _ first: ClosedRange<UInt8>, _ second: ClosedRange<UInt8>, _ third: ClosedRange<UInt8>
  ) {
    // libFuzzer keeps the shortest input that comes so far: a shorter one would have no room for the next byte.
    guard isOn, bytes.count >= 12 else { return }
    check(
      bytes.contains(where: first.contains), bytes.contains(where: second.contains),
      bytes.contains(where: third.contains))
  }
}
