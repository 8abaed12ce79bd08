// Numbers in words and tables: fixed decimals, no locale, the same on every machine.

/// A percentage with two decimals, as the study prints them.
package func percent(_ value: Double) -> String { decimals(value, 2) }

/// Two decimals with a sign in front, `+1.60` or `-1.60`; a zero has no sign.
package func signed(_ value: Double) -> String {
  let text = percent(value)
  return text == percent(0) || value < 0 ? text : "+\(text)"
}

/// A p-value in words, `p = 0.0312`; `p < 0.0001` below the smallest value that four decimals can show.
package func probability(_ p: Double) -> String { p < 0.0001 ? "p < 0.0001" : "p = \(decimals(p, 4))" }

/// A number with fixed decimals, without locale.
package func decimals(_ value: Double, _ places: Int) -> String {
  guard value.isFinite else { return "\(value)" }
  let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
  let scaled = (abs(value) * scale).rounded()
  guard scaled < 9e15 else { return "\(value)" }
  let digits = String(Int(scaled))
  let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
  let sign = value < 0 && scaled != 0 ? "-" : ""
  return places == 0 ? sign + padded : "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
}

/// A size in MiB: `3.1 MiB`; in GiB from 10 on.
package func sizeText(_ bytes: Int) -> String {
  let size = Double(bytes) / Double(1 << 20)
  if size >= 10_240 { return "\(grouped(Int((size / 1024).rounded()))) GiB" }
  return "\(size < 10 ? decimals(size, 1) : grouped(Int(size.rounded()))) MiB"
}

/// A whole number with commas between thousands, `29,492`.
package func grouped(_ value: Int) -> String {
  var digits = String(abs(value))
  var parts: [String] = []
  while digits.count > 3 {
    parts.insert(String(digits.suffix(3)), at: 0)
    digits = String(digits.dropLast(3))
  }
  return (value < 0 ? "-" : "") + ([digits] + parts).joined(separator: ",")
}
