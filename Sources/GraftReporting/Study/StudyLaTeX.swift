import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench

extension StudyResult {
  /// A table for each pair, to be read in with `\input`.
  package var studyTeX: String {
    let head = [
      "% Tables of a transfer study, for \\input. The preamble needs:",
      "%   \\usepackage[T1]{fontenc}", "%   \\usepackage{booktabs}",
    ]
    return (head + pairs.enumerated().flatMap { index, pair in [""] + table(pair, number: index + 1) })
      .joined(separator: "\n") + "\n"
  }

  private func table(_ pair: Pair, number: Int) -> [String] {
    var lines = [
      "\\begin{table}", "  \\centering", "  \\footnotesize", "  \\setlength{\\tabcolsep}{3pt}",
      "  \\caption{\(caption(pair))}",
      "  \\label{tab:study-\(number)}", "  \\begin{tabular}{llrrrrrl}", "    \\toprule",
      "    labels & method & accuracy & $\\pm$ & gain & 95\\,\\% & $p$ & verdict \\\\",
    ]
    var share: String?
    for row in pair.risingRows {
      let labels = StudyWords.labels(row)
      // A rule precedes each number of labels, which is printed once.
      if labels != share { lines.append("    \\midrule") }
      lines.append("    \(cells(row, labels: labels == share ? "" : labels).joined(separator: " & ")) \\\\")
      share = labels
    }
    return lines + ["    \\bottomrule", "  \\end{tabular}", "\\end{table}"]
  }

  private func cells(_ row: StudyRow, labels: String) -> [String] {
    func half(_ sample: Sample) -> String { StudyRow.halfWidth(sample).map(percent) ?? "--" }
    var cells = [
      LaTeXText.escaped(labels), LaTeXText.escaped("\(row.method)"),
      row.records.isEmpty ? "--" : percent(row.accuracy.mean),
      half(row.accuracy),
    ]
    if let judged = row.judged {
      let interval = [judged.comparison.interval.low, judged.comparison.interval.high]
      cells += [
        LaTeXText.number(signed(judged.comparison.gain.mean)),
        interval.map { LaTeXText.number(signed($0)) }.joined(separator: " to "),
        LaTeXText.number(StudyWords.probability(judged.adjustedP)),
      ]
    } else {
      cells += ["", "", ""]
    }
    let verdict = StudyWords.verdict(row)
    return cells + [row.verdict == .hurts ? "\\textbf{hurts}" : verdict]
  }

  private func caption(_ pair: Pair) -> String {
    func name(_ text: String) -> String { LaTeXText.escaped(singleLine(text)) }
    let count = StudyWords.count(seeds.count, "seed")
    let isSynthetic = StudyResult.isSynthetic(pair.source) || StudyResult.isSynthetic(pair.target)
    var text = (isSynthetic ? banner : nil).map { "\\textbf{\(LaTeXText.escaped($0)).} " } ?? ""
    text +=
      "Transfer from \(name(pair.source)) to \(name(pair.target)): test accuracy in percent and gain over training "
    text += "from scratch in points, by labelled images per class. Means over \(count) of \(name("\(architecture)"))"
    text +=
      seeds.count > 1
      ? "; $\\pm$ is half the 95\\,\\% interval of the accuracy over seeds. 95\\,\\% is the interval of the gain over seeds and test images. "
      : ". The 95\\,\\% interval is over test images and about these two models. "
    text +=
      "$p$ is \(seeds.count > 1 ? "that of $t$-tests over seeds and test images" : "that of an exact McNemar test") after Holm's correction for "
    text += "\(StudyWords.count(comparisons, "comparison"))."
    if let control = pair.control { text += " Training from scratch is that of \(name(control.words))." }
    if pair.hasFixedSource { text += " All seeds share one source; intervals leave out its variance." }
    return text
  }
}
