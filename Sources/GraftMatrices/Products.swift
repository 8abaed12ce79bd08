import GraftKernelCalls

// The products of the forward and the backward pass, with their sizes checked. The work is in the kernels.

/// Computes `output = bias + left · weight` for the first `rows` rows, [rows × k] · [k × n], then `max(·, 0)` if it `rectifies`.
package func product(
  _ left: Matrix, rows: Int, _ parameters: AlignedFloats, weight: PanelLayout, bias: PanelLayout?,
  rectifies: Bool = false, into output: inout Matrix, team: Team = .alone
) {
  precondition(left.columns == weight.rows && output.columns == weight.columns)
  precondition(
    rows <= left.rows && rows <= output.rows && bias.map { $0.columns == weight.columns && $0.paddedRows == 1 } ?? true)
  left.withRows { left in
    parameters.withFloats { base in
      output.withWritableRows { output in
        let call = Product(
          left, rows: rows, weights: base + weight.offset, layout: weight, bias: bias.map { base + $0.offset },
          rectifies: rectifies, mask: nil, output: output)
        #if canImport(Accelerate)
          if call.suitsAccelerate { return call.performByAccelerate() }
        #endif
        team(.product(call))
      }
    }
  }
}

/// Computes `output = left · weight` wherever `mask` is positive, and zero elsewhere: the backward pass through a rectifier whose
/// output was `mask`. The derivative at zero is taken as zero, as PyTorch does.
package func product(
  _ left: Matrix, rows: Int, _ parameters: AlignedFloats, weight: PanelLayout, where mask: Matrix?,
  into output: inout Matrix, team: Team = .alone
) {
  guard let mask else {
    return product(left, rows: rows, parameters, weight: weight, bias: nil, into: &output, team: team)
  }
  precondition(left.columns == weight.rows && output.columns == weight.columns && mask.columns == weight.columns)
  precondition(rows <= left.rows && rows <= output.rows && rows <= mask.rows)
  left.withRows { left in
    mask.withRows { mask in
      parameters.withFloats { base in
        output.withWritableRows { output in
          team(
            .product(
              Product(
                left, rows: rows, weights: base + weight.offset, layout: weight, bias: nil, rectifies: false,
                mask: mask,
                output: output)))
        }
      }
    }
  }
}

/// Computes `output = bias + left · weightᵀ` for the first `rows` rows, [rows × k] · [n × k]ᵀ, then `max(·, 0)` if it
/// `rectifies`. Each element is a dot product along two rows, which suits a head with few outputs.
package func productWithTransposed(
  _ left: Matrix, rows: Int, _ parameters: AlignedFloats, weight: PanelLayout, bias: PanelLayout?,
  rectifies: Bool = false, into output: inout Matrix, team: Team = .alone
) {
  precondition(left.columns == weight.columns && output.columns == weight.rows)
  precondition(bias.map { $0.columns == weight.rows && $0.paddedRows == 1 } ?? true)
  precondition(rows <= left.rows && rows <= output.rows)
  left.withRows { left in
    parameters.withFloats { base in
      output.withWritableRows { output in
        team(
          .transposedProduct(
            Product(
              left, rows: rows, weights: base + weight.offset, layout: weight,
              bias: bias.map { base + $0.offset }, rectifies: rectifies, mask: nil, output: output)))
      }
    }
  }
}

/// Computes `output[i] = bias + pixels[i] · weight` for each image `i` of the batch, [images × outputs], then `max(·, 0)` if it
/// `rectifies`.
package func pixelProduct(
  _ pixels: PixelBatch, _ parameters: AlignedFloats, weight: PanelLayout, bias: PanelLayout?, rectifies: Bool = false,
  into output: inout Matrix, team: Team = .alone
) {
  precondition(
    output.columns == weight.columns && output.rows >= pixels.count
      && bias.map { weight.columns == $0.columns && $0.paddedRows == 1 } ?? true)
  precondition(weight.rows == pixels.columns && pixels.isPaired == (weight.panelWidth > 16))
  parameters.withFloats { base in
    output.withWritableRows { output in
      pixels.withEntries { entries in
        team(
          .pixelProduct(
            PixelProduct(
              entries, weights: base + weight.offset, layout: weight, bias: bias.map { base + $0.offset },
              rectifies: rectifies,
              output: output)))
      }
    }
  }
}
