import Files
import Foundation

/// The known values of `Tests/Golden`, made by the scripts of `Scripts/golden`.
package enum Golden {
  /// Reads `Tests/Golden/NAME.json`; `snake_case` keys become `camelCase` names.
  package static func load<Value: Decodable>(_ type: Value.Type, from name: String) throws -> Value {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let bytes = try readFile(at: tests.appendingPathComponent("Golden/\(name).json").path)
    return try decoder.decode(type, from: Data(bytes))
  }
}
