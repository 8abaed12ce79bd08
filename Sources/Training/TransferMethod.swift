/// How knowledge of a source is used on a target.
public enum TransferMethod: String, Sendable, Hashable, CaseIterable {
  /// Feature extraction: the body is held, the head trains.
  case frozen
  /// The matched control: the same network from fresh weights, the same settings.
  case scratch
}
