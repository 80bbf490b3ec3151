// @ts-check
/* What traces say of their axes: places, categories and the range that holds all. */

import { numeric } from "./scales.js";

/** @param {any} trace @param {"x" | "y"} axis */
function lengthOf({ type, x, y, z }, axis) {
  if (type === "heatmap") return axis === "x" ? z[0]?.length ?? 0 : z.length;
  return (x ?? y ?? []).length && Math.max(x?.length ?? 0, y?.length ?? 0);
}

/**
 * Return the values of a trace on an axis, which may be given by the first and their distance.
 *
 * @param {any} trace
 * @param {"x" | "y"} axis
 * @returns {ArrayLike<any>}
 */
export function along(trace, axis) {
  if (trace.type === "box" && axis === "x") return [trace.name];
  if (trace[axis]) return trace[axis];
  const [start, step] = [trace[`${axis}0`] ?? 0, trace[`d${axis}`] ?? 1];
  return Array.from({ length: lengthOf(trace, axis) }, (_, index) => start + step * index);
}

/** Return the names on an axis of categories, in the order in which they come. @param {any[]} data @param {"x" | "y"} axis */
export function categories(data, axis) {
  return [...new Set(data.flatMap((trace) => Array.from(along(trace, axis)).filter((value) => typeof value === "string")))];
}

/** Say whether an axis counts: samples, steps or layers, between which there is nothing. @param {any[]} data @param {"x" | "y"} letter */
export const isCounted = (data, letter) => data.length > 0 && data.every((trace) => {
  if (letter === "y" && trace.type !== "heatmap") return false;
  const values = trace[letter] ?? [trace[`${letter}0`] ?? 0, trace[`d${letter}`] ?? 1];
  return Array.from(values).every((value) => Number.isInteger(value) || Number.isNaN(value));
});

/** Say whether bars lie. @param {any} trace */
export const isLying = (trace) => trace.orientation === "h";

/**
 * Return a range that holds what is drawn, for an axis that has none.
 *
 * @param {any} axis
 * @param {any[]} data
 * @param {"x" | "y"} letter
 * @param {string[]} names
 * @returns {[number, number]}
 */
export function rangeFor(axis, data, letter, names) {
  if (axis.range?.length === 2) return axis.range;
  if (axis.type === "category") return [-0.5, names.length - 0.5];
  let values = data.flatMap((trace) => {
    const found = Array.from(along(trace, letter), numeric);
    const half = trace.type === "heatmap" ? 0.5 : 0;
    const long = trace.type === "bar" && isLying(trace) === (letter === "x");
    return [...found.map((value) => value - half), ...found.map((value) => value + half), ...(long ? [0] : [])];
  }).filter(Number.isFinite);
  if (axis.type === "log") values = values.filter((value) => value > 0).map(Math.log10);
  if (!values.length) return [0, 1];
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  const heat = data.some((trace) => trace.type === "heatmap");
  const room = heat ? 0 : 0.06 * (high - low) || (low === high ? 1 : 0);
  return [low - room, high + room];
}
