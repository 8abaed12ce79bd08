import GraftFiles
import GraftMatrices
import Testing

@testable import GraftData

@Suite("Tables in text")
struct CSVTableTests {
  /// Reads a table, or says how that fails.
  private func read(_ text: String, pixels: Int? = nil) throws -> CSVTable {
    try CSVTable(decoding: Array(text.utf8), pixels: pixels)
  }

  private func error(_ text: String, pixels: Int? = nil) -> String {
    message { _ = try read(text, pixels: pixels) }
  }

  private func bytes(_ table: CSVTable) -> [UInt8]? {
    if case .bytes(let bytes) = table.values { return bytes }
    return nil
  }

  private func decimals(_ table: CSVTable) -> [Double]? {
    if case .decimals(let numbers) = table.values { return numbers }
    return nil
  }

  /// Loads files as a data set.
  private func load(_ files: KeyValuePairs<String, String>, at name: String = "") throws -> LoadedData {
    let folder = TemporaryFolder()
    for (name, text) in files { folder.write(Array(text.utf8), to: name) }
    return try DatasetPair.load(DataRequest(name: "\(folder.path)/\(name)", environment: [:], isOffline: true))
  }

  private static let rows = "5,0,1,2,255\n7,9,8,7,6\n"

  @Test(
    "line ends, a byte-order mark, blanks, quotation marks and separators change nothing",
    arguments: [
      rows, String(rows.dropLast()), rows + "\n \n\r\n", rows.replacing("\n", with: "\r\n"),
      rows.replacing("\n", with: "\r"), "\u{FEFF}" + rows, rows.replacing(",", with: " , "),
      rows.replacing(",", with: ";"), rows.replacing(",", with: "\t"), rows.replacing("255", with: "\"255\""),
      rows.replacing("255", with: "+255"), rows.replacing(",0,", with: ",-0,"), rows.replacing("5,0", with: "05,000"),
      "label,a,b,c,d\n" + rows, "a,b,c,d,Label\n0,1,2,255,5\n9,8,7,6,7\n",
      "\"y\",\"a\",\"b,b\",\"c\",\"d\"\n" + rows, "0,1,2,3,4\n" + rows,
      ",label,a,b,c,d\n0,5,0,1,2,255\n1,7,9,8,7,6", "id,class,0,1,2,3\nx,5,0,1,2,255\ny,7,9,8,7,6",
    ])
  func forms(_ text: String) throws {
    let table = try read(text)
    #expect(table.labels == ["5", "7"])
    #expect(bytes(table) == [0, 1, 2, 255, 9, 8, 7, 6])
  }

  @Test("a packed table is unpacked")
  func packed() throws {
    let table = try CSVTable(decoding: Gzip.compress(Array(Self.rows.utf8)))
    #expect(bytes(table) == [0, 1, 2, 255, 9, 8, 7, 6])
  }

  @Test("columns of names that are neither are said to be unused")
  func unused() throws {
    #expect(try read(",label,a,b,c,d\n0,5,0,1,2,255\n").remarks == ["the column \"\" is not used"])
    #expect(try read("Id,label,a\nseven,5,0\n").remarks == ["the column \"Id\" is not used"])
  }

  @Test("a word in the first column is a label, and not a name, unless the columns are counted or it is the usual one")
  func words() throws {
    #expect(try read("cat,0,1,2,255\ndog,9,8,7,6").labels == ["cat", "dog"])
    #expect(try read("label,0,1,2,3\ndog,9,8,7,6").labels == ["dog"])
    #expect(try read("animal,0,1,2,3\n9,8,7,6,5", pixels: 5).labels == nil)
    #expect(try read("label,a\n\"say \"\"a,b\"\"\",1").labels == ["say \"a,b\""])
    #expect(try read("label,a\n 3.0,1\n4,1").labels == ["3", "4"])
  }

  @Test("a table without labels is known by its names, or by the number of its columns")
  func unlabelled() throws {
    #expect(try read("pixel0,pixel1,pixel2,pixel3\n1,2,3,4\n").labels == nil)
    #expect(try read("1,2,3,4\n5,6,7,8", pixels: 4).labels == nil)
    #expect(try read("1,2,3,4,5\n", pixels: 4).labels == ["1"])
    #expect(try read("1,2,3,4,5\n").labels == ["1"])
    #expect(try read("0,1,2,3,4,5,6,7,8\n9,8,7,6,5,4,3,2,1\n").labels == nil)
  }

  @Test("decimals are read to the last digit")
  func numbers() throws {
    let texts = [
      "0.1", "1e-1", "1.5E+2", "-0.25", ".5", "5.", "0.000000000000000000001", "123456789.123456789",
      "1.176470588235294101e-01", "0.30000000000000004", "00000000000000000000001.5",
      "0.1000000000000000055511151231257827021181583404541015625", "1e22", "1e-22", "4.9e-324", "1e308",
    ]
    let table = try read(
      "label,\(texts.indices.map { "p\($0)" }.joined(separator: ","))\n1,\(texts.joined(separator: ","))")
    let numbers = try #require(decimals(table))
    for (number, text) in zip(numbers, texts) {
      let expected = try #require(Double(text))
      #expect(abs(number - expected) <= expected.ulp, "\(text)")
    }
    #expect(decimals(try read("1,0,0.5,255,-3")) == [0, 0.5, 255, -3])
  }

  @Test(
    "everything else is refused with line and column",
    arguments: [
      ("", "the table is empty"),
      ("\u{FEFF}\r\n \n", "the table is empty"),
      ("label,a,b,c,d\n", "the table has no images, only the names of columns"),
      ("label,a,b,c,d\n\n\n", "the table has no images, only the names of columns"),
      ("label\n1\n", "line 1: expected a column for each pixel, found none"),
      (rows + "5,0,1,2\n", "line 3: expected 5 columns as in line 1, found 4"),
      (rows + "5,0,1,2,3,4,5\n", "line 3: expected 5 columns as in line 1, found 7"),
      (rows + "\n" + rows, "line 3: expected 5 columns as in line 1, found an empty line"),
      ("label,a,b\n1,2,3\n4,,6\n", "line 3, column 2 (\"a\"): expected a number, found nothing"),
      (rows + "5,0,x,2,3\n", "line 3, column 3: expected a number, found \"x\""),
      (rows + "5,0,nan,2,3\n", "line 3, column 3: expected a number, found \"nan\""),
      (rows + "5,0,1,inf,3\n", "line 3, column 4: expected a number, found \"inf\""),
      (rows + "5,0,1,1e400,3\n", "line 3, column 4: expected a number, found \"1e400\""),
      (rows + "5,0,1,0x10,3\n", "line 3, column 4: expected a number, found \"0x10\""),
      (rows + "5,0,1,1_0,3\n", "line 3, column 4: expected a number, found \"1_0\""),
      (rows + "5,0,1,\"1,5\",3\n", "line 3, column 4: expected a number with a decimal point, found \"1,5\""),
      (
        rows.replacing(",", with: ";") + "5;0;1;1,5;3",
        "line 3, column 4: expected a number with a decimal point, found \"1,5\""
      ),
      (rows + "5,0,256,2,3\n", "line 3, column 3: expected a pixel from 0 to 255, found 256"),
      (rows + "5,0,-1,2,3\n", "line 3, column 3: expected a pixel from 0 to 255, found -1"),
      (rows + "5,0,1,2,\"3\n4\"\n", "line 3, column 5: the quotation mark is not closed on its line"),
      (rows + "5,0,1,2,\"3", "line 3, column 5: the quotation mark is not closed on its line"),
      (rows + "5,0,1,2,\"3\"4\n", "line 3, column 5: expected the end of the field after its quotation mark"),
      (rows + ",0,1,2,3\n", "line 3, column 1: the label is missing"),
      (rows + "NaN,0,1,2,3\n", "line 3, column 1: the label is missing: \"NaN\""),
      (rows + "-1,0,1,2,3\n", "line 3, column 1: expected a label from 0 to 65535 or a word, found \"-1\""),
      (rows + "1.5,0,1,2,3\n", "line 3, column 1: expected a label from 0 to 65535 or a word, found \"1.5\""),
      ("label,a,b,a\n1,2,3,4\n", "line 1: columns 2 and 4 have the same name \"a\""),
      ("label,class,a\n1,2,3\n", "line 1: two columns may be the labels: \"label\" and \"class\""),
      ("<!DOCTYPE html>\n", "byte 0: this is an HTML page, not a table"),
      ("PK\u{3}\u{4}\0\0\n", "byte 0: this is a zip archive, not a table"),
      ("{\"label\": 5}\n", "byte 0: this is JSON text, not a table"),
      (
        "version https://git-lfs.github.com/spec/v1\n",
        "byte 0: this is a Git LFS pointer (the file itself was not downloaded), not a table"
      ),
      ("1,2\0,3\n", "line 1: expected text, found a NUL byte"),
      (rows + "5,0,1,2,3\r\n\r5,\0,1,2,3\n", "line 5: expected text, found a NUL byte"),
      ("cat,0,nan,0\n", "line 1, column 3: expected a number as in column 4, found \"nan\""),
      ("1,9,,9\n", "line 1, column 3: expected a number as in column 4, found nothing"),
      ("1,0,2,\n1,2,3,\n4,5,6,7\n", "line 3, column 4: expected nothing as in line 1, found \"7\""),
      ("1,0,2,\n1,2,3\n", "line 2: expected 4 columns as in line 1, found 3"),
    ])
  func refused(_ text: String, _ expected: String) { #expect(error(text) == expected) }

  @Test("bytes that are no UTF-8, and too many columns, are refused")
  func limits() {
    func text(_ bytes: [UInt8]) -> String { message { _ = try CSVTable(decoding: bytes) } }
    #expect(text([0xff, 0xfe, 0x31, 0]) == "byte 0: expected a table in UTF-8, found text in UTF-16")
    #expect(text(Array(Self.rows.utf8) + [0xff] + Array(",0,1,2,3".utf8)) == "line 3, column 1: expected text in UTF-8")
    let many = Array(String(repeating: "1,", count: 1_000_000).utf8)
    #expect(text(many) == "line 1: more than 786434 columns")
    let long = Array("label,".utf8) + [UInt8](repeating: 0x61, count: 2 << 20)
    #expect(text(long) == "line 1, column 2: a field of 2097152 bytes is longer than the limit")
  }

  @Test("a folder has a table for training and one for testing, which may lack labels")
  func folders() throws {
    let test = "label,a,b,c,d\n5,1,2,3,200\n"
    let train = "label,a,b,c,d\n" + Self.rows + Self.rows
    let both = try load(["mnist_train.csv": train, "mnist_test.csv": test])
    #expect(both.pair.train.count == 4 && both.pair.test.count == 1)
    #expect(both.pair.train.classNames == ["5", "7"])
    let only = try load(["train.csv": train, "test.csv": "a,b,c,d\n1,2,3,200\n"])
    #expect(only.pair.train.count == 2 && only.pair.test.count == 2)
    #expect(
      only.notes == [
        "test.csv has no labels and is not used", "rows of 4 numbers were read as 2 x 2 pixels",
        "the labels begin at 5: they are names of 2 classes, from 5 to 7, and not indices",
        "there is no test part: 2 of 4 images were set aside as one, the same share of each class (seed 0)",
      ])
    #expect(
      message { _ = try load(["train.csv": train, "test.csv": "label,a\n1,2\n"]) }
        .hasSuffix("test.csv: expected 4 pixels in a line as for training, found 1"))
    #expect(
      message { _ = try load(["a_train.csv": train, "b_train.csv": train]) }
        .hasSuffix("has several tables for training: a_train.csv, b_train.csv"))
    #expect(
      message { _ = try load(["data.csv": "a,b,c,d\n1,2,3,200\n"], at: "data.csv") }.hasSuffix(
        "data.csv: the table has no labels: expected a column label, class, target or y, or numbers of which the first "
          + "is the label"))
    #expect(
      message { _ = try load(["data.csv": "label,a\n1,2\n2,200\n"], at: "data.csv") }.hasSuffix(
        "data.csv: there is no test part, and no class has two images to set one aside"))
  }

  @Test("commas at the ends of all lines make a column that is not used")
  func trailingCommas() throws {
    let plain = try read(Self.rows.replacing("\n", with: ",\n"))
    #expect(bytes(plain) == [0, 1, 2, 255, 9, 8, 7, 6] && plain.labels == ["5", "7"])
    #expect(plain.remarks.first == "column 6 is empty and is not used")
    let named = try read("label,a,b,c,d,\n" + Self.rows.replacing("\n", with: ",\n"))
    #expect(bytes(named) == bytes(plain) && named.remarks == ["column 6 is empty and is not used"])
    let filled = try read("label,a,b,\n5,1,2,x\n")
    #expect(filled.remarks == ["column 4 has no name and is not used"])
  }

  @Test("words among numbers are damaged labels, unless they are as frequent as a number")
  func damagedLabels() throws {
    func table(_ word: String, count: Int = 1) -> String {
      let numbers = (0..<24).map { "\($0 % 2),9,\($0)" }
      return "label,a,b\n" + (numbers + (0..<count).map { _ in "\(word),1,2" } + ["1.0,3,4"]).joined(separator: "\n")
    }
    for word in ["1e400", "inf", "NA", "0x10", "1O"] {
      #expect(
        error(table(word))
          == "line 26, column 1: expected a whole number as label like 25 of 26, found \"\(word)\"")
    }
    #expect(error(table("a\0b")) == "line 26: expected text, found a NUL byte")
    #expect(try read(table("NA", count: 3)).labels?.count == 28)
    // As many as a digit has: a class of its own, as the X of book numbers.
    let digits = (0..<110).map { "\($0 % 11 == 10 ? "X" : "\($0 % 11)"),1" }.joined(separator: "\n")
    #expect(Set(try #require(try read("label,a\n" + digits).labels)).count == 11)
  }

  @Test("without names it is said which column is the label, and doubted if the last looks more like one")
  func labelSide() throws {
    let first = try read(Self.rows)
    #expect(first.remarks == ["no header: the first of 5 columns is read as the label"] && first.warnings == [])
    #expect(try read("label,a,b,c,d\n" + Self.rows).remarks == [])
    let doubt = "the last column has the whole numbers from 0 to 2, and the first "
    let rest = ": if the labels are last, a first line of names tells it, with label as the last name"
    func warnings(_ line: (Int) -> String) throws -> [String] {
      try read((0..<30).map(line).joined(separator: "\n")).warnings
    }
    #expect(try warnings { "\($0),9,8,7,\($0 % 3)" } == [doubt + "30 different ones" + rest])
    #expect(try warnings { "0,9.0,8.5,7,\($0 % 3)" } == [doubt + "one alone" + rest])
    // Labels first, and last columns that are one value, few that are not side by side, or no whole numbers.
    #expect(try warnings { "\($0 % 3),9,8,7,0" } == [])
    #expect(try warnings { "\($0 % 3),9,8,7,\($0 % 3)" } == [])
    #expect(try warnings { "\($0 % 5),9,8,7,\($0 % 3 * 100)" } == [])
    #expect(try warnings { "\($0 % 5),0.1,0.2,0.3,\($0 % 3).5" } == [])
    #expect(try warnings { "\($0 % 5),0,1,1,\($0 % 2)" } == [])
  }

  @Test("labels with gaps are named, because each number up to the largest is a class")
  func gaps() throws {
    let text = "label,a\n" + (0..<10).map { "\($0 % 2 * 300),\($0 * 9)\n" }.joined()
    let loaded = try load(["l.csv": text], at: "l.csv")
    let gap = "the labels leave gaps: 2 of the numbers from 0 to 300 are labels"
    #expect(loaded.remarks.contains { $0.hasSuffix("l.csv: \(gap)") })
    #expect(
      message { try loaded.pair.test.requireImages(of: Array(loaded.pair.test.classNames.indices), in: "test") }
        == "l has no test images of class 1: its labels leave gaps, 2 of the numbers from 0 to 300 have images")
  }

  @Test("gigabytes that are no text are refused at their beginning, packed or not")
  func foreignData() throws {
    let folder = TemporaryFolder()
    let zeros = [UInt8](repeating: 0, count: 1 << 20)
    folder.write(Array(Self.rows.utf8) + zeros, to: "a.csv")
    #expect(
      message { try CSVTable.checkBeginning(of: "\(folder.path)/a.csv") }
        == "\(folder.path)/a.csv: line 3: expected text, found a NUL byte")
    folder.write([0xff, 0xfe, 0x31, 0, 0x2c, 0], to: "b.csv")
    #expect(
      message { try CSVTable.checkBeginning(of: "\(folder.path)/b.csv") }
        == "\(folder.path)/b.csv: byte 0: expected a table in UTF-8, found text in UTF-16")
    let packed = Gzip.compress(Array(Self.rows.utf8) + zeros)
    #expect(message { _ = try CSVTable(decoding: packed) } == "line 3: expected text, found a NUL byte")
    // The limit is not reached: the first piece is refused.
    #expect(message { _ = try CSVTable(decoding: packed, limit: 100_000) } == "line 3: expected text, found a NUL byte")
    #expect(
      message { _ = try CSVTable(decoding: Gzip.compress(Array("<html>".utf8))) }
        == "byte 0: this is an HTML page, not a table")
  }

  @Test("decimals of a table are scaled as floats are")
  func scales() throws {
    let loaded = try load(
      ["data.csv": "label,a,b,c,d\n1,0,0.5,1,0\n1,1,1,1,0.2\n0,0,0,0,1\n0,0.1,0,0,1\n"], at: "data.csv")
    #expect(loaded.notes.first == "decimals from 0 to 1 were scaled to 0 to 255")
    #expect(Set(loaded.pair.train.pixels + loaded.pair.test.pixels) == [0, 26, 51, 128, 255])
    #expect(
      message { _ = try load(["data.csv": "label,a\n1,-7.5\n0,3\n"], at: "data.csv") }.hasSuffix(
        "data.csv: line 2, column 2: expected a pixel from 0 to 255, from 0 to 1 or from -1 to 1 as in the other fields, "
          + "found -7.5"))
    for (odd, place) in [("256.5", "line 4, column 3"), ("-1.0", "line 4, column 3"), ("-0.5", "line 4, column 3")] {
      let text = "label,a,b\n1,0,9\n0,255,12.5\n1,7,\(odd)\n0,1,1\n"
      #expect(
        message { _ = try load(["data.csv": text], at: "data.csv") }.contains("data.csv: \(place): expected a pixel"))
    }
    #expect(
      message { _ = try load(["data.csv": "label,a\n1,-0.5\n0,-0.25\n1,-1\n0,1.5\n"], at: "data.csv") }
        .contains("line 5, column 2"))
  }

  @Test("images for a model are read with or without labels, in its shape")
  func images() throws {
    func images(_ text: String, _ shape: ImageShape = ImageShape(height: 2, width: 2)) throws -> [[UInt8]] {
      try CSVTable.unlabelledImages(Array(text.utf8), shape: shape)
    }
    let expected: [[UInt8]] = [[0, 1, 2, 255], [9, 8, 7, 6]]
    #expect(try images(Self.rows) == expected)
    #expect(try images("label,a,b,c,d\n" + Self.rows) == expected)
    #expect(try images("0,1,2,255\n9,8,7,6\n") == expected)
    #expect(try images("a,b,c,d\n0,1,2,255\n9,8,7,6\n") == expected)
    #expect(try images("id,a,b,c,d\n1,0,1,2,255\n2,9,8,7,6\n") == expected)
    #expect(try images("0,0.5,1,0") == [[0, 128, 255, 0]])
    // Pixel after pixel becomes one channel after the other.
    #expect(
      try images("1,90,200,2,91,201,3,92,202,4,93,203", ImageShape(channels: 3, height: 2, width: 2)) == [
        [1, 2, 3, 4, 90, 91, 92, 93, 200, 201, 202, 203]
      ])
    #expect(
      try images("1,2,3,4,90,91,92,93,200,201,202,203", ImageShape(channels: 3, height: 2, width: 2)) == [
        [1, 2, 3, 4, 90, 91, 92, 93, 200, 201, 202, 203]
      ])
    #expect(
      message { _ = try images("1,2,3,4,5,6,7,8,9") }
        == "expected 4 pixels in a line, 2 x 2 as the model reads, found 9")
  }

  /// Cut anywhere and with any byte changed, a table is read or refused, never a trap.
  @Test func nothingTraps() {
    let good = Array("\u{FEFF}id,\"label\",a,b\r\n1,\"x \"\"y\",0,1.5e1\r\n2,z,255,-0.25\n".utf8)
    for end in good.indices {
      do throws(FormatError) { _ = try CSVTable(decoding: Array(good[..<end])) } catch {
        #expect(!error.description.isEmpty)
      }
    }
    for index in good.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = good
        changed[index] = byte
        do throws(FormatError) { _ = try CSVTable(decoding: changed) } catch { #expect(!error.description.isEmpty) }
      }
    }
  }
}
