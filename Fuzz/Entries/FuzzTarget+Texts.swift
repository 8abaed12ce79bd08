import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftReproduction
import GraftSettings
import GraftStatistics
import GraftTraining

extension FuzzTarget {
  static func json(_ bytes: [UInt8]) -> Bool {
    guard let value = accepted(bytes.count, { try JSON(parsing: bytes, valueLimit: 1 << 14) }) else { return false }
    for text in [value.bytes(), value.bytes(.pretty), value.bytes(escapingHTML: true)] {
      let again = accepted(text.count) { try JSON(parsing: text) }
      require(again == value, "writing and reading changes nothing")
      require(again?.bytes() == value.bytes(), "writing and reading keeps every character")
    }
    // Foundation's parser reads more than this one, never less.
    let other = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    require(other != nil, "Foundation reads it too")
    if let object = value.object { Plant.check(text: object.keys.flatMap(\.utf8)) }
    return true
  }

  /// The record of a reproduction, and the document that a page is made of.
  static func page(_ bytes: [UInt8]) -> Bool {
    let read = accepted(bytes.count) { try ReproductionResult(record: bytes, path: "reproduction.json") }
    guard let result = read else { return false }
    // Figures over all seeds, on which tables and pages stand.
    for cell in result.cells + result.controls {
      require(cell.images >= 0 && !cell.explanation.isEmpty, "a cell has an explanation")
      _ = (cell.wilson, cell.pooled, cell.verdict, cell.accuracy.meanInterval())
    }
    _ = (result.claims.count, result.audit.count, result.failedChecks.count, result.banner)
    for outcome in result.variant { _ = outcome.accuracy.percent }
    for cell in result.shares { _ = cell.accuracy.mean }
    guard let text = accepted(bytes.count, { try result.recordText() }) else {
      fatalError("violated: a record that was read can be written")
    }
    let again = accepted(text.utf8.count) { try ReproductionResult(record: Array(text.utf8), path: "again") }
    require((try? again?.recordText()) == text, "writing and reading changes nothing")
    let names = [result.dataName, result.options.version, result.trainDigests.even, result.trainDigests.odd]
    Plant.check(text: names.flatMap(\.utf8))
    return true
  }

  /// The settings of a file for a command. The first byte chooses the command line.
  static func config(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 4)
    let line = [
      ["train", "--config", "f"], ["study", "--seeds", "3", "--config=f"],
      ["runs", "list", "--config", "f", "--", "-x"],
      ["transfer", "--fraction", "0.5", "--config", "f"],
    ][input.form]
    func arguments(_ bytes: [UInt8]) -> [String]? {
      do {
        return try ConfigurationFile(expanding: line, help: commands) { _ in bytes }?.arguments
      } catch {
        check(error, size: bytes.count)
        require((error as? any Failure)?.kind == .badConfiguration, "a wrong file is a wrong configuration: \(error)")
        return nil
      }
    }
    guard let found = arguments(input.content), let settings = try? JSON(parsing: input.content).object else {
      return false
    }
    require(found.first == line.first, "the command stays")
    require(line.last != "-x" || found.suffix(2) == ["--", "-x"], "what is behind -- stays")
    require(arguments(JSON.object(settings).bytes(.pretty)) == found, "the same settings are the same flags")
    var renamed = JSON.Object()
    for setting in settings { renamed[setting.key.replacing("-", with: "_")] = setting.value }
    require(arguments(JSON.object(renamed).bytes()) == found, "names may be written with _")
    Plant.check(text: found.flatMap(\.utf8))
    return true
  }

  /// A few commands with flags of every kind, as ArgumentParser dumps them.
  private static let commands: JSON? = {
    func flag(_ kind: String, _ names: String...) -> JSON {
      ["kind": .string(kind), "names": .array(names.map { ["kind": "long", "name": .string($0)] })]
    }
    func command(_ name: String, _ arguments: [JSON], _ subcommands: [JSON] = []) -> JSON {
      ["commandName": .string(name), "arguments": .array(arguments), "subcommands": .array(subcommands)]
    }
    let training = [
      flag("option", "model"), flag("option", "learning-rate", "lr"), flag("option", "epochs"), flag("option", "seed"),
      flag("option", "augment"), flag("option", "fraction"), flag("option", "per-class"), flag("option", "config"),
      flag("flag", "nesterov"), flag("flag", "no-nesterov"), flag("flag", "no-control"), flag("flag", "quiet"),
      flag("flag", "help"), flag("positional", "out"),
    ]
    let study = training + [flag("option", "seeds"), flag("option", "source"), flag("option", "target")]
    return [
      "command": command(
        "graft", [],
        [
          command("train", training), command("transfer", training), command("study", study),
          command("runs", [], [command("list", [flag("option", "store"), flag("flag", "json")])]),
        ])
    ]
  }()

  /// A selection of classes. The first byte chooses their names.
  static func classes(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 4)
    let names = classNames[input.form]
    let text = String(decoding: input.content, as: UTF8.self)
    guard let selection = accepted(bytes.count, { try ClassSelection(parsing: text, of: names) }) else { return false }
    let classes = selection.classes
    require(!classes.isEmpty && classes.allSatisfy(names.indices.contains), "the classes are there")
    require(Swift.zip(classes, classes.dropFirst()).allSatisfy { $0 < $1 }, "the classes rise: \(selection)")
    let again = accepted(bytes.count) { try ClassSelection(parsing: selection.description, of: names) }
    require(again == selection, "a selection is read from its own text, \(selection)")
    Plant.check(classes[0] >= 3, classes.count >= 4, classes.contains { $0 >= 8 })
    return true
  }

  private static let classNames = [
    (0..<10).map(String.init), ["cat", "dog", "even", "a-b", "wolf"], ["3", "5", "8", "12", "0", "4"],
    (0..<26).map { "letter \($0)" },
  ]

  /// The text of an augmentation. The first byte chooses the images.
  static func augmentation(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 2)
    let shape = input.form == 0 ? ImageShape.mnist : ImageShape(channels: 3, height: 64, width: 48)
    let text = String(decoding: input.content, as: UTF8.self)
    let read = accepted(bytes.count) { try Augmentation(parsing: text, for: shape) }
    guard let augmentation = read else { return false }
    let written = augmentation.description
    let again = accepted(bytes.count) { try Augmentation(parsing: written, for: shape) }
    require(again == augmentation, "an augmentation is read from its own text, \(written)")
    Plant.check(augmentation.shift > 5, augmentation.rotation > 50, augmentation.shear > 20)
    return true
  }
}
