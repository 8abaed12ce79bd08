"""Kept work that is damaged: decoded pictures and features. It is made anew, with the same answer and without a word."""

import subprocess

from corpus import FINE, Case, Run
from formats import opened, safetensors


def cases(base):
    folder = base.folder / "cached"
    folder.mkdir(exist_ok=True)
    # The pictures' times are part of a cache's name: they stay where they are.
    pictures = base.folder / "photos"
    check = ["data", "show", str(pictures)]
    environment = {**base.environment, "XDG_CACHE_HOME": str(folder)}
    right = subprocess.run([base.graft, *check], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, cwd=base.folder)
    kept = next((folder / "graft/decoded").glob("*.decoded"))
    whole = kept.read_bytes()
    tensors, metadata = opened(whole)
    line = right.stdout.decode().splitlines()[0]

    def case(mutation, content):
        files = {f"cache/graft/decoded/{kept.name}": content}
        # The cache is written anew: that is what may change beside it.
        return Case(f"caches/{mutation}", files, [Run(check, FINE, line.replace("(", r"\(").replace(")", r"\)"), environment={"XDG_CACHE_HOME": "{in}/cache"}, leaves=("cache",), notes="warning: .*|16 pictures .*|the folder has no test part: .*")])

    yield case("decoded-empty", b"")
    yield case("decoded-cut", whole[:-9])
    yield case("decoded-cut-in-the-header", whole[:60])
    yield case("decoded-is-text", b"hello\n" * 40)
    yield case("decoded-is-a-checkpoint", base.body)
    yield case("decoded-is-a-folder", lambda path: path.mkdir(parents=True))
    flipped = bytearray(whole)
    flipped[-200] ^= 1
    yield case("decoded-one-bit", bytes(flipped))
    yield case("decoded-no-metadata", safetensors(tensors))
    for name in metadata or {}:
        yield case(f"decoded-{name}-no-json", safetensors(tensors, {**metadata, name: "{oops"}))
        yield case(f"decoded-{name}-empty", safetensors(tensors, {**metadata, name: "{}"}))
    for place, (name, dtype, shape, data) in enumerate(tensors):
        rest = tensors[:place], tensors[place + 1 :]
        yield case(f"decoded-without-{name}", safetensors([*rest[0], *rest[1]], metadata))
        if name.endswith("labels"):
            yield case(f"decoded-{name}-beyond", safetensors([*rest[0], (name, dtype, shape, b"\xff\xff" * (len(data) // 2)), *rest[1]], metadata))
            yield case(f"decoded-{name}-fewer", safetensors([*rest[0], (name, dtype, [shape[0] - 1], data[2:]), *rest[1]], metadata))
        else:
            yield case(f"decoded-{name}-of-other-sides", safetensors([*rest[0], (name, dtype, [shape[0], 1, 64, 1], data), *rest[1]], metadata))
            yield case(f"decoded-{name}-of-no-images", safetensors([*rest[0], (name, dtype, [0, 1, 8, 8], b""), *rest[1]], metadata))

    # Features behind a published body.
    transfer = ["transfer", "--from", str(base.folder / "family.safetensors"), "--data", str(pictures), "--method", "frozen", "--no-control", "--classes", "all", "--quiet", "--out", "out.safetensors"]
    done = subprocess.run([base.graft, *transfer], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=base.folder)
    found = list((folder / "graft/decoded").glob("*.features"))
    if done.returncode or not found:
        raise SystemExit("graft kept no features behind a published body")
    content = found[0].read_bytes()
    answer = done.stdout.decode().split("\n")[0].split(" (")[0]
    tensors, metadata = opened(content)

    def features(mutation, data):
        files = {f"cache/graft/decoded/{found[0].name}": data}
        return Case(f"caches/features-{mutation}", files, [Run(transfer, FINE, answer.split(":")[0], environment={"XDG_CACHE_HOME": "{in}/cache"}, leaves=("cache", "out.safetensors"), notes="warning: .*")])

    flipped = bytearray(content)
    flipped[-7] ^= 1
    by_name = {name: rest for name, *rest in tensors}
    yield features("empty", b"")
    yield features("cut", content[:-5])
    yield features("is-text", b"hello\n" * 40)
    yield features("is-a-folder", lambda path: path.mkdir(parents=True))
    yield features("one-bit", bytes(flipped))
    yield features("no-metadata", safetensors(tensors))
    yield features("without-digests", safetensors([(name, *by_name[name]) for name in by_name if name != "digests"], metadata))
    yield features("digests-cut", safetensors([(name, dtype, [shape[0] - 1, shape[1]] if name == "digests" else shape, data[32:] if name == "digests" else data) for name, dtype, shape, data in tensors], metadata))
    yield features("digests-of-31", safetensors([(name, dtype, [shape[0] * 32, 1] if name == "digests" else shape, data) for name, dtype, shape, data in tensors], metadata))
    yield features("digests-are-numbers", safetensors([(name, "F32" if name == "digests" else dtype, [shape[0], 8] if name == "digests" else shape, data) for name, dtype, shape, data in tensors], metadata))
    yield features("of-another-width", safetensors([(name, dtype, [shape[0] * 2, shape[1] // 2] if name == "features" else shape, data) for name, dtype, shape, data in tensors], metadata))


