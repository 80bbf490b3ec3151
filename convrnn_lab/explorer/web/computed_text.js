// @ts-check
/* What follows from a line that a reader typed; explorer/computed_text.py does the same. */

import { tensorOf } from "./kernels_tensor.js";

/** @typedef {import("./kernels_tensor.js").Tensor} Tensor */

/** Return characters as vectors with a single 1, (character, time). @param {Tensor} codes @param {number} count @returns {Tensor} */
function oneHot({ data }, count) {
  const result = tensorOf([count, data.length]);
  data.forEach((code, step) => { result.data[code * data.length + step] = 1; });
  return result;
}

/** Return what the last step of (part, unit, time) leaves, of the first part. @param {Tensor} states @returns {Tensor} */
function lastStep({ shape: [, units, time], data }) {
  return tensorOf([units], Float32Array.from({ length: units }, (_, unit) => data[(unit + 1) * time - 1]));
}

/** @type {Record<string, (...values: any[]) => Tensor>} */
export const TEXT = { one_hot: oneHot, last_step: lastStep };
