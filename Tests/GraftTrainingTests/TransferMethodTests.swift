import GraftFiles
import GraftTraining
import NumericChecks
import Testing

@Suite("Methods as people write them")
struct TransferMethodTests {
  @Test("every rule is read by its name and written as it was", arguments: TransferMethod.Rule.trained)
  func rules(rule: TransferMethod.Rule) throws {
    let method = try TransferMethod(parsing: rule.rawValue)
    #expect(method == TransferMethod(rule) && method.layerCount == nil && method.description == rule.rawValue)
    #expect(method.usesSource == ![.scratch, .randomFrozen].contains(rule))
  }

  static let copies: Set<TransferMethod.Rule> = [.copy, .copyTuned]

  @Test("a number of layers to hold or to copy", arguments: TransferMethod.Rule.trained.filter { $0 != .scratch })
  func layers(rule: TransferMethod.Rule) throws {
    for count in [Self.copies.contains(rule) ? 2 : 0, 1, 1000] {
      let method = try TransferMethod(parsing: "\(rule.rawValue):\(count)")
      #expect(method == TransferMethod(rule, layerCount: count) && method != TransferMethod(rule))
      #expect(method.description == "\(rule.rawValue):\(count)")
    }
  }

  @Test(
    "what cannot be read says why",
    arguments: [
      ("fine-tun", "unknown method 'fine-tun'; did you mean fine-tune?"),
      ("gradul:1", "unknown method 'gradul'; did you mean gradual?"),
      (
        "nonsense",
        "unknown method 'nonsense'; known are scratch, random-frozen, frozen, fine-tune, lp-ft, gradual, "
          + "discriminative, l2-sp, bias-only, copy, copy+, untouched"
      ),
      ("scratch:1", "method 'scratch:1': training from scratch holds no layer"),
      ("fine-tune:", "method 'fine-tune:': '' is not a number of layers to hold, from 0 to 1000"),
      ("fine-tune:x", "method 'fine-tune:x': 'x' is not a number of layers to hold, from 0 to 1000"),
      ("fine-tune:-1", "method 'fine-tune:-1': '-1' is not a number of layers to hold, from 0 to 1000"),
      ("fine-tune:1001", "method 'fine-tune:1001': '1001' is not a number of layers to hold, from 0 to 1000"),
      ("copy:0", "method 'copy:0': '0' is not a number of layers to copy, from 1 to 1000"),
      ("copy+:0", "method 'copy+:0': '0' is not a number of layers to copy, from 1 to 1000"),
      ("copy:all", "method 'copy:all': 'all' is not a number of layers to copy, from 1 to 1000"),
      ("copy+:1001", "method 'copy+:1001': '1001' is not a number of layers to copy, from 1 to 1000"),
      ("copy:", "method 'copy:': '' is not a number of layers to copy, from 1 to 1000"),
      ("frozen:1:2", "method 'frozen:1:2': '1:2' is not a number of layers to hold, from 0 to 1000"),
    ])
  func errors(text: String, message: String) throws {
    let error = try #require(throws: GraftFailure.self) { try TransferMethod(parsing: text) }
    #expect(error.kind == .usage && error.description == message)
  }

  @Test("nothing is no method") func empty() {
    #expect(throws: GraftFailure.self) { try TransferMethod(parsing: "") }
    #expect(throws: GraftFailure.self) { try TransferMethod(parsing: ":1") }
  }
}
