// @ts-check
/* Operations of looks on the winners of a maximum; the same as drawing/pool_looks.py in Python. */

/** @typedef {{shape: number[], data: any}} Numbers an array in rows, whose data are a typed array */

/** Paths by the numbers that they are made of, which stay the same at most moves. @type {WeakMap<object, string>} */
const RUNS = new WeakMap();

/** Return the path around the pixels over zero, those that touch in a row as one box. @param {Numbers} values */
function runs({ shape: [, width], data }) {
  const known = RUNS.get(data);
  if (known !== undefined) return known;
  let path = "";
  for (let at = 0; at < data.length; at += 1) {
    if (!(data[at] > 0)) continue;
    const [row, start] = [Math.floor(at / width), at % width];
    while ((at + 1) % width && data[at + 1] > 0) at += 1;
    path += `M${start - 0.5},${row - 0.5}H${(at % width) + 0.5}V${row + 0.5}H${start - 0.5}Z`;
  }
  RUNS.set(data, path);
  return path;
}

/** Return how many values are over zero. @param {Numbers} values */
function positive({ data }) {
  let count = 0;
  for (let at = 0; at < data.length; at += 1) if (data[at] > 0) count += 1;
  return count;
}

/** Write a number with four digits. @param {number} value */
const fourDigits = (value) => String(Number(value.toPrecision(4)) + 0);

/**
 * Return the path of a diamond around each value of a signal that is chosen.
 *
 * @param {Numbers} chosen
 * @param {Numbers} values
 * @param {number} wide half of its width
 * @param {number} up half of its height
 */
function diamonds({ data: chosen }, { data }, wide, up) {
  let path = "";
  for (let x = 0; x < data.length; x += 1) {
    const y = data[x];
    if (!(chosen[x] > 0) || !Number.isFinite(y)) continue;
    const [left, right, top, bottom, level] = [x - wide, x + wide, y + up, y - up, y].map(fourDigits);
    path += `M${left},${level}L${x},${top}L${right},${level}L${x},${bottom}Z`;
  }
  return path;
}

/** @type {Record<string, (...values: any[]) => any>} */
export const POOL_OPERATIONS = {
  positive,
  power: ({ shape, data }, exponent) => ({ shape, data: Float32Array.from(data, (value) => value ** exponent) }),
  runs,
  diamonds,
};
