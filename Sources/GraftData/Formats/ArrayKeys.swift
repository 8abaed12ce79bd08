/// The roles of the arrays of an NPZ file.
package struct ArrayKeys: Sendable, Hashable {}
