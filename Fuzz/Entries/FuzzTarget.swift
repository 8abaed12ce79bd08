/// A parser of Graft that reads bytes from outside, with the properties that hold for every input.
///
/// The raw value is the name of its folders in `Fuzz/Corpus` and `Fuzz/FailCases`.
public enum FuzzTarget: String, CaseIterable, Sendable {
  case augmentation, bzip2, checkpoint, classes, config, csv, deflate, exif, gzip, idx, jpeg, json, model, netpbm, npy,
    npz
  case page, png, pth, safetensors, tar, usps, webp, zip

  /// Gives bytes to the parser, as the program does. A property that does not hold ends the process.
  ///
  /// - Parameter bytes: The input. Of most targets the first byte chooses a form of it (`FuzzInput`).
  /// - Returns: Whether the parser accepted the input.
  @discardableResult
  public func run(_ bytes: [UInt8]) -> Bool {
    switch self {
    case .augmentation: Self.augmentation(bytes)
    case .bzip2: Self.bzip2(bytes)
    case .checkpoint: Self.checkpoint(bytes)
    case .classes: Self.classes(bytes)
    case .config: Self.config(bytes)
    case .csv: Self.csv(bytes)
    case .deflate: Self.deflate(bytes)
    case .exif: Self.exif(bytes)
    case .gzip: Self.gzip(bytes)
    case .idx: Self.idx(bytes)
    case .jpeg: Self.jpeg(bytes)
    case .json: Self.json(bytes)
    case .model: Self.model(bytes)
    case .netpbm: Self.netpbm(bytes)
    case .npy: Self.npy(bytes)
    case .npz: Self.npz(bytes)
    case .page: Self.page(bytes)
    case .png: Self.png(bytes)
    case .pth: Self.pth(bytes)
    case .safetensors: Self.safetensors(bytes)
    case .tar: Self.tar(bytes)
    case .usps: Self.usps(bytes)
    case .webp: Self.webp(bytes)
    case .zip: Self.zip(bytes)
    }
  }
}
