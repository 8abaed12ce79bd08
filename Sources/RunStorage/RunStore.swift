import Files
import GRDB
import Studies

/// Trials in one SQLite file.
public final class RunStore: Sendable {}
