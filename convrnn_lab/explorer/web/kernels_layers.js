// @ts-check
/* Layers without windows, as PyTorch has them: linear, activations, softmax, attention. */

import { checkNames, checkRank, checkShape, countOf, doubles, logistic, multiply, must, tensorOf } from "./kernels_tensor.js";

/**
 * @typedef {import("./kernels_tensor.js").Tensor} Tensor
 * @typedef {import("./kernels_tensor.js").Mask} Mask
 * @typedef {{mask?: Mask | null, causal?: boolean, scale?: number | null}} AttentionSettings
 *   a mask of bytes says what is seen, one of numbers is added to the scores
 */

/** From (..., feature) to (..., output feature). @type {(input: Tensor, weight: Tensor, bias?: Tensor | null) => Tensor} */
export const linear = (input, weight, bias = null) => {
  checkRank("weight", weight, [2], "(output feature, feature)");
  const [outputs, inputs] = weight.shape;
  must(input.shape.at(-1) === inputs, "input", `of shape (..., ${inputs})`, input.shape);
  checkShape("input", input, input.shape);
  if (bias) checkShape("bias", bias, [outputs]);
  const [values, matrix, add] = [doubles(input), doubles(weight), bias && doubles(bias)];
  const [result, row] = [tensorOf([...input.shape.slice(0, -1), outputs]), new Float64Array(outputs)];
  for (let at = 0; at * outputs < result.data.length; at++) {
    multiply(row, matrix, add, values, at * inputs);
    result.data.set(row, at * outputs);
  }
  return result;
};

/** @type {(input: Tensor, each: (x: number) => number) => Tensor} */
const mapped = (input, each) => {
  checkShape("input", input, input.shape);
  return tensorOf(input.shape, doubles(input).map(each));
};

/** The error function, by a series of terms of one sign: no digits are lost. @type {(x: number) => number} */
const erf = (x) => {
  if (!(Math.abs(x) < 6)) return Math.sign(x); // NaN stays NaN
  let [sum, term] = [0, (2 / Math.sqrt(Math.PI)) * x * Math.exp(-x * x)];
  for (let n = 1; sum + term !== sum; n++) {
    sum += term;
    term *= (2 * x * x) / (2 * n + 1);
  }
  return sum;
};

/** @type {(input: Tensor) => Tensor} */
export const relu = (input) => mapped(input, (x) => (x < 0 ? 0 : x));
/** @type {(input: Tensor) => Tensor} */
export const sigmoid = (input) => mapped(input, logistic);
/** @type {(input: Tensor) => Tensor} */
export const tanh = (input) => mapped(input, Math.tanh);
/** With the exact error function. @type {(input: Tensor) => Tensor} */
export const gelu = (input) => mapped(input, (x) => (x * (1 + erf(x / Math.SQRT2))) / 2);

/** Replace values by their softmax. @type {(values: Float64Array, start: number, step: number, size: number) => void} */
const normalise = (values, start, step, size) => {
  const end = start + step * size;
  let [largest, sum] = [-Infinity, 0];
  for (let at = start; at < end; at += step) largest = Math.max(largest, values[at]);
  for (let at = start; at < end; at += step) sum += values[at] = Math.exp(values[at] - largest);
  for (let at = start; at < end; at += step) values[at] /= sum;
};

/** @type {(input: Tensor, axis?: number) => Tensor} */
export const softmax = (input, axis = -1) => {
  const rank = input.shape.length || 1;
  must(Number.isInteger(axis) && axis >= -rank && axis < rank, "axis", `an axis from ${-rank} to ${rank - 1}`, axis);
  checkShape("input", input, input.shape);
  const size = input.shape.at(axis) ?? 1;
  const [values, step] = [Float64Array.from(input.data), countOf(axis === -1 ? [] : input.shape.slice(axis + 1))];
  for (let start = 0; start < values.length; start += step * size) {
    for (let inner = 0; inner < step; inner++) normalise(values, start + inner, step, size);
  }
  return tensorOf(input.shape, values);
};

/** Repeat axes of one up to a shape. @type {(name: string, tensor: Mask, shape: number[]) => Float64Array} */
const expanded = (name, tensor, shape) => {
  const own = [...Array(Math.max(0, shape.length - tensor.shape.length)).fill(1), ...tensor.shape];
  const fits = own.length === shape.length && own.every((size, axis) => size === 1 || size === shape[axis]);
  must(fits, name, `of shape (${shape.join(", ")}), or 1 on an axis`, tensor.shape);
  const places = shape.reduce((found, size, axis) => found.flatMap((place) =>
    Array.from({ length: size }, (_, at) => place * own[axis] + (own[axis] === 1 ? 0 : at))), [0]);
  return Float64Array.from(places, (place) => tensor.data[place]);
};

/** Return the leading axes that tensors have together. @type {(tensors: Tensor[]) => number[]} */
const leadOf = (tensors) => {
  const leads = tensors.map(({ shape }) => shape.slice(0, -2).reverse());
  const longest = Math.max(...leads.map((lead) => lead.length));
  return Array.from({ length: longest }, (_, axis) => leads.map((lead) => lead[axis] ?? 1).find((size) => size !== 1) ?? 1).reverse();
};

/**
 * Scaled dot-product attention. Scores are those after the mask; where a row sees nothing, its weights are 0.
 *
 * @param {Tensor} query (..., query, feature)
 * @param {Tensor} key (..., key, feature)
 * @param {Tensor} value (..., key, output feature)
 * @param {AttentionSettings} [settings]
 */
export const attention = (query, key, value, settings = {}) => {
  checkNames(settings, "mask causal scale");
  const { mask, causal = false } = settings;
  for (const [name, tensor] of Object.entries(mask ? { query, key, value, mask } : { query, key, value })) {
    must(tensor.shape.length > 1, name, "of two axes or more", tensor.shape);
    checkShape(name, tensor, tensor.shape);
  }
  must(!(mask && causal), "causal", "false where there is a mask", causal);
  const lead = leadOf([query, key, value]);
  const [rows, features, steps, width] = [query.shape.at(-2), query.shape.at(-1), key.shape.at(-2), value.shape.at(-1)].map(Number);
  must(key.shape.at(-1) === features, "key", `of ${features} features, as the query is`, key.shape);
  must(value.shape.at(-2) === steps, "value", `of ${steps} steps, as the key is`, value.shape);
  const read = expanded("query", query, [...lead, rows, features]);
  const [keys, values] = [expanded("key", key, [...lead, steps, features]), expanded("value", value, [...lead, steps, width])];
  const added = mask ? expanded("mask", mask, [...lead, rows, steps]) : null;
  const [scores, output] = [new Float64Array(countOf(lead) * rows * steps), new Float64Array(countOf(lead) * rows * width)];
  const weights = new Float64Array(scores.length);
  const [line, scale] = [new Float64Array(steps), settings.scale ?? 1 / Math.sqrt(features || 1)];
  const hides = mask?.data instanceof Uint8Array;
  for (let row = 0; row < countOf(lead) * rows; row++) {
    const [block, start] = [Math.floor(row / rows), row * steps];
    multiply(line, keys.subarray(block * steps * features, (block + 1) * steps * features), null, read, row * features);
    for (let step = 0; step < steps; step++) {
      const more = added ? added[start + step] : 0;
      const hidden = (causal && step > row % rows) || (hides && more === 0);
      scores[start + step] = hidden ? -Infinity : line[step] * scale + (hides ? 0 : more);
    }
    const seen = scores.subarray(start, start + steps);
    if (seen.every((score) => score === -Infinity)) continue;
    weights.set(seen, start);
    normalise(weights, start, 1, steps);
    for (let at = 0; at < steps * width; at++) {
      output[row * width + (at % width)] += weights[start + Math.floor(at / width)] * values[block * steps * width + at];
    }
  }
  const shape = [...lead, rows, steps];
  return { output: tensorOf([...lead, rows, width], output), weights: tensorOf(shape, weights), scores: tensorOf(shape, scores) };
};
