import CGraftProcessor
import Foundation
import GraftKernelCalls
import GraftKernels

#if arch(x86_64)
  import GraftKernelsAVX512
#endif

/// A build of the kernels for one kind of processor. All builds give the same bits on one system; on Apple's systems large dense
/// products are Accelerate's and equal within rounding.
package enum Processor: String, Sendable, CaseIterable {
  /// AVX2 with fused multiply-add on x86-64, NEON on arm64.
  case portable
  /// AVX-512 as of x86-64-v4.
  case avx512

  /// The build in use, chosen at the first access. `GRAFT_KERNELS=portable` excludes AVX-512.
  package static let current: Processor = asked == portable.rawValue || !avx512.isAvailable ? .portable : .avx512

  /// The reason in words why this process cannot run here; nil if it can. A program checks it before it computes anything.
  package static var problem: String? {
    if !portable.isAvailable {
      return "this processor has no AVX2 with fused multiply-add (x86-64-v3), which graft needs"
    }
    guard let asked, !asked.isEmpty else { return nil }
    guard let processor = Processor(rawValue: asked) else {
      return "GRAFT_KERNELS is '\(asked)'; it may be \(allCases.map(\.rawValue).joined(separator: " or "))"
    }
    return processor.isAvailable ? nil : "GRAFT_KERNELS is '\(asked)', which this processor cannot run"
  }

  private static var asked: String? { ProcessInfo.processInfo.environment["GRAFT_KERNELS"] }

  /// Whether this machine can run the build.
  package var isAvailable: Bool {
    switch self {
    case .portable:
      #if arch(x86_64)
        processor_has_avx2() != 0
      #else
        true
      #endif
    case .avx512: processor_has_avx512() != 0
    }
  }

  /// The instruction set that the build uses, for records.
  package var instructions: String {
    switch self {
    case .portable:
      #if arch(x86_64)
        "AVX2"
      #else
        "NEON"
      #endif
    case .avx512: "AVX-512"
    }
  }

  /// The function that runs a kernel call in this build. Numbers below 1e-38 count as zero inside a call.
  package var perform: KernelCall.Performer {
    #if arch(x86_64)
      if self == .avx512 {
        return { call, part, parts in
          let mode = processor_flush_denormals()
          GraftKernelsAVX512.perform(call, part, parts)
          processor_restore(mode)
        }
      }
    #endif
    return { call, part, parts in
      let mode = processor_flush_denormals()
      GraftKernels.perform(call, part, parts)
      processor_restore(mode)
    }
  }
}
