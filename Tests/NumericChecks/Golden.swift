import Foundation
import GraftFiles

/// The known values of `Tests/Golden`, made by the scripts of `Scripts/golden`.
package enum Golden {
  /// The path of `Tests/Golden/NAME`.
  package static func path(_ name: String) -> String {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return tests.appendingPathComponent("Golden/\(name)").path
  }

  /// Reads `Tests/Golden/NAME.json`; `snake_case` keys become `camelCase` names.
  package static func load<Value: Decodable>(_ type: Value.Type, from name: String) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(try readFile(at: path("\(name).json"))))
  }
}
