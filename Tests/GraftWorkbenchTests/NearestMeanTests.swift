import GraftMatrices
import GraftStatistics
import GraftWorkbench
import NumericChecks
import Testing

@Suite("The nearest class mean")
struct NearestMeanTests {
  @Test("it answers the class of the nearest mean")
  func answers() {
    let classifier = NearestMean(
      features: Matrix([[0, 0], [2, 0], [10, 10], [10, 12]]), labels: [0, 0, 1, 1], classCount: 2)
    #expect(classifier.answers(Matrix([[1, 1], [9, 9], [5, 5], [6, 7]])) == [0, 1, 0, 1])
  }

  @Test("a class without images is never answered, and of equally near classes the lowest is")
  func ties() {
    let missing = NearestMean(features: Matrix([[1], [5]]), labels: [1, 3], classCount: 5)
    #expect(missing.answers(Matrix([[-100], [3], [100]])) == [1, 1, 3])
    let identical = NearestMean(
      features: Matrix([[Float]](repeating: [0.1, 0.7, 0.3], count: 7)), labels: [2, 1, 2, 1, 1, 2, 0], classCount: 3)
    #expect(identical.answers(Matrix([[0.1, 0.7, 0.3], [4, 4, 4]])) == [0, 0])
  }

  @Test("it is the plain search on random features, many images at once")
  func plain() {
    let training = randomMatrix(60, 9, seed: 20)
    let labels = (0..<60).map { $0 * 7 % 4 }
    let test = randomMatrix(40, 9, seed: 21)
    let means = (0..<4).map { label in
      (0..<9).map { unit in
        let own = labels.indices.filter { labels[$0] == label }
        return own.reduce(0.0) { $0 + Double(training[$1][unit]) } / Double(own.count)
      }
    }
    let expected = test.map { row in
      (0..<4).min { distance(row, means[$0]) < distance(row, means[$1]) }
    }
    let found = NearestMean(features: Matrix(training), labels: labels, classCount: 4).answers(Matrix(test))
    #expect(found == expected)
  }

  private func distance(_ row: [Float], _ mean: [Double]) -> Double {
    zip(row, mean).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
  }
}
