"""Makes arrays.json: small data sets in NumPy's files and in CSV tables, with the images and labels that NumPy has of them.

    python Scripts/golden/arrays.py [--out Tests/Golden/arrays.json]      (needs numpy, pillow)

Each case has the files as they are on disk, and the pixels that a reader must give: bytes from 0 to 255, one channel
after the other. Scales are computed in float64, and a half is rounded upwards. Sizes and greys are Pillow's.
"""
import base64
import common
import io
import numpy as np
import PIL
from PIL import Image

options = common.arguments(__doc__, common.golden + '/arrays.json')
random = np.random.RandomState(1)
cases = []


def npz(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return {'data.npz': file.getvalue()}


def unnamed(*arrays):
    file = io.BytesIO()
    np.savez(file, *arrays)
    return {'data.npz': file.getvalue()}


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def add(name, files, train, test, size=None, colors=None, keys=None, class_names=None, path=None):
    """A case; train and test are images [count, channels, rows, columns] in bytes, with labels."""
    for images, labels in (train, test):
        assert images.dtype == np.uint8 and images.ndim == 4 and len(images) == len(labels), name
    part = lambda images, labels: dict(pixels=base64.b64encode(np.ascontiguousarray(images).tobytes()).decode(),
                                       labels=[int(v) for v in labels])
    cases.append(dict(
        name=name, path=path or (list(files)[0] if len(files) == 1 else ''),
        files=[dict(name=n, bytes=base64.b64encode(b).decode()) for n, b in files.items()],
        size=list(size) if size else None, colors=colors, keys=keys, shape=list(train[0].shape[1:]),
        train=part(*train), test=part(*test), class_names=class_names))


def half_up(values):
    return np.floor(np.asarray(values, np.float64) + 0.5).clip(0, 255).astype(np.uint8)


def planes(images):
    """(count, rows, columns[, channels]) as (count, channels, rows, columns)."""
    return images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)


def noise(*shape):
    return random.randint(0, 256, shape).astype(np.uint8)


def smooth(count, height, width):
    """Colours that change slowly, (count, rows, columns, 3)."""
    y, x = np.mgrid[:height, :width]
    base = random.uniform(40, 200, (count, 1, 1, 3))
    slope = random.uniform(-5, 5, (count, 2, 1, 1, 3))
    return half_up(base + slope[:, 0] * y[None, :, :, None] + slope[:, 1] * x[None, :, :, None])


ly, lt = np.array([2, 0, 1, 1, 0, 2, 2]), np.array([1, 2, 0])
x, t = noise(7, 4, 5), noise(3, 4, 5)
rgb, rgbt = noise(7, 4, 5, 3), noise(3, 4, 5, 3)
plain = ((planes(x), ly), (planes(t), lt))
colored = ((planes(rgb), ly), (planes(rgbt), lt))

# Types of numbers
add('keras', npz(x_train=x, y_train=ly.astype('u1'), x_test=t, y_test=lt.astype('u1')), *plain)
add('int64', npz(x_train=x.astype('i8'), y_train=ly, x_test=t.astype('i8'), y_test=lt), *plain)
add('uint16', npz(x_train=x.astype('u2'), y_train=ly.astype('i2'), x_test=t.astype('i4'), y_test=lt.astype('i1')), *plain)
for kind in ('f2', 'f4', 'f8'):
    f, ft = (random.uniform(0, 1, (7, 4, 5))).astype(kind), (random.uniform(0, 0.4, (3, 4, 5, 1))).astype(kind)
    f[0, 0, :2] = 0, 1
    add('unit ' + kind, npz(X_train=f, y_train=ly.astype(kind), X_test=ft, y_test=lt.astype(kind)[:, None]),
        (planes(half_up(f.astype('f8') * 255)), ly), (planes(half_up(ft.astype('f8') * 255)), lt))
f, ft = (random.uniform(0, 255, (7, 4, 5))).astype('f4'), (random.uniform(0, 255, (3, 4, 5))).astype('f4')
add('floats to 255', npz(trainX=f, trainY=ly, testX=ft, testY=lt), (planes(half_up(f)), ly), (planes(half_up(ft)), lt))
f, ft = (random.uniform(-1, 1, (7, 3, 4, 5))).astype('f4'), (random.uniform(0, 1, (3, 3, 4, 5))).astype('f4')
signed = lambda v: half_up((v.astype('f8') + 1) / 2 * 255)
add('signed unit, channels first', npz(x_train=f, y_train=ly, x_test=ft, y_test=lt), (signed(f), ly), (signed(ft), lt))
f, ft = random.randint(0, 17, (7, 64)).astype('f8'), random.randint(0, 17, (3, 64)).astype('f8')
f[0, 0] = 16
sixteenths = lambda v: half_up(v.reshape(-1, 1, 8, 8) * 255 / 16)
add('digits of scikit-learn', npz(x_train=f, y_train=ly, x_test=ft, y_test=lt), (sixteenths(f), ly), (sixteenths(ft), lt))
b, bt = noise(7, 4, 5) > 100, noise(3, 4, 5) > 100
add('bool', npz(x_train=b, y_train=ly > 0, x_test=bt, y_test=lt > 0),
    (planes(b.astype('u1') * 255), ly > 0), (planes(bt.astype('u1') * 255), lt > 0))
add('a type for each part', npz(x_train=x / 255., y_train=ly, x_test=t, y_test=lt), *plain)

# Shapes
add('channels last', npz(train_x=rgb, train_y=ly, test_x=rgbt, test_y=lt), *colored)
add('channels first', npz(x_train=rgb.transpose(0, 3, 1, 2), y_train=ly, x_test=rgbt.transpose(0, 3, 1, 2), y_test=lt), *colored)
add('one channel first', npz(x_train=x[:, None], y_train=ly, x_test=t[:, None], y_test=lt), *plain)
square = noise(7, 3, 5, 3), noise(3, 3, 5, 3)
add('channels first or last', npz(x_train=square[0], y_train=ly, x_test=square[1], y_test=lt),
    (planes(square[0]), ly), (planes(square[1]), lt))
rgba, rgbat = noise(7, 4, 5, 4), noise(3, 4, 5, 4)
white = lambda v: planes(((v[..., :3].astype(int) * v[..., 3:] + 255 * (255 - v[..., 3:].astype(int)) + 127) // 255).astype('u1'))
add('opacity', npz(x_train=rgba, y_train=ly, x_test=rgbat, y_test=lt), (white(rgba), ly), (white(rgbat), lt))
add('rows of a size', npz(x_train=x.reshape(7, 20), y_train=ly, x_test=t.reshape(3, 20), y_test=lt), *plain, size=(4, 5))
s, st = noise(7, 36), noise(3, 36)
add('rows of a square', npz(x_train=s, y_train=ly, x_test=st, y_test=lt),
    (s.reshape(7, 1, 6, 6), ly), (st.reshape(3, 1, 6, 6), lt))
c, ct = smooth(7, 8, 8), smooth(3, 8, 8)
add('rows of pixels in colours', npz(x_train=c.reshape(7, -1), y_train=ly, x_test=ct.reshape(3, -1), y_test=lt),
    (planes(c), ly), (planes(ct), lt))
add('rows of planes of colours', npz(x_train=planes(c).reshape(7, -1), y_train=ly, x_test=planes(ct).reshape(3, -1), y_test=lt),
    (planes(c), ly), (planes(ct), lt))

# Sizes and colours
grey = lambda v: np.stack([np.asarray(Image.fromarray(i).convert('L')) for i in v])[:, None]
add('greys of colours', npz(x_train=rgb, y_train=ly, x_test=rgbt, y_test=lt), (grey(rgb), ly), (grey(rgbt), lt), colors='grey')
add('colours of greys', npz(x_train=x, y_train=ly, x_test=t, y_test=lt),
    (planes(x).repeat(3, 1), ly), (planes(t).repeat(3, 1), lt), colors='rgb')
resized = lambda v, h, w: np.stack([np.asarray(Image.fromarray(i).resize((w, h), Image.BILINEAR)) for i in v])
add('greys of another size', npz(x_train=x, y_train=ly, x_test=t, y_test=lt),
    (planes(resized(x, 7, 6)), ly), (planes(resized(t, 7, 6)), lt), size=(7, 6))
add('colours of another size', npz(x_train=c, y_train=ly, x_test=ct, y_test=lt),
    (planes(resized(c, 5, 6)), ly), (planes(resized(ct, 5, 6)), lt), size=(5, 6))

# Labels
images = lambda **labels: npz(x_train=x, x_test=t, **labels)
one_hot = np.eye(5, dtype='f4')
add('one-hot', images(y_train=one_hot[ly], y_test=one_hot[lt]), *plain, class_names=list('01234'))
add('one-hot bool', images(y_train=one_hot[ly, :3] > 0, y_test=one_hot[lt, :3] > 0), *plain, class_names=list('012'))
add('labels from 1', images(y_train=ly + 1, y_test=lt + 1), *plain, class_names=list('123'))
sparse = np.array([3, 12, 700])
add('sparse labels', images(y_train=sparse[ly], y_test=sparse[lt]), *plain, class_names=['3', '12', '700'])
add('words', images(y_train=np.array(['bee', 'wäsp', '蟻'])[ly], y_test=np.array(['bee', 'wäsp', '蟻'])[lt]),
    *plain, class_names=['bee', 'wäsp', '蟻'])
add('bytes of text', images(y_train=np.array([b'a', b'bc', b'd'])[ly], y_test=np.array([b'a', b'bc', b'd'])[lt]),
    *plain, class_names=['a', 'bc', 'd'])
add('numbers in text', images(y_train=np.array(['9', '10', '100'])[ly], y_test=np.array(['9', '10', '100'])[lt]),
    *plain, class_names=['9', '10', '100'])
many = np.array([0, 299, 300, 17, 256, 255, 1])
add('301 classes', images(y_train=many, y_test=np.array([300, 299, 4])), (planes(x), many), (planes(t), [300, 299, 4]),
    class_names=[str(i) for i in range(301)])

# Names
v = noise(2, 4, 5)
add('medmnist', npz(train_images=x, train_labels=ly[:, None].astype('u1'), val_images=v, val_labels=np.array([[0], [1]], 'u1'),
                    test_images=t, test_labels=lt[:, None].astype('u1')), *plain)
add('validation for testing', npz(train_images=x, train_labels=ly, val_images=t, val_labels=lt), *plain)
add('keys', npz(a=x, b=ly, c=t, d=lt), *plain, keys='train_images=a,train_labels=b,test_images=c,test_labels=d')
kmnist = {}
for part, i, l in (('train', x, ly), ('test', t, lt)):
    kmnist[f'kmnist-{part}-imgs.npz'] = unnamed(i)['data.npz']
    kmnist[f'kmnist-{part}-labels.npz'] = unnamed(l.astype('u1'))['data.npz']
add('kmnist', kmnist, *plain)
add('files of one array', {'x_train.npy': npy(x), 'y_train.npy': npy(ly), 'x_test.npy': npy(t), 'y_test.npy': npy(lt)}, *plain)


# Tables
def table(images, labels, names=True, text=str, end='\n', last=False, ids=False, quotes=''):
    lines = []
    for i, (image, label) in enumerate(zip(images.reshape(len(images), -1), labels)):
        row = [text(v) for v in image]
        row = row + [f'{quotes}{label}{quotes}'] if last else [f'{quotes}{label}{quotes}'] + row
        lines.append(','.join(([str(i)] if ids else []) + row))
    if names:
        pixels = [f'{quotes}pixel{i}{quotes}' for i in range(images[0].size)]
        head = pixels + ['Label'] if last else ['label'] + pixels
        lines.insert(0, ','.join(([''] if ids else []) + head))
    return end.join(lines).encode()


s, st = noise(7, 4, 4), noise(3, 4, 4)
squares = (planes(s), ly), (planes(st), lt)
both = lambda **o: {'train.csv': table(s, ly, **o) + b'\n', 'test.csv': table(st, lt, **o)}
add('table', both(), *squares)
add('table without names', both(names=False), *squares)
add('table from another system', {n: b'\xef\xbb\xbf' + b for n, b in both(end='\r\n').items()}, *squares)
add('label last, lines numbered', both(last=True, ids=True), *squares)
add('quotation marks', both(quotes='"'), *squares)
words = lambda l: [['a, b', 'zoë', 'x "y"'][i].replace('"', '""') for i in l]
add('words in quotation marks', {'train.csv': table(s, words(ly), quotes='"'), 'test.csv': table(st, words(lt), quotes='"')},
    (planes(s), np.array([0, 2, 1])[ly]), (planes(st), np.array([0, 2, 1])[lt]), class_names=['a, b', 'x "y"', 'zoë'])
for name, text in (('decimals', lambda v: repr(float(v / 255))), ('exponents', lambda v: '%.18e' % (v / 255))):
    add('table of ' + name, both(text=text), *squares)
add('table of whole decimals', both(text=lambda v: f'{v}.0'), *squares)
add('table of a size', {'train.csv': table(x, ly, names=False), 'test.csv': table(t, lt, names=False)}, *plain, size=(4, 5))
f, ft = random.uniform(0, 255, (7, 4, 4)), random.uniform(0, 255, (3, 4, 4))
long = lambda v: '%.25f' % v
add('long decimals', {'train.csv': table(f, ly, text=long), 'test.csv': table(ft, lt, text=long)},
    (planes(half_up(f)), ly), (planes(half_up(ft)), lt))

common.write(options.out, dict(
    made_by=f'Scripts/golden/arrays.py, NumPy {np.__version__}, Pillow {PIL.__version__}', cases=cases))
