import Files

/// Settings from a file: a JSON object with the flags' names (`"learning_rate": 0.01` or `"learning-rate": 0.01`). A flag on the
/// command line wins over the file.
///
/// The file becomes flags before anything is parsed, so a setting is checked in one place, wherever it comes from.
struct ConfigurationFile {
  /// The command line with the file's settings in place of `--config FILE`.
  let arguments: [String]
  /// The command line without them.
  let explicit: [String]
  let path: String

  /// Nil where `--config` is not among the arguments.
  init?(expanding arguments: [String]) throws {
    guard let (path, rest) = try ConfigurationFile.split(arguments) else { return nil }
    self.path = path
    explicit = rest
    // Behind a -- nothing is a flag.
    let flags = rest.prefix { $0 != "--" }
    var result = Array(flags)
    for setting in try ConfigurationFile.settings(at: path) {
      guard setting.key != "config" else {
        throw GraftFailure(.badConfiguration, "\(path): config: a configuration file cannot name another")
      }
      let flag = "--" + setting.key.replacing("_", with: "-")
      if let rival = ConfigurationFile.rivals(of: flag, in: rest.first), flags.contains(where: { $0.isFlag(rival) }) {
        continue
      }
      let opposite =
        flag.hasPrefix("--no-") ? "--" + flag.dropFirst(5) : flag.replacing("--", with: "--no-", maxReplacements: 1)
      if flags.contains(where: { $0.isFlag(flag) || $0 == opposite }) { continue }
      // A flag that a recipe may set has an opposite, where it exists at all.
      let opposites = ["--nesterov": ["--no-nesterov"], "--augment": ["--augment", "none"]]
      if let off = opposites[flag], setting.value == false, ["train", "transfer"].contains(rest.first) {
        result += off
        continue
      }
      result += try ConfigurationFile.flags(flag, setting.value, path: path)
    }
    self.arguments = result + rest.dropFirst(flags.count)
  }

  /// Flags of which each is said once for every value; in a file they are lists.
  private static let repeated: Set = ["--source", "--target", "--with"]

  /// What takes the place of a flag where it is given, because the two exclude each other.
  private static func rivals(of flag: String, in command: String?) -> String? {
    guard let command, ["train", "transfer", "score"].contains(command) else { return nil }
    return ["--fraction": "--per-class", "--per-class": "--fraction"][flag]
  }

  /// The path behind `--config`, and the other arguments.
  private static func split(_ arguments: [String]) throws -> (path: String, rest: [String])? {
    for (index, argument) in arguments.enumerated() {
      if argument == "--" { return nil }
      if argument == "--config", index + 1 < arguments.count {
        var rest = arguments
        rest.removeSubrange(index...index + 1)
        return (arguments[index + 1], try withoutAnother(rest))
      }
      if argument.hasPrefix("--config=") {
        var rest = arguments
        rest.remove(at: index)
        return (String(argument.dropFirst("--config=".count)), try withoutAnother(rest))
      }
    }
    return nil
  }

  private static func withoutAnother(_ arguments: [String]) throws -> [String] {
    guard !arguments.prefix(while: { $0 != "--" }).contains(where: { $0.isFlag("--config") }) else {
      throw GraftFailure(.usage, "--config can be given once")
    }
    return arguments
  }

  private static func settings(at path: String) throws -> JSON.Object {
    let bytes = try readFile(at: path, limit: 1 << 20)
    do {
      guard let object = try JSON(parsing: bytes).object else { throw FormatError(problem: "expected a JSON object") }
      return object
    } catch let error as FormatError {
      throw GraftFailure(.badConfiguration, error.at(path: path).description)
    }
  }

  private static func flags(_ flag: String, _ value: JSON, path: String) throws -> [String] {
    switch value {
    case .null, .bool(false): return []
    case .bool(true): return [flag]
    case .string, .integer, .number: return [flag, try text(value, flag, path)]
    case .array(let values) where repeated.contains(flag):
      return try values.flatMap { [flag, try text($0, flag, path)] }
    case .array(let values):
      return [flag, try values.map { try text($0, flag, path) }.joined(separator: ",")]
    case .object: throw GraftFailure(.badConfiguration, "\(path): \(flag.dropFirst(2)) is an object, not a setting")
    }
  }

  private static func text(_ value: JSON, _ flag: String, _ path: String) throws -> String {
    switch value {
    case .string(let text): return text
    case .integer(let number): return "\(number)"
    case .number(let number): return "\(number)"
    default: throw GraftFailure(.badConfiguration, "\(path): \(flag.dropFirst(2)) is a list of something else")
    }
  }
}

extension String {
  /// Whether it is that flag, alone or with its value.
  fileprivate func isFlag(_ flag: String) -> Bool { self == flag || hasPrefix(flag + "=") }
}
