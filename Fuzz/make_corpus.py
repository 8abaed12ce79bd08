#!/usr/bin/env python3
"""Makes the fuzzers' seeds, small valid inputs in Corpus/TARGET, with nothing but Python's library.

    Fuzz/make_corpus.py

Pictures are those of Tests/Golden/pictures.json. Of most targets the first byte chooses a form of the input, see the comments in
Fuzz/Entries. The same seeds come out each time.
"""
import base64
import bz2
import gzip
import io
import json
import os
import shutil
import struct
import tarfile
import zipfile
import zlib

fuzz = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(fuzz, '../Tests/Golden/pictures.json')) as file:
    pictures = {case['name']: base64.b64decode(case['file']) for case in json.load(file)['cases']}


def write(target, seeds):
    folder = os.path.join(fuzz, 'Corpus', target)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for name, content in seeds.items():
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(content if isinstance(content, bytes) else content.encode())


def deflated(content, level=6):
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def packed(content):
    return gzip.compress(content, 6, mtime=0)


text = b'Graft, Graft, a transfer-learning workbench. ' * 3
ramp = bytes(range(96))

# Packed bytes

write('gzip', {
    'file': b'0' + packed(text),
    'two-members': b'0' + packed(text[:20]) + packed(text[20:]) + bytes(4),
    'names': b'0\x1f\x8b\x08\x1c' + bytes(6) + b'\x03\0abcname\0comment\0' + deflated(b'abc')
             + struct.pack('<II', zlib.crc32(b'abc'), 3),
    'empty': b'0' + packed(b''),
    'member-stored': b'1' + deflated(ramp, 0),
    'member-fixed': b'1' + deflated(b'abcabcabcabc'),
    'member-dynamic': b'1' + deflated(text * 4),
    'content': b'2' + text,
})
write('deflate', {
    'stored': b'0\x07' + deflated(ramp, 0),
    'fixed': b'0\x20' + deflated(b'abcabcabcabc'),
    'dynamic': b'0\x03' + deflated(text * 4 + ramp),
    'zlib': b'1\x10' + zlib.compress(text),
    'wrapped-stored': b'2\x10' + deflated(ramp, 0),
    'wrapped': b'2\x05' + deflated(text),
})
write('bzip2', {
    'file': b'0' + bz2.compress(text, 1),
    'file-9': b'0' + bz2.compress(ramp, 9),
    'empty': b'0' + bz2.compress(b''),
    'content': b'1' + text,
    'short': b'1abcdef',
    'cut': b'2' + text,
})


def zipped(entries, method=zipfile.ZIP_DEFLATED, zip64=False):
    output = io.BytesIO()
    with zipfile.ZipFile(output, 'w', method) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = method
            with archive.open(info, 'w', force_zip64=zip64) as entry:
                entry.write(content)
    return output.getvalue()


def part(kind, name, data):
    return bytes([kind, len(name)]) + name + bytes([len(data)]) + data


write('zip', {
    'deflated': b'0' + zipped([('a/b.txt', text), ('c', ramp)]),
    'stored': b'0' + zipped([('x.npy', ramp), ('y.npy', b'')], zipfile.ZIP_STORED),
    'zip64': b'0' + zipped([('wide', ramp)], zipfile.ZIP_STORED, True),
    'empty': b'0' + zipped([]),
    'parts': b'1' + part(0, b'one', b'first') + part(0, b'two', ramp) + part(1, b'three', deflated(text)),
    'parts-packed': b'1' + part(1, b'a', deflated(ramp, 0)) + part(1, b'b', deflated(ramp, 0)),
})


def tarred(entries, form):
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode='w', format=form) as archive:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return output.getvalue().rstrip(b'\0') + bytes(1024)


rows = [('cifar/data_batch_1.bin', ramp), ('cifar/batches.meta.txt', b'cat\ndog\n')]
write('tar', {
    'ustar': b'0' + tarred(rows, tarfile.USTAR_FORMAT),
    'gnu': b'0' + tarred([('n' * 120, ramp[:30])], tarfile.GNU_FORMAT),
    'pax': b'0' + tarred([('é' * 70, b'abc')], tarfile.PAX_FORMAT),
    'right': b'1' + tarred(rows, tarfile.USTAR_FORMAT).rstrip(b'\0'),
    'right-one': b'1' + tarred([('x', b'abcdef')], tarfile.USTAR_FORMAT).rstrip(b'\0'),
})

# Pictures

pngs = {name: content for name, content in pictures.items() if name.startswith('PNG')}
wanted = ['grey, 1 bits', 'grey, 8 bits', 'grey, 8 bits, interlaced', 'grey, 16 bits', 'palette, 2 bits',
          'palette and opacities', 'palette, 4 bits, interlaced', 'grey, 8 bits, one transparent', 'colours',
          'colours and opacity', 'colours, interlaced', 'grey and opacity', '1 x 1', 'turned']
seeds = {}
for name in wanted:
    short = name.replace(',', '').replace(' ', '-')
    seeds[short] = b'0' + pngs['PNG, ' + name]
    seeds['right-' + short] = b'1' + pngs['PNG, ' + name]
for kind in range(15):
    seeds[f'fields-{kind}'] = b'2' + bytes([6, 4, kind, kind % 2, 3, kind % 3]) + bytes([0]) + ramp
write('png', seeds)
seeds = {
    name[6:].replace(',', '').replace(' ', '-').replace(':', ''): b'0' + content for name, content in pictures.items()
    if name.startswith('JPEG') and name not in [f'JPEG, orientation {turn}' for turn in (1, 2, 3, 4, 5, 7)]}
for name, fields in {'grey': [19, 9, 0, 0, 0, 0], 'restarts': [30, 20, 0, 0, 0, 2], 'colour': [17, 9, 1, 1, 1, 0],
                     'colour-wide': [33, 16, 1, 1, 0, 1]}.items():
    seeds['fields-' + name] = b'1' + bytes(fields) + ramp[::5]
write('jpeg', seeds)
seeds = {}
for name, content in pictures.items():
    if name.startswith('WebP'):
        seeds[name[6:].replace(',', '').replace(' ', '-')] = b'0' + content
        for form, kind in ((b'1', b'VP8 '), (b'2', b'VP8L')):
            place = content.find(kind, 12)
            if place > 0:
                size = struct.unpack('<I', content[place + 4:place + 8])[0]
                seeds['data-' + name[6:].replace(',', '').replace(' ', '-')] = form + content[place + 8:place + 8 + size]
write('webp', seeds)
write('netpbm', {
    'p2': b'P2\n# a comment\n3 2\n15\n0 1 2 3 4 15\n',
    'p3': b'P3 2 2 255\n255 0 0 0 255 0 0 0 255 1 2 3',
    'p5': b'P5\n4 4\n255\n' + bytes(range(16)),
    'p5-grey': b'P5 8 12 255\n' + ramp,
    'p5-wide': b'P5 2 2 65535\n' + bytes(range(8)),
    'p5-small': b'P5 3 1 7\n\x00\x03\x07',
    'p6': b'P6\n2 3\n255\n' + bytes(range(18)),
})


def directory(order, entries, start=8):
    body = struct.pack(order + 'H', len(entries))
    for tag, kind, count, value in entries:
        body += struct.pack(order + 'HHIHH', tag, kind, count, value, 0)
    return struct.pack(order + '2sHI', b'II' if order == '<' else b'MM', 42, start) + bytes(start - 8) + body


write('exif', {
    **{f'little-{turn}': b'0' + directory('<', [(0x0100, 3, 1, 640), (0x0112, 3, 1, turn)]) for turn in (1, 3, 6, 8)},
    **{f'big-{turn}': b'0' + directory('>', [(0x0112, 3, 1, turn)]) for turn in (2, 4, 5, 7)},
    'named': b'1' + directory('<', [(0x0112, 3, 1, 6)]),
    'late': b'0' + directory('<', [(0x010f, 2, 4, 0), (0x0112, 3, 1, 6)], start=16),
    'later': b'0' + directory('>', [(0x0112, 3, 1, 7)], start=60),
    'none': b'0' + directory('>', [(0x010f, 2, 4, 0)]),
})

# Data


def idx(dimensions, content):
    return bytes([0, 0, 8, len(dimensions)]) + b''.join(struct.pack('>I', size) for size in dimensions) + content


write('idx', {
    'labels': b'0' + idx([10], bytes(range(10))),
    'images': b'0' + idx([3, 4, 5], ramp[:60]),
    'rows': b'0' + idx([2, 6], ramp[:12]),
    'colours': b'0' + idx([2, 3, 2, 2], ramp[:24]),
    'file-gz': b'0' + packed(idx([3, 4, 5], ramp[:60])),
    'packed': b'1' + idx([2, 6], ramp[:12]),
})
table = 'label,' + ','.join(f'pixel{place}' for place in range(4)) + '\n'
write('csv', {
    'kaggle': '0' + table + '5,0,128,255,3\n0,1,2,3,4\n7,9,9,9,9\n',
    'words': '0' + table + 'cat,0,128,255,3\n"dog, ""big""",1,2,3,4\n',
    'plain': '0' + '5,0,128,255,3\n1,0,1,2,3\n',
    'decimals': '0' + table + '1,0.0,0.5,1e-2,1\n2,.25,-0,1.0,0.125\n',
    'semicolons': '0\ufeff' + table.replace(',', ';') + '5;0;128;255;3\r\n1;0;1;2;3\r\n',
    'unnamed': '0id,a,b,\n0,1,2,\n1,3,4,\n',
    'numbers': '0' + '0,1,2,3,4\n9,8,7,6,5\n',
    'packed': '1' + table + '5,0,128,255,3\n1,1,2,3,4\n',
    'gz': b'0' + packed((table + '5,0,128,255,3\n').encode()),
})


def npy(kind, shape, content, version=1):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    header = (header + ' ' * (-(len(header) + 11) % 16) + '\n').encode()
    return b'\x93NUMPY' + bytes([version, 0]) + struct.pack('<H' if version == 1 else '<I', len(header)) + header + content


floats = struct.pack('<8f', *[value / 8 for value in range(8)])
images = npy('|u1', (2, 3, 3), ramp[:18])
labels = npy('<i8', (2,), struct.pack('<2q', 3, 7))
write('npy', {
    'images': b'0' + images,
    'images-6': b'0' + npy('|u1', (2, 6, 6), ramp[:72]),
    'images-f4': b'0' + npy('<f4', (2, 2, 2), floats),
    'images-u2': b'0' + npy('<u2', (1, 2, 2), struct.pack('<4H', 0, 256, 65535, 9)),
    'images-2': b'0' + npy('|u1', (2, 3, 3), ramp[:18], version=2),
    'colours': b'0' + npy('|u1', (1, 4, 4, 3), ramp[:48]),
    'labels': b'1' + labels,
    'labels-words': b'1' + npy('<U3', (2,), 'catdog'.encode('utf-32-le')),
    'labels-bytes': b'1' + npy('|S3', (2,), b'catdog'),
    'labels-one-hot': b'1' + npy('<f4', (2, 2), struct.pack('<4f', 0, 1, 1, 0)),
    'weights': b'2' + npy('<f4', (2, 4), floats),
    'weights-f2': b'2' + npy('<f2', (3,), struct.pack('<3e', 1, 2, 0.5)),
    'weights-bool': b'2' + npy('|b1', (2,), b'\0\1'),
    'scalar': b'2' + npy('<f8', (), struct.pack('<d', 2.5)),
})
keras = [('x_train.npy', images), ('y_train.npy', labels), ('x_test.npy', images), ('y_test.npy', labels)]
write('npz', {
    'keras': b'0' + zipped(keras),
    'keras-stored': b'0' + zipped(keras, zipfile.ZIP_STORED),
    'plain': b'0' + zipped([('images.npy', images), ('labels.npy', labels)], zipfile.ZIP_STORED),
    'unnamed': b'0' + zipped([('arr_0.npy', images), ('arr_1.npy', labels)]),
    'medmnist': b'0' + zipped([(f'{part}_{kind}.npy', content) for part in ('train', 'val', 'test')
                               for kind, content in (('images', images), ('labels', labels))]),
    'pair': b'1' + zipped(keras),
    'arrays': b'2' + images + labels + images + labels,
    'arrays-two': b'2' + npy('|u1', (2, 12, 12), ramp * 3) + npy('|u1', (2,), b'\3\1'),
})
write('usps', {
    'lines': '0' + '1 1:-1 2:0.5 256:1\n10 3:-.25 4:1e-1\n',
    'line': '0' + '4 1:-.9 2:-.8 3:-.7 4:-.5 5:-.2 6:-.1\n',
    'packed': '1' + '7 1:-1 2:1\n2 17:0\n',
    'bare': '0' + '3\n5 1:0.001 \r\n',
})

# Models


def safetensors(tensors, metadata=None, prefix=True):
    header, data = {}, b''
    if metadata is not None:
        header['__metadata__'] = metadata
    for name, kind, shape, content in tensors:
        header[name] = {'dtype': kind, 'shape': shape, 'data_offsets': [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header, separators=(',', ':')).encode()
    return (struct.pack('<Q', len(text)) if prefix else b'') + text + data


some = [('a.weight', 'F32', [2, 4], floats), ('b', 'F16', [3], struct.pack('<3e', 1, 2, 0.5)), ('c', 'U8', [0], b'')]
more = [('d', 'F64', [], struct.pack('<d', 1.5)), ('e', 'BF16', [2, 1], b'\x80\x3f\0\0'), ('f', 'BOOL', [2], b'\0\1'),
        ('g', 'I64', [1], bytes(8)), ('h', 'F4', [4], b'\x12\x34')]
write('safetensors', {
    'file': b'0' + safetensors(some, {'format': 'pt'}),
    'types': b'0' + safetensors(more),
    'empty': b'0' + safetensors([]),
    'header': b'1' + safetensors(some, {'format': 'pt', 'two': '\u00e9'}, False),
    'header-types': b'1' + safetensors(more, None, False),
    'header-long': b'1' + safetensors([('w', 'U8', [96], ramp)], None, False),
    'header-none': b'1{}',
})


def metadata(model, shape, classes, frozen=(), record=None):
    return {'format': 'pt', 'graft.schema_version': '1', 'graft.model': model, 'graft.input_shape': shape,
            'graft.normalization': '{"mean":0.5,"deviation":0.25}', 'graft.classes': json.dumps(list(range(len(classes)))),
            'graft.class_names': json.dumps(classes), 'graft.trained_classes': json.dumps(list(range(len(classes)))),
            'graft.frozen': json.dumps(list(frozen)), 'graft.record': json.dumps(record or {})}


def numbers(count):
    return struct.pack(f'<{count}f', *[(place * 37 % 64) / 64 for place in range(count)])


def tensor(name, *shape):
    count = 1
    for size in shape:
        count *= size
    return (name, 'F32', list(shape), numbers(count))


softmax = ([tensor('fc1.weight', 2, 4), tensor('fc1.bias', 2)], metadata('softmax', '1x2x2', ['q', 'dog'], (), {'epochs': 3}))
hidden = ([tensor('fc1.weight', 3, 4), tensor('fc1.bias', 3), tensor('fc2.weight', 2, 3), tensor('fc2.bias', 2)],
          metadata('mlp:3', '1x2x2', ['0', '1'], ['fc1.weight', 'fc1.bias']))
convolution = ([tensor('conv1.weight', 2, 1, 2, 2), tensor('bn1.weight', 2), tensor('bn1.bias', 2), tensor('bn1.running_mean', 2),
                tensor('bn1.running_var', 2), ('bn1.num_batches_tracked', 'I64', [], bytes(8)), tensor('fc1.weight', 2, 8),
                tensor('fc1.bias', 2)], metadata('cnn:2c2b', '1x3x3', ['a', 'b']))
seeds = {}
for name, (tensors, about) in {'softmax': softmax, 'mlp': hidden, 'cnn': convolution}.items():
    seeds[name] = b'0' + safetensors(tensors, about)
    seeds[name + '-header'] = b'1' + safetensors(tensors, about, False)
write('checkpoint', seeds)
write('model', {name.replace(':', '-').replace(',', '-'): f'{form}{name}' for form, name in [
    (0, 'softmax'), (0, 'mlp:500'), (0, 'mlp:30,20b'), (0, 'cnn:small'), (0, 'cnn:best'), (0, 'cnn:16c5-p2-32c5-p2-128'),
    (1, 'cnn:4c3p1b-p2-8c3s2b-a-10'), (1, 'cnn:3c3p1g3-p3s2p1-6c3z-a2'), (2, 'cnn:2c2-p2-4c3p2-p2'), (0, 'resnet18'),
    (1, 'resnet9-w16'), (0, 'mobilenet-v2'), (0, 'efficientnet-lite0'), (1, 'cnn:4c1s2-4c3zg4b-12b'), (1, 'mlp:8b,8')]})


class Assembler:
    """Pickles put together from instructions, as torch.save writes them."""

    @staticmethod
    def text(value):
        value = value.encode()
        return b'X' + struct.pack('<I', len(value)) + value

    @staticmethod
    def number(value):
        return b'K' + bytes([value]) if 0 <= value < 256 else b'J' + struct.pack('<i', value)

    @classmethod
    def numbers(cls, values):
        return b'(' + b''.join(cls.number(value) for value in values) + b't'

    @classmethod
    def storage(cls, kind, key, count, old=False):
        return (b'(' + cls.text('storage') + b'ctorch\n' + kind.encode() + b'\n' + cls.text(key) + cls.text('cpu')
                + cls.number(count) + (b'N' if old else b'') + b'tQ')

    @classmethod
    def tensor(cls, storage, offset, shape, strides):
        return (b'ctorch._utils\n_rebuild_tensor_v2\n(' + storage + cls.number(offset) + cls.numbers(shape) + cls.numbers(strides)
                + b'\x89ccollections\nOrderedDict\n)Rt' + b'R')

    @classmethod
    def pickle(cls, items):
        return (b'\x80\x02ccollections\nOrderedDict\n)R(' + b''.join(cls.text(name) + value for name, value in items) + b'u.')


A = Assembler
one = A.pickle([('p.weight', A.tensor(A.storage('FloatStorage', '0', 6), 0, [2, 3], [3, 1])),
                ('fc.bias', A.tensor(A.storage('FloatStorage', '1', 2), 0, [2], [1]))])
single = A.pickle([('w', A.tensor(A.storage('FloatStorage', '0', 6), 1, [2, 2], [2, 1]))])
old = A.pickle([('w', A.tensor(A.storage('DoubleStorage', '0', 3, True), 0, [3], [1]))])
halves = A.pickle([('h', A.tensor(A.storage('HalfStorage', '0', 12), 0, [3, 4], [1, 3])),
                   ('i', A.tensor(A.storage('LongStorage', '1', 1), 0, [], []))])
nested = (b'\x80\x02}(' + A.text('state_dict') + b'}(' + A.text('a') + A.tensor(A.storage('FloatStorage', '0', 6), 0, [6], [1])
          + A.text('n') + b'G' + struct.pack('>d', 0.5) + b'u' + A.text('epoch') + A.number(3) + b'u.')


def torch(pickled):
    return zipped([('m/data.pkl', pickled), ('m/byteorder', b'little'), ('m/data/0', ramp[:24]), ('m/data/1', ramp[:8])],
                  zipfile.ZIP_STORED)


memo = b'\x80\x02}q\x00(' + A.text('x') + b'q\x01' + A.tensor(A.storage('FloatStorage', '0', 6), 0, [3], [2]) + b'q\x02' + A.text('y') \
    + b'h\x02' + b'u.'
write('pth', {
    'archive': b'0' + torch(one),
    'pickle': b'1' + one,
    'pickle-halves': b'1' + halves,
    'pickle-nested': b'1' + nested,
    'pickle-memo': b'1' + memo,
    'pickle-4': b'1\x80\x04\x95' + struct.pack('<Q', len(single) - 2) + single[2:],
    'pickle-name': b'1' + A.pickle([('the.network.of.a.long.name.' * 4, A.tensor(A.storage('FloatStorage', '0', 6), 0, [6], [1]))]),
    'old': b'2' + single,
    'old-doubles': b'2' + old,
    'safetensors': b'0' + safetensors(some),
    'npz': b'0' + zipped([('w.npy', npy('<f4', (2, 4), floats))]),
    'inner': b'0' + zipped([('net/w.safetensors', safetensors(some))]),
})

# Texts

write('json', {
    'object': '{"a":[1,-2.5e3,true,false,null],"b":{"c":"d"},"e":""}',
    'strings': '["\\u00e9\\n\\"\\\\\\/","\\ud83d\\ude00","é 😀","\\u2028<>&"]',
    'numbers': '[0,-0,1e-7,9223372036854775807,12345678901234567890,0.1,5e-324]',
    'texts': '{"a":["J"]}',
    'space': ' \t\r\n{ "x" : [ ] , "y" : { } } ',
    'word': 'true',
})
write('config', {
    'train': '0{"model":"cnn:small","learning_rate":0.01,"epochs":3,"nesterov":true,"augment":false,"lr":null}'.replace(
        ',"lr":null', ''),
    'augment': '0{"augment":true,"no-nesterov":true,"per_class":10}',
    'study': '1{"source":["even","odd"],"target":"odd","seeds":5,"model":"mlp:30","epochs":[1,2],"quiet":false}',
    'runs': '2{"store":"runs/a.sqlite","json":true}',
    'transfer': '3{"per-class":10,"seed":7,"no_control":true,"fraction":0.25}',
    'empty': '0{}',
    'nothing': '1{"model":null,"seed":-1,"learning-rate":1e-05}',
})
write('classes', {name.replace(',', '_').replace(' ', '-')[1:] + '-' + name[0]: name for name in [
    '0even', '0odd', '0all', '00,1,7', '00-4', '00-2,7', '1cat,dog', '1even', '1a-b,wolf', '11,4', '23,5,8', '23-5', '2even',
    '3letter 3,letter 7', '30-25', '3all']})
write('augmentation', {name.replace(',', '_').replace('=', '-'): f'{form}{name}' for form, name in [
    (0, 'none'), (0, 'standard'), (1, 'photo'), (1, 'standard,rotate=20'), (0, 'small'),
    (0, 'shift=2,scale=0.9-1.1,rotate=15,shear=10'), (0, 'elastic=4,sigma=6,thickness=0.25,erase=6'),
    (1, 'flip=0.5,crop=0.35-1,brightness=0.2,contrast=0.2,saturation=0.2,hue=0.05'), (0, 'scale=1.2')]})


def matrix(half, wrong):
    counts = [[0] * 10 for _ in range(10)]
    for digit in range(half, 10, 2):
        counts[digit][digit] = 3
    counts[half][half] -= wrong
    counts[half][half + 2] += wrong
    return counts


def outcome(system, target, seed, wrong):
    half = 0 if target == 'even' else 1
    digits = [digit for digit in range(half, 10, 2) for _ in range(3)]
    predictions = list(digits)
    for place in range(wrong):
        predictions[place] = half + 2
    return {'task': {'system': system, 'target': target}, 'seed': seed, 'confusion': {'counts': matrix(half, wrong)},
            'predictions': predictions, 'labels': digits, 'seconds': 0.5, 'trainedParameters': 7850,
            'history': [{'epoch': 1, 'trainLoss': 0.75, 'seconds': 0.25, 'heldOut': {'loss': 0.5, 'correct': 12, 'images': 15}}],
            'checkpointDigest': 'ab' * 32}


def record(systems, seeds=(0,), more=False, name='synthetic', isStudys=False, epochs=2):
    outcomes = [outcome(system, target, seed, (seed + place) % 3) for seed in seeds
                for place, system in enumerate(systems) for target in ('even', 'odd')]
    document = {
        'schemaVersion': 1, 'dataName': name, 'isStudysData': isStudys, 'trainCounts': [20] * 10, 'testCounts': [3] * 10,
        'evenDigest': 'cd' * 32, 'oddDigest': 'ef' * 32, 'seconds': 3.5, 'outcomes': outcomes, 'shares': [], 'variant': [],
        'fewLabels': [],
        'options': {'seeds': list(seeds), 'includesControls': True, 'threads': 2, 'scratchEpochs': epochs,
                    'transferEpochs': epochs, 'version': '1', 'machine': 'm', 'system': 's'}}
    if more:
        document['shares'] = [{'reading': 'transfer-slow', 'target': 'odd', 'percent': 20, 'published': 97.5, 'images': 15,
                               'correct': [12]}]
        document['variant'] = [{'task': {'system': 'network', 'target': 'even'}, 'seed': 0, 'correct': 11, 'images': 15,
                                'history': [{'epoch': 1, 'trainLoss': 'nan', 'seconds': 0.25}], 'seconds': 1}]
        document['fewLabels'] = [{'target': 'even', 'labelsPerClass': 10, 'scratch': {'values': [70.5, 71]},
                                  'transfer': {'values': [75, 76.25]}}]
    return json.dumps(document, separators=(',', ':'))


write('page', {
    'empty': record([]),
    'small': record(['softmax'], name='mnist', more=True),
    'table': record(['softmax', 'network', 'transfer']),
    'study': record(['network', 'transfer', 'scratch-matched'], (0, 1), False, 'mnist', True, 100),
})
