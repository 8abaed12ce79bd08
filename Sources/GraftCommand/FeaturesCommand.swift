import ArgumentParser
import GraftData
import GraftExports
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining

struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Write what a model's body makes of images, for other programs.",
    discussion: """
      Writes NumPy arrays: x_train and x_test with a row of features for each image, which is what the head reads, and y_train and \
      y_test with their classes' numbers.

      Examples:
        graft features even.safetensors --classes odd --out features.npz
        graft features lite0.safetensors --data photos --out features.npz
        python -c "import numpy; print(numpy.load('features.npz')['x_train'].shape)"
      """)

  @Argument(help: ArgumentHelp("The checkpoint.", valueName: "file"))
  var file: String

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "A known data set, \(DatasetFormats.titles) (default: what it was trained on).", valueName: "name|folder"))
  var dataName: String?

  @Option(
    help: ArgumentHelp("The classes whose images are read: even, odd, all, a list or a range.", valueName: "classes"))
  var classes = "all"

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
  var out = "features.npz"

  @OptionGroup var data: DataOptions
  @OptionGroup var common: RunOptions

  func run() throws {
    var files = OutputFiles()
    files.reads("the checkpoint", file)
    try files.writes("--out", out)
    try AtomicFile.checkWritable(out, createFolders: true)
    let checkpoint = try Checkpoint(contentsOf: file)
    // Other data than the model's may have other classes; its own has the model's.
    let loaded =
      if let dataName {
        try data.load(dataName, isQuiet: common.quiet, threads: common.threads, for: checkpoint)
      } else {
        try data.load(nil, for: checkpoint, common)
      }
    let pair = loaded.pair
    try checkpoint.checkShape(of: pair.train, path: file)
    let selection = try ClassSelection(parsing: classes, of: pair.train.classNames)
    var archive = FeatureArchive()
    var images: [Int] = []
    var width = 0
    for (part, dataset) in [("train", pair.train), ("test", pair.test)] {
      let chosen = dataset.selecting(selection)
      let features = checkpoint.model.bodyFeatures(
        of: checkpoint.normalization.rows(chosen.rows), team: Team(size: common.threads))
      try archive.add(part, features, labels: chosen.labels)
      images.append(chosen.count)
      width = features.columns
    }
    let bytes = try archive.encoded(checkpoint, data: pair.train.name, classNames: pair.train.classNames)
    try AtomicFile.write(bytes, to: out, createFolders: true)
    if common.json {
      let json: JSON = [
        "schema_version": 1, "path": .string(out), "bytes": .integer(bytes.count), "features": .integer(width),
        "train_images": .integer(images[0]), "test_images": .integer(images[1]),
      ]
      Output.write(json.text(.pretty) + "\n")
    } else {
      Output.write(
        "written to \(singleLine(out)): \(grouped(width)) features of \(grouped(images[0])) training and "
          + "\(grouped(images[1])) test images\n")
    }
  }
}
