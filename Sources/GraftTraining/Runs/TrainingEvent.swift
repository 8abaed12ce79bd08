import GraftData
import GraftNetworks

/// News of a running training, for whoever shows progress.
public enum TrainingEvent: Sendable {
  /// A head was computed to its optimum; the text says how.
  case solvedHead(String)
  /// A training that keeps its state on disk begins.
  case kept(Continuation)
  /// The training is about to begin: its plan, its images, and the same as examples.
  case planned(TransferPlan, Dataset, Examples)
  case began(label: String, epochs: Int)
  /// An epoch is done: the model as it is now, averaged if the training averages its weights, and the learning rate of the last step.
  case advanced(label: String, epochs: Int, record: EpochRecord, model: Model, learningRate: Double)
  /// The state of the training is about to be written. What a listener wrote of earlier epochs must be on the medium before, or a power cut
  /// leaves a state that has more epochs than the listener's file.
  case keeping
  case ended(label: String)

  /// The beginning of a training that keeps its state on disk.
  public enum Continuation: Sendable, Hashable {
    /// It goes on after so many epochs.
    case resumed(epochs: Int)
    /// No state was found to continue from.
    case nothingToResume
    /// A state was found and dropped; the training begins anew.
    case dropped(path: String)
    /// Its checkpoint was there already.
    case wasFinished(path: String)
  }
}
