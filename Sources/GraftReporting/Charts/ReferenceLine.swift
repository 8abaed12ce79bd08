/// A horizontal line at a value to compare with, such as a published one.
package struct ReferenceLine: Sendable, Equatable {
  /// The label of the value, such as "published".
  package var label: String
  /// The value in units of the y axis.
  package var value: Double

  /// A line named `label` at `value`, in units of the y axis.
  package init(_ label: String, at value: Double) {
    self.label = label
    self.value = value
  }
}
