import GraftStatistics
import GraftTraining

extension StudyRow {
  /// The calibrations, one per seed; empty if any seed lacks one.
  package var calibrations: [Calibration] {
    let own = records.compactMap(\.outcome.diagnosis.calibration)
    return own.count == records.count ? own : []
  }

  /// The expected calibration errors in percent, one per seed; nil if nothing was measured. `isScaled`: after
  /// temperature scaling.
  package func calibrationError(isScaled: Bool) -> Sample? {
    let own = calibrations
    if own.isEmpty { return nil }
    return Sample(own.map { 100 * (isScaled ? $0.after : $0.before).expectedCalibrationError })
  }

  /// The temperatures, one per seed; nil if nothing was measured.
  package var temperatures: Sample? {
    let own = calibrations
    return own.isEmpty ? nil : Sample(own.map(\.temperature))
  }

  /// The probabilities of all seeds in the same bins; nil if nothing was measured.
  package func reliability(isScaled: Bool) -> Reliability? {
    let own = calibrations.map { isScaled ? $0.after : $0.before }
    guard let first = own.first else { return nil }
    return own.dropFirst().reduce(first, +)
  }
}
