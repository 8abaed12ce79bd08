"use strict";
// Runs the models that the page carries: the same arithmetic as Graft's own, in plain loops. Nothing here touches the page.
const graft = (() => {
  /** Bytes of a text in base64. */
  const bytesOf = (text) => {
    const letters = atob(text);
    const bytes = new Uint8Array(letters.length);
    for (let index = 0; index < bytes.length; index++) bytes[index] = letters.charCodeAt(index);
    return bytes;
  };

  /** What one step of the fraction is worth at each exponent; weights are finite, so the last exponent does not occur. */
  const steps = Float64Array.from({ length: 32 }, (_, exponent) => 2 ** (Math.max(exponent, 1) - 25));

  /** IEEE 754 binary16, little-endian, as numbers. */
  const halves = (bytes) => {
    const numbers = new Float32Array(bytes.length / 2);
    for (let index = 0; index < numbers.length; index++) {
      const bits = bytes[2 * index] | (bytes[2 * index + 1] << 8);
      const exponent = (bits >> 10) & 31;
      const fraction = (bits & 1023) + (exponent === 0 ? 0 : 1024);
      numbers[index] = (bits & 0x8000 ? -fraction : fraction) * steps[exponent];
    }
    return numbers;
  };

  /** outputs[o] = bias[o] + Σ weight[o, i] · inputs[i]; inputs that are zero are passed over. */
  const linear = (layer, inputs) => {
    const outputs = Float32Array.from(layer.bias);
    const lit = [];
    for (let input = 0; input < inputs.length; input++) if (inputs[input] !== 0) lit.push(input);
    for (let output = 0; output < outputs.length; output++) {
      const row = output * inputs.length;
      let sum = 0;
      for (const input of lit) sum += layer.weight[row + input] * inputs[input];
      outputs[output] += sum;
    }
    return outputs;
  };

  /** A map [channels × height × width] under kernels [outputs × channels × kernel × kernel]; under a kernel for each channel if it is
      depthwise. Positions outside of the map are zeros. */
  const convolution = (layer, inputs) => {
    const [all, height, width] = layer.input;
    const channels = layer.groups === 1 ? all : 1;
    const [kernels, rows, columns] = layer.map;
    const { kernel, stride, padding } = layer;
    const outputs = new Float32Array(kernels * rows * columns);
    for (let output = 0; output < kernels; output++) {
      const plane = output * rows * columns;
      outputs.fill(layer.bias[output], plane, plane + rows * columns);
      for (let channel = 0; channel < channels; channel++) {
        for (let y = 0; y < kernel; y++) {
          for (let x = 0; x < kernel; x++) {
            const weight = layer.weight[((output * channels + channel) * kernel + y) * kernel + x];
            // The columns whose window has this pixel inside the map.
            const first = Math.max(0, Math.ceil((padding - x) / stride));
            const last = Math.min(columns - 1, Math.floor((width - 1 + padding - x) / stride));
            for (let row = 0; row < rows; row++) {
              const inputRow = row * stride + y - padding;
              if (inputRow < 0 || inputRow >= height) continue;
              const from = ((layer.groups === 1 ? channel : output) * height + inputRow) * width;
              const to = plane + row * columns;
              for (let column = first; column <= last; column++) outputs[to + column] += weight * inputs[from + column * stride + x - padding];
            }
          }
        }
      }
    }
    return outputs;
  };

  /** The largest or the mean of each window. */
  const pool = (layer, inputs) => {
    const [channels, height, width] = layer.map;
    const { kind, size, stride, padding } = layer.pool;
    const rows = Math.floor((height + 2 * padding - size) / stride) + 1;
    const columns = Math.floor((width + 2 * padding - size) / stride) + 1;
    const outputs = new Float32Array(channels * rows * columns);
    for (let channel = 0; channel < channels; channel++) {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          let largest = -Infinity;
          let sum = 0;
          for (let y = 0; y < size; y++) {
            for (let x = 0; x < size; x++) {
              const [top, left] = [row * stride + y - padding, column * stride + x - padding];
              if (top < 0 || left < 0 || top >= height || left >= width) continue;
              const value = inputs[(channel * height + top) * width + left];
              if (value > largest) largest = value;
              sum += value;
            }
          }
          outputs[(channel * rows + row) * columns + column] = kind === "maximum" ? largest : sum / (size * size);
        }
      }
    }
    return outputs;
  };

  const sigmoid = (value) => 1 / (1 + Math.exp(-value));
  const capped = (value) => Math.min(Math.max(value, 0), 6);
  /** The nonlinearities by their names. */
  const functions = {
    identity: (value) => value,
    relu: (value) => Math.max(value, 0),
    relu6: capped,
    silu: (value) => value * sigmoid(value),
    "hard-swish": (value) => (value * capped(value + 3)) / 6,
  };

  const softmax = (logits) => {
    const largest = logits.reduce((one, other) => Math.max(one, other), -Infinity);
    const exponentials = Array.from(logits, (logit) => Math.exp(logit - largest));
    const sum = exponentials.reduce((one, other) => one + other, 0);
    return exponentials.map((value) => value / sum);
  };

  /** Probabilities of all outputs for one image of bytes, and what the hidden layers answer. */
  const run = (model, pixels) => {
    unpack(model);
    // One mean and deviation for all channels, or one for each.
    const plane = pixels.length / model.mean.length;
    let values = Float32Array.from(pixels, (pixel, index) => {
      const channel = Math.floor(index / plane);
      return (pixel / 255 - model.mean[channel]) / model.deviation[channel];
    });
    const [image, hidden] = [values, []];
    for (const layer of model.layers) {
      // A layer reads the output of an earlier one, or the image.
      const input = layer.reads < 0 ? image : hidden[layer.reads];
      values = layer.kind === "linear" ? linear(layer, input) : convolution(layer, input);
      const added = layer.adds === null ? null : hidden[layer.adds];
      if (added) values = values.map((value, index) => value + added[index]);
      if (layer.function !== "identity") values = values.map(functions[layer.function]);
      if (layer.pool) values = pool(layer, values);
      hidden.push(values);
    }
    const logits = hidden.pop();
    return { logits, probabilities: softmax(logits), hidden };
  };

  const data = JSON.parse(document.getElementById("data").textContent);
  const unpacked = new Map();

  /** Numbers where places of weights were; only of models that are asked something. */
  const unpack = (model) => {
    const numbers = (place) => {
      if (typeof place !== "number") return place;
      if (!unpacked.has(place)) unpacked.set(place, halves(bytesOf(data.weights[place])));
      return unpacked.get(place);
    };
    for (const layer of model.layers) [layer.weight, layer.bias] = [numbers(layer.weight), numbers(layer.bias)];
  };

  return { data, models: data.models, bytesOf, run };
})();
