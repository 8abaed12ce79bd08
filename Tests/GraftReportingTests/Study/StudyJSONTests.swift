import GraftData
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench
import Testing

@testable import GraftReporting

@Suite struct StudyJSONTests {
  @Test func theDocumentKeepsItsContract() throws {
    let result = try InventedStudy.result(bothWays: true)
    let json = try JSON(parsing: result.json.text(.pretty))
    let compact = try JSON(parsing: result.json.text())
    #expect(json == compact)
    #expect(json["schema_version"]?.int == 1)
    #expect(json["seeds"]?.array?.compactMap(\.int) == [0, 1, 2, 3])
    #expect(json["model"]?.string == "mlp:8")
    #expect(json["recipe"]?.string == "quick")
    #expect(json["seconds"]?.double != nil)
    let rows = try #require(json["rows"]?.array)
    #expect(rows.count == 24)
    for row in rows {
      #expect(
        row.object?.keys == [
          "source", "target", "method", "labels_per_class", "mean_labels_per_class", "seeds", "images", "accuracy",
          "diverged_seeds", "gain", "verdict", "label_worth", "time_worth", "forward_transfer", "source_task",
          "calibration", "setting",
          "trials",
        ])
      #expect(row["seeds"]?.int == 4)
      #expect(row["trials"]?.array?.count == 4)
      #expect(row["accuracy"]?.object?.keys == ["mean", "low", "high", "values", "over_images"])
      let isControl = row["method"]?.string == "scratch"
      #expect(row["gain"]?.isNull == isControl)
      #expect(row["verdict"]?.isNull == isControl)
      // At the control's largest amount its curve ends.
      #expect(row["label_worth"]?.isNull == (isControl || row["labels_per_class"]?.isNull == true))
      if !isControl {
        #expect(
          row["gain"]?.object?.keys == [
            "mean", "low", "high", "interval_over", "values", "p_over_seeds", "mcnemar", "seeds_better", "seeds_worse",
            "p",
            "p_unadjusted", "p_equal", "margin", "could_show",
          ])
        #expect(row["gain"]?["mcnemar"]?.array?.count == 4)
      }
    }
    let amounts = rows.prefix(12).map { $0["labels_per_class"] }
    #expect(amounts.map { $0?.int } == [1, 20, nil].flatMap { Array(repeating: $0, count: 4) })
    #expect(amounts.last??.isNull == true)
    #expect(rows[11]["mean_labels_per_class"]?.double == 40)
    #expect(rows[10]["verdict"]?.string == "hurts")
    #expect(rows[10]["time_worth"]?["median_epoch"]?.isNull == true)
    #expect(rows[10]["time_worth"]?["epochs_are"]?.string == "iterations of a solver")

    let pairs = try #require(json["pairs"]?.array)
    #expect(pairs.map { $0["source"]?.string } == ["mnist:even", "mnist:odd"])
    #expect(pairs[0]["fixed_source"]?.bool == false)
    let turns = try #require(pairs[0]["sign_turns"]?.array)
    #expect(turns.map { $0["method"]?.string } == ["fine-tune", "frozen", "lp-ft"])
    #expect(turns.map { $0["kind"]?.string } == ["helps throughout", "turns", "helps throughout"])
    #expect(json["tuning"]?.array?.count == 24)
    #expect(json["scores"]?.array?.count == 6 && json["score_agreement"]?.array?.count == 20)
  }

  @Test func whatWasMeasuredBesideAnswersIsThere() throws {
    let json = try JSON(parsing: InventedStudy.result().json.text())
    let rows = try #require(json["rows"]?.array)
    let scratch = rows[0]
    #expect(scratch["source_task"]?.isNull == true && scratch["forward_transfer"]?.isNull == true)
    let tuned = rows[1]
    #expect(tuned["source_task"]?["before"]?["mean"]?.double == 99)
    #expect(
      tuned["source_task"]?["forgetting"]?["values"]?.array?.compactMap(\.double).map { ($0 * 10).rounded() } == [
        10, 12, 10, 12,
      ])
    #expect(rows[2]["source_task"]?["forgetting"]?["mean"]?.double == 0)
    #expect(rows[2]["forward_transfer"]?.isNull == true)
    #expect(try #require(tuned["forward_transfer"]?["mean"]?.double) > 0)
    let ece = try #require(scratch["calibration"]?["ece"]?["mean"]?.double)
    let scaled = try #require(scratch["calibration"]?["ece_scaled"]?["mean"]?.double)
    #expect(abs(ece - 16) < 1e-9 && abs(scaled) < 1e-9)
    #expect(scratch["calibration"]?["bins"]?.array?.count == 15)
    let scores = try #require(json["scores"]?.array)
    #expect(scores[0]["nearest-mean"]?.isNull == true && scores[0]["leep"]?["mean"]?.double == -1)
    #expect(scores[1]["nearest-mean_test_accuracy"]?["mean"]?.double == 20)
    let agreement = try #require(json["score_agreement"]?.array?.first)
    #expect(agreement["score"]?.string == "leep" && agreement["gain_of"]?.string == "best")
    #expect(agreement["settings"]?.int == 2 && agreement["settings_left_out"]?.int == 1)
    #expect(agreement["tau"]?["value"]?.double == 1 && agreement["tau"]?["low"]?.isNull == true)
    #expect(agreement["tau_same_labels"] == nil && agreement["picks"] == nil)
  }

  @Test func oneSeedHasNullBounds() throws {
    let json = try InventedStudy.result(seeds: 1).json
    let row = try #require(json["rows"]?.array?[1])
    #expect(row["accuracy"]?["low"]?.isNull == true)
    #expect(row["accuracy"]?["over_images"]?["low"]?.double != nil)
    #expect(row["gain"]?["low"]?.double != nil && row["gain"]?["interval_over"]?.string == "test images")
    #expect(row["gain"]?["could_show"]?.isNull == true && row["verdict"]?.string == "one seed")
    #expect(row["label_worth"]?["factor_low"]?.isNull == true)
    let five = try #require(try InventedStudy.result(seeds: 5).json["rows"]?.array?[1])
    #expect(five["label_worth"]?["factor_low"]?["value"]?.double != nil)
  }

  @Test func sharesStandBesideNull() throws {
    let rows = try #require(
      try InventedStudy.result(methods: [.scratch], shares: [.perClass(1), .fraction(0.25), .all])
        .json["rows"]?.array)
    #expect(rows.map { $0["labels_per_class"]?.int } == [1, nil, nil])
    #expect(rows.map { $0["fraction"]?.double } == [nil, 0.25, 1])
    #expect(rows.map { $0["mean_labels_per_class"]?.double } == [1, 10, 40])
  }

  /// A candidate that diverged has no loss, and nothing else is no number.
  @Test func everyNumberIsOne() throws {
    let text = try InventedStudy.result().json.text()
    #expect(!text.contains("e+308"))
    #expect(text.contains("\"loss\":null"))
  }
}
