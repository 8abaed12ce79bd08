import Foundation
import GraftFiles
import GraftMatrices
import Testing

@Suite("Rows of bytes in memory and in a file")
struct PixelRowsTests {
  /// Seven rows of six bytes, in memory and in a file.
  private static func both() throws -> (memory: PixelRows, file: PixelRows) {
    let bytes = (0..<42).map { UInt8($0 * 37 % 251) }
    let path = "\(NSTemporaryDirectory())graft-rows-\(UUID().uuidString)"
    defer { unlink(path) }
    try AtomicFile.write(bytes, to: path)
    // The mapped bytes stay when the file is removed.
    return (PixelRows(bytes, columns: 6), PixelRows(try MappedFile(path), columns: 6))
  }

  @Test("rows of a file are those of an array, also some of them in another order")
  func same() throws {
    let (memory, file) = try Self.both()
    #expect(file.isInFile && !memory.isInFile)
    #expect(file == memory && file.hashValue == memory.hashValue && file.bytes == memory.bytes && file.count == 7)
    #expect((0..<7).allSatisfy { file[$0] == memory[$0] })
    let order = [6, 0, 3, 3]
    let chosen = (memory: memory.selecting(order), file: file.selecting(order, copying: 0))
    #expect(chosen.file.isInFile && chosen.file == chosen.memory && chosen.file.bytes == chosen.memory.bytes)
    // A choice among chosen rows.
    let again = chosen.file.selecting([2, 0], copying: 0)
    #expect(again.isInFile && again.bytes == Array(memory[3] + memory[6]))
    #expect(file != PixelRows(memory.bytes.map { $0 ^ 1 }, columns: 6) && file != memory.prefix(6))
    #expect(file.prefix(2).bytes == memory.prefix(2).bytes)
  }

  @Test("few rows of a file are copied into memory")
  func few() throws {
    let file = try Self.both().file
    #expect(!file.selecting([1, 2], copying: 12).isInFile && file.selecting([1, 2], copying: 11).isInFile)
    #expect(!file.selecting([1]).isInFile)
  }

  @Test("a matrix reads the same numbers from both")
  func matrix() throws {
    let (memory, file) = try Self.both()
    let tables = (0..<512).map { Float($0) / 8 }
    let (one, other) = (ByteRows(memory, tables: tables), ByteRows(file.selecting([4, 1], copying: 0), tables: tables))
    #expect(other.rows == 2 && other.matrix == one.matrix.rowsAt([4, 1]))
  }
}

extension Matrix {
  fileprivate func rowsAt(_ rows: [Int]) -> Matrix {
    var part = Matrix(rows: rows.count, columns: columns)
    part.gather(rows[...], of: self)
    return part
  }
}
