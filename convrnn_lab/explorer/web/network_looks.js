// @ts-check
/* Operations of looks on a network drawn whole; the same as drawing/network_looks.py in Python. */

/** @typedef {import("./looks.js").Values} Values */

/** Return lines from some points to one. @param {Values} points @param {number} right @param {number} down */
function rays({ data }, right, down) {
  let path = "";
  for (let at = 0; at < data.length; at += 2) path += `M${data[at]},${data[at + 1]}L${right},${down}`;
  return path;
}

/** Return the sum of each part on the first axis. @param {Values} parts */
function partSums({ shape: [count], data }) {
  const sums = new Float64Array(count);
  const size = data.length / count;
  for (let at = 0; at < data.length; at += 1) sums[Math.floor(at / size)] += data[at];
  return { shape: [count], data: sums };
}

/** Return the exponential of each value minus the largest. @param {Values} values */
function exponentialsOf({ shape, data }) {
  const most = data.reduce((/** @type {number} */ a, /** @type {number} */ b) => Math.max(a, b), -Infinity);
  return { shape, data: Float64Array.from(data, (value) => Math.exp(value - most)) };
}

/**
 * Return what a window of a pool reads, also where it hangs over the edge.
 *
 * @param {Values} values
 * @param {[number, number, number][]} spans start, count and step on each axis
 * @param {[number, number][]} zeros before and after each axis, which it reads, too
 * @param {boolean} largest whether minus infinity stands beyond them, NaN where not
 */
function poolWindow({ shape, data }, spans, zeros, largest) {
  const counts = spans.map(([, count]) => count);
  const read = new Float64Array(counts.reduce((product, count) => product * count, 1));
  const valueAt = (/** @type {number} */ at) => {
    let [rest, place, size, inside] = [at, 0, 1, true];
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const [start, count, step] = spans[axis];
      const where = start + step * (rest % count);
      if (where < -zeros[axis][0] || where >= shape[axis] + zeros[axis][1]) return largest ? -Infinity : NaN;
      inside &&= where >= 0 && where < shape[axis];
      place += where * size;
      size *= shape[axis];
      rest = Math.floor(rest / count);
    }
    return inside ? data[place] : 0;
  };
  for (let at = 0; at < read.length; at += 1) read[at] = valueAt(at);
  return { shape: counts, data: read };
}

/** @type {Record<string, (...values: any[]) => any>} */
export const NETWORK_OPERATIONS = {
  rays, part_sums: partSums, exponentials: exponentialsOf, pool_window: poolWindow,
};
