/// One step of an optimizer with its numbers computed, for the kernels to apply to each vector of parameters.
package enum UpdateStep: Sendable {
  case sgd(SGDStep)
  case adam(AdamStep)
}

/// Stochastic gradient descent with momentum as PyTorch's `torch.optim.SGD` (no dampening):
/// `g += weightDecay · w; v = momentum · v + g; w -= learningRate · v` (with Nesterov: `… · (g + momentum · v)`).
///
/// Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep learning", ICML 2013;
/// PyTorch's form keeps the learning rate out of the velocity.
package struct SGDStep: Sendable {
  package let learningRate: Float
  package let momentum: Float
  package let weightDecay: Float
  package let nesterov: Bool

  package init(learningRate: Float, momentum: Float, weightDecay: Float, nesterov: Bool) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.nesterov = nesterov
  }
}

/// Adam (Kingma and Ba, ICLR 2015, algorithm 1) as PyTorch's `torch.optim.Adam`; with `decoupled` weight decay it is AdamW
/// (Loshchilov and Hutter, ICLR 2019).
package struct AdamStep: Sendable {
  package let beta2: Float
  /// 1 - beta1 and 1 - beta2, subtracted in Double: 1 - Float(0.999) is off by 1e-5 of itself.
  package let meanShare: Float
  package let squareShare: Float
  package let epsilon: Float
  /// Step size, learningRate / (1 - beta1ᵗ).
  package let stepSize: Float
  /// Scale of the root of the mean square, 1 / √(1 - beta2ᵗ).
  package let squareScale: Float
  /// Coupled weight decay, added to the gradient.
  package let weightDecay: Float
  /// Factor by which the weights are multiplied first (decoupled weight decay): 1 - learningRate · weightDecay, or 1.
  package let shrinkage: Float

  /// The step of one update.
  ///
  /// - Parameter step: The paper's t, 1 for the first update.
  package init(
    learningRate: Double, beta1: Double, beta2: Double, epsilon: Double, weightDecay: Double, decoupled: Bool, step: Int
  ) {
    self.beta2 = Float(beta2)
    meanShare = Float(1 - beta1)
    squareShare = Float(1 - beta2)
    self.epsilon = Float(epsilon)
    stepSize = Float(learningRate / (1 - AdamStep.power(beta1, step)))
    squareScale = Float(1 / (1 - AdamStep.power(beta2, step)).squareRoot())
    self.weightDecay = decoupled ? 0 : Float(weightDecay)
    shrinkage = decoupled ? Float(1 - learningRate * weightDecay) : 1
  }

  /// The power by repeated squaring, which needs no C library.
  static func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
