// @ts-check
/* What lies under the pointer, and the numbers that are said of it. */

import { formatted, filledIn } from "./formats.js";
import { middlesOf } from "./heat.js";
import { barsOf, boxOf } from "./plot_bars.js";
import { along, isLying } from "./plot_data.js";
import { isHidden, ofPlace } from "./plot_shapes.js";

/**
 * @typedef {import("./plot_axes.js").Frame} Frame
 * @typedef {{trace: any, distance: number, place: Record<string, number>, values: Record<string, any>}} Found a point or a box
 */

const REACH = 24; // pixels from a point at which it is still meant

/** Return the value that an axis shows: the word that stands at it, if there is one. @param {any} axis @param {any} value */
function shownAt({ tickvals, ticktext } = {}, value) {
  const at = tickvals && ticktext ? Array.from(tickvals).indexOf(value) : -1;
  return at < 0 ? value : ticktext[at];
}

/** @param {any} trace @param {Frame} frame @param {number} x @param {number} y @returns {Found | null} */
function cellAt(trace, { x: across, y: up }, x, y) {
  const find = (/** @type {"x" | "y"} */ axis, /** @type {number} */ value, /** @type {number} */ count) => {
    const places = along(trace, axis);
    const { first, step } = middlesOf(places, trace[`d${axis}`]);
    const index = Math.round((value - first) / step);
    return { index, inside: index >= 0 && index < count, name: places[index], low: first + (index - 0.5) * step, step };
  };
  const [column, row] = [find("x", across.toValue(x), trace.z[0]?.length ?? 0), find("y", up.toValue(y), trace.z.length)];
  const z = row.inside && column.inside ? trace.z[row.index][column.index] : null;
  if (z === null || Number.isNaN(z)) return null;
  const [left, right] = [column.low, column.low + column.step].map(across.toPixel);
  const [top, bottom] = [row.low, row.low + row.step].map(up.toPixel);
  return {
    trace, distance: 0,
    place: { left: Math.min(left, right), top: Math.min(top, bottom), width: Math.abs(right - left), height: Math.abs(bottom - top) },
    values: { x: column.name, y: row.name, z, text: trace.text?.[row.index]?.[column.index] },
  };
}

/** @param {any} trace @param {ArrayLike<any>} across @param {ArrayLike<any>} up @param {number} index */
const valuesOf = (trace, across, up, index) => ({
  x: across[index], y: up[index], text: ofPlace(trace.text, index), customdata: trace.customdata?.[index],
});

/** @param {any} trace @param {Frame} frame @param {number} x @param {number} y @param {any[]} data @returns {Found | null} */
function barAt(trace, frame, x, y, data) {
  const lying = isLying(trace);
  const bars = barsOf(trace, data.filter(({ type }) => type === "bar"), frame);
  const hit = bars.find((each) => (lying ? Math.abs(y - each.middle) <= each.height / 2 : Math.abs(x - each.middle) <= each.width / 2));
  if (!hit) return null;
  const { index, left, top, width, height } = hit;
  return { trace, distance: 1, place: { left, top, width, height }, values: valuesOf(trace, along(trace, "x"), along(trace, "y"), index) };
}

/** @param {any} trace @param {Frame} frame @param {number} x @param {number} y @returns {Found | null} */
function pointAt(trace, { x: across, y: up }, x, y) {
  const box = trace.type === "box" ? boxOf(trace, { x: across, y: up }).points : null;
  const places = along(trace, "x");
  let best = REACH * REACH;
  let found = -1;
  let at = [0, 0];
  for (let index = 0; index < (box ?? trace.y).length; index += 1) {
    const [left, top] = box ? box[index] : [across.toPixel(places[index]), up.toPixel(trace.y[index])];
    const distance = (left - x) ** 2 + (top - y) ** 2;
    if (distance < best) [best, found, at] = [distance, index, [left, top]];
  }
  if (found < 0) return null;
  const values = box
    ? { x: trace.name, y: up.toValue(at[1]) }
    : valuesOf(trace, places, trace.y, found);
  return { trace, distance: Math.sqrt(best), place: { x: at[0], y: at[1] }, values };
}

const FINDERS = /** @type {Record<string, (trace: any, frame: Frame, x: number, y: number, data: any[]) => Found | null>} */ ({
  heatmap: cellAt, bar: barAt, scatter: pointAt, box: pointAt,
});

/**
 * Return what is nearest to a pixel of the axes, a point, a bar or a cell: the last drawn of those as near.
 *
 * @param {any[]} data
 * @param {Frame} frame
 * @param {number} x
 * @param {number} y
 * @returns {Found | null}
 */
export function nearestOf(data, frame, x, y) {
  if (x < 0 || y < 0 || x > frame.width || y > frame.height) return null;
  const drawn = data.filter((trace) => !isHidden(trace) && trace.hoverinfo !== "skip" && trace.mode !== "text");
  const found = drawn.map((trace) => FINDERS[trace.type](trace, frame, x, y, data)).filter((each) => each !== null);
  // A point is meant before the pixels that it lies on.
  const points = found.filter(({ place }) => "x" in place);
  const nearer = (/** @type {any} */ best, /** @type {Found} */ each) => (best && best.distance < each.distance ? best : each);
  return (points.length ? points : found).reduce(nearer, null);
}

/** Say the numbers of what was found, as its trace writes them. @param {Found} found @param {any} layout */
export function saying({ trace, values }, { xaxis, yaxis }) {
  const shown = { ...values, x: shownAt(xaxis, values.x), y: shownAt(yaxis, values.y) };
  const plain = trace.type === "heatmap" ? "%{x}, %{y}: %{z:.4~g}" : "%{x}: %{y:.4~g}";
  return filledIn(trace.hovertemplate ?? plain, shown) || formatted(values.y);
}
