extension JSON {
  /// The members of a JSON object, in order, with each key once.
  package struct Object: Sendable, Hashable {
    package struct Member: Sendable, Hashable {
      package let key: String
      package var value: JSON
    }

    package private(set) var members: [Member] = []

    package init() {}

    /// For the parser, which has made sure that each key occurs once.
    init(uniqueMembers: [Member]) { members = uniqueMembers }

    package var keys: [String] { members.map(\.key) }
    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }

    /// Searches the members one after the other: these objects are small. Setting a value keeps the place of a known
    /// key and appends a new one; setting nil removes the key.
    package subscript(key: String) -> JSON? {
      get {
        members.first { isSame($0.key, key) }?.value
      }
      set {
        let index = members.firstIndex { isSame($0.key, key) }
        switch (index, newValue) {
        case (let index?, let value?): members[index].value = value
        case (let index?, nil): members.remove(at: index)
        case (nil, let value?): members.append(Member(key: key, value: value))
        case (nil, nil): break
        }
      }
    }
  }
}

extension JSON.Object: Sequence {
  package func makeIterator() -> some IteratorProtocol<Member> { members.makeIterator() }
}

/// Whether two names are the same bytes. Swift's `==` also calls "é" in one scalar and in two equal, but they are two
/// keys to JSON and two files to Linux.
func isSame(_ one: String, _ other: String) -> Bool {
  one.utf8.elementsEqual(other.utf8)
}

/// A set of the names seen so far, compared byte by byte.
struct NameSet {
  private struct Name: Hashable {
    let text: String
    static func == (one: Name, other: Name) -> Bool { isSame(one.text, other.text) }
    func hash(into hasher: inout Hasher) {
      var text = text
      text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
  }

  private var names: Set<Name> = []

  /// Inserts a name; returns whether it is new.
  mutating func insert(_ name: String) -> Bool { names.insert(Name(text: name)).inserted }
}
