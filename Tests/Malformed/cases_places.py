"""What is at the end of a path: nothing, a folder, a FIFO, a device, a socket, a link in circles, a name that no file can have. Every
command meets every kind in the place of every file that it reads."""

import itertools
import os
import socket

from corpus import BAD_DATA, CANNOT_CREATE, CHECKPOINT, DATA, FINE, IMAGE, IMPORT, MISSING, MODEL, OUT, STORE, USAGE, Case, Run, at


def fifo(path):
    os.mkfifo(path)


def plug(path):
    # The name of a socket is short: it is made by its last part.
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(path.parent)
        server = socket.socket(socket.AF_UNIX)
        server.bind(path.name)
        server.close()
    finally:
        os.fchdir(here)
        os.close(here)


# The kind, what makes it, what is said of it.
KINDS = {
    "nothing": (None, "No such file or directory|no such|no data set|neither a|not the id|not found"),
    "folder": (lambda path: path.mkdir(), "Is a directory|has neither|expected .*folder of pictures|no picture"),
    "fifo": (fifo, "a FIFO|neither a folder nor"),
    "dev-zero": (lambda path: path.symlink_to("/dev/zero"), "a device|neither a folder nor"),
    "dev-null": (lambda path: path.symlink_to("/dev/null"), "a device|neither a folder nor"),
    "link-loop": (lambda path: path.symlink_to(path.name), "Too many levels of symbolic links|there is no data set, folder or file|neither a checkpoint|no folder of results"),
    "link-to-nothing": (lambda path: path.symlink_to("gone"), "No such file or directory|no data set|neither a|not the id"),
    "below-a-file": (lambda path: path.write_bytes(b"x"), "Not a directory|No such file|no data set|neither a|not the id|no such"),
    "long-name": (None, "File name too long|no data set|neither a|not the id"),
    "proc": (lambda path: path.symlink_to("/proc/self/status"), "changed while being read, or is not stored on a disk|expected|is not|a data set is"),
}

PLACES = {
    **{f"checkpoint-{name}": command for name, command in CHECKPOINT.items()},
    **{f"data-{name}": command for name, command in DATA.items()},
    **{f"image-{name}": command for name, command in IMAGE.items() if name != "photo"},
    "weights": IMPORT,
    "settings": ["train", "--data", "{base}/tiny.npz", "--quiet", *OUT, "--config", "PATH"],
    "list": ["predict", MODEL, "--list", "PATH", "--quiet"],
    "store-list": STORE["list"],
    "store-merge": STORE["merge"],
    "results": ["report", "PATH", "--quiet", "--out", "page.html"],
}


def cases(base):
    for kind, (make, words) in KINDS.items():
        for place, command in PLACES.items():
            text = words
            name = "some.file"
            path = "{in}/" + name
            if kind == "below-a-file":
                path += "/x"
            if kind == "long-name":
                path = "{in}/" + "n" * 300
            code = MISSING
            if kind == "proc":
                # A file that reports no size is not read as an empty one.
                code = None
            if place.startswith("image") and kind == "folder":
                code = BAD_DATA
            if (kind, place) == ("folder", "checkpoint-report"):
                # A folder is one of results here, with which --data does not go.
                code, text = USAGE, "--data is for a checkpoint or a run"
            files = {name: make} if make else {"other": b"x"}
            run = Run(at(command, path), code, text, "nnn" if kind == "long-name" else name)
            yield Case(f"places/{kind}-as-{place}", files, [run])

    # Odd names, which the line shows without letting them at the terminal.
    for name, path, shown in [("line-feed", "a\nb", r"a\\u\{a\}b"), ("escape", "\x1b[2Jx", r"\\u\{1b\}\[2Jx"), ("override", "\u202egnp.x", r"\\u\{202e\}gnp.x"), ("spaces", "  x  ", "  x  "), ("quotes", "it's \"x\"", "it's"), ("umlauts", "\u00e4\u0308\u72ac", "\u00e4\u0308\u72ac")]:
        for place in ["checkpoint-show", "data-train", "image-predict", "weights", "store-list", "settings"]:
            yield Case(f"places/name-with-{name}-as-{place}", {}, [Run(at(PLACES[place], "{in}/" + path), MISSING, shown)])
    for place in ["checkpoint-show", "data-train", "image-predict", "weights", "store-list", "settings", "list"]:
        yield Case(f"places/empty-name-as-{place}", {}, [Run(at(PLACES[place], ""), {"data-train": MISSING}.get(place, MISSING), "an empty name|''|No such|Missing", "")])

    # Outputs that cannot be made: nothing may be read, trained or left for them.
    outputs = {"train": ["train", "--data", "{base}/tiny.npz", "--model", "mlp:4", "--epochs", "1", "--quiet", "--out"], "features": ["features", MODEL, "--data", "{base}/tiny.npz", "--quiet", "--out"], "evaluate": ["evaluate", MODEL, "--data", "{base}/tiny.npz", "--quiet", "--out"], "report": ["report", MODEL, "--data", "{base}/tiny.npz", "--quiet", "--out"], "export": ["export", MODEL, "--format", "onnx", "--out"], "predict": ["predict", MODEL, "{base}/digit.png", "--quiet", "--csv"]}
    for (command, words), (kind, make, path, text) in itertools.product(outputs.items(), [("a-folder", lambda path: path.mkdir(), "{in}/some.file", "Is a directory"), ("below-a-file", lambda path: path.write_bytes(b"x"), "{in}/some.file/x", "Not a directory"), ("a-fifo", fifo, "{in}/some.file", "not a regular file|a FIFO"), ("dev-full", lambda path: path.symlink_to("/dev/full"), "{in}/some.file", "not a regular file|a device")]):
        yield Case(f"places/output-of-{command}-is-{kind}", {"some.file": make}, [Run([*words, path], CANNOT_CREATE, text, "some.file")])
    copy = {"some.safetensors": base.body}
    yield Case("places/output-is-the-input", copy, [Run(["features", "{in}/some.safetensors", "--data", "{base}/tiny.npz", "--quiet", "--out", "{in}/some.safetensors"], USAGE, "--out is the file of the checkpoint, which would be lost", "some.safetensors"), Run(["export", "{in}/some.safetensors", "--format", "onnx", "--out", "{in}/some.safetensors"], USAGE, "would be lost", "some.safetensors"), Run(["import", "{in}/some.safetensors", "--as", "resnet9-w16", "--out", "{in}/some.safetensors", "--quiet"], USAGE, "would be lost", "some.safetensors")])

    # Odd but valid.
    yield Case("places/valid-link-to-a-checkpoint", {**copy, "link": lambda path: path.symlink_to("some.safetensors")}, [Run(["show", "{in}/link"], FINE, "mlp:4")])
    yield Case("places/valid-odd-name", {"a b'\u72ac.safetensors": base.body}, [Run(["show", "{in}/a b'\u72ac.safetensors"], FINE, "mlp:4")])
