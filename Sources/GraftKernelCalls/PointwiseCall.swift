/// A call for a convolution with windows of one position: `output[y, x] = bias + input[y, x] · weights`, a dense product whose rows are the
/// positions. The input has no border, so all its positions are one piece of memory.
package struct PointwiseConvolution {
  package let images: Int
  /// Feature maps without a border.
  package let input: Maps
  /// Address of the first weight.
  package let weights: UnsafePointer<Float>
  /// Layout of the weights, [input pitch × output channels].
  package let layout: PanelLayout
  package let bias: UnsafePointer<Float>?
  package let epilogue: Epilogue
  package let output: WritableMaps

  package init(
    images: Int, _ input: Maps, weights: UnsafePointer<Float>, layout: PanelLayout, bias: UnsafePointer<Float>?,
    epilogue: Epilogue, output: WritableMaps
  ) {
    self.images = images
    self.input = input
    self.weights = weights
    self.layout = layout
    self.bias = bias
    self.epilogue = epilogue
    self.output = output
  }
}

extension PointwiseConvolution {
  /// Multiply-adds of the call.
  var work: Int { images * output.layout.height * output.layout.width * layout.rows * layout.columns }
}
