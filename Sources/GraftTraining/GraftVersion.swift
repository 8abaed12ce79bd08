/// The version of this library and of the command `graft`.
public enum GraftVersion {
  public static let current = "0.4.0"
}
