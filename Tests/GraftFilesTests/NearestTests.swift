import GraftFiles
import Testing

@Suite("The nearest name")
struct NearestTests {
  static let cases: [(String, String?)] = [
    ("minst", "mnist"), ("mnist", "mnist"), ("MNIST", "mnist"), ("fashon-mnist", "fashion-mnist"),
    ("synthetics", "synthetic"), ("cifar", nil), ("", nil), ("m", nil),
  ]

  @Test("is found for a slip and not for another word", arguments: cases)
  func nearestName(name: String, expected: String?) {
    #expect(nearest(to: name, among: ["mnist", "fashion-mnist", "synthetic"]) == expected)
  }

  @Test("of equals the first; of none nothing")
  func ties() {
    #expect(nearest(to: "cat", among: ["bat", "rat"]) == "bat")
    #expect(nearest(to: "cat", among: []) == nil)
  }
}
