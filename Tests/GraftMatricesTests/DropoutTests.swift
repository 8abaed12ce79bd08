import GraftKernelCalls
import GraftMatrices
import Testing

@Suite("Dropping elements at random")
struct DropoutTests {
  private func ones(_ rows: Int, _ columns: Int) -> Matrix {
    Matrix((0..<rows).map { _ in [Float](repeating: 1, count: columns) })
  }

  private let key = RandomKey(seed: 3, purpose: .dropout, index: 7)

  @Test("the wanted share is dropped, the rest is scaled, and the mean stays", arguments: [64, 128, 179])
  func share(threshold: UInt8) {
    var matrix = ones(400, 500)
    let scale = 256 / Float(256 - Int(threshold))
    matrix.dropOut(images: Array(0..<400)[...], layer: 0, key: key, threshold: threshold, scale: scale)
    var dropped = 0
    for row in 0..<400 {
      for column in 0..<500 {
        #expect(matrix[row, column] == 0 || matrix[row, column] == scale)
        if matrix[row, column] == 0 { dropped += 1 }
      }
    }
    // Four standard deviations of 200,000 draws.
    let share = Double(threshold) / 256
    #expect(abs(Double(dropped) / 200_000 - share) < 4 * (share * (1 - share) / 200_000).squareRoot())
  }

  @Test("a map is dropped alike whatever its border, which stays as it was; threads change no bit")
  func maps() {
    let layouts = [0, 2].map { MapLayout(channels: 17, height: 3, width: 5, border: $0) }
    let dropped = layouts.flatMap { layout in
      [1, 2, 3].map { threads in
        var matrix = ones(4, layout.count)
        matrix.dropOut(
          images: [7, 8, 9, 5], layout, layer: 1, key: key, threshold: 100, scale: 2,
          team: Team(size: threads, smallestPart: 1))
        let places = Set((0..<3).flatMap { y in (0..<5).flatMap { x in (0..<32).map { layout.index(y, x) + $0 } } })
        for row in 0..<4 {
          for column in 0..<layout.count where !places.contains(column) { #expect(matrix[row, column] == 1) }
        }
        return (0..<4).map { row in layout.places.map { matrix[row, $0] } }
      }
    }
    for other in dropped { #expect(other == dropped[0]) }
    #expect(Set(dropped[0].joined()) == [0, 2])
  }

  @Test("a row is dropped by its image, wherever it stands; layer, step and seed drop others")
  func place() {
    func dropped(
      _ images: [Int], layer: Int = 0, key: RandomKey = RandomKey(seed: 3, purpose: .dropout, index: 7)
    ) -> [[Float]] {
      var matrix = ones(images.count, 37)
      matrix.dropOut(images: images[...], layer: layer, key: key, threshold: 128, scale: 2)
      return (0..<images.count).map { row in (0..<37).map { matrix[row, $0] } }
    }
    let all = dropped([5, 9, 2, 40_000])
    #expect(dropped([2, 5]) == [all[2], all[0]] && dropped([40_000]) == [all[3]])
    #expect(Set(all).count == 4)
    let others = [
      dropped([5], layer: 2), dropped([5], key: RandomKey(seed: 3, purpose: .dropout, index: 8)),
      dropped([5], key: RandomKey(seed: 4, purpose: .dropout, index: 7)),
    ]
    #expect(Set(others + [[all[0]]]).count == 4)
  }

  @Test("a wider row begins as a narrower one; what is no row's is left alone")
  func width() {
    var (narrow, wide) = (ones(3, 13), ones(3, 500))
    narrow.dropOut(images: [1, 2], layer: 0, key: key, threshold: 100, scale: 3)
    wide.dropOut(images: [1, 2], layer: 0, key: key, threshold: 100, scale: 3)
    for row in 0..<2 { for column in 0..<13 { #expect(narrow[row, column] == wide[row, column]) } }
    for column in 0..<13 { #expect(narrow[2, column] == 1) }
  }
}
