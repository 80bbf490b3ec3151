// @ts-check
/* What follows from an array that a reader gave: computed here, as explorer/computed.py does in Python. */

import { POOLS } from "./computed_pools.js";
import { RECURRENT } from "./computed_recurrent.js";
import { TEXT } from "./computed_text.js";
import { avgPool1d, avgPool2d, conv1d, conv2d, convTranspose2d, maxPool1d, maxPool2d } from "./kernels.js";
import { gelu, linear, relu, sigmoid, softmax, tanh } from "./kernels_layers.js";
import { tensorOf } from "./kernels_tensor.js";
import { OPERATIONS, done } from "./looks.js";

/**
 * @typedef {import("./kernels_tensor.js").Tensor} Tensor
 * @typedef {[string, {look: any[]}]} Rule a name, and the operation and arguments that make its array
 */

/**
 * Convolve an image or a signal of one channel with one kernel.
 *
 * @type {(values: Tensor, weight: Tensor, bias: number, settings: any) => Tensor}
 */
const convolution = (values, weight, bias, settings) => {
  const under = (/** @type {number[]} */ lead, /** @type {Tensor} */ { shape, data }) => ({ shape: [...lead, ...shape], data });
  const convolve = values.shape.length === 2 ? conv2d : conv1d;
  const { shape, data } = convolve(under([1], values), under([1, 1], weight), tensorOf([1], [bias]), settings);
  return { shape: shape.slice(1), data };
};

/**
 * Convolve backwards an image of one channel with one kernel.
 *
 * @type {(values: Tensor, weight: Tensor, settings: any) => Tensor}
 */
const transposedConvolution = ({ shape, data }, weight, settings) => {
  const kernel = { shape: [1, 1, ...weight.shape], data: weight.data };
  const output = convTranspose2d({ shape: [1, ...shape], data }, kernel, null, settings);
  return { shape: output.shape.slice(1), data: output.data };
};

/** @type {Record<string, (...values: any[]) => Tensor>} */
export const COMPUTED = {
  convolution, transposedConvolution,
  conv1d, conv2d, maxPool1d, maxPool2d, avgPool1d, avgPool2d, linear, relu, sigmoid, tanh, gelu, softmax,
  reshape: ({ data }, shape) => ({ shape, data }),
  ...POOLS,
  ...RECURRENT,
  ...TEXT,
};

/**
 * Say whether a rule is made of something that has been given, or that is set.
 *
 * @type {(value: any, places: Record<string, any>) => boolean}
 */
function follows(value, places) {
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return false;
  if (!Array.isArray(value.look)) return Object.values(value).some((each) => follows(each, places));
  const [operation, name, ...values] = value.look;
  if (operation === "look") return name in places;
  return operation === "given" ? name in places || follows(values, places) : follows([name, values], places);
}

/** Return what an operation takes; a layer's settings come by name. @param {any} value @param {Record<string, any>} places */
function operand(value, places) {
  const named = value !== null && typeof value === "object" && !Array.isArray(value) && !("look" in value || "shape" in value);
  if (!named) return done(value, places);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, done(each, places)]));
}

/**
 * Return the arrays that a reader gave, and all that follow from them.
 *
 * @param {Rule[]} rules each after those that it is made of
 * @param {Record<string, any>} given arrays, and the places of computed settings
 */
export function completed(rules, given) {
  /** @type {Record<string, any>} */
  const places = { ...given };
  for (const [name, rule] of rules) {
    if (!follows(rule, places)) continue;
    const [operation, ...values] = rule.look;
    places[name] = (COMPUTED[operation] ?? OPERATIONS[operation])(...values.map((each) => operand(each, places)));
  }
  return places;
}
