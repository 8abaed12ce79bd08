import Files

/// "p = 0.0312"; below what four decimals can show "p < 0.0001".
func probability(_ p: Double) -> String { p < 0.0001 ? "p < 0.0001" : "p = \(decimals(p, 4))" }
