import Foundation
import GraftNetworks

/// A reason why a training does not speak for its method: more of the same would have ended elsewhere.
public enum Convergence: Sendable, Hashable {
  /// Fewer updates than a study gives.
  case fewSteps(Int, least: Int)
  /// The training loss was still falling at the end: by this share over the last tenth of the epochs.
  case stillFalling(Double)
  /// The training loss is no better than that of guessing.
  case nothingLearnt(loss: Double, guessing: Double)

  /// A loss so small that the training images are learnt, whether or not it still falls.
  private static let learntLoss = 0.05
  /// A fall that is no more than what batches in another order do.
  private static let smallFall = 0.05
  /// Of the loss of guessing.
  private static let guessingShare = 0.9

  /// The reason against a training; nil if there is none.
  ///
  /// A schedule that brings the learning rate to zero ends a training by itself, so the fall of the loss is asked of the others
  /// only.
  ///
  /// - Parameters:
  ///   - losses: Mean training loss of each epoch, in nats; empty if it is not known.
  ///   - steps: Updates in all.
  ///   - classCount: Outputs that are trained.
  public static func problem(
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
