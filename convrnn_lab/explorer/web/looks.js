// @ts-check
/* Looks: where one looks in numbers that are there; the same as drawing/looks.py in Python.
 *
 * In a panel or a text a look is `{look: [operation, ...arguments]}`; arrays in it are
 * `{shape, data}`. `seen` does what it says, at given places.
 */

import { LAYER_OPERATIONS } from "./layer_looks.js";
import { SUMS } from "./looks_sums.js";
import { TEXTS } from "./looks_texts.js";
import { NETWORK_OPERATIONS } from "./network_looks.js";
import { number } from "./numbers.js";
import { POOL_OPERATIONS } from "./pool_looks.js";
import { WINDOW_OPERATIONS } from "./window_looks.js";

/**
 * @typedef {{shape: number[], data: any}} Values an array in rows, whose data are a typed array
 * @typedef {Record<string, any>} Places of the looks, by name, counted from 0; and arrays that a reader gives
 */

/** @param {any} value @returns {value is Values} */
const isValues = (value) => value !== null && typeof value === "object" && "shape" in value && "data" in value;

/** @param {any} value */
const isLook = (value) => value !== null && typeof value === "object" && Array.isArray(value.look);

/** @param {any} value @returns {ArrayLike<number>} all numbers of it */
const flat = (value) => (isValues(value) ? value.data : Array.isArray(value) ? value : [value]);

/** Return the smallest and the largest finite value, or 0. @param {any} value @returns {[number, number]} */
function finiteEnds(value) {
  const values = flat(value);
  let [low, high] = [0, 0];
  for (let index = 0; index < values.length; index += 1) {
    const one = values[index];
    if (one < low && one !== -Infinity) low = one;
    else if (one > high && one !== Infinity) high = one;
  }
  return [low, high];
}

/** Go through all numbers of a value. @param {any} value @param {number} start @param {(a: number, b: number) => number} act */
function folded(value, start, act) {
  const values = flat(value);
  let result = start;
  for (let index = 0; index < values.length; index += 1) result = act(result, values[index]);
  return result;
}

/**
 * Do something with each number of one or two values; a single number goes with every one.
 *
 * @param {any} one
 * @param {any} other
 * @param {(a: number, b: number) => number} act
 */
function each(one, other, act) {
  if (isValues(one) && isValues(other)) {
    return { shape: one.shape, data: Float64Array.from(one.data, (a, index) => act(a, other.data[index])) };
  }
  if (isValues(one)) return { shape: one.shape, data: Float64Array.from(one.data, (a) => act(a, other)) };
  if (isValues(other)) return { shape: other.shape, data: Float64Array.from(other.data, (b) => act(one, b)) };
  return act(one, other);
}

/** Do something with each number of a value. @param {any} value @param {(a: number) => number} act */
const every = (value, act) => (isValues(value) ? { shape: value.shape, data: Float64Array.from(value.data, act) } : act(value));

/** Return the nearest whole number; of two as near, the even one. @param {number} value */
function rounded(value) {
  const up = Math.round(value);
  return up - value === 0.5 && up % 2 ? up - 1 : up;
}

/** Return the part of an array at places on its first axes. @param {Values} array @param {number[]} places */
function take({ shape, data }, ...places) {
  const rest = shape.slice(places.length);
  const size = rest.reduce((a, b) => a * b, 1);
  const start = places.reduce((at, place, axis) => at * shape[axis] + place, 0) * size;
  return rest.length ? { shape: rest, data: data.subarray(start, start + size) } : data[start];
}

/**
 * Return evenly spaced values of an array; `outside` stands where it has none.
 *
 * @param {Values} array
 * @param {[number, number, number][]} spans start, count and step of each axis
 * @param {number} [outside]
 */
function window({ shape, data }, spans, outside = 0) {
  const counts = spans.map(([, count]) => count);
  const result = new Float64Array(counts.reduce((a, b) => a * b, 1));
  const places = counts.map(() => 0);
  for (let index = 0; index < result.length; index += 1) {
    let from = 0;
    let inside = true;
    spans.forEach(([start, , step], axis) => {
      const place = start + step * places[axis];
      inside &&= place >= 0 && place < shape[axis];
      from = from * shape[axis] + place;
    });
    result[index] = inside ? data[from] : outside;
    for (let axis = counts.length - 1; axis >= 0 && (places[axis] += 1) === counts[axis]; axis -= 1) places[axis] = 0;
  }
  return { shape: counts, data: result };
}

/** Write into the places {} of a template. @param {string} template @param {any[]} values */
function words(template, ...values) {
  const rest = [...values];
  return template.replace(/\{\}/g, () => String(rest.shift()));
}

/**
 * Return the outline of boxes as a path, moved to the right and down.
 *
 * @param {Values} boxes left, top, right and bottom of each
 * @param {number} [across]
 * @param {number} [down]
 */
function path({ data }, across = 0, down = 0) {
  let text = "";
  for (let at = 0; at < data.length; at += 4) {
    const [left, top, right, bottom] = data.subarray(at, at + 4);
    text += `M${left + across},${top + down}H${right + across}V${bottom + down}H${left + across}Z`;
  }
  return text;
}

/** Return arrays one after another, in rows; NaN fills the last row. @param {any[]} parts @param {number} columns */
function inRows(parts, columns) {
  const values = parts.flatMap((part) => Array.from(flat(part)));
  const rows = Math.ceil(values.length / columns);
  while (values.length < rows * columns) values.push(NaN);
  return { shape: [rows, columns], data: Float64Array.from(values) };
}

/** Return limits that hold all values and zero, with room at both ends. @param {any} values @param {number} [margin] */
function extent(values, margin = 0.08) {
  let [low, high] = [0, 0];
  for (const one of Array.isArray(values) ? values : [values]) {
    const numbers = flat(one);
    for (let index = 0; index < numbers.length; index += 1) {
      if (!Number.isFinite(numbers[index])) continue;
      low = Math.min(low, numbers[index]);
      high = Math.max(high, numbers[index]);
    }
  }
  const room = margin * (high - low || 1);
  return [low - room, high + room];
}

/** Write a number with as few digits as tell it from others in single precision. @param {number} value */
export function shortest(value) {
  for (let digits = 1; digits < 9; digits += 1) {
    if (Math.fround(Number(value.toPrecision(digits))) === value) return String(Number(value.toPrecision(digits)));
  }
  return String(Number(value.toPrecision(9)));
}

/** Write a number as Python's float, so that PyTorch takes a tensor of whole ones for no integers. @param {number} value */
function floatText(value) {
  const text = shortest(value);
  const size = Math.abs(Number(text));
  if (!size || (size >= 1e-4 && size < 1e16)) return text.includes(".") ? text : `${Object.is(value, -0) ? "-0" : text}.0`;
  const [digits, power] = Number(text).toExponential().split("e");
  return `${digits}e${power[0]}${power.slice(1).padStart(2, "0")}`;
}

/** Write an array as Python's lists. @param {Values} values @returns {string} */
function listed({ shape: [count, ...rest], data }) {
  const size = data.length / count;
  const each = Array.from({ length: count }, (_, index) => data.subarray(index * size, (index + 1) * size));
  const texts = each.map((part) => (rest.length ? listed({ shape: rest, data: part }) : floatText(part[0])));
  return `[${texts.join(", ")}]`;
}

/**
 * Write a line that sets each number of an array that is not as it was before.
 *
 * @param {string} name
 * @param {Values} values
 * @param {Values} before
 */
function changes(name, { shape, data }, before) {
  const width = shape.length === 2 ? shape[1] : 0;
  return Array.from(data, (/** @type {number} */ value, /** @type {number} */ at) => {
    if (value === before.data[at]) return "";
    return `${name}[${width ? `${Math.floor(at / width)}, ${at % width}` : at}] = ${floatText(value)}\n`;
  }).join("");
}

/** @type {Record<string, (...values: any[]) => any>} */
export const OPERATIONS = {
  ...LAYER_OPERATIONS,
  ...NETWORK_OPERATIONS,
  ...POOL_OPERATIONS,
  ...WINDOW_OPERATIONS,
  add: (one, other) => each(one, other, (a, b) => a + b),
  subtract: (one, other) => each(one, other, (a, b) => a - b),
  multiply: (one, other) => each(one, other, (a, b) => a * b),
  floor_divide: (one, other) => each(one, other, (a, b) => Math.floor(a / b)),
  remainder: (one, other) => each(one, other, (a, b) => a - b * Math.floor(a / b)),
  tanh: (values) => every(values, Math.tanh),
  rounded: (values) => every(values, rounded),
  take,
  window,
  spaced: (start, count, step = 1) => ({
    shape: [count], data: Float64Array.from({ length: count }, (_, index) => start + step * index),
  }),
  total: (values) => folded(values, 0, (a, b) => a + b),
  least: (values) => folded(values, Infinity, Math.min),
  most: (values) => folded(values, -Infinity, Math.max),
  limit: (values) => Math.max(...finiteEnds(values).map(Math.abs)) || 1,
  extent,
  equal: (one, other) => Number(one === other),
  itself: (value) => value,
  pick: (options, place) => options[place],
  number: (value, significant = 3) => number(value, significant),
  words,
  path,
  in_rows: inRows,
  ...SUMS,
  ...TEXTS,
  until: ({ shape, data }, count) => ({
    shape, data: Float64Array.from(data, (value, index) => (index < count ? value : NaN)),
  }),
  single: Math.fround,
  listed,
  changes,
};

/** Do what a look says. @param {any} value @param {Places} places @returns {any} */
export function done(value, places) {
  if (Array.isArray(value)) return value.map((one) => done(one, places));
  if (!isLook(value)) return value;
  const [operation, ...values] = value.look;
  if (operation === "look") return places[values[0]];
  // What a reader gives stands in the place of what was there.
  if (operation === "given") return places[values[0]] ?? done(values[1], places);
  if (operation === "where_given") return done(values[0] in places ? values[1] : values[2], places);
  // What is not picked is not done either.
  if (operation === "pick") {
    const options = isLook(values[0]) ? done(values[0], places) : values[0];
    return done(options[done(values[1], places)], places);
  }
  return OPERATIONS[operation](...values.map((/** @type {any} */ one) => done(one, places)));
}

/** Return values as they are drawn: those of two axes as rows. @param {any} value */
function drawn(value) {
  if (!isValues(value)) return value;
  const { shape: [rows, columns], data } = value;
  if (columns === undefined) return data;
  return Array.from({ length: rows }, (_, row) => data.subarray(row * columns, (row + 1) * columns));
}

/**
 * Return a value with all looks done; what has none is returned itself.
 *
 * @param {any} value
 * @param {Places} places
 * @returns {any}
 */
export function seen(value, places) {
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  if (isLook(value)) return seen(drawn(done(value, places)), places);
  if (Array.isArray(value)) {
    if (!value.length || ArrayBuffer.isView(value[0])) return value;
    const all = value.map((one) => seen(one, places));
    return all.some((one, index) => one !== value[index]) ? all : value;
  }
  let result = value;
  for (const [key, one] of Object.entries(value)) {
    const now = seen(one, places);
    if (now !== one) {
      if (result === value) result = { ...value };
      result[key] = now;
    }
  }
  return result;
}

/**
 * Return the names of the looks that a value depends on.
 *
 * @param {any} value
 * @param {Set<string>} [names]
 */
export function looksOf(value, names = new Set()) {
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return names;
  if (isLook(value) && value.look[0] === "look") names.add(value.look[1]);
  else if (Array.isArray(value) && ArrayBuffer.isView(value[0])) return names;
  else for (const one of Object.values(value)) looksOf(one, names);
  return names;
}
