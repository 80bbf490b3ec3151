// @ts-check
/* Sums of products where one looks, and the rows and columns that they are made of; the same as
 * drawing/look_sums.py in Python.
 */

/** @typedef {import("./looks.js").Values} Values */

/** What a gate makes of a sum. @type {Record<string, (value: number) => number>} */
const BENDS = { sigmoid: (value) => 1 / (1 + Math.exp(-value)), tanh: Math.tanh, relu: (value) => Math.max(0, value) };

/** Return the rows at some places, in that order. @param {Values} array @param {Values} places */
function rowsAt({ shape, data }, { data: places }) {
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  const result = new data.constructor(places.length * size);
  places.forEach((/** @type {number} */ place, /** @type {number} */ row) => {
    result.set(data.subarray(place * size, (place + 1) * size), row * size);
  });
  return { shape: [places.length, ...shape.slice(1)], data: result };
}

/**
 * Return a column; in front of the first and behind the last, what is beside.
 *
 * @param {Values} array
 * @param {number} place
 * @param {any} [beside]
 */
function columnAt({ shape: [count, width], data }, place, beside) {
  if (place < 0 || place >= width) return beside;
  return { shape: [count], data: Float64Array.from({ length: count }, (_, row) => data[row * width + place]) };
}

/**
 * Return the sum of products with a vector, of values from some place on.
 *
 * @param {any} data
 * @param {any} vector
 * @param {number} [start]
 */
function dotFrom(data, vector, start = 0) {
  let sum = 0;
  for (let at = 0; at < vector.length; at += 1) sum += data[start + at] * vector[at];
  return sum;
}

/** Return a matrix times a vector. @param {Values} matrix @param {Values} vector */
function timesVector({ shape: [count, width], data }, { data: vector }) {
  return { shape: [count], data: Float64Array.from({ length: count }, (_, row) => dotFrom(data, vector, row * width)) };
}

/**
 * Return the shares of a sum, the sum, and what a gate makes of it; as PyTorch's own they may be infinite.
 *
 * @param {string} bend
 * @param {number[]} shares
 * @param {number} [factor] of the last two
 */
function summed(bend, shares, factor) {
  const terms = shares.map((share, at) => (at < 2 || factor === undefined ? share : share * factor));
  const whole = terms.reduce((sum, term) => sum + term);
  return { shape: [terms.length + 2], data: Float32Array.from([...terms, whole, BENDS[bend](whole)]) };
}

/** Return the first column with NaN or infinity; the number of columns where there is none. @param {Values} rows */
function lost({ shape: [, width], data }) {
  let first = width;
  for (let at = 0; at < data.length; at += 1) if (!Number.isFinite(data[at])) first = Math.min(first, at % width);
  return first;
}

/**
 * Return which of some even steps from -edge to edge a value is nearest to; of NaN the middle one.
 *
 * @param {number} value
 * @param {number} edge
 * @param {number} count
 */
function levelOf(value, edge, count) {
  if (Number.isNaN(value)) return Math.floor((count - 1) / 2);
  const share = Math.min(1, Math.max(0, (value / edge + 1) / 2));
  return Math.floor(share * (count - 1) + 0.5);
}

/** @type {Record<string, (...values: any[]) => any>} */
export const SUMS = {
  sigmoid: (values) => ({ shape: values.shape, data: Float64Array.from(values.data, BENDS.sigmoid) }),
  root: Math.sqrt,
  rows: rowsAt,
  column: columnAt,
  dot: (one, other) => dotFrom(one.data, other.data),
  product: timesVector,
  summed,
  level: levelOf,
  lost,
  within: ({ shape, data }, bound) => ({ shape, data: Float64Array.from(data, (value) => (value > bound ? NaN : value)) }),
  beyond: ({ shape, data }, bound) => ({ shape, data: Float64Array.from(data, (value) => (value > bound ? bound : NaN)) }),
  reaches: (value, bound) => (value >= bound ? 1 : 0),
};
