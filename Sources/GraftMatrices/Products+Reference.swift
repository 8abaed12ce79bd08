/// The same products written so that nobody can doubt them. Tests compare the kernels with these; nothing else calls them.
///
/// The additions run in the order that the kernels promise (pixels for forward, images for backward, one fused
/// multiply-add each), so for the paired sparse products and for `product` the bits must agree, not only the values.
package enum ReferenceProducts {
  /// `bias + left · right`: [m × k] · [k × n] + [n].
  package static func product(_ left: [[Float]], _ right: [[Float]], bias: [Float]) -> [[Float]] {
    left.map { row in
      bias.indices.map { column in
        var sum = bias[column]
        for k in row.indices { sum.addProduct(row[k], right[k][column]) }
        return sum
      }
    }
  }

  /// `leftᵀ · right`: [rows × m]ᵀ · [rows × n].
  package static func transposedProduct(_ left: [[Float]], _ right: [[Float]]) -> [[Float]] {
    (left.first ?? []).indices.map { m in
      (right.first ?? []).indices.map { n in
        var sum: Float = 0
        for row in left.indices { sum.addProduct(left[row][m], right[row][n]) }
        return sum
      }
    }
  }
}
