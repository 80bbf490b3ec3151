// @ts-check
/* Pools of one channel, which follow what a reader gave; the same as explorer/computed_pools.py. */

import { avgPool1d, avgPool2d, maxPool1d, maxPool2d } from "./kernels.js";
import { tensorOf } from "./kernels_tensor.js";

/**
 * @typedef {import("./kernels_tensor.js").Tensor} Tensor
 * @typedef {{kernel: number[], stride: number[], padding: number[], dilation: number[]}} Sizes one of each for an axis
 * @typedef {Sizes & {ceil: number, counted: number, p: number, sizes: number[]}} PoolSettings `sizes` of an adaptive output
 * @typedef {{start: number, end: number, step: number}} Taps of a window on one axis, those outside the input too
 */

/** Return where the windows lie on an axis. @type {(length: number, count: number, axis: number, settings: PoolSettings) => Taps[]} */
const tapsOf = (length, count, axis, { kernel, stride, padding, dilation, sizes }) => Array.from({ length: count }, (_, place) => {
  if (sizes.length) return { start: Math.floor((place * length) / count), end: Math.ceil(((place + 1) * length) / count), step: 1 };
  const start = place * stride[axis] - padding[axis];
  return { start, end: start + dilation[axis] * (kernel[axis] - 1) + 1, step: dilation[axis] };
});

/**
 * Make something of each window: of its values and their places in the input.
 *
 * @param {Tensor} input an image, or a signal
 * @param {number[]} out the shape of the output
 * @param {PoolSettings} settings
 * @param {(window: number[]) => number} make of the flat indices of the window's values
 */
function ofWindows({ shape }, out, settings, make) {
  const axes = shape.map((length, axis) => tapsOf(length, out[axis], axis, settings));
  const [rows, columns] = axes.length === 1 ? [[{ start: 0, end: 1, step: 1 }], ...axes] : axes;
  const [height, width] = shape.length === 1 ? [1, ...shape] : shape;
  return rows.flatMap((down) => columns.map((across) => {
    /** @type {number[]} */
    const window = [];
    for (let row = down.start; row < Math.min(down.end, height); row += down.step) {
      for (let column = across.start; row >= 0 && column < Math.min(across.end, width); column += across.step) {
        if (column >= 0) window.push(row * width + column);
      }
    }
    return make(window);
  }));
}

/**
 * Return the index of the largest value; the last that is no number, if there is one; -1 of nothing.
 *
 * @type {(data: any, window: number[]) => number}
 */
const winnerOf = (data, window) => window.reduce((best, index) => (
  best < 0 || data[index] > data[best] || Number.isNaN(data[index]) ? index : best
), -1);

/** A channel of its own for a kernel. @type {(act: (input: Tensor) => Tensor, values: Tensor) => Tensor} */
const asChannel = (act, { shape, data }) => {
  const output = act({ shape: [1, ...shape], data });
  return { shape: output.shape.slice(1), data: output.data };
};

/** @type {(values: Tensor, settings: PoolSettings) => Tensor} */
const powerPool = (values, { kernel, stride, ceil, p }) => {
  const average = kernel.length === 1 ? avgPool1d : avgPool2d;
  const powers = { shape: values.shape, data: Float32Array.from(values.data, (value) => value ** p) };
  const { shape, data } = asChannel((input) => average(input, kernel, { stride, ceilMode: Boolean(ceil) }), powers);
  const taps = kernel.reduce((a, b) => a * b, 1);
  return { shape, data: data.map((mean) => (mean * taps) ** (1 / p)) };
};

/** @type {(values: Tensor, kind: string, settings: PoolSettings) => Tensor} */
const pooling = (values, kind, settings) => {
  const { kernel, stride, padding, dilation, ceil, counted, sizes } = settings;
  const { data } = values;
  if (kind === "lp") return powerPool(values, settings);
  if (sizes.length) {
    const made = kind === "adaptive_max"
      ? (/** @type {number[]} */ window) => data[winnerOf(data, window)]
      : (/** @type {number[]} */ window) => window.reduce((sum, index) => sum + data[index], 0) / window.length;
    return tensorOf([...sizes], ofWindows(values, sizes, settings, made));
  }
  const shared = { stride, padding, ceilMode: Boolean(ceil) };
  const [largest, average] = kernel.length === 1 ? [maxPool1d, avgPool1d] : [maxPool2d, avgPool2d];
  return asChannel((input) => (kind === "max"
    ? largest(input, kernel, { ...shared, dilation })
    : average(input, kernel, { ...shared, countIncludePad: Boolean(counted) })), values);
};

/**
 * Return the flat index of each maximum; 0 where no tap lies on the input.
 *
 * @type {(values: Tensor, output: Tensor, settings: PoolSettings) => any}
 */
const winners = (values, { shape, data }, settings) => {
  const found = ofWindows(values, shape, settings, (window) => Math.max(winnerOf(values.data, window), 0));
  return { shape, data: Int32Array.from(found, (index, place) => (data[place] === -Infinity ? 0 : index)) };
};

/** Return of how many windows each value is the maximum. @type {(values: Tensor, output: Tensor, winners: any) => any} */
const wins = ({ shape, data }, output, { data: indices }) => {
  const counts = new Int32Array(data.length);
  output.data.forEach((value, place) => { if (value !== -Infinity) counts[indices[place]] += 1; });
  return { shape, data: counts };
};

/** @type {Record<string, (...values: any[]) => any>} */
export const POOLS = { pooling, winners, wins };
