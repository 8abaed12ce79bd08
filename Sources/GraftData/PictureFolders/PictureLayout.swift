import GraftFiles

/// The meaning of the folders of a tree: the picture's class, and its side in training and testing.
///
/// A class is a folder below the root, or below `train/` and its counterpart `test/` (or `val/`, `valid/`, `validation/`).
/// Pictures in deeper folders belong to the class above. A root with nothing but one folder stands for this folder.
struct PictureLayout: Sendable {
  /// A picture with its class and side.
  struct Item: Sendable {
    let file: PictureTree.File
    /// Index into `classNames`.
    let label: Int
    /// Names below the class's folder: the draw of test pictures goes by them.
    let pathInClass: String
  }

  /// The names of the class folders: numbers in the order of numbers, others in the order of bytes.
  let classNames: [String]
  let train: [Item]
  /// The test pictures; nil if the tree has no folder for them.
  let test: [Item]?
  /// Sentences about files and folders that are not used.
  let remarks: [String]

  /// Reads the folders of a tree.
  ///
  /// - Throws: `FormatError` if no folder has a picture.
  init(_ tree: PictureTree) throws(FormatError) {
    let pictures = tree.files.filter { PictureName($0.name) != .other }
    let depth = PictureLayout.depth(of: pictures)
    let others = tree.files.count - pictures.count
    var remarks: [String] = []
    if others > 0 {
      remarks.append(
        others == 1
          ? "1 file that is no picture is passed over" : "\(grouped(others)) files that are no pictures are passed over"
      )
    }
    if !tree.strangers.isEmpty {
      let count = tree.strangers.count
      let named = tree.strangers.prefix(PictureLayout.mostNamed).map(singleLine).joined(separator: ", ")
      remarks.append(
        (count == 1
          ? "1 name is no file of its own and is" : "\(grouped(count)) names are no files of their own and are")
          + " passed over: \(named)" + (count > PictureLayout.mostNamed ? " and more" : ""))
    }
    var sides: [Side: [PictureTree.File]] = [:]
    var used: [PictureTree.File] = []
    let tops = Set(pictures.filter { $0.path.count > depth + 1 }.map { $0.path[depth] })
    let trainFolder = tops.sorted().first { Side(folder: $0) == .train }
    var start = depth
    if let trainFolder {
      start = depth + 1
      for file in pictures where file.path.count > depth + 1 {
        if let side = Side(folder: file.path[depth]) { sides[side, default: []].append(file) }
      }
      let unknown = tops.filter { Side(folder: $0) == nil }.sorted()
      if !unknown.isEmpty {
        let names = unknown.map { quoted($0) }.joined(separator: ", ")
        remarks.append("\(names) beside \(quoted(trainFolder)) \(unknown.count == 1 ? "is" : "are") not used")
      }
      used = sides[.train] ?? []
    } else {
      let empty = tree.folders.first { $0.count == depth + 1 && Side(folder: $0[depth]) == .train }
      if let empty, !pictures.isEmpty, tops.contains(where: { Side(folder: $0) != nil }) {
        throw FormatError(
          path: tree.root, problem: "its folder \(quoted(empty[depth])) has no pictures to learn from")
      }
      // `test/` and `val/` alone would be taken for two classes.
      guard tops.isEmpty || !tops.allSatisfy({ Side(folder: $0) != nil }) else {
        let names = tops.sorted().map { quoted($0) }.joined(separator: " and ")
        throw FormatError(path: tree.root, problem: "it has \(names), and no folder train with pictures to learn from")
      }
      used = pictures
    }
    func labelled(_ files: [PictureTree.File]) -> [PictureTree.File] { files.filter { $0.path.count > start + 1 } }
    let training = labelled(used)
    var testing: [PictureTree.File]?
    for side in [Side.test, .validation] {
      let files = sides[side] ?? []
      let own = labelled(files)
      if testing == nil, !own.isEmpty {
        testing = own
      } else if !own.isEmpty {
        remarks.append(
          "the \(grouped(own.count)) pictures of the validation folder are not used: the test folder measures")
      } else if !files.isEmpty {
        remarks.append(
          "the \(grouped(files.count)) pictures of the \(side.rawValue) folder have no class folders and are not used")
      }
    }
    let loose = used.count - training.count
    guard !training.isEmpty else {
      throw FormatError(
        path: tree.root,
        problem: pictures.isEmpty
          ? "there is no picture in any of its folders"
          : "its \(grouped(pictures.count)) pictures lie in no class folders: "
            + "the pictures of each class belong in a folder of its own, as in photos/cat/1.jpg")
    }
    if loose > 0 {
      remarks.append(
        loose == 1
          ? "1 picture that lies in no class folder is not used"
          : "\(grouped(loose)) pictures that lie in no class folder are not used")
    }
    let names = Set((training + (testing ?? [])).map { $0.path[start] })
    classNames = names.sorted(by: PictureLayout.precedes)
    let labels = Dictionary(uniqueKeysWithValues: classNames.enumerated().map { ($0.element, $0.offset) })
    // In the order of their names, whatever their class: pictures that were numbered through keep their order.
    func items(_ files: [PictureTree.File]) -> [Item] {
      files.sorted { one, other in
        one.name == other.name
          ? one.path.lexicographicallyPrecedes(other.path) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
          : one.name.utf8.lexicographicallyPrecedes(other.name.utf8)
      }.compactMap { file in
        labels[file.path[start]].map {
          Item(file: file, label: $0, pathInClass: file.path[(start + 1)...].joined(separator: "/"))
        }
      }
    }
    let empty = tree.folders.filter { path in
      guard path.count == start + 1, !names.contains(path[start]),
        pictures.first.map({ $0.path.prefix(depth) == path.prefix(depth) }) ?? true
      else { return false }
      return trainFolder == nil || Side(folder: path[depth]) != nil
    }
    let emptyNames = Set(empty.map { $0[start] }).sorted(by: PictureLayout.precedes)
    if !emptyNames.isEmpty {
      let named = emptyNames.prefix(PictureLayout.mostNamed).map { quoted(singleLine($0)) }.joined(separator: ", ")
      let rest = emptyNames.count > PictureLayout.mostNamed ? " and more" : ""
      remarks.append(
        emptyNames.count == 1
          ? "the folder \(named) has no pictures and is no class"
          : "\(grouped(emptyNames.count)) folders have no pictures and are no classes: \(named)\(rest)")
    }
    train = items(training)
    test = testing.map(items)
    self.remarks = remarks
  }

  /// The most names in a remark.
  private static let mostNamed = 3

  /// A part of the data, by the name of its folder.
  private enum Side: String {
    case train = "training"
    case test
    case validation

    init?(folder: String) {
      switch folder.lowercased() {
      case "train", "training": self = .train
      case "test", "testing": self = .test
      case "val", "valid", "validation": self = .validation
      default: return nil
      }
    }
  }

  /// Folders at the root that hold all pictures and nothing else: `hymenoptera_data/train/…` is `train/…`.
  private static func depth(of pictures: [PictureTree.File]) -> Int {
    var depth = 0
    while let first = pictures.first, first.path.count > depth + 2,
      pictures.allSatisfy({ $0.path.count > depth + 2 && $0.path[depth] == first.path[depth] }),
      Side(folder: first.path[depth]) == nil
    {
      depth += 1
    }
    return depth
  }

  private static func precedes(_ one: String, _ other: String) -> Bool {
    switch (Int(one), Int(other)) {
    case (let one?, let other?) where one != other: one < other
    case (_?, nil): true
    case (nil, _?): false
    default: one.utf8.lexicographicallyPrecedes(other.utf8)
    }
  }
}
