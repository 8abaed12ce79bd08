"""JAX: a whole epoch as one compiled function, the permutation included, with weights and optimizer state donated.

    python Benchmarks/peers/jax_epoch.py [--threads N] [--units UNIT,...]     (protocol: common.py)

Measured and chosen: lax.scan over the batches' indices with the gather inside (a tenth faster than scanning over data that was
permuted as a whole), weights [outputs × inputs] (a twelfth faster than transposed). The short last batch follows the scan. One
thread means one core (common.py pins the process) and a single-threaded Eigen.
"""
import common
import os
from functools import partial

if common.threads == 1:
    os.environ['XLA_FLAGS'] = '--xla_cpu_multi_thread_eigen=false'
os.environ.setdefault('JAX_PLATFORMS', 'cpu')
import jax
import jax.numpy as jnp

x, y = common.images()
x, y = jnp.asarray(x), jnp.asarray(y, jnp.int32)
whole = len(x) // common.batch_size * common.batch_size


def loss(parameters, images, labels):
    for i, (weight, bias) in enumerate(parameters):
        images = (images if i == 0 else jax.nn.relu(images)) @ weight.T + bias
    return -jnp.take_along_axis(jax.nn.log_softmax(images), labels[:, None], axis=1).mean()


def sgd(parameters, velocities, gradients):
    velocities = jax.tree.map(lambda v, g: common.momentum * v + g, velocities, gradients)
    return jax.tree.map(lambda p, v: p - common.learning_rate * v, parameters, velocities), velocities


def adam(parameters, state, gradients):
    first, second, steps = state
    steps += 1
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)
    rate, scale = common.learning_rate / (1 - 0.9 ** steps), 1 - 0.999 ** steps
    parameters = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v / scale) + 1e-8), parameters, first, second)
    return parameters, (first, second, steps)


def training(update, *sizes):
    parameters = [tuple(map(jnp.array, common.linear(*pair))) for pair in zip(sizes, sizes[1:])]
    zeros = lambda: jax.tree.map(jnp.zeros_like, parameters)
    state = zeros() if update is sgd else (zeros(), zeros(), jnp.zeros(()))
    key = jax.random.key(0)

    @partial(jax.jit, donate_argnums=0)
    def epoch(carry, key, x, y):
        def step(carry, batch):
            parameters, state = carry
            value, gradients = jax.value_and_grad(loss)(parameters, x[batch], y[batch])
            return update(parameters, state, gradients), value

        order = jax.random.permutation(key, len(x))
        carry, values = jax.lax.scan(step, carry, order[:whole].reshape(-1, common.batch_size))
        carry, last = step(carry, order[whole:])
        return carry, jnp.append(values, last).mean()

    def unit():
        nonlocal parameters, state, key
        key, use = jax.random.split(key)
        (parameters, state), mean = epoch((parameters, state), use, x, y)
        jax.block_until_ready(parameters)
        return {'note': f'loss {mean:.4f}'}
    return unit


common.serve(jax.__version__, {
    'network-epoch': training(sgd, 784, common.hidden, 10),
    'softmax-epoch': training(sgd, 784, 10),
    'adam-epoch': training(adam, 784, common.hidden, 10),
})
