import assert from "node:assert/strict";
import test from "node:test";

import {
  avgPool1d, avgPool2d, conv1d, conv2d, convTranspose1d, convTranspose2d, maxPool1d, maxPool2d,
} from "../../convrnn_lab/explorer/web/kernels.js";

const tensor = (shape, values) => ({ shape, data: Float32Array.from(values) });
const zeros = (...shape) => tensor(shape, Array(shape.reduce((a, b) => a * b, 1)).fill(0));
const line = (...values) => tensor([1, 1, values.length], values);
const holds = (result, shape, values) => assert.deepEqual([result.shape, [...result.data]], [shape, values]);

test("a convolution is a cross-correlation, with the bias added", () => {
  holds(conv1d(line(1, 2, 4), line(-1, 1), tensor([1], [10])), [1, 1, 2], [11, 12]);
});

test("stride, dilation and padding choose the samples", () => {
  holds(conv1d(line(1, 2, 3, 4, 5), line(1, 1), null, { stride: 2, dilation: 2, padding: 1 }), [1, 1, 3], [2, 6, 4]);
});

test("an even kernel has its odd zero of 'same' at the end", () => {
  holds(conv1d(line(1, 2, 3), line(1, 1), null, { padding: "same" }), [1, 1, 3], [3, 5, 3]);
});

test("pairs of padding are zeros before and after", () => {
  holds(conv1d(line(1, 2, 3), line(1, 1), null, { padding: [[1, 0]] }), [1, 1, 3], [1, 3, 5]);
});

test("a group of channels makes its own outputs", () => {
  const input = tensor([1, 2, 2], [1, 2, 10, 20]);

  holds(conv1d(input, tensor([2, 1, 1], [3, 5]), null, { groups: 2 }), [1, 2, 2], [3, 6, 50, 100]);
  holds(conv1d(input, tensor([1, 2, 1], [3, 5])), [1, 1, 2], [53, 106]);
});

test("a picture keeps its rows, with a batch and without", () => {
  const weight = tensor([1, 1, 2, 1], [-1, 1]);

  holds(conv2d(tensor([1, 2, 3], [1, 2, 3, 5, 7, 9]), weight), [1, 1, 3], [4, 5, 6]);
  holds(conv2d(tensor([1, 1, 2, 3], [1, 2, 3, 5, 7, 9]), weight), [1, 1, 1, 3], [4, 5, 6]);
});

test("a weight that is no number reaches as far as its zeros of padding", () => {
  holds(conv1d(line(1, 2), line(NaN, 0, 1), null, { padding: 1 }), [1, 1, 2], [NaN, NaN]);
});

test("a transposed convolution lays the kernel down at every input", () => {
  holds(convTranspose1d(line(1, 2), line(1, 10), null, { stride: 2 }), [1, 1, 4], [1, 10, 2, 20]);
  holds(convTranspose1d(line(1, 2), line(1, 10), null, { stride: 2, padding: 1, outputPadding: 1 }), [1, 1, 3], [10, 2, 20]);
  holds(convTranspose1d(line(1, 2), line(1, 10), tensor([1], [5])), [1, 1, 3], [6, 17, 25]);
});

test("a transposed convolution in two dimensions", () => {
  const result = convTranspose2d(tensor([1, 1, 1, 2], [1, 2]), tensor([1, 1, 2, 2], [1, 2, 3, 4]));

  holds(result, [1, 1, 2, 3], [1, 4, 4, 3, 10, 8]);
});

test("pooling takes the largest, or the average", () => {
  holds(maxPool1d(line(1, 5, 2, 4), 2), [1, 1, 2], [5, 4]);
  holds(avgPool1d(line(1, 5, 2, 4), 2, { stride: 1 }), [1, 1, 3], [3, 3.5, 3]);
  holds(maxPool2d(tensor([1, 2, 2], [1, 5, 2, 4]), 2), [1, 1, 1], [5]);
  holds(avgPool2d(tensor([1, 2, 2], [1, 5, 2, 4]), [2, 1]), [1, 1, 2], [1.5, 4.5]);
});

test("padding is no value for the largest, and counts in an average only if asked", () => {
  holds(maxPool1d(line(-1, -2), 2, { padding: 1 }), [1, 1, 2], [-1, -2]);
  holds(avgPool1d(line(4, 8), 2, { padding: 1 }), [1, 1, 2], [2, 4]);
  holds(avgPool1d(line(4, 8), 2, { padding: 1, countIncludePad: false }), [1, 1, 2], [4, 8]);
});

test("a last window that is not full is kept if asked", () => {
  holds(maxPool1d(line(1, 2, 3), 2, { ceilMode: true }), [1, 1, 2], [2, 3]);
  holds(avgPool1d(line(1, 2, 3), 2, { ceilMode: true }), [1, 1, 2], [1.5, 3]);
});

test("NaN stays the largest", () => {
  holds(maxPool1d(line(1, NaN, 3), 3), [1, 1, 1], [NaN]);
});

const pair = zeros(2, 2, 1);
const refusals = [
  [() => conv1d(zeros(3), pair), "input must be of shape (batch, channel, time) or (channel, time); got (3,)"],
  [() => conv1d(zeros(1, 2, 0), pair), "input must be of at least one channel and one sample in time; got (1, 2, 0)"],
  [() => conv1d(zeros(1, 3, 4), pair), "input must be of 2 channels, as the weight is; got 3"],
  [() => conv1d({ shape: [2, 2], data: new Float32Array(3) }, pair), "input must be of 4 values, as its shape says; got 3"],
  [() => conv1d(zeros(2, 4), zeros(2, 1)), "weight must be of shape (output, input channel, time); got (2, 1)"],
  [() => conv1d(zeros(2, 4), zeros(2, 2, 0)), "weight must be without an empty axis; got (2, 2, 0)"],
  [() => conv1d(zeros(2, 4), pair, zeros(3)), "bias must be of shape (2,); got (3,)"],
  [() => conv1d(zeros(2, 4), pair, null, { stride: 0 }), "stride must be an integer of at least 1; got 0"],
  [() => conv1d(zeros(2, 4), pair, null, { stride: 1.5 }), "stride must be an integer of at least 1; got 1.5"],
  [() => conv1d(zeros(4, 4), pair, null, { groups: 3 }), "groups must be a divisor of 2, the weight's first axis; got 3"],
  [() => conv1d(zeros(2, 4), zeros(2, 2, 7), null, { padding: 1 }), "kernel along time must be at most 6, the padded input; got 7"],
  [() => conv1d(zeros(2, 4), pair, null, { padding: "full" }), 'padding must be "same", "valid" or integers; got "full"'],
  [() => conv1d(zeros(2, 4), pair, null, { padding: "same", stride: 2 }), 'stride must be 1 where padding is "same"; got (2,)'],
  [
    () => conv1d(zeros(2, 4), pair, null, { padding: [[1, 2], [0, 0]] }),
    "padding must be a pair of integers for each axis; got ((1, 2), (0, 0))",
  ],
  [() => conv1d(zeros(2, 4), pair, null, { step: 2 }), "settings must be among stride padding dilation groups; got \"step\""],
  [
    () => conv2d(zeros(1, 4, 4), zeros(1, 1, 2, 2), null, { dilation: [1, 0] }),
    "dilation must be an integer of at least 1, or two; got (1, 0)",
  ],
  [() => conv2d(zeros(1, 4, 4), zeros(1, 1, 2, 5)), "kernel along width must be at most 4, the padded input; got 5"],
  [
    () => convTranspose1d(zeros(2, 4), pair, null, { outputPadding: 1 }),
    "outputPadding must be under 1, the larger of stride and dilation; got 1",
  ],
  [() => convTranspose1d(zeros(2, 4), pair, null, { padding: 2 }), "padding must be under half of 4, the output without it; got 2"],
  [() => maxPool1d(zeros(1, 4), 3, { padding: 2 }), "padding must be at most half of 3, the kernelSize; got 2"],
  [() => maxPool1d(zeros(1, 4), 5), "kernel along time must be at most 4, the padded input; got 5"],
  [() => maxPool2d(zeros(0, 4, 4), 2), "input must be of at least one channel and one sample in height, width; got (0, 4, 4)"],
  [() => maxPool1d(zeros(1, 4), 3, { padding: "same" }), 'padding must be an integer of at least 0; got "same"'],
  [() => avgPool1d(zeros(1, 4), 0), "kernelSize must be an integer of at least 1; got 0"],
  [
    () => avgPool2d(zeros(1, 4, 4), 2, { dilation: 2 }),
    'settings must be among stride padding ceilMode countIncludePad; got "dilation"',
  ],
];

for (const [call, message] of refusals) test(`refused: ${message}`, () => assert.throws(call, { message }));
