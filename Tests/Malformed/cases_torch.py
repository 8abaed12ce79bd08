"""Files of torch.save: pickles that are read without running anything, in a zip archive and in the older stream."""

from corpus import BAD_DATA, IMPORT, Case, Run, refused
from formats import TORCH_MAGIC, floats, name, number, numbers, opened, state_dict, storage, tensor, text, torch_stream, torch_zip, zip_file


def cases(base):
    def case(mutation, content, expected, file="some.pth"):
        return Case(f"torch/{mutation}", {file: content}, refused(BAD_DATA, expected, "{in}/" + file, IMPORT))

    def both(mutation, pickle, expected, **more):
        """A pickle in both forms."""
        yield case(f"{mutation}", torch_zip(pickle, **more), expected)
        yield case(f"{mutation}-in-a-stream", torch_stream(pickle), expected)

    # What a pickle may not name or do.
    hostile = {
        "os-system": name("posix", "system") + b"(" + text("touch pwned") + b"tR",
        "builtins-eval": name("builtins", "eval") + b"(" + text("1") + b"tR",
        "builtins-exec-python-2": name("__builtin__", "execfile") + b"(" + text("x") + b"tR",
        "subprocess": name("subprocess", "Popen") + b"(" + text("touch pwned") + b"tR",
        "torch-load": name("torch", "load") + b"(" + text("x") + b"tR",
        "torch-hub": name("torch.hub", "load") + b"(" + text("x") + b"tR",
        "numpy": name("numpy.core.multiarray", "_reconstruct") + b"(" + text("x") + b"tR",
        "module": name("torch.nn.modules.linear", "Linear") + b")\x81",
        "resnet": name("torchvision.models.resnet", "ResNet") + b")\x81",
        "collections-namedtuple": name("collections", "namedtuple") + b"(" + text("x") + b"tR",
        "functools-partial": name("functools", "partial") + b")\x81",
        "getattr": name("builtins", "getattr") + b"(" + text("a") + text("b") + b"tR",
        "stack-global": text("os") + text("system") + b"\x93(" + text("x") + b"tR",
        "complex-storage": name("torch", "ComplexFloatStorage"),
        "long-name": name("os", "a" * 200),
    }
    for mutation, instructions in hostile.items():
        expected = r"byte \d+.*: (the file asks for '.*', which no state dict needs: nothing of it is run|expected tensors of real numbers)"
        yield from both(f"hostile-{mutation}", state_dict(("fc.weight", tensor()), ("x", instructions)), expected)
    for opcode, byte in [("inst", b"i"), ("obj", b"o"), ("newobj-ex", b"\x92"), ("ext1", b"\x82\1"), ("ext4", b"\x84\1\0\0\0"), ("persid", b"P1\n"), ("float", b"F1.0\n"), ("int", b"I1\n"), ("long", b"L1L\n"), ("long4", b"\x8b\1\0\0\0\1"), ("dup", b"2"), ("pop", b"0"), ("bytearray", b"\x96" + bytes(8)), ("buffer", b"\x97"), ("frozenset", b"\x91"), ("unknown", b"\xfe")]:
        yield case(f"instruction-{opcode}", torch_zip(b"\x80\2N" + byte + b"."), r"byte 3 .*: the pickle has the instruction 0x[0-9a-f]{2}, which no state dict needs")

    # Pickles that break off or do not hang together.
    whole = state_dict()
    for size in [0, 1, 2, 3, 10, 30, 60, len(whole) - 1]:
        yield case(f"pickle-cut-{size}", torch_zip(whole[:size]), r"byte \d+ .*: expected ")
    yield case("pickle-goes-on", torch_zip(whole + b"N."), rf"byte {len(whole)} .*: expected the end of the pickle, found 2 bytes more")
    for protocol in [0, 1, 6, 255]:
        yield case(f"protocol-{protocol}", torch_zip(b"\x80" + bytes([protocol]) + whole[2:]), f"byte 0 .*: expected a pickle of protocol 2 to 5, found {protocol}")
    yield case("protocol-missing", torch_zip(whole[2:]), "byte 0 .*: expected a pickle of protocol 2 to 5, found other bytes")
    yield case("frame-lies", torch_zip(b"\x80\4\x95" + b"\xff" * 8 + whole[2:]), "byte 2 .*: expected a frame of 18446744073709551615 bytes")
    for mutation, instructions, expected in [
        ("stack-empty", b".", "expected one value at the end of the pickle, found 0"), ("two-values", b"NN.", "expected one value at the end of the pickle, found 2"), ("mark-left", b"N(.", "expected one value at the end of the pickle"),
        ("mark-missing", b"Nt.", "the pickle takes values up to a mark that is not there"), ("memo-missing", b"h\7.", "the pickle takes memo 7, which is not there"), ("memo-of-nothing", b"q\1.", "the pickle takes a value that is not there"),
        ("take-too-much", b"N\x86.", "the pickle takes a value that is not there"), ("append-to-none", b"NNa.", "expected a list to append to, found None"), ("set-on-a-list", b"](" + text("a") + b"Nu.", "expected a dictionary to add to, found a list"),
        ("key-without-value", b"}(" + text("a") + b"u.", "the pickle sets a key without a value"), ("key-is-a-list", b"}(]Nu.", "expected the key of a dictionary, found a list"), ("call-none", b"N)R.", "expected a function to call, found None"),
        ("call-without-tuple", name("collections", "OrderedDict") + b"NR.", "expected a tuple of arguments for 'collections.OrderedDict', found None"), ("call-a-type", name("torch", "float32") + b")R.", "the file calls 'torch.float32', which no state dict does"),
        ("state-for-none", b"N}b.", "the file gives a dictionary as state to None, which no state dict does"), ("text-length", b"X\xff\xff\xff\xff.", "expected 4294967295 bytes for a text"), ("text-length-negative", b"T\xff\xff\xff\xff.", "expected the length of a text, found -1"),
        ("text-not-utf-8", b"X\2\0\0\0\xff\xfe.", "expected text in UTF-8"), ("name-without-end", b"c" + b"a" * 300, "expected a name of at most 256 bytes and the end of its line"), ("name-not-utf-8", b"c\xff\nx\n.", "expected text in UTF-8"),
        ("deep", b"(" * 2000 + b".", "containers are nested deeper than 1000"), ("wide", b"N" * 70_000 + b".", "the pickle piles up more than 65536 values"),
        ("is-none", b"N.", "expected a dictionary of tensors, found None"), ("is-a-number", b"K\1.", "expected a dictionary of tensors, found a number"), ("is-a-list", b"].", "expected a dictionary of tensors, found a list"), ("is-a-tensor", tensor() + b".", "expected a dictionary of tensors, found a tensor"),
        ("is-an-empty-dictionary", b"}.", "expected a dictionary of tensors, found a dictionary without any"), ("only-numbers", b"}(" + text("epoch") + b"K\7u.", "expected a dictionary of tensors, found a dictionary without any"),
    ]:
        yield case(f"pickle-{mutation}", torch_zip(b"\x80\2" + instructions), rf"(byte \d+ |data.pkl|some.pth: ).*{expected}")
    bomb = b"\x80\2" + b"]q\0" + b"".join(b"](" + bytes([0x68, place]) * 20 + b"e" + bytes([0x71, place + 1]) for place in range(60)) + b"."
    yield case("pickle-of-many-references", torch_zip(bomb), "expected one value at the end|steps allowed")
    loops = b"\x80\2" + b"}q\0(" + text("a") + b"h\0u."
    yield case("dictionary-in-itself", torch_zip(loops), "dictionaries are nested deeper than 32")
    branching = b"\x80\2" + b"}q\0" + b"".join(b"}(" + text("a") + bytes([0x68, place]) + text("b") + bytes([0x68, place]) + b"u" + bytes([0x71, place + 1]) for place in range(60)) + b"."
    yield case("dictionaries-that-double", torch_zip(branching), "expected one value at the end|at most 262144 entries|nested deeper")

    # Storages and tensors.
    def one(instructions):
        return state_dict(("fc.weight", instructions))

    for mutation, instructions, expected in [
        ("storage-beyond-the-file", tensor(storage(count=1 << 30), shape=(4,), strides=(1,)), r"storages within the \d+ bytes of the file, found more"), ("storage-negative", tensor(storage(count=-4)), "the number of elements of storage \"0\", found -4"),
        ("storage-of-another-kind", tensor(storage(kind="DoubleStorage"), shape=(2,), strides=(1,)), "expected 32 bytes in the storage \"archive/data/0\", found 16 bytes"), ("storage-missing", tensor(storage(key="9")), "expected the storage \"archive/data/9\" in the archive, found none"),
        ("storage-name-climbs", tensor(storage(key="../../etc/passwd")), "expected the storage \"archive/data/../../etc/passwd\" in the archive, found none"), ("storage-class-none", tensor(b"(" + text("storage") + b"N" + text("0") + text("cpu") + number(4) + b"tQ"), "expected the class of a storage, found None"),
        ("storage-reference-short", tensor(b"(" + text("storage") + b"tQ"), "expected a storage with class, key, place and size, found another reference"), ("storage-reference-module", tensor(b"(" + text("module") + name("torch", "FloatStorage") + text("0") + text("cpu") + number(4) + b"tQ"), "found another reference"),
        ("tensor-of-none", tensor(b"N"), "expected a storage for a tensor, found None"), ("tensor-offset", tensor(offset=1), r"expected a tensor within the 4 elements of storage \"0\", found sizes \[2, 2\], strides \[2, 1\] and offset 1"),
        ("tensor-offset-negative", tensor(offset=-1), "expected a tensor with sizes, strides and offset from 0"), ("tensor-size", tensor(shape=(2, 3)), "expected a tensor within the 4 elements"), ("tensor-size-negative", tensor(shape=(-2, 2)), "expected a tensor with sizes, strides and offset from 0"),
        ("tensor-stride-huge", tensor(shape=(2, 2), strides=(1 << 30, 1)), "expected a tensor within the 4 elements"), ("tensor-overflow", tensor(shape=(1 << 30,) * 4, strides=(0,) * 4), r"a tensor with sizes .* is too large|at most 268435456 numbers in all tensors"),
        ("tensor-broadcast-bomb", tensor(shape=(1 << 30,), strides=(0,)), r"expected at most 268435456 numbers in all tensors, found more: \"fc.weight\" has shape"), ("tensor-strides-fewer", tensor(shape=(2, 2), strides=(1,)), "expected a tensor of at most 64 sizes with as many strides, found 2 and 1"),
        ("tensor-65-sizes", tensor(shape=(1,) * 65, strides=(1,) * 65), "expected at most 64 numbers as the sizes of a tensor, found 65"), ("tensor-sizes-text", name("torch._utils", "_rebuild_tensor_v2") + b"(" + storage() + number(0) + text("2") + numbers((1,)) + b"\x89" + name("collections", "OrderedDict") + b")R" + b"tR", "expected the sizes of a tensor, found text"),
        ("tensor-few-arguments", name("torch._utils", "_rebuild_tensor_v2") + b"(" + storage() + b"tR", "the file calls 'torch._utils._rebuild_tensor_v2' with arguments that do not fit it"), ("parameter-of-none", name("torch._utils", "_rebuild_parameter") + b"(N\x89NtR", "expected a tensor as parameter, found None"),
        ("ordered-items-text", name("collections", "OrderedDict") + b"(" + text("a") + b"tR", "expected a list of pairs for 'collections.OrderedDict', found text"),
    ]:
        yield case(mutation, torch_zip(one(instructions)), rf".*{expected}")
    yield case("tensor-twice", torch_zip(state_dict(("a", tensor()), ("a", tensor()))), "the tensor \"a\" is there twice")
    yield case("tensor-with-a-long-name", torch_zip(state_dict(("n" * 5000, tensor()))), "expected names of at most 1024 bytes, found \"nnn.*…\"")
    yield case("storage-of-two-sizes", torch_zip(state_dict(("a", tensor()), ("b", tensor(storage(count=8))))), "the storage \"0\" has two types or sizes")

    # The archive.
    archive = torch_zip()
    yield case("empty", b"", "found an empty file|expected weights")
    yield case("archive-cut", archive[: len(archive) // 2], "expected the end of a zip directory, found none")
    yield case("archive-cut-at-the-end", archive[:-1], "expected the end of a zip directory, found none")
    yield case("archive-without-pickle", zip_file({"archive/version": b"3"}), "expected one file of weights in the archive, found none|expected one entry NAME/data.pkl")
    yield case("archive-of-two-pickles", zip_file({"a/data.pkl": whole, "b/data.pkl": whole}), "expected one entry NAME/data.pkl, as torch.save writes it, found 2")
    yield case("archive-is-a-program", torch_zip(extra={"archive/constants.pkl": b"\x80\2)."}), "this is a program saved by torch.jit.save, not a state dict")
    yield case("archive-big-endian", torch_zip(byteorder=b"big"), "expected little-endian numbers .*, found \"big\"")
    yield case("archive-byte-order-long", torch_zip(byteorder=b"x" * 100), "expected little-endian numbers .*, found \"other bytes\"")
    yield case("archive-storage-short", torch_zip(storages={"0": floats([1, 2, 3])}), "expected 16 bytes in the storage \"archive/data/0\", found 12 bytes")
    yield case("archive-storage-long", torch_zip(storages={"0": floats([1, 2, 3, 4, 5])}), "expected 16 bytes in the storage \"archive/data/0\", found 20 bytes")
    damaged = bytearray(archive)
    damaged[archive.index(floats([1, 2, 3, 4]))] ^= 1
    yield case("archive-checksum", bytes(damaged), "expected \"archive/data/0\" with CRC-32 0x")
    yield case("archive-of-two-files", zip_file({"a.pth": archive, "b.pth": archive}), "expected one file of weights in the archive, found \"a.pth\", \"b.pth\"", file="some.zip")
    yield case("archive-of-many-files", zip_file({f"{'n' * 200}{place}.pth": b"" for place in range(200)}), "expected one file of weights in the archive, found ", file="some.zip")
    yield case("wheel-of-damage", zip_file({"p/w.pth": archive[:-5]}), "w.pth.*expected the end of a zip directory, found none", file="some.whl")

    # The older stream.
    stream = torch_stream()
    for size in [2, 5, len(TORCH_MAGIC), len(TORCH_MAGIC) + 3, len(stream) - 30, len(stream) - 3]:
        yield case(f"stream-cut-{size}", stream[:size], r"byte \d+: expected |expected weights")
    yield case("stream-magic", torch_stream(magic=b"\x80\2K\1."), "byte 0: expected a pickle that begins with PyTorch's magic number, found another pickle")
    yield case("stream-version", torch_stream(version=1002), r"byte \d+: expected a file of PyTorch's protocol 1001, found another")
    yield case("stream-big-endian", torch_stream(machine=b"\x80\2}(" + text("little_endian") + b"\x89u."), r"byte \d+: expected little-endian numbers")
    yield case("stream-without-order", torch_stream(machine=b"\x80\2}."), r"byte \d+: expected little-endian numbers")
    yield case("stream-unknown-key", torch_stream(keys=("7",)), r"byte \d+: expected the keys of storages that tensors refer to, each once, found another")
    yield case("stream-key-twice", torch_stream(keys=("0", "0"), counts=(4, 4)), r"byte \d+: ")
    yield case("stream-no-keys", torch_stream(keys=(), counts=(), data=b""), "expected the storage \"0\" in the file, found none")
    for name_, count in [("3", 3), ("huge", (1 << 64) - 1)]:
        yield case(f"stream-count-{name_}", torch_stream(counts=(count,)), rf"byte \d+: expected 4 elements in storage \"0\", found {count}")
    yield case("stream-more", torch_stream(tail=b"more"), r"byte \d+: expected the end of the file after the storages, found 4 bytes more")
    yield case("is-a-plain-pickle", state_dict(), "byte 0: expected a pickle that begins with PyTorch's magic number, found another pickle")
    yield case("is-an-old-tar", b"a".ljust(257, b"\0") + b"ustar" + bytes(300), "tar archive")
    yield case("is-html", b"<!DOCTYPE html><html>no</html>", "found an HTML page")
    yield case("is-onnx", b"\x08\x07\x12\x07pytorch\x1a\x051.13", "expected weights: safetensors, NPZ, or a state dict of PyTorch, found something else")

    # Weights of something else.
    yield case("weights-of-another-network", torch_zip(), "the tensors do not fit resnet9-w16: conv1.weight is missing; .*and [0-9]+ more")
    yield case("weights-without-head", torch_zip(state_dict(("x", tensor()))), "it has no fc.weight, from which the number of classes is known")
    family, _ = opened(base.bytes("family.safetensors"))

    def weights(change):
        items, storages = [], {}
        for place, (own, _, shape, data) in enumerate(family):
            data, shape, own = change(own, shape, data)
            strides = [0] * len(shape)
            step = 1
            for axis in reversed(range(len(shape))):
                strides[axis], step = step, step * shape[axis]
            items.append((own, tensor(storage(str(place), len(data) // 4), shape=shape, strides=strides)))
            storages[str(place)] = data
        return torch_zip(state_dict(*items), storages)

    target = next(own for own, _, shape, _ in family if len(shape) == 4)
    yield case("weight-nan", weights(lambda own, shape, data: (floats([float("nan")]) + data[4:] if own == target else data, shape, own)), f"the tensors do not fit resnet9-w16: {target} has a value that is not a finite number, at 0")
    yield case("weight-of-another-shape", weights(lambda own, shape, data: (data, shape[::-1] if own == target else shape, own)), f"the tensors do not fit resnet9-w16: {target} is .* not ")
    yield case("weight-renamed", weights(lambda own, shape, data: (data, shape, own + "x" if own == target else own)), f"the tensors do not fit resnet9-w16: {target} is missing; \"{target}x\" is not part of the network")
    variance = next(own for own, *_ in family if own.endswith("running_var"))
    yield case("variance-negative", weights(lambda own, shape, data: (floats([-1]) + data[4:] if own == variance else data, shape, own)), f"the tensors do not fit resnet9-w16: {variance} has a value below zero")
    yield case("name-with-another-digest", weights(lambda own, shape, data: (data, shape, own)), "expected a SHA-256 that begins with 00000000, as the name says, found ", file="resnet9-00000000.pth")
    yield Case("torch/valid-archive", {"some.pth": weights(lambda own, shape, data: (data, shape, own))}, [Run(["import", "{in}/some.pth", "--as", "resnet9-w16", "--out", "out.safetensors", "--quiet"], 0, "resnet9-w16", leaves=("out.safetensors",))])
    yield Case("torch/valid-in-an-archive", {"some.whl": zip_file({"p/w.pth": weights(lambda own, shape, data: (data, shape, own)), "p/x.py": b"1"})}, [Run(["import", "{in}/some.whl", "--as", "resnet9-w16", "--out", "out.safetensors", "--quiet"], 0, "resnet9-w16", leaves=("out.safetensors",))])
