import ArgumentParser
import Graft

/// Says what pictures show.
@main
struct Classify: ParsableCommand {
  @Argument(help: "A checkpoint that graft wrote.")
  var model: String

  @Argument(help: "PNG, JPEG or PGM pictures.")
  var pictures: [String]

  func run() throws {
    do {
      let classifier = try Classifier(contentsOf: model)
      for picture in pictures {
        let answer = try classifier.classify(contentsOf: picture, framing: true)
        print("\(picture): \(answer.best)")
        for doubt in answer.doubts { print("  but \(doubt)") }
      }
    } catch let error as GraftFailure {
      print("that does not fit: \(error.message)")
      throw ExitCode.failure
    } catch let error as FormatError {
      print("that file is not what it should be: \(error)")
      throw ExitCode.failure
    }
  }
}
