/// The version of this library and of the command `graft`.
public enum GraftVersion {
  /// The version number, major.minor.patch.
  public static let current = "0.4.0"
}
