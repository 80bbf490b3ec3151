// @ts-check
/* Operations of looks on what a layer gives; the same as drawing/layer_looks.py in Python. */

/** @typedef {{shape: number[], data: any}} Rows an array in rows, whose data are a typed array */

/** Return the first pictures in a grid, NaN in the gaps. @param {Rows} pictures @param {number} columns @param {number} count */
function tiled({ shape: [all, high, wide], data }, columns, count) {
  const shown = Math.min(all, count);
  const width = columns * (wide + 1) - 1;
  const height = Math.ceil(shown / columns) * (high + 1) - 1;
  const grid = new Float32Array(height * width).fill(NaN);
  for (let row = 0; row < shown * high; row += 1) {
    const place = Math.floor(row / high);
    const down = Math.floor(place / columns) * (high + 1) + (row % high);
    grid.set(data.subarray(row * wide, (row + 1) * wide), down * width + (place % columns) * (wide + 1));
  }
  return { shape: [height, width], data: grid };
}

/** Return the mean over the first axis. @param {Rows} values */
function mean({ shape: [count, ...shape], data }) {
  if (count === 1) return { shape, data };
  const size = data.length / count;
  const sums = new Float64Array(size);
  for (let index = 0; index < data.length; index += 1) sums[index % size] += data[index];
  return { shape, data: sums.map((sum) => sum / count) };
}

/** Return the finite value at one end. @param {Rows} values @param {number} initial @param {(a: number, b: number) => number} end */
function endOf({ data }, initial, end) {
  let found = initial;
  for (let index = 0; index < data.length; index += 1) if (Number.isFinite(data[index])) found = end(found, data[index]);
  return found;
}

/** Return the place of the largest value; NaN counts as the largest. @param {Rows} values */
function placeOfLargest({ data }) {
  let best = 0;
  for (let index = 1; index < data.length; index += 1) {
    if (data[index] > data[best] || (Number.isNaN(data[index]) && !Number.isNaN(data[best]))) best = index;
  }
  return best;
}

/** Return the places of the values furthest from zero; NaN as zero. @param {Rows} values @param {number} most */
function strongest({ data }, most) {
  const size = Float64Array.from(data, (value) => (Number.isNaN(value) ? 0 : Math.abs(value)));
  const order = Int32Array.from(data, (_, index) => index).sort((a, b) => size[b] - size[a] || a - b).slice(0, most);
  return { shape: [order.length], data: order };
}

/** Return the share of each value's exponential. @param {Rows} values */
function softmaxOf({ shape, data }) {
  const most = data.reduce((/** @type {number} */ a, /** @type {number} */ b) => Math.max(a, b), -Infinity);
  const exponentials = Float64Array.from(data, (value) => Math.exp(value - most));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return { shape, data: exponentials.map((value) => value / sum) };
}

/** Write with some decimal places; halves go away from zero. @param {number} value @param {number} decimals */
function fixedText(value, decimals) {
  if (Number.isFinite(value)) return value.toFixed(decimals);
  return Number.isNaN(value) ? "NaN" : "∞";
}

/** @type {Record<string, (...values: any[]) => any>} */
export const LAYER_OPERATIONS = {
  tiled,
  mean,
  at_least: Math.max,
  at_most: Math.min,
  item: (values, place) => values[place],
  lowest: (values, initial) => endOf(values, initial, Math.min),
  highest: (values, initial) => endOf(values, initial, Math.max),
  count: ({ data }, wanted) => data.reduce((/** @type {number} */ sum, /** @type {number} */ value) => sum + Number(value === wanted), 0),
  largest: placeOfLargest,
  strongest,
  texts: ({ data }) => Array.from(data, String),
  softmax: softmaxOf,
  fixed: fixedText,
};
