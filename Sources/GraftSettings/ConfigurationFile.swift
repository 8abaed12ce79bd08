import GraftFiles

/// Settings from a file: a JSON object with the flags' names (`"learning_rate": 0.01` or `"learning-rate": 0.01`). A
/// flag on the command line wins over the file.
///
/// The file becomes flags before anything is parsed, so a setting is checked in one place, wherever it comes from.
package struct ConfigurationFile: Sendable {
  /// The command line with the file's settings in place of `--config FILE`.
  package let arguments: [String]
  /// The command line without the file's settings.
  package let explicit: [String]
  /// The values that came from the file.
  package let values: [String]
  /// The file.
  package let path: String

  /// Nil if `--config` is not among the arguments.
  ///
  /// - Parameters:
  ///   - arguments: The command line without the program's name.
  ///   - help: The commands with their flags, as ``KnownFlags`` reads them.
  ///   - read: A function that gives the bytes of a file.
  package init?(
    expanding arguments: [String], help: @autoclosure () -> JSON?,
    reading read: (String) throws -> [UInt8] = { try readFile(at: $0, limit: 1 << 20) }
  ) throws {
    guard let (path, rest) = try ConfigurationFile.split(arguments) else { return nil }
    self.path = path
    explicit = rest
    // After a -- nothing is a flag.
    let flags = rest.prefix { $0 != "--" }
    var result = Array(flags)
    var values: [String] = []
    let settings = try ConfigurationFile.settings({ try read(path) }, path: path)
    let known = KnownFlags(of: rest, in: help())
    try ConfigurationFile.check(settings, known, path: path)
    for setting in settings {
      let name = ConfigurationFile.name(setting.key)
      if let rival = ConfigurationFile.rivals(of: "--" + name, in: rest.first),
        flags.contains(where: { $0.isFlag(rival) })
      {
        continue
      }
      if flags.contains(where: { argument in known.spellings(of: name).contains { argument.isFlag("--" + $0) } }) {
        continue
      }
      // A value that may be left out may also be given as none.
      if name == "augment", setting.value == false, ["train", "transfer"].contains(rest.first) {
        result += ["--augment", "none"]
        continue
      }
      let own = try ConfigurationFile.flags(name, setting.value, known, path: path)
      values += own.dropFirst()
      result += own
    }
    self.values = values
    self.arguments = result + rest.dropFirst(flags.count)
  }

  /// Flags that are repeated for every value; in a file they are lists.
  private static let repeated: Set = ["--source", "--target", "--with"]

  /// The flag that replaces another one if it is given, because the two exclude each other.
  private static func rivals(of flag: String, in command: String?) -> String? {
    guard let command, ["train", "transfer", "score"].contains(command) else { return nil }
    return ["--fraction": "--per-class", "--per-class": "--fraction"][flag]
  }

  /// The path after `--config`, and the other arguments.
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

  private static func settings(_ read: () throws -> [UInt8], path: String) throws -> JSON.Object {
    do {
      let bytes = try read()
      guard let object = try JSON(parsing: bytes).object else { throw FormatError(problem: "expected a JSON object") }
      return object
    } catch let error as FormatError {
      throw GraftFailure(.badConfiguration, error.at(path: path).description)
    }
  }

  /// The name with hyphens, as on the command line.
  private static func name(_ key: String) -> String { key.replacing("_", with: "-") }

  /// Refuses names that the command does not have, whatever their value, and one setting under two names.
  private static func check(_ settings: JSON.Object, _ known: KnownFlags, path: String) throws(GraftFailure) {
    var keys: [String: String] = [:]
    for key in settings.keys {
      let name = name(key)
      guard name != "config" else {
        throw GraftFailure(.badConfiguration, "\(path): config: a configuration file cannot name another")
      }
      // Without a command, the parser reports what is missing.
      guard known.isEmpty || known.kind(of: name) != nil else {
        let meant = nearest(to: name, among: known.names).map { ". Did you mean '--\($0)'?" } ?? ""
        throw GraftFailure(
          .badConfiguration, "\(path): \(quoted(key)) is no setting: \(known.command) has no --\(name)\(meant)")
      }
      let setting = known.spellings(of: name).min() ?? name
      if let earlier = keys.updateValue(key, forKey: setting) {
        throw GraftFailure(
          .badConfiguration, "\(path): \(quoted(earlier)) and \(quoted(key)) are the same setting; keep one")
      }
    }
  }

  private static func flags(_ name: String, _ value: JSON, _ known: KnownFlags, path: String) throws -> [String] {
    switch (known.kind(of: name), value) {
    case (_, .null): return []
    case (.flag(let on, let off), .bool(let isOn)): return (isOn ? on : off).map { ["--" + $0] } ?? []
    case (.flag, _): throw GraftFailure(.badConfiguration, "\(path): \(name) is a switch: true or false")
    case (.option(let isOptional), .bool(let isOn)):
      guard isOn, isOptional else {
        throw GraftFailure(.badConfiguration, "\(path): \(name) needs a value, not \(isOn)")
      }
      return ["--" + name]
    case (_, .string), (_, .integer), (_, .number): return ["--" + name, try text(value, name, path)]
    case (_, .array(let values)) where repeated.contains("--" + name):
      return try values.flatMap { ["--" + name, try text($0, name, path)] }
    case (_, .array(let values)):
      return ["--" + name, try values.map { try text($0, name, path) }.joined(separator: ",")]
    case (_, .object): throw GraftFailure(.badConfiguration, "\(path): \(name) is an object, not a setting")
    case (nil, .bool(let isOn)): return isOn ? ["--" + name] : []
    }
  }

  private static func text(_ value: JSON, _ name: String, _ path: String) throws -> String {
    switch value {
    case .string(let text): return text
    case .integer(let number): return "\(number)"
    case .number(let number): return "\(number)"
    default: throw GraftFailure(.badConfiguration, "\(path): \(name) is a list of something else")
    }
  }
}

extension String {
  /// Whether this is the flag, alone or with its value.
  fileprivate func isFlag(_ flag: String) -> Bool { self == flag || hasPrefix(flag + "=") }
}
