"""Writers of small valid files, whose parts a case can change before they are joined."""

import bz2
import gzip
import io
import json
import random
import struct
import zipfile
import zlib

# MARK: Images and labels

CLASSES, SIDE, TRAIN, TEST = 4, 8, 40, 20


def images(count, seed=1, side=SIDE, channels=1):
    """Noise with a bright stripe whose column is the label, and the labels."""
    chance = random.Random(seed)
    pixels, labels = bytearray(), bytearray()
    for index in range(count):
        label = index % CLASSES
        labels.append(label)
        for _ in range(channels):
            for place in range(side * side):
                stripe = place % side * CLASSES // side
                pixels.append((200 if stripe == label else 10) + chance.randrange(40))
    return bytes(pixels), bytes(labels)


def big(value):
    return struct.pack(">I", value & 0xFFFFFFFF)


def little(value, size=4):
    return value.to_bytes(size, "little")


# MARK: IDX and gzip


def idx(dimensions, data, kind=8, rank=None):
    return bytes([0, 0, kind, len(dimensions) if rank is None else rank]) + b"".join(map(big, dimensions)) + data


def idx_folder():
    """The four files of a data set."""
    files = {}
    for part, count, seed in [("train", TRAIN, 1), ("t10k", TEST, 2)]:
        pixels, labels = images(count, seed)
        files[f"{part}-images-idx3-ubyte"] = idx([count, SIDE, SIDE], pixels)
        files[f"{part}-labels-idx1-ubyte"] = idx([count], labels)
    return files


def deflate(data, level=9):
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def member(data, flags=0, method=8, middle=b"", packed=None, checksum=None, size=None, head=b"\x1f\x8b"):
    """One member of a gzip file. `middle` follows the ten bytes of its header."""
    packed = deflate(data) if packed is None else packed
    checksum = zlib.crc32(data) if checksum is None else checksum
    size = len(data) if size is None else size
    header = head + bytes([method, flags]) + b"\0\0\0\0\0\3" + middle
    return header + packed + little(checksum) + little(size & 0xFFFFFFFF)


def zeros_packed(count, beginning=b"", wrapped=False):
    """A deflate stream of some bytes and then at least `count` zeros, made without holding them: blocks that refer to nothing before
    them can be repeated. Its checksum is wrong, which nothing may read so far as to see."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(beginning) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    stream = first + block * -(-count // (1 << 20)) + b"\3\0"
    return b"\x78\x9c" + stream + bytes(4) if wrapped else stream


# MARK: NumPy


def npy_header(text, version=b"\1\0", length=None, magic=b"\x93NUMPY"):
    width = 2 if version[0] == 1 else 4
    text = text.encode("latin-1")
    text += b" " * (-(len(magic) + 2 + width + len(text) + 1) % 64) + b"\n"
    return magic + version + little(len(text) if length is None else length, width) + text


def npy(shape, data, descr="|u1", order="False", **header):
    shape = shape if isinstance(shape, str) else f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
    return npy_header(f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}", **header) + data


def arrays():
    """The arrays of a small data set, by name."""
    result = {}
    for part, count, seed in [("train", TRAIN, 1), ("test", TEST, 2)]:
        pixels, labels = images(count, seed)
        result[f"x_{part}"] = npy([count, SIDE, SIDE], pixels)
        result[f"y_{part}"] = npy([count], labels)
    return result


def npz(changes=None, leave_out=(), method=zipfile.ZIP_STORED):
    content = {name: data for name, data in {**arrays(), **(changes or {})}.items() if name not in leave_out}
    return zip_file({f"{name}.npy": data for name, data in content.items()}, method)


def zip_file(entries, method=zipfile.ZIP_STORED):
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data, method)
    return output.getvalue()


class RawZip:
    """A zip archive of which every field can be wrong."""

    def __init__(self):
        self.body, self.directory, self.count = bytearray(), bytearray(), 0

    def add(self, name, data, method=0, flags=0, checksum=None, packed=None, size=None, packed_size=None, offset=None, extra=b"", local=b"PK\3\4", central=b"PK\1\2", local_name=None):
        name = name if isinstance(name, bytes) else name.encode()
        packed = (deflate(data) if method == 8 else data) if packed is None else packed
        checksum = zlib.crc32(data) if checksum is None else checksum
        size = len(data) if size is None else size
        packed_size = len(packed) if packed_size is None else packed_size
        offset = len(self.body) if offset is None else offset
        local_name = len(name) if local_name is None else local_name
        numbers = struct.pack("<IIIH", checksum, packed_size & 0xFFFFFFFF, size & 0xFFFFFFFF, len(name))
        self.body += local + struct.pack("<HHHHH", 20, flags, method, 0, 33) + numbers[:12] + struct.pack("<HH", local_name, 0) + name + packed
        self.directory += central + struct.pack("<HHHHHH", 20, 20, flags, method, 0, 33) + numbers + struct.pack("<HHHHII", len(extra), 0, 0, 0, 0, offset) + name + extra
        self.count += 1
        return self

    def end(self, count=None, here=None, size=None, offset=None, comment=0, disk=0, before=b"", tail=b""):
        count = self.count if count is None else count
        here = count if here is None else here
        size = len(self.directory) if size is None else size
        offset = len(self.body) if offset is None else offset
        record = b"PK\5\6" + struct.pack("<HHHHIIH", disk, 0, here, count, size, offset, comment)
        return bytes(self.body + self.directory) + before + record + tail


# MARK: PNG


def chunk(kind, data, checksum=None, length=None):
    kind = kind.encode("latin-1") if isinstance(kind, str) else kind
    checksum = zlib.crc32(kind + data) if checksum is None else checksum
    return big(len(data) if length is None else length) + kind + data + big(checksum)


PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png_header(width=SIDE, height=SIDE, depth=8, color=0, compression=0, filtering=0, interlacing=0):
    return chunk("IHDR", struct.pack(">II5B", width & 0xFFFFFFFF, height & 0xFFFFFFFF, depth, color, compression, filtering, interlacing))


def rows(width=SIDE, height=SIDE, samples=1, filtering=0, value=lambda x, y: (x * 30 + y) & 255):
    return b"".join(bytes([filtering]) + bytes(value(x, y) for x in range(width) for _ in range(samples)) for y in range(height))


def png(*between, header=None, data=None, end=None, signature=PNG_SIGNATURE):
    header = png_header() if header is None else header
    data = chunk("IDAT", zlib.compress(rows(), 9)) if data is None else data
    return signature + header + b"".join(between) + data + (chunk("IEND", b"") if end is None else end)


def picture(label, number, side=SIDE):
    """A grey PNG picture of a class."""
    level = 60 if label == 0 else 190
    content = rows(side, side, value=lambda x, y: (level + 7 * number + 5 * x * (y if label else 1)) % 256)
    return png(header=png_header(side, side), data=chunk("IDAT", zlib.compress(content, 9)))


def photos(first="cats", second="dogs", count=8):
    """The pictures of two classes, by path."""
    return {f"{name}/{number}.png": picture(label, number) for label, name in enumerate([first, second]) for number in range(count)}


# MARK: safetensors


def safetensors(tensors, metadata=None, header=None, length=None, tail=b"", before=b"", after=b"", pad=True):
    """`tensors`: (name, dtype, shape, bytes). `header`: the JSON text in place of the right one."""
    if header is None:
        entries, position = {}, 0
        if metadata is not None:
            entries["__metadata__"] = metadata
        for name, dtype, shape, data in tensors:
            entries[name] = {"dtype": dtype, "shape": shape, "data_offsets": [position, position + len(data)]}
            position += len(data)
        header = json.dumps(entries, separators=(",", ":"))
    text = before + (header.encode() if isinstance(header, str) else header) + after
    if pad:
        text += b" " * (-len(text) % 8)
    return little(len(text) if length is None else length, 8) + text + b"".join(data for *_, data in tensors) + tail


def opened(data):
    """The tensors and the metadata of a safetensors file."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", None)
    entries = sorted(header.items(), key=lambda entry: entry[1]["data_offsets"])
    return [(name, entry["dtype"], entry["shape"], data[8 + length :][slice(*entry["data_offsets"])]) for name, entry in entries], metadata


def floats(values):
    return struct.pack(f"<{len(values)}f", *values)


# MARK: PyTorch's pickles


def text(word):
    word = word.encode()
    return b"X" + little(len(word)) + word


def number(value):
    return b"J" + struct.pack("<i", value)


def name(module, word):
    return b"c" + module.encode() + b"\n" + word.encode() + b"\n"


def numbers(values):
    return b"(" + b"".join(map(number, values)) + b"t"


def storage(key="0", count=4, kind="FloatStorage", place="cpu", tail=b""):
    return b"(" + text("storage") + name("torch", kind) + text(key) + text(place) + number(count) + tail + b"tQ"


def tensor(stored=None, offset=0, shape=(2, 2), strides=(2, 1), function="_rebuild_tensor_v2"):
    stored = storage() if stored is None else stored
    return name("torch._utils", function) + b"(" + stored + number(offset) + numbers(shape) + numbers(strides) + b"\x89" + name("collections", "OrderedDict") + b")R" + b"tR"


def state_dict(*items):
    """A pickle of a dictionary: names and the instructions that make their values."""
    items = items or (("fc.weight", tensor()),)
    return b"\x80\2" + b"}(" + b"".join(text(key) + value for key, value in items) + b"u."


def torch_zip(pickle=None, storages=None, folder="archive", extra=None, byteorder=b"little"):
    entries = {f"{folder}/data.pkl": state_dict() if pickle is None else pickle}
    if byteorder is not None:
        entries[f"{folder}/byteorder"] = byteorder
    for key, data in ({"0": floats([1, 2, 3, 4])} if storages is None else storages).items():
        entries[f"{folder}/data/{key}"] = data
    entries[f"{folder}/version"] = b"3\n"
    return zip_file({**entries, **(extra or {})})


TORCH_MAGIC = b"\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."


def torch_stream(pickle=None, magic=TORCH_MAGIC, version=1001, machine=None, keys=("0",), counts=(4,), data=None, tail=b""):
    machine = b"\x80\2}(" + text("little_endian") + b"\x88u." if machine is None else machine
    data = floats([1, 2, 3, 4]) if data is None else data
    listed = b"\x80\2](" + b"".join(map(text, keys)) + b"e."
    return magic + b"\x80\2" + b"M" + little(version, 2) + b"." + machine + (state_dict() if pickle is None else pickle) + listed + b"".join(little(count, 8) for count in counts) + data + tail


# MARK: tar, USPS and EMNIST


def tar_entry(name, data, size=None, checksum=None, kind=b"0"):
    size = f"{len(data):011o}\0".encode() if size is None else size
    header = name.encode().ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + size + b"00000000000\0" + b" " * 8 + kind + b"\0" * 100 + b"ustar\00000" + b"\0" * 247
    checksum = sum(header) if checksum is None else checksum
    header = header[:148] + f"{checksum:06o}\0 ".encode() + header[156:]
    return header + data + bytes(-len(data) % 512)


def cifar_rows(count=4, label=None, seed=3):
    pixels, labels = images(count, seed, side=32, channels=3)
    return b"".join(bytes([labels[index] if label is None else label]) + pixels[index * 3072 : (index + 1) * 3072] for index in range(count))


def cifar_files():
    files = {f"data_batch_{number}.bin": cifar_rows(seed=number) for number in range(1, 6)}
    files["test_batch.bin"] = cifar_rows(seed=9)
    files["batches.meta.txt"] = "\n".join("airplane automobile bird cat deer dog frog horse ship truck".split()).encode() + b"\n"
    return files


def cifar_tar(changes=None, leave_out=(), entries=(), end=bytes(1024)):
    files = {**cifar_files(), **(changes or {})}
    parts = [tar_entry(f"cifar-10-batches-bin/{name}", data) for name, data in files.items() if name not in leave_out]
    return b"".join(parts) + b"".join(entries) + end


def cifar(packed=None, **parts):
    return gzip.compress(cifar_tar(**parts) if packed is None else packed, 1, mtime=0)


def usps_text(count=20, seed=5):
    chance = random.Random(seed)
    return "".join(
        f"{index % 10 + 1} " + " ".join(f"{place}:{chance.uniform(-1, 1):.3f}" for place in range(1, 257)) + " \n" for index in range(count)
    ).encode()


def usps(content=None):
    return bz2.compress(usps_text() if content is None else content)


def bzip2_zeros(count):
    """bzip2 of zeros, made without holding them."""
    packer = bz2.BZ2Compressor(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(count >> 20)) + packer.flush()


def emnist(changes=None, leave_out=()):
    files = {}
    for part, count, seed in [("train", TRAIN, 1), ("test", TEST, 2)]:
        pixels, labels = images(count, seed, side=28)
        files[f"emnist-digits-{part}-images-idx3-ubyte"] = idx([count, 28, 28], pixels)
        files[f"emnist-digits-{part}-labels-idx1-ubyte"] = idx([count], labels)
    packed = {f"gzip/{name}.gz": gzip.compress(data, mtime=0) for name, data in files.items()}
    packed = {**packed, **{f"gzip/{name}.gz": data for name, data in (changes or {}).items()}}
    return zip_file({name: data for name, data in packed.items() if name not in leave_out})


# MARK: CSV


def csv_table(lines=None, header=True, end="\n"):
    pixels, labels = images(16)
    head = ["label," + ",".join(f"pixel{place}" for place in range(64))] if header else []
    body = [f"{labels[row]}," + ",".join(map(str, pixels[row * 64 : (row + 1) * 64])) for row in range(16)]
    for place, line in (lines or {}).items():
        body[place] = line(body[place]) if callable(line) else line
    return (end.join(head + body) + end).encode()
