import assert from "node:assert/strict";
import test from "node:test";

import { attention, gelu, linear, relu, sigmoid, softmax, tanh } from "../../convrnn_lab/explorer/web/kernels_layers.js";

const tensor = (shape, values) => ({ shape, data: Float32Array.from(values) });
const zeros = (...shape) => tensor(shape, Array(shape.reduce((a, b) => a * b, 1)).fill(0));
const holds = (result, shape, values) => assert.deepEqual([result.shape, [...result.data]], [shape, values.map(Math.fround)]);

test("a linear layer multiplies each row, and adds the bias", () => {
  holds(linear(tensor([2, 2], [1, 2, 3, 4]), tensor([1, 2], [10, 1]), tensor([1], [5])), [2, 1], [17, 39]);
});

test("activations change each value by itself", () => {
  const input = tensor([3], [-1, 0, 2]);

  holds(relu(input), [3], [0, 0, 2]);
  holds(sigmoid(input), [3], [1 / (1 + Math.E), 0.5, 1 / (1 + Math.exp(-2))]);
  holds(tanh(input), [3], [Math.tanh(-1), 0, Math.tanh(2)]);
});

test("GELU is the value times the share of a normal distribution below it", () => {
  holds(gelu(tensor([4], [0, 1, -1, 20])), [4], [0, 0.8413447460685429, -0.15865525393145707, 20]);
});

test("softmax shares out one along its axis", () => {
  holds(softmax(tensor([1, 2], [0, Math.log(3)])), [1, 2], [0.25, 0.75]);
  holds(softmax(tensor([2, 1], [1000, 1000]), 0), [2, 1], [0.5, 0.5]);
});

const [query, key, value] = [tensor([2, 1], [0, 0]), zeros(2, 1), tensor([2, 1], [2, 4])];

test("attention mixes the values by how well query and key agree", () => {
  const { output, weights, scores } = attention(tensor([1, 1], [Math.log(3)]), tensor([2, 1], [0, 1]), value);

  holds(scores, [1, 2], [0, Math.log(3)]);
  holds(weights, [1, 2], [0.25, 0.75]);
  holds(output, [1, 1], [3.5]);
});

test("a causal step sees itself and what came before", () => {
  holds(attention(query, key, value, { causal: true }).weights, [2, 2], [1, 0, 0.5, 0.5]);
});

test("a mask of bytes hides, one of numbers is added, and who sees nothing gets nothing", () => {
  const seen = { shape: [2, 2], data: Uint8Array.of(0, 1, 0, 0) };

  holds(attention(query, key, value, { mask: seen }).output, [2, 1], [4, 0]);
  holds(attention(query, key, value, { mask: tensor([1, 2], [0, Math.log(3)]) }).output, [2, 1], [3.5, 3.5]);
});

test("heads of one key and value are shared", () => {
  holds(attention(zeros(3, 2, 1), zeros(1, 2, 1), value).output, [3, 2, 1], [3, 3, 3, 3, 3, 3]);
});

const refusals = [
  [() => linear(zeros(2, 3), zeros(4, 2)), "input must be of shape (..., 2); got (2, 3)"],
  [() => linear(zeros(2, 3), zeros(3)), "weight must be of shape (output feature, feature); got (3,)"],
  [() => linear(zeros(2, 3), zeros(4, 3), zeros(3)), "bias must be of shape (4,); got (3,)"],
  [() => softmax(zeros(2, 3), 2), "axis must be an axis from -2 to 1; got 2"],
  [() => attention(zeros(3), key, value), "query must be of two axes or more; got (3,)"],
  [() => attention(zeros(2, 3), key, value), "key must be of 3 features, as the query is; got (2, 1)"],
  [() => attention(query, key, zeros(3, 1)), "value must be of 2 steps, as the key is; got (3, 1)"],
  [() => attention(zeros(3, 2, 1), zeros(2, 2, 1), value), "key must be of shape (3, 2, 1), or 1 on an axis; got (2, 2, 1)"],
  [() => attention(query, key, value, { mask: zeros(2, 3) }), "mask must be of shape (2, 2), or 1 on an axis; got (2, 3)"],
  [() => attention(query, key, value, { mask: zeros(2, 2), causal: true }), "causal must be false where there is a mask; got true"],
];

for (const [call, message] of refusals) test(`refused: ${message}`, () => assert.throws(call, { message }));
