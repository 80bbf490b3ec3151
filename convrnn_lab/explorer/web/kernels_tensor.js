// @ts-check
/* What the kernels share: tensors, the refusal of arguments, a matrix times a vector. */

/**
 * @typedef {{shape: number[], data: Float32Array | Float64Array}} Tensor
 * @typedef {{shape: number[], data: Float32Array | Float64Array | Uint8Array}} Mask bytes say true and false
 */

/** Write an argument as Python does. @type {(value: unknown) => string} */
const written = (value) => {
  if (typeof value === "string") return JSON.stringify(value);
  if (!Array.isArray(value)) return String(value);
  return `(${value.map(written).join(", ")}${value.length === 1 ? "," : ""})`;
};

/** Refuse an argument in one sentence. @type {(holds: unknown, name: string, what: string, got: unknown) => void} */
export const must = (holds, name, what, got) => {
  if (!holds) throw new Error(`${name} must be ${what}; got ${written(got)}`);
};

/** How many values a shape holds. @type {(shape: number[]) => number} */
export const countOf = (shape) => shape.reduce((product, size) => product * size, 1);

/** Refuse a tensor of other ranks. @type {(name: string, tensor: Mask, ranks: number[], axes: string) => void} */
export const checkRank = (name, { shape, data }, ranks, axes) => {
  must(ranks.includes(shape.length), name, `of shape ${axes}`, shape);
  must(data.length === countOf(shape), name, `of ${countOf(shape)} values, as its shape says`, data.length);
};

/** Refuse a tensor of another shape. @type {(name: string, tensor: Mask, shape: number[]) => void} */
export const checkShape = (name, tensor, shape) => {
  must(written(tensor.shape) === written(shape), name, `of shape ${written(shape)}`, tensor.shape);
  checkRank(name, tensor, [shape.length], "");
};

/** Refuse settings that a kernel does not have. @type {(settings: object, known: string) => void} */
export const checkNames = (settings, known) => {
  for (const name of Object.keys(settings)) must(known.split(" ").includes(name), "settings", `among ${known}`, name);
};

/** Values in double precision, in which all kernels compute. @type {(tensor: Mask) => Float64Array} */
export const doubles = ({ data }) => (data instanceof Float64Array ? data : new Float64Array(data));

/** Make a tensor, of zeros if no values are given. @type {(shape: number[], values?: ArrayLike<number>) => Tensor} */
export const tensorOf = (shape, values) => ({ shape, data: values ? new Float32Array(values) : new Float32Array(countOf(shape)) });

/** @type {(x: number) => number} */
export const logistic = (x) => 1 / (1 + Math.exp(-x));

/**
 * Fill `result` with a matrix, a row for each of its values, times a vector inside `values`, plus the bias.
 *
 * @type {(result: Float64Array, matrix: Float64Array, bias: Float64Array | null, values: Float64Array, start: number) => void}
 */
export const multiply = (result, matrix, bias, values, start) => {
  const width = matrix.length / result.length;
  // Two rows at once: one sum need not wait for the other. An array takes no value behind its end.
  for (let row = 0; row < result.length; row += 2) {
    let [a, b] = bias ? [bias[row], bias[row + 1]] : [0, 0];
    for (let from = start, at = row * width; from < start + width; from++, at++) {
      a += matrix[at] * values[from];
      b += matrix[at + width] * values[from];
    }
    [result[row], result[row + 1]] = [a, b];
  }
};
