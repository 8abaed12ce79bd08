/// Reference implementations of the products, written to be obviously right. Tests compare the kernels with these; nothing else
/// calls them.
///
/// The additions run in the order that the kernels promise (pixels in the forward pass, images in the backward pass, one fused
/// multiply-add each). For the paired sparse products and for `product` the bits must therefore agree, not only the values.
package enum ReferenceProducts {
  /// The product `bias + left · right`: [m × k] · [k × n] + [n].
  package static func product(_ left: [[Float]], _ right: [[Float]], bias: [Float]) -> [[Float]] {
    left.map { row in
      bias.indices.map { column in
        var sum = bias[column]
        for k in row.indices { sum.addProduct(row[k], right[k][column]) }
        return sum
      }
    }
  }

  /// The product `leftᵀ · right`: [rows × m]ᵀ · [rows × n].
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
