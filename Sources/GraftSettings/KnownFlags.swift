import GraftFiles

/// The flags that a command has, as its parser declares them.
struct KnownFlags {
  enum Kind {
    /// A switch: the flag that sets it, and the flag that clears it; nil if that is the default anyway.
    case flag(on: String?, off: String?)
    /// A flag with a value, which may be left out.
    case option(isOptional: Bool)
  }

  /// The command as it is typed: `runs list`.
  let command: String
  /// The names of each flag, the inverted one too, without their hyphens.
  private let flags: [(names: [String], isSwitch: Bool, isValueOptional: Bool)]

  /// - Parameters:
  ///   - arguments: The command line; the words that it begins with name the command.
  ///   - help: The commands with their flags, as ArgumentParser dumps its help.
  init(of arguments: [String], in help: JSON?) {
    var declared = help?["command"]
    var words: [String] = []
    for word in arguments.prefix(while: { !$0.hasPrefix("-") }) {
      guard let inner = declared?["subcommands"]?.array?.first(where: { $0["commandName"]?.string == word }) else {
        break
      }
      declared = inner
      words.append(word)
    }
    command = "graft " + words.joined(separator: " ")
    flags =
      words.isEmpty
      ? []
      : (declared?["arguments"]?.array ?? []).compactMap { argument in
        let names = (argument["names"]?.array ?? []).compactMap { $0["name"]?.string }
        guard argument["kind"]?.string != "positional", !names.contains("help"), !names.contains("version") else {
          return nil
        }
        return (names, argument["kind"]?.string == "flag", names.contains("augment"))
      }
  }

  /// Whether the command is unknown.
  var isEmpty: Bool { flags.isEmpty }

  /// The names that a configuration file may use.
  var names: [String] { flags.flatMap(\.names).flatMap { [$0, KnownFlags.opposite($0)] } }

  /// All names of the setting that has `name`: `nesterov` and `no-nesterov`, `control` and `no-control`.
  func spellings(of name: String) -> [String] {
    guard let flag = flag(name) else { return [name] }
    return flag.isSwitch ? flag.names + flag.names.map(KnownFlags.opposite) : flag.names
  }

  /// Finds the kind of a flag; nil if there is no such flag.
  func kind(of name: String) -> Kind? {
    guard let flag = flag(name) else { return nil }
    guard flag.isSwitch else { return .option(isOptional: flag.isValueOptional) }
    // The two names of a pair are flags of their own.
    func declared(_ name: String) -> String? {
      flags.contains { $0.isSwitch && $0.names.contains(name) } ? name : nil
    }
    return .flag(on: declared(name), off: declared(KnownFlags.opposite(name)))
  }

  private func flag(_ name: String) -> (names: [String], isSwitch: Bool, isValueOptional: Bool)? {
    flags.first { $0.names.contains(name) }
      ?? flags.first { $0.isSwitch && $0.names.contains(KnownFlags.opposite(name)) }
  }

  private static func opposite(_ name: String) -> String {
    name.hasPrefix("no-") ? String(name.dropFirst(3)) : "no-" + name
  }
}
