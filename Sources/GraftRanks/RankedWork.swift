import Foundation
import GraftFiles
import Synchronization

/// Independent pieces of work on all ranks of a job. Each rank runs the same program: it asks for the same lists in the same order, computes the
/// pieces that rank 0 hands to it, and gets the results of all.
package struct RankedWork: Sendable {
  private let desk: RankDesk

  package init(_ desk: RankDesk) { self.desk = desk }

  /// The error of a rank that rank 0 needs no more; rank 0 has said why.
  package struct Dismissed: Error {
    package init() {}
  }

  /// Makes sure that all ranks are about to do the same.
  ///
  /// - Parameter plan: All that decides the results, in words.
  /// - Throws: On a rank whose plan is not that of rank 0.
  package func agree(on plan: String) throws {
    if desk.isFirst { return desk.answer("plan") { Array($0) == Array(plan.utf8) ? [1] : [0] } }
    guard try ask("plan", Array(plan.utf8)) == [1] else {
      throw GraftFailure(
        .badConfiguration, "it is about to train other things than rank 0: other data, or another version of graft")
    }
  }

  /// Computes the results of a list, each once.
  ///
  /// - Parameters:
  ///   - name: The list's name, which no other list of the job has.
  ///   - keep: Called on rank 0 with each result as it comes, one at a time, to write it; gives what all ranks get of it.
  ///   - run: Calls its argument on as many threads as this rank has, and throws what that throws.
  ///   - body: Computes a piece.
  /// - Throws: What `body` or `keep` throws on this rank. The caller has to end the job then: the others wait for the piece.
  package func map<Piece: Codable & Sendable>(
    _ name: String, _ count: Int, keep: @escaping @Sendable (Int, Piece) throws -> Piece,
    run: (@escaping @Sendable () throws -> Void) throws -> Void,
    body: @escaping @Sendable (Int) throws -> Piece
  ) throws -> [Piece] {
    let list = List<Piece>(count, keep)
    if desk.isFirst {
      desk.answer("next \(name)") { _ in RankedWork.bytes(of: list.next() ?? count) }
      desk.answer("done \(name)") { bytes in
        list.give(bytes)
        return []
      }
    }
    try run {
      while let index = try desk.isFirst ? list.next() : next(name, count) {
        let piece = try body(index)
        if desk.isFirst {
          list.give(index, piece)
        } else {
          _ = try ask("done \(name)", RankedWork.bytes(of: index) + JSONEncoder().encode(piece))
        }
      }
    }
    guard desk.isFirst else { return try JSONDecoder().decode([Piece].self, from: Data(ask("all \(name)"))) }
    let pieces = try list.wait()
    let encoded = Array(try JSONEncoder().encode(pieces))
    desk.answer("all \(name)") { _ in encoded }
    return pieces
  }

  private func next(_ name: String, _ count: Int) throws -> Int? {
    let index = try RankedWork.index(ask("next \(name)"))
    return index < count ? index : nil
  }

  private func ask(_ name: String, _ payload: [UInt8] = []) throws -> [UInt8] {
    guard let answer = try desk.ask(name, payload) else { throw Dismissed() }
    return answer
  }

  private static func bytes(of index: Int) -> [UInt8] { withUnsafeBytes(of: UInt64(index).littleEndian) { Array($0) } }

  private static func index(_ bytes: [UInt8]) throws -> Int {
    guard bytes.count >= 8 else {
      throw GraftFailure(
        .badConfiguration, "the ranks do not understand each other: they run different versions of graft")
    }
    return Int(truncatingIfNeeded: bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) })
  }

  /// A list on rank 0.
  private final class List<Piece: Codable & Sendable>: Sendable {
    private struct State {
      var taken = 0
      var pieces: [Piece?]
      var failure: (any Error)?
    }

    private let state: Mutex<State>
    private let keep: @Sendable (Int, Piece) throws -> Piece

    init(_ count: Int, _ keep: @escaping @Sendable (Int, Piece) throws -> Piece) {
      state = Mutex(State(pieces: Array(repeating: nil, count: count)))
      self.keep = keep
    }

    /// The next piece that nobody computes; nil if there is none, or if one could not be kept.
    func next() -> Int? {
      state.withLock { state in
        guard state.failure == nil, state.taken < state.pieces.count else { return nil }
        state.taken += 1
        return state.taken - 1
      }
    }

    func give(_ index: Int, _ piece: Piece) {
      state.withLock { state in
        do {
          state.pieces[index] = try keep(index, piece)
        } catch {
          state.failure = state.failure ?? error
        }
      }
    }

    /// Keeps what another rank has sent.
    func give(_ bytes: [UInt8]) {
      do {
        give(try RankedWork.index(bytes), try JSONDecoder().decode(Piece.self, from: Data(bytes.dropFirst(8))))
      } catch {
        state.withLock { $0.failure = $0.failure ?? error }
      }
    }

    func wait() throws -> [Piece] {
      var pause = Pause()
      while true {
        let pieces = try state.withLock { state -> [Piece]? in
          if let failure = state.failure { throw failure }
          let pieces = state.pieces.compactMap { $0 }
          return pieces.count == state.pieces.count ? pieces : nil
        }
        if let pieces { return pieces }
        pause.rest()
      }
    }
  }
}
