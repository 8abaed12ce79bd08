import GraftCharts
import GraftData
import GraftDocuments
import GraftFiles
import GraftReporting
import GraftTraining
import GraftWorkbench
import Testing

@Suite("A study of which trainings diverged, in all its forms")
struct DivergedStudyTests {
  private static let some = Result {
    try InventedStudy.result { trial in
      trial.method == "fine-tune" && (trial.share == .all || trial.share == .perClass(1) && trial.seed == 2)
        || trial.method == "scratch" && trial.share == .perClass(20) && trial.seed == 0
    }
  }

  private static let all = Result { try InventedStudy.result { _ in true } }

  private func texts(_ result: StudyResult) throws -> [(name: String, text: String)] {
    let page = StudyPage(result, sources: [], test: nil, version: "0", threads: 1).page.source
    return [
      ("terminal", TextDocument(result).terminal()), ("JSON", result.json.text(.pretty)),
      ("study.csv", result.studyCSV),
      ("trials.csv", result.trialsCSV), ("LaTeX", result.studyTeX), ("page", page),
    ]
  }

  @Test("nothing is no number, in any form", arguments: [some, all])
  func numbers(_ study: Result<StudyResult, any Error>) throws {
    for (name, text) in try texts(try study.get()) {
      // A page has programs and packed data, which contain any word.
      let words = name == "page" ? [">nan<", " nan ", ">inf<", "-nan"] : ["nan", "NaN", "inf,", "-inf", "Infinity"]
      for word in words { #expect(!text.contains(word), "\(name): \(word)") }
    }
  }

  @Test("the table says how many diverged, and gives such rows no verdict")
  func words() throws {
    let result = try Self.some.get()
    let text = TextDocument(result).terminal()
    for words in [
      "diverged in 1 of 4", "diverged in 4 of 4", "scratch diverged",
      "DIVERGED: fine-tune in 1 of 4 seeds with 1 label per class",
      "the loss is inf",
    ] { #expect(text.contains(words), "\(words): \(text)") }
    #expect(result.studyTeX.contains("diverged in 4 of 4"))
  }

  @Test("JSON and CSV name the seeds")
  func machines() throws {
    let result = try Self.some.get()
    let rows = try #require(result.json["rows"]?.array)
    func row(_ method: String, _ labels: Int?) -> JSON? {
      rows.first { $0["method"]?.string == method && $0["labels_per_class"]?.int == labels }
    }
    let one = try #require(row("fine-tune", 1))
    #expect(one["diverged_seeds"]?.array?.compactMap(\.int) == [2] && one["seeds"]?.int == 3)
    #expect(one["verdict"]?.isNull == true && one["gain"]?.isNull == true && one["trials"]?.array?.count == 4)
    let whole = try #require(row("fine-tune", nil))
    #expect(whole["accuracy"]?.isNull == true && whole["diverged_seeds"]?.array?.count == 4)
    #expect(row("frozen", 20)?["verdict"]?.isNull == true && row("frozen", 1)?["verdict"]?.isNull == false)
    let lines = result.trialsCSV.split(separator: "\n")
    #expect(lines[0].hasSuffix(",diverged") && lines.count { $0.hasSuffix(",1") } == 6)
  }

  @Test("the page says what diverged, and says nothing of what it cannot compare")
  func page() throws {
    let some = StudyPage(try Self.some.get(), sources: [], test: nil, version: "0", threads: 1).page.source
    #expect(some.contains("diverged with 1 and all"))
    let all = StudyPage(try Self.all.get(), sources: [], test: nil, version: "0", threads: 1).page.source
    #expect(all.contains("cannot be compared") && !all.contains("no difference from scratch is shown"))
  }
}
