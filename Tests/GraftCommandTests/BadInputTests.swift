import Foundation
import GraftFiles
import Testing

@Suite("Bad input gets one line and the right exit code")
struct BadInputTests {
  struct Case: CustomTestStringConvertible {
    let arguments: [String]
    let code: Int32
    let contains: String
    var testDescription: String { arguments.joined(separator: " ") }

    init(_ arguments: String, _ code: Int32, _ contains: String) {
      self.arguments = arguments.split(separator: " ").map(String.init)
      self.code = code
      self.contains = contains
    }
  }

  static let usage = [
    Case("reproduce --seeds 0", 64, "from 1 to 1000"),
    Case("reproduce --seeds nan", 64, "from 1 to 1000"),
    Case("reproduce --check --epochs 3", 64, "--check needs the study's epochs"),
    Case("reproduce --variant fortran", 64, "fortran"),
    Case("reproduce --threads -1", 64, "from 1 to 1024"),
    Case("reproduce --data-dirr x", 64, "--data-dirr"),
    Case("train --out x --epochs 0", 64, "from 1 to 100000"),
    Case("train --out x --learning-rate nan", 64, "greater than 0"),
    Case("train --out x --learning-rate inf", 64, "greater than 0"),
    Case("train --out x --recipe fast", 64, "fast"),
    Case("train --out x --recipe quick --optimizer adam --nesterov", 64, "--nesterov and --optimizer adam exclude"),
    Case("bench netwrk-epoch", 64, "did you mean network-epoch?"), Case("bench --rounds 0", 64, "from 1 to 1000"),
    Case("bench scaling softmax", 64, "scaling runs alone"), Case("bench --images 1000", 64, "needs the task scaling"),
    Case("bench scaling --images 5", 64, "from 100 to 10000000"),
    Case("train --out x --momentum 1", 64, "from 0.0 to less than 1.0"),
    Case("train --out x --fraction 1.5", 64, "at most 1.0"),
    Case("train --out x --seed -1", 64, "from 0 to"),
    Case("train --out x --fraction 0.5 --per-class 3", 64, "exclude each other"),
    Case("train --out x --optimizer adam --momentum 0.5", 64, "--momentum and --optimizer adam exclude each other"),
    Case("train --out x --augment turn=3", 64, "there is no effect 'turn'"),
    Case("train --out x --augment rotate", 64, "rotate has no number (try rotate=15)"),
    Case("transfer --from y --classes odd --out x --augment shift=-1", 64, "shift=-1 is not a number from 0 to 1000"),
    Case("train --out x --label-smoothing 1", 64, "from 0.0 to less than 1.0"),
    Case("train --out x --label-smoothing -0.1", 64, "from 0.0 to less than 1.0"),
    Case("train --out x --average-weights 1", 64, "from 0.0 to less than 1.0"),
    Case("transfer --from y --classes odd --out x --average-weights nan", 64, "from 0.0 to less than 1.0"),
    Case("train", 64, "--out"), Case("report nothing-here", 66, "no folder of results, no checkpoint, and not the id"),
    Case("report /etc", 66, "has neither reproduction.json nor study.json"),
    Case("report /etc/hostname", 65, "/etc/hostname"),
    Case("report /etc/hostname --out /etc/hostname", 64, "which would be lost"),
    Case("train --out x --seeds 3 --report y", 64, "--report and --seeds exclude each other"),
    Case("train --out x --report x", 64, "--report is the file of --out, which would be lost: x"),
    Case("train --out x --store ./x", 64, "--out is the file of --store, which would be lost: x"),
    Case("train --out x --seeds 2 --store x-seed-1", 64, "--out is the file of --store"),
    Case("transfer --from ./y --classes odd --out y", 64, "--out is the file of --from, which would be lost: y"),
    Case("evaluate ./y --out y", 64, "--out is the file of the checkpoint, which would be lost: y"),
    Case("evaluate x --out y --predictions ./y", 64, "--predictions is the file of --out"),
    Case("evaluate x --with ./x", 64, "--with ./x: that checkpoint is among them already"),
    Case("study --store runs/study.json --out runs", 64, "--out is the file of --store"),
    Case("train --out x --data synthetic --classes 3", 64, "one class is nothing to tell apart"),
    Case("study --data synthetic --target 3", 64, "synthetic:3 is one class, which is nothing to tell apart"),
    Case("train --out x --model softmax --dropout 0.5", 64, "a softmax model has none"),
    Case("train --out x --map-dropout 0.5", 64, "--map-dropout drops pixels of pooled maps"),
    Case(
      "train --out x --data synthetic --model cnn:512c3p1b-512c3p1b-512c3p1b-16 --batch-size 1000000", 64,
      "choose a smaller batch"),
    Case("trian --out x", 64, "there is no command 'trian'; did you mean train?"),
    Case("runs list --kind foo", 64, "source, rehearsal"),
    Case("data fetch synthetic", 64, "synthetic is made in memory"),
    Case("data verify nothing", 64, "'nothing' is no data set with published files; known are mnist, fashion-mnist"),
    Case("train --out x --config a --config b", 64, "--config can be given once"),
    Case("train --out x --model cnn", 64, "unknown model 'cnn'"),
    Case("train --out x --model mlp:0", 64, "'0' is not a number of units"),
    Case("fly", 64, "fly"),
    Case("evaluate", 64, "file"),
  ]

  @Test("on the command line", arguments: BadInputTests.usage)
  func refusesCommandLine(example: Case) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let result = try Program.run(example.arguments, in: folder.path)
    #expect(result.code == example.code)
    #expect(result.output.isEmpty)
    #expect(result.errorLines.count == 1, "\(result.errors)")
    #expect(result.errors.hasPrefix("graft: error: "))
    #expect(result.errors.contains(example.contains), "\(result.errors)")
    #expect(try folder.names.isEmpty)
  }

  @Test("a data folder without data exits 66, and nothing is written")
  func missingData() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let result = try Program.run(["reproduce", "--data-dir", folder.path, "--out", folder.file("results")])
    #expect(result.code == 66)
    #expect(result.errorLines.count == 1, "\(result.errors)")
    #expect(result.errors.contains("train-images"), "\(result.errors)")
    #expect(!folder.exists("results"))
  }

  @Test("an environment that names no home for data exits 69, and the flag that helps is named")
  func noHome() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let result = try Program.run(["data", "show", "mnist"], environment: ["HOME": ""], in: folder.path)
    #expect(result.code == 69)
    #expect(result.errorLines.count == 1, "\(result.errors)")
    #expect(
      result.errors.hasSuffix(
        "says where to keep it: name a --data-dir; the built-in digits need no network: synthetic\n"),
      "\(result.errors)")
  }

  @Test("GRAFT_DATA that lacks the data exits 66")
  func missingEnvironmentData() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let result = try Program.run(["evaluate", "x"], environment: ["GRAFT_DATA": folder.path])
    #expect(result.code == 66)
    #expect(result.errorLines.count == 1)
  }

  @Test("damaged images exit 65 and name file and byte")
  func damagedImages() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path)
    let path = folder.file("t10k-images-idx3-ubyte")
    let bytes = try readFile(at: path)
    try AtomicFile.write(Array(bytes.dropLast()), to: path)
    let result = try Program.run(["train", "--data", folder.path, "--out", folder.file("model.safetensors")])
    #expect(result.code == 65)
    #expect(result.errorLines.count == 1)
    #expect(result.errors.contains("t10k-images-idx3-ubyte: byte"), "\(result.errors)")
    #expect(!folder.exists("model.safetensors"))
  }

  @Test("more images per class than there are exit 64, an unknown class too")
  func impossibleShares() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path)
    let model = folder.file("model.safetensors")
    let greedy = try Program.run(["train", "--data", folder.path, "--per-class", "41", "--out", model])
    #expect(greedy.code == 64)
    #expect(greedy.errors.contains("class 0 has 40"), "\(greedy.errors)")
    let unknown = try Program.run(["train", "--data", folder.path, "--classes", "7-10", "--out", model])
    #expect(unknown.code == 64)
    #expect(unknown.errors.contains("there is no class 10"), "\(unknown.errors)")
    #expect(!folder.exists("model.safetensors"))
  }

  @Test("a checkpoint that is none exits 65, one that is missing 66")
  func badCheckpoints() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try AtomicFile.write(text: "PK\u{3}\u{4} and so on", to: folder.file("model.pt"))
    let pickle = try Program.run(["evaluate", folder.file("model.pt")])
    #expect(pickle.code == 65)
    #expect(pickle.errorLines.count == 1)
    #expect(pickle.errors.contains("model.pt"), "\(pickle.errors)")
    let missing = try Program.run(["evaluate", folder.file("none.safetensors")])
    #expect(missing.code == 66)
    #expect(missing.errors.contains("none.safetensors: cannot read: No such file or directory"), "\(missing.errors)")
  }

  @Test("a diverging training exits 1, says where, and writes no checkpoint")
  func divergence() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path)
    let result = try Program.run([
      "train", "--data", folder.path, "--recipe", "study", "--learning-rate", "1e6", "--epochs", "20", "--quiet",
      "--out",
      folder.file("model.safetensors"),
    ])
    #expect(result.code == 1)
    #expect(result.errorLines.count == 1)
    #expect(result.errors.contains("diverged in epoch"), "\(result.errors)")
    #expect(result.errors.contains("learning rate 1000000.0"), "\(result.errors)")
    #expect(!folder.exists("model.safetensors"))
  }

  @Test("an output that cannot be created exits 73")
  func badOutput() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try TinyDigits.write(to: folder.path)
    try AtomicFile.write(text: "in the way", to: folder.file("file"))
    let result = try Program.run([
      "train", "--data", folder.path, "--epochs", "1", "--quiet", "--out", folder.file("file/model.safetensors"),
    ])
    #expect(result.code == 73, "\(result.errors)")
    #expect(result.errorLines.count == 1)
  }
}
