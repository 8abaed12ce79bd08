/// A block of results that stays in registers while a product runs: some rows of one strip of columns.
///
/// Each step takes one strip of the right matrix, loaded once, and one number of the left matrix for each row. A tile of r rows
/// thus does r multiply-adds for each load of the right matrix. Its r sums are independent of each other, which hides the latency
/// of the additions. Tiles are composed of smaller ones, so that the compiler sees r plain variables:
/// `Pair<Triple<OneRow<OneVector>>>` is six rows of 16 columns.
protocol Tile {
  associatedtype Strip: Lanes
  static var rows: Int { get }
  /// A tile whose rows all begin as `start`.
  init(_ start: Strip)
  /// Adds `factors[i · spacing]` · `strip` to each row `i`.
  mutating func add(_ factors: UnsafePointer<Float>, _ spacing: Int, times strip: Strip)
  /// Calls `body` with each row and its index, counted from `first`.
  func forEachRow(from first: Int, _ body: (Strip, Int) -> Void)
}

struct OneRow<Strip: Lanes>: Tile {
  var strip: Strip
  @inline(__always) static var rows: Int { 1 }
  @inline(__always) init(_ start: Strip) { strip = start }
  @inline(__always) mutating func add(_ factors: UnsafePointer<Float>, _ spacing: Int, times other: Strip) {
    strip.add(factors.pointee, times: other)
  }
  @inline(__always) func forEachRow(from first: Int, _ body: (Strip, Int) -> Void) { body(strip, first) }
}

struct Pair<Part: Tile>: Tile {
  typealias Strip = Part.Strip
  var a: Part
  var b: Part
  @inline(__always) static var rows: Int { 2 * Part.rows }
  @inline(__always) init(_ start: Strip) {
    a = Part(start)
    b = Part(start)
  }
  @inline(__always) mutating func add(_ factors: UnsafePointer<Float>, _ spacing: Int, times other: Strip) {
    a.add(factors, spacing, times: other)
    b.add(factors + Part.rows &* spacing, spacing, times: other)
  }
  @inline(__always) func forEachRow(from first: Int, _ body: (Strip, Int) -> Void) {
    a.forEachRow(from: first, body)
    b.forEachRow(from: first &+ Part.rows, body)
  }
}

struct Triple<Part: Tile>: Tile {
  typealias Strip = Part.Strip
  var a: Part
  var b: Part
  var c: Part
  @inline(__always) static var rows: Int { 3 * Part.rows }
  @inline(__always) init(_ start: Strip) {
    a = Part(start)
    b = Part(start)
    c = Part(start)
  }
  @inline(__always) mutating func add(_ factors: UnsafePointer<Float>, _ spacing: Int, times other: Strip) {
    a.add(factors, spacing, times: other)
    b.add(factors + Part.rows &* spacing, spacing, times: other)
    c.add(factors + 2 &* Part.rows &* spacing, spacing, times: other)
  }
  @inline(__always) func forEachRow(from first: Int, _ body: (Strip, Int) -> Void) {
    a.forEachRow(from: first, body)
    b.forEachRow(from: first &+ Part.rows, body)
    c.forEachRow(from: first &+ 2 &* Part.rows, body)
  }
}

/// One tile under another.
struct Joined<Upper: Tile, Lower: Tile>: Tile where Upper.Strip == Lower.Strip {
  typealias Strip = Upper.Strip
  var upper: Upper
  var lower: Lower
  @inline(__always) static var rows: Int { Upper.rows + Lower.rows }
  @inline(__always) init(_ start: Strip) {
    upper = Upper(start)
    lower = Lower(start)
  }
  @inline(__always) mutating func add(_ factors: UnsafePointer<Float>, _ spacing: Int, times other: Strip) {
    upper.add(factors, spacing, times: other)
    lower.add(factors + Upper.rows &* spacing, spacing, times: other)
  }
  @inline(__always) func forEachRow(from first: Int, _ body: (Strip, Int) -> Void) {
    upper.forEachRow(from: first, body)
    lower.forEachRow(from: first &+ Upper.rows, body)
  }
}

/// The tile of a panel of 32 columns. Measured on one core, 64 × 784 × 500, in GFLOP/s: 6 × 16 gives 108 with AVX2 (its twelve
/// sums, two factors and a broadcast fill the sixteen registers) and 108 with AVX-512; 8 × 32 gives 63 (it spills) and 112.
#if AVX512
  typealias WideStrip = TwoVectors
  typealias LargeTile<Strip: Lanes> = Pair<Pair<Pair<OneRow<Strip>>>>
#else
  typealias WideStrip = OneVector
  typealias LargeTile<Strip: Lanes> = Pair<Triple<OneRow<Strip>>>
#endif
/// The tile for the rows left below a multiple of the large tile; rows are padded to an even number.
typealias MediumTile<Strip: Lanes> = Pair<Pair<OneRow<Strip>>>
typealias SmallTile<Strip: Lanes> = Pair<OneRow<Strip>>

/// Tiles of fewer rows, for what a large tile leaves over.
typealias Rows1<Strip: Lanes> = OneRow<Strip>
typealias Rows2<Strip: Lanes> = Pair<OneRow<Strip>>
typealias Rows3<Strip: Lanes> = Triple<OneRow<Strip>>
typealias Rows4<Strip: Lanes> = Pair<Pair<OneRow<Strip>>>
typealias Rows5<Strip: Lanes> = Joined<Rows4<Strip>, Rows1<Strip>>
typealias Rows6<Strip: Lanes> = Pair<Triple<OneRow<Strip>>>
typealias Rows7<Strip: Lanes> = Joined<Rows6<Strip>, Rows1<Strip>>

/// A number of rows cut into tiles of nearly equal heights. A tile of one or two rows has too few sums to hide the latency of its
/// additions: eight positions are cut 4 + 4, not 6 + 2.
struct EvenCuts {
  let count: Int
  private let least: Int
  private let longer: Int

  /// Cuts `rows` into as few tiles of at most `most` rows as there can be.
  @inline(__always)
  init(_ rows: Int, most: Int) {
    count = (rows &+ most &- 1) / most
    (least, longer) = count == 0 ? (0, 0) : rows.quotientAndRemainder(dividingBy: count)
  }

  @inline(__always)
  func length(_ index: Int) -> Int { index < longer ? least &+ 1 : least }
}
