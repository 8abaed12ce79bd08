import Foundation
import GRDB
import GraftFiles

/// A row whose columns are read with their types checked: in a foreign or damaged file a column may contain anything.
struct StoredRow {
  let row: Row
  /// The beginning of every error: `runs.sqlite: trial 0123…`.
  let place: String

  func text(_ column: String) throws(GraftFailure) -> String {
    guard let text = try optionalText(column) else { throw damage("column \(column): expected text, found nothing") }
    return text
  }

  func optionalText(_ column: String) throws(GraftFailure) -> String? {
    switch value(column) {
    case .null: return nil
    case .string(let text): return text
    default: throw damage("column \(column): expected text")
    }
  }

  func integer(_ column: String) throws(GraftFailure) -> Int {
    guard let value = try optionalInteger(column) else {
      throw damage("column \(column): expected an integer, found nothing")
    }
    return value
  }

  func optionalInteger(_ column: String) throws(GraftFailure) -> Int? {
    switch value(column) {
    case .null: return nil
    case .int64(let value): return Int(value)
    default: throw damage("column \(column): expected an integer")
    }
  }

  /// Reads a number; SQLite keeps "not a number" as NULL.
  func double(_ column: String) throws(GraftFailure) -> Double { try optionalDouble(column) ?? .nan }

  func optionalDouble(_ column: String) throws(GraftFailure) -> Double? {
    switch value(column) {
    case .null: return nil
    case .double(let value): return value
    default: throw damage("column \(column): expected a floating-point number")
    }
  }

  func bytes(_ column: String) throws(GraftFailure) -> [UInt8] {
    guard case .blob(let data) = value(column) else { throw damage("column \(column): expected bytes") }
    return [UInt8](data)
  }

  func json(_ column: String) throws(GraftFailure) -> JSON {
    let text = try text(column)
    do {
      return try JSON(parsing: text)
    } catch {
      throw damage("column \(column): \(error)")
    }
  }

  func damage(_ problem: String) -> GraftFailure { GraftFailure(.badData, "\(place): \(problem)") }

  private func value(_ column: String) -> DatabaseValue.Storage { (row[column] as DatabaseValue).storage }
}
