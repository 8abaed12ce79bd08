"""Folders of pictures with a folder for each class."""

import os

from corpus import BAD_DATA, DATA, MISSING, PHOTO_MODEL, Case, Turns, accepted, refused
from formats import photos, picture


def cases(base):
    commands = {name: command for name, command in DATA.items() if name not in ("check", "show")}
    turns = Turns(commands)
    own = {f"set/{name}": data for name, data in photos().items()}

    def case(mutation, files, text, code=BAD_DATA, named="set", count=2, **more):
        return Case(f"photos/{mutation}", files, refused(code, text, "{in}/set", *turns.next(count), named=named, **more))

    def folder(path):
        path.mkdir(parents=True)

    # What is in the folder.
    yield case("empty", {"set": folder}, "expected a folder with four IDX files", code=MISSING)
    yield case("only-empty-classes", {"set/cats": folder, "set/dogs": folder}, "expected .*folder of pictures for each class", code=MISSING)
    yield case("only-text", {"set/cats/a.txt": b"x", "set/dogs/b.txt": b"y"}, "expected .*folder of pictures for each class", code=MISSING)
    yield case("no-class-folders", {f"set/{number}.png": picture(0, number) for number in range(4)}, "expected .*folder of pictures for each class|its 4 pictures lie in no class folders", code=MISSING)
    yield case("only-hidden", {"set/cats/.a.png": picture(0, 1), "set/.dogs/b.png": picture(1, 1)}, "expected .*folder of pictures for each class", code=MISSING)
    yield Case("photos/one-class", {name: data for name, data in own.items() if "cats" in name}, refused(BAD_DATA, "one class|a single class|only class", "{in}/set", commands["train"], named="set", notes="warning: .*"))
    yield Case("photos/one-class-with-pictures", {**{name: data for name, data in own.items() if "cats" in name}, "set/dogs": folder}, refused(BAD_DATA, "one class|a single class|only class", "{in}/set", commands["train"], named="set", notes="warning: .*"))
    yield case("train-and-test-without-train", {f"set/{side}/{name}": data for side in ("test", "val") for name, data in photos(count=2).items()}, "it has \"test\" and \"val\", and no folder train with pictures to learn from")
    yield case("train-empty", {"set/train": folder, **{f"set/test/{name}": data for name, data in photos(count=2).items()}}, "its folder \"train\" has no pictures to learn from")
    yield case("too-deep", {f"set/a/b/c/d/e/f/{name}": data for name, data in photos(count=2).items()}, "expected .*folder of pictures for each class", code=MISSING)
    one = {"set/cats/1.png": picture(0, 1), "set/dogs/1.png": picture(1, 1)}
    yield Case("photos/one-picture-a-class", one, refused(BAD_DATA, "picture|image", "{in}/set", commands["train"], named="", notes="warning: .*"))

    # Pictures that cannot be read.
    yield case("all-undecodable", {f"set/{name}": b"no picture" for name in photos()}, r"cats/0.png: byte 0: expected a JPEG, PNG, WebP, PGM or PPM picture, found something else \(and 15 more cannot be read\); --skip-bad", named="cats/0.png")
    yield case("two-undecodable", {**own, "set/cats/3.png": b"x", "set/dogs/3.png": b"y"}, r"expected a JPEG.*\(and 1 more cannot be read\)", named="cats/3.png")
    yield Case("photos/all-undecodable-skipped", {f"set/{name}": b"no picture" for name in photos()}, refused(BAD_DATA, "none of its 16 pictures can be read", "{in}/set", [*commands["train"], "--skip-bad"], named="set", notes="warning: .*"))
    for extension in ["gif", "bmp", "tiff", "heic", "avif", "ico", "psd", "svg", "jp2"]:
        content = {"gif": base.pictures["small.gif"], "bmp": base.pictures["small.bmp"], "tiff": base.pictures["small.tif"]}.get(extension, b"something")
        yield case(f"foreign-{extension}", {**own, f"set/cats/9.{extension}": content}, "byte 0: expected a JPEG, PNG, WebP, PGM or PPM picture, found", named=f"cats/9.{extension}", count=1)

    # Names.
    def odd_name(path):
        path.mkdir(parents=True)
        (path / "1.png").write_bytes(picture(0, 1))
        with open(os.path.join(os.fsencode(path), b"caf\xe9.png"), "wb") as file:
            file.write(picture(0, 2))

    def odd_folder(path):
        name = os.path.join(os.fsencode(path.parent), b"caf\xe9")
        os.makedirs(name)
        with open(os.path.join(name, b"1.png"), "wb") as file:
            file.write(picture(0, 2))

    yield case("name-not-utf-8", {**own, "set/birds": odd_name}, "the name is not UTF-8: rename the file", named="birds/caf")
    yield case("folder-name-not-utf-8", {**own, "set/x": odd_folder}, "the name is not UTF-8: rename the folder", named="set/caf")
    yield case("name-with-a-line-feed", {**own, "set/cats/a\nb.png": b"x"}, r"a\\u\{a\}b.png: byte 0: expected a JPEG", named="cats/a")
    yield case("name-with-escapes", {**own, "set/cats/\x1b[2Jx.png": b"x"}, r"\\u\{1b\}\[2Jx.png: byte 0: expected a JPEG", named="cats/")
    yield case("name-of-250", {**own, "set/cats/" + "n" * 246 + ".png": b"x"}, "nnn.png: byte 0: expected a JPEG", named="cats/")

    # Names that are no files of their own are passed over and told; alone they are no pictures.
    def fifo(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(path)

    for name, special in [("fifo", fifo), ("link-loop", lambda path: link(path, path.name)), ("link-to-nothing", lambda path: link(path, "nowhere")), ("link-to-dev-zero", lambda path: link(path, "/dev/zero")), ("folder-called-png", folder)]:
        yield Case(f"photos/only-a-{name}", {"set/cats/1.png": special, "set/dogs/1.png": special}, refused(BAD_DATA, "there is no picture in any of its folders", "{in}/set", *turns.next(1), named="set", notes="warning: .*"))
        yield Case(f"photos/valid-beside-a-{name}", {**own, "set/cats/special.png": special}, accepted("{in}/set", DATA["check"], text="16", notes="warning: .*"))
    yield Case("photos/valid-link-in-circles", {**own, "set/cats/again": lambda path: link(path, "..")}, accepted("{in}/set", DATA["check"], text="16"))
    yield Case("photos/valid-leftovers", {**own, "set/.DS_Store": b"x", "set/cats/Thumbs.db": b"x", "set/cats/._1.png": b"x", "set/readme.txt": b"x"}, accepted("{in}/set", DATA["check"], text="16"))
    yield Case("photos/valid-bad-picture-is-listed", {**own, "set/cats/3.png": b"x"}, accepted("{in}/set", DATA["check"], text="cats/3.png"))
    yield Case("photos/valid-empty-class", {**own, "set/birds": folder}, accepted("{in}/set", DATA["check"], text="birds"))
    yield Case("photos/valid-unicode-names", {f"set/{name}": data for name, data in photos("katzen-ä", "犬").items()}, accepted("{in}/set", DATA["check"], text="16"))

    # Lists of images, and folders, for predict.
    def predict(mutation, files, text, *arguments, code=BAD_DATA, named=""):
        command = ["predict", PHOTO_MODEL, *arguments, "--quiet", "--csv", "out.csv"]
        return Case(f"photos/predict-{mutation}", files, refused(code, text, "", command, named=named))

    yield predict("folder-without-pictures", {"set/a.txt": b"x"}, "there is no picture in it or in any of its folders", "{in}/set", named="set")
    yield predict("folder-is-empty", {"set": folder}, "there is no picture in it or in any of its folders", "{in}/set", named="set")
    yield predict("second-is-damaged", own | {"set/cats/3.png": b"x"}, "byte 0: expected a JPEG.*--skip-bad", "{in}/set/cats/1.png", "{in}/set/cats/3.png", named="cats/3.png")
    yield Case(
        "photos/predict-all-left-out", {"a.png": b"x", "b.png": b"y"}, refused(BAD_DATA, "there is no image that can be read", "", ["predict", PHOTO_MODEL, "{in}/a.png", "{in}/b.png", "--skip-bad", "--quiet"], named="", notes="warning: .*"))
    yield predict("list-is-empty", {"list.txt": b""}, "expected a path in each line, found none", "--list", "{in}/list.txt", named="list.txt")
    yield predict("list-not-utf-8", {"list.txt": b"caf\xe9.png\n"}, "expected a path in UTF-8 in each line, found other bytes", "--list", "{in}/list.txt", named="list.txt")
    yield predict("list-names-nothing", {"list.txt": b"nowhere.png\n"}, "cannot read: No such file or directory", "--list", "{in}/list.txt", code=MISSING, named="nowhere.png")
    yield predict("list-is-a-picture", {"list.png": picture(0, 1)}, "expected a path in UTF-8 in each line, found other bytes", "--list", "{in}/list.png", named="list.png")
    yield predict("bare-bytes-of-text", {"a.txt": b"a" * 64}, "found text", "{in}/a.txt", named="a.txt")
    yield predict("bare-bytes-too-few", {"a.raw": bytes(range(10, 73))}, "64 bytes of pixels, found 63 bytes of something else", "{in}/a.raw", named="a.raw")
    yield predict("bare-bytes-none", {"a.raw": b""}, "found an empty file", "{in}/a.raw", named="a.raw")
    run = refused(BAD_DATA, "found an empty file", "", ["predict", PHOTO_MODEL, "-", "--quiet"], named="standard input")
    yield Case("photos/predict-standard-input-empty", {}, run)
    run = refused(BAD_DATA, "standard input: byte 8: damaged PNG: the file breaks off", "", ["predict", PHOTO_MODEL, "-", "--quiet"], named="standard input")
    run[0].standard_input = picture(0, 1)[:20]
    yield Case("photos/predict-standard-input-cut", {}, run)


def link(path, target):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
