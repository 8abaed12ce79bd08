import Foundation
import GraftNetworks

/// A reason why a training does not speak for its method: more training would have ended elsewhere.
package enum Convergence: Sendable, Hashable {
  /// Fewer updates than a study gives.
  case fewSteps(Int, least: Int)
  /// The training loss was still falling at the end: by this share over the last tenth of the epochs.
  case stillFalling(Double)
  /// The training loss is no better than the loss of guessing.
  case nothingLearnt(loss: Double, guessing: Double)

  /// Largest loss at which the training images count as learnt, whether or not it still falls.
  private static let learntLoss = 0.05
  /// Largest fall that is no more than the effect of batches in another order.
  private static let smallFall = 0.05
  /// Share of the loss of guessing above which nothing counts as learnt.
  private static let guessingShare = 0.9

  /// The reason against a training; nil if there is none.
  ///
  /// A schedule that brings the learning rate to zero ends a training by itself, so the fall of the loss is checked only for
  /// other schedules.
  ///
  /// - Parameters:
  ///   - losses: Mean training loss of each epoch, in nats; empty if it is not known.
  ///   - steps: Updates in all.
  ///   - classCount: Outputs that are trained.
  package static func problem(
    losses: [Double], steps: Int, leastSteps: Int, schedule: LearningRateSchedule, classCount: Int
  ) -> Convergence? {
    guard steps >= leastSteps else { return .fewSteps(steps, least: leastSteps) }
    guard let last = losses.last else { return nil }
    let guessing = log(Double(max(classCount, 2)))
    if last >= guessingShare * guessing { return .nothingLearnt(loss: last, guessing: guessing) }
    switch schedule.shape {
    case .cosine, .oneCycle: return nil
    case .constant, .step: break
    }
    let tenth = max(1, losses.count / 10)
    let end = mean(losses.suffix(tenth))
    guard end > learntLoss else { return nil }
    guard losses.count >= 2 * tenth else { return .stillFalling(1) }
    let fall = 1 - end / mean(losses.dropLast(tenth).suffix(tenth))
    return fall > smallFall ? .stillFalling(fall) : nil
  }

  private static func mean(_ values: ArraySlice<Double>) -> Double {
    values.reduce(0, +) / Double(max(values.count, 1))
  }
}
