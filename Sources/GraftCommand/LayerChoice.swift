import ArgumentParser
import GraftFiles

/// A choice of layers, as a person gives it: a number of layers, from the input on, or a name for each.
enum LayerChoice {
  case first(Int)
  case names([String])

  init(parsing text: String) throws {
    if text.allSatisfy(\.isNumber) || text.hasPrefix("-") {
      self = .first(try wholeNumber(0...1000)(text))
    } else {
      self = .names(try LayerChoice.names(text))
    }
  }

  static func names(_ text: String) throws -> [String] {
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if names.contains("") { throw ValidationError("expected names of layers such as conv1,fc1") }
    return names
  }

  var count: Int? { if case .first(let count) = self { count } else { nil } }
  var names: [String] { if case .names(let names) = self { names } else { [] } }
}
