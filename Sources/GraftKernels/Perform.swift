import GraftKernelCalls

/// Does `part` of `parts` of a call: the only entry to this build of the kernels.
///
/// This folder is compiled twice, as `GraftKernels` (AVX2; NEON on arm64) and, through a symbolic link, as `GraftKernelsAVX512`.
/// Nothing in it is generic on the outside or inlined into other modules, so no AVX-512 instruction can leave its build.
@inline(never)
package func perform(_ call: KernelCall, _ part: Int, _ parts: Int) {
  switch call {
  case .arrangePixels(let call): arrangePixels(call, part, parts)
  case .pixelProduct(let call): pixelProduct(call, part, parts)
  case .product(let call): product(call, part, parts)
  case .transposedProduct(let call): transposedProduct(call, part, parts)
  case .softmax(let call): softmax(call, part, parts)
  case .gram(let call): gram(call, part, parts)
  case .gradient(let call): gradient(call, part, parts)
  case .move(let call): move(call, part, parts)
  case .convolution(let call): convolution(call, part, parts)
  case .convolutionSpread(let call): convolutionSpread(call, part, parts)
  case .winograd(let call): winogradConvolution(call, part, parts)
  case .winogradGradient(let call): winogradGradient(call, part, parts)
  case .pointwise(let call): pointwiseConvolution(call, part, parts)
  case .depthwise(let call): depthwiseConvolution(call, part, parts)
  case .depthwiseSpread(let call): depthwiseSpread(call, part, parts)
  case .addition(let call): mapAddition(call, part, parts)
  case .activation(let call): activation(call, part, parts)
  case .activationGradient(let call): activationGradient(call, part, parts)
  case .dropout(let call): dropout(call, part, parts)
  case .moments(let call): moments(call, part, parts)
  case .normalizationGradient(let call): normalizationGradient(call, part, parts)
  case .probe(let call): if part == 0 { probe(call) }
  }
}

/// The `part`-th of `parts` nearly equal pieces of `0..<count`, each beginning at a multiple of `grain`.
@inline(__always)
func share(of count: Int, _ part: Int, _ parts: Int, grain: Int = 1) -> Range<Int> {
  if parts == 1 { return 0..<count }
  let grains = (count + grain - 1) / grain
  return min(grains * part / parts * grain, count)..<min(grains * (part + 1) / parts * grain, count)
}
