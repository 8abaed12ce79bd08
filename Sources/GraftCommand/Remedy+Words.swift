import GraftFiles

extension Remedy {
  /// The flag that is the remedy, in words that go on with the error's line.
  var words: String {
    switch self {
    case .resizing: ": --resize makes them equal"
    case .otherOutput: "; choose another --out, or leave out --resume to replace it"
    case .startingAnew: "; remove the file or leave out --resume"
    case .newHead: ": use --head reset"
    case .otherBatchSize: ": choose another --batch-size"
    case .namingDataFolder: ": name a --data-dir"
    case .namingMeasuredData: "; name its data with --data-dir"
    case .skippingBadPictures: "; --skip-bad leaves such pictures out and lists them"
    case .smallerImages: ": choose a smaller --size"
    case .framing: "; --fit frames pictures of any size"
    case .namingArrays: ": --keys images=NAME,labels=NAME tells which are meant"
    case .namingSize: ": --size HEIGHTxWIDTH tells theirs"
    }
  }
}

extension Failure {
  /// The error's line, with the flag that helps.
  var line: String { description + (remedy(of: self)?.words ?? "") }
}
