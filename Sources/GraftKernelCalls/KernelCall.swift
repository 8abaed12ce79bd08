/// One piece of work for the kernels, as a value that owns nothing: addresses and sizes.
///
/// The kernels are compiled twice, once for every x86-64 processor with AVX2 and once for those with AVX-512, and the program
/// chooses one of the two at its start. Only a `KernelCall` crosses this border; a `Team` of threads hands the same call to
/// each of its members, who take their parts of it. Each element of a result is computed by one member, in the same order
/// whatever the number of parts, so neither the build nor the number of threads changes a bit.
///
/// The caller keeps the memory alive and unshared during the call and has checked all sizes.
package enum KernelCall {
  case arrangePixels(PixelArrangement)
  case pixelProduct(PixelProduct)
  case product(Product)
  /// The product with the weights transposed, [rows × k] · [n × k]ᵀ; never with a mask.
  case transposedProduct(Product)
  case softmax(SoftmaxRows)
  case gram(GramCall)
  case gradient(GradientCall)
  case move(ParameterMove)
  case convolution(Convolution)
  case convolutionSpread(ConvolutionSpread)
  case winograd(WinogradConvolution)
  case winogradGradient(WinogradGradient)
  case pointwise(PointwiseConvolution)
  case depthwise(DepthwiseConvolution)
  case depthwiseSpread(DepthwiseSpread)
  case addition(MapAddition)
  case activation(ActivationCall)
  case activationGradient(ActivationGradient)
  case dropout(DropoutCall)
  case moments(MomentsCall)
  case normalizationGradient(NormalizationGradient)
  case probe(Probe)

  /// A function that does `part` of `parts` of the work.
  package typealias Performer = @Sendable (_ call: KernelCall, _ part: Int, _ parts: Int) -> Void
}

/// Rows to read, `stride` floats apart; their number in memory is even.
package struct Rows {
  package let base: UnsafePointer<Float>
  package let stride: Int
  package init(_ base: UnsafePointer<Float>, stride: Int) {
    self.base = base
    self.stride = stride
  }
}

/// Rows to write, `stride` floats apart; their number in memory is even.
package struct WritableRows {
  package let base: UnsafeMutablePointer<Float>
  package let stride: Int
  package init(_ base: UnsafeMutablePointer<Float>, stride: Int) {
    self.base = base
    self.stride = stride
  }
}

/// The lit pixels of a batch. Image `i` owns the entries `starts[i]..<ends[i]`, columns rising; those from `middles[i]` on are in
/// the second half of the columns.
package struct PixelEntries {
  package let columns: UnsafePointer<UInt16>
  package let values: UnsafePointer<Float>
  package let starts: UnsafePointer<Int>
  package let middles: UnsafePointer<Int>
  package let ends: UnsafePointer<Int>
  package let images: Int
  /// Pixels of an image.
  package let width: Int

  package init(
    columns: UnsafePointer<UInt16>, values: UnsafePointer<Float>, starts: UnsafePointer<Int>,
    middles: UnsafePointer<Int>, ends: UnsafePointer<Int>, images: Int, width: Int
  ) {
    self.columns = columns
    self.values = values
    self.starts = starts
    self.middles = middles
    self.ends = ends
    self.images = images
    self.width = width
  }
}

/// The lit pixels by pairs of columns, as the gradient reads them: pair `j` owns `counts[j]` entries from `j · capacity` on, in
/// the order of the images.
package struct ColumnPairs {
  /// An entry of twelve bytes in one piece, so that the ends of all lists, the places of the next entries, fit the level-1 cache.
  package struct Entry {
    @usableFromInline package let even: Float
    @usableFromInline package let odd: Float
    @usableFromInline package let image: UInt32
    // One is made for each entry of each batch: a function call would cost more than the rest.
    @inlinable package init(even: Float, odd: Float, image: UInt32) {
      self.even = even
      self.odd = odd
      self.image = image
    }
  }

  package let entries: UnsafeMutablePointer<Entry>
  package let counts: UnsafeMutablePointer<Int>
  package let capacity: Int

  package init(entries: UnsafeMutablePointer<Entry>, counts: UnsafeMutablePointer<Int>, capacity: Int) {
    self.entries = entries
    self.counts = counts
    self.capacity = capacity
  }
}

/// A call that sorts a batch's pixels into column pairs.
package struct PixelArrangement {
  package let entries: PixelEntries
  package let pairs: ColumnPairs
  package init(_ entries: PixelEntries, into pairs: ColumnPairs) {
    self.entries = entries
    self.pairs = pairs
  }
}

/// A call that computes `output = bias + pixels · weights`, then `max(·, 0)` if it rectifies.
package struct PixelProduct {
  package let entries: PixelEntries
  /// Address of the first weight.
  package let weights: UnsafePointer<Float>
  package let layout: PanelLayout
  package let bias: UnsafePointer<Float>?
  package let rectifies: Bool
  package let output: WritableRows

  package init(
    _ entries: PixelEntries, weights: UnsafePointer<Float>, layout: PanelLayout, bias: UnsafePointer<Float>?,
    rectifies: Bool, output: WritableRows
  ) {
    self.entries = entries
    self.weights = weights
    self.layout = layout
    self.bias = bias
    self.rectifies = rectifies
    self.output = output
  }
}

/// A call that computes `output = bias + left · weights`: [rows × k] · [k × n], then `max(·, 0)` if it rectifies, or zero
/// wherever `mask` is not positive (the derivative of a rectifier whose output is `mask`).
package struct Product {
  package let left: Rows
  package let rows: Int
  /// Address of the first weight.
  package let weights: UnsafePointer<Float>
  package let layout: PanelLayout
  package let bias: UnsafePointer<Float>?
  package let rectifies: Bool
  package let mask: Rows?
  package let output: WritableRows

  package init(
    _ left: Rows, rows: Int, weights: UnsafePointer<Float>, layout: PanelLayout, bias: UnsafePointer<Float>?,
    rectifies: Bool, mask: Rows?, output: WritableRows
  ) {
    self.left = left
    self.rows = rows
    self.weights = weights
    self.layout = layout
    self.bias = bias
    self.rectifies = rectifies
    self.mask = mask
    self.output = output
  }
}

/// A call for the softmax of each row of logits; with labels, for the loss and its gradient instead.
package struct SoftmaxRows {
  package let logits: Rows
  package let rows: Int
  package let classes: Int
  package let output: WritableRows
  package let crossEntropy: CrossEntropy?

  /// Labels and scales that turn probabilities into a loss and its gradient.
  package struct CrossEntropy {
    package let labels: UnsafePointer<Int>
    /// The part of the target that is the same for every class; 0 for none.
    package let smoothing: Float
    package let gradientScale: Float
    package let losses: UnsafeMutablePointer<Float>
    package init(
      labels: UnsafePointer<Int>, smoothing: Float, gradientScale: Float, losses: UnsafeMutablePointer<Float>
    ) {
      self.labels = labels
      self.smoothing = smoothing
      self.gradientScale = gradientScale
      self.losses = losses
    }
  }

  package init(_ logits: Rows, rows: Int, classes: Int, output: WritableRows, crossEntropy: CrossEntropy?) {
    self.logits = logits
    self.rows = rows
    self.classes = classes
    self.output = output
    self.crossEntropy = crossEntropy
  }
}

/// A gradient of the parameters at `layout`, and its destination.
package struct GradientCall {
  package enum Factors {
    /// `leftᵀ · right` over the first `rows` rows.
    case dense(left: Rows, right: Rows, rows: Int)
    /// `pixelsᵀ · outputGradient` of a layer with more than 16 outputs.
    case columnPairs(ColumnPairs, outputGradient: Rows)
    /// `pixelsᵀ · outputGradient` of a layer with at most 16 outputs, by way of `scratch`, one vector for each pixel.
    case pixels(PixelEntries, outputGradient: Rows, scratch: UnsafeMutablePointer<Float>)
    /// The sum of the first `rows` rows.
    case columnSums(Rows, rows: Int)
    /// The gradient of a convolution's weights. Only ever added to a sum, image by image.
    case convolution(ConvolutionGradient)
    /// The gradient of a depthwise convolution's weights.
    case depthwise(ConvolutionGradient)
  }

  package let factors: Factors
  package let layout: PanelLayout
  package let destination: Destination

  package init(_ factors: Factors, layout: PanelLayout, destination: Destination) {
    self.factors = factors
    self.layout = layout
    self.destination = destination
  }

  /// The destination of a gradient. The addresses are the starts of whole blocks; `layout.offset` is added to them.
  package enum Destination {
    /// Added to a block of gradients.
    case sum(UnsafeMutablePointer<Float>)
    /// Used at once, while it is in registers, which saves a pass over memory.
    case step(UpdateStep, ParameterBlocks)
  }
}

/// The blocks that an optimizer's step reads and writes.
package struct ParameterBlocks {
  package let weights: UnsafeMutablePointer<Float>
  /// SGD's velocity or Adam's mean.
  package let first: UnsafeMutablePointer<Float>
  /// Adam's mean of squared gradients.
  package let second: UnsafeMutablePointer<Float>

  package init(
    weights: UnsafeMutablePointer<Float>, first: UnsafeMutablePointer<Float>, second: UnsafeMutablePointer<Float>
  ) {
    self.weights = weights
    self.first = first
    self.second = second
  }
}

/// Work that measures the core instead of a kernel. Its result goes to `result`, so that no compiler leaves it out.
package enum Probe {
  /// `rounds` times twelve (AVX-512) or six vectors of 16 fused multiply-adds with as many of 16 different `factors`.
  case multiplyAdds(factors: UnsafePointer<Float>, rounds: Int, result: UnsafeMutablePointer<Float>)
  /// Reads `count` floats `rounds` times.
  case reading(UnsafePointer<Float>, count: Int, rounds: Int, result: UnsafeMutablePointer<Float>)
}

/// The step of an optimizer along a gradient that was summed in memory.
package struct ParameterMove {
  package let layout: PanelLayout
  package let gradient: UnsafePointer<Float>
  package let step: UpdateStep
  package let blocks: ParameterBlocks

  package init(layout: PanelLayout, along gradient: UnsafePointer<Float>, step: UpdateStep, blocks: ParameterBlocks) {
    self.layout = layout
    self.gradient = gradient
    self.step = step
    self.blocks = blocks
  }
}
