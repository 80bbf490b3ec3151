// @ts-check
/* Bars and boxes: where they stand, and the shapes that they have. */

import { filledIn } from "./formats.js";
import { along, isLying } from "./plot_data.js";
import { ofPlace, px } from "./plot_shapes.js";
import { numeric, textWidth } from "./scales.js";

/**
 * @typedef {import("./scales.js").Scale} Scale
 * @typedef {{index: number, left: number, top: number, width: number, height: number, end: number, middle: number}} Bar in pixels
 */

const SHARE = 0.8; // of the room between two places that their bars take

/**
 * Return the bars of a trace in pixels; the bars of several stand beside each other.
 *
 * @param {any} trace
 * @param {any[]} all the traces with bars
 * @param {{x: Scale, y: Scale}} scales
 * @returns {Bar[]}
 */
export function barsOf(trace, all, { x, y }) {
  const lying = isLying(trace);
  const [places, values] = lying ? [along(trace, "y"), along(trace, "x")] : [along(trace, "x"), along(trace, "y")];
  const [side, long] = lying ? [y, x] : [x, y];
  const thick = side.unit * (trace.width ?? SHARE / all.length);
  const shift = trace.width ? 0 : (all.indexOf(trace) - (all.length - 1) / 2) * thick;
  const edge = long.type === "log" ? 10 ** long.range[0] : 0;
  const bars = [];
  for (let index = 0; index < values.length; index += 1) {
    const value = numeric(values[index]);
    const base = numeric(trace.base ?? edge);
    const [start, end] = [long.toPixel(base), long.toPixel(value + (trace.base ?? 0))];
    const middle = side.toPixel(places[index]) + shift;
    if (![start, end, middle].every(Number.isFinite)) continue;
    const [near, length] = [Math.min(start, end), Math.abs(end - start)];
    bars.push(lying
      ? { index, left: near, top: middle - thick / 2, width: length, height: thick, end, middle }
      : { index, left: middle - thick / 2, top: near, width: thick, height: length, end, middle });
  }
  return bars;
}

/** Return what is written at the end of a bar. @param {any} trace @param {number} index */
function barText(trace, index) {
  const template = trace.texttemplate || (trace.text ? "%{text}" : "");
  if (!template) return "";
  const of = (/** @type {"x" | "y"} */ axis) => along(trace, axis)[index];
  return filledIn(template, { x: of("x"), y: of("y"), text: ofPlace(trace.text, index) });
}

/**
 * Return the labels of the last of some traces with bars: those that lie on no label before them.
 *
 * @param {any[]} traces
 * @param {any[]} all the traces with bars
 * @param {{x: Scale, y: Scale}} scales
 */
export function barLabels(traces, all, scales) {
  /** @type {{left: number, right: number, y: number, size: number}[]} */
  const taken = [];
  const labels = traces.map((trace) => barsOf(trace, all, scales).flatMap((bar) => {
    const label = barLabel(trace, bar, scales);
    const width = textWidth(label.text, label.size);
    const left = label.anchor === "start" ? label.x : label.x - width / 2;
    const box = { left, right: left + width, y: label.y, size: label.size };
    const free = taken.every((other) => other.left >= box.right || other.right <= left || Math.abs(other.y - box.y) >= box.size);
    if (!label.text || !free) return [];
    taken.push(box);
    return [label];
  }));
  return labels[labels.length - 1];
}

/** @param {any} trace @param {Bar} bar @param {{x: Scale, y: Scale}} scales */
function barLabel(trace, { index, end, middle }, { x, y }) {
  const size = trace.textfont?.size ?? 11;
  const text = barText(trace, index);
  if (isLying(trace)) {
    const leftwards = x.type !== "log" && end < x.toPixel(0) - 0.5;
    return { text, size, x: px(leftwards ? end - 4 - textWidth(text, size) : end + 4), y: px(middle + 4), anchor: "start" };
  }
  const downwards = y.type !== "log" && end > y.toPixel(0) + 0.5;
  return { text, size, x: px(middle), y: px(downwards ? end + size : end - 3), anchor: "middle" };
}

/** Return the path of a trace's error bars along one axis. @param {any} trace @param {"x" | "y"} axis @param {{x: Scale, y: Scale}} scales
 * @param {ArrayLike<number>} [middles] pixels of the bars that they stand on */
export function errorPath(trace, axis, scales, middles) {
  const { array, arrayminus = array, width = 3 } = trace[`error_${axis}`];
  const other = axis === "x" ? "y" : "x";
  const [values, places] = [along(trace, axis), along(trace, other)];
  let path = "";
  for (let index = 0; index < values.length; index += 1) {
    const value = numeric(values[index]) + (trace.base ?? 0);
    const at = px(middles?.[index] ?? scales[other].toPixel(places[index]));
    const [low, high] = [value - arrayminus[index], value + array[index]].map((end) => px(scales[axis].toPixel(end)));
    if (![at, low, high].every(Number.isFinite)) continue;
    path += axis === "x"
      ? `M${low},${at}H${high}M${low},${at - width}v${2 * width}M${high},${at - width}v${2 * width}`
      : `M${at},${low}V${high}M${at - width},${low}h${2 * width}M${at - width},${high}h${2 * width}`;
  }
  return path;
}

/** Return the value below which a share of sorted values lies. @param {number[]} sorted @param {number} share */
function quantile(sorted, share) {
  const at = share * (sorted.length - 1);
  const [low, rest] = [Math.floor(at), at - Math.floor(at)];
  return sorted[low] + rest * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

/**
 * Return the box of a trace's values: quartiles, median, and whiskers to the last value within
 * 1.5 times their distance; and its points, spread to the left as they come.
 *
 * @param {any} trace
 * @param {{x: Scale, y: Scale}} scales
 */
export function boxOf(trace, { x, y }) {
  const values = Array.from(/** @type {ArrayLike<any>} */ (trace.y), numeric).filter(Number.isFinite);
  const sorted = [...values].sort((a, b) => a - b);
  const [first, median, third] = [0.25, 0.5, 0.75].map((share) => quantile(sorted, share));
  const reach = 1.5 * (third - first);
  const [low, high] = [sorted.find((value) => value >= first - reach), sorted.findLast((value) => value <= third + reach)];
  const middle = x.toPixel(trace.name);
  const half = 0.25 * x.unit;
  const [a, b, c, d, e] = [low, first, median, third, high].map((value) => px(y.toPixel(value)));
  const [left, right] = [px(middle - half), px(middle + half)];
  const box = `M${left},${b}H${right}V${d}H${left}ZM${left},${c}H${right}M${px(middle)},${b}V${a}M${px(middle)},${d}V${e}`
    + `M${px(middle - half / 2)},${a}h${px(half)}M${px(middle - half / 2)},${e}h${px(half)}`;
  const shown = trace.boxpoints === "all" ? values : values.filter((value) => value < Number(low) || value > Number(high));
  // Always the same places, so that a drawing is the same each time.
  const points = shown.map((value, index) => [px(left - 8 - ((index * 0.618) % 1) * 0.7 * half), px(y.toPixel(value))]);
  return { box, points: values.length ? points : [], empty: !values.length };
}
