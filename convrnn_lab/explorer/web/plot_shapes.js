// @ts-check
/* Outlines, lines and symbols as paths in pixels. */

import { numeric } from "./scales.js";

/** @typedef {import("./scales.js").Scale} Scale @typedef {{x: Scale, y: Scale}} Scales */

const DASHES = /** @type {Record<string, number[]>} */ ({ dot: [1, 1], dash: [3, 3], longdash: [5, 5], dashdot: [3, 2, 1, 2] });
const COMMAND = /([MLHVZ])([^MLHVZ]*)/g;

/** A pixel with two decimal places: shorter texts are drawn faster. @param {number} value */
export const px = (value) => Math.round(value * 100) / 100;

/** Return the dashes of a line; nothing for a solid one. @param {string | undefined} dash @param {number} width */
export const dashes = (dash, width) => (dash && DASHES[dash] ? DASHES[dash].map((part) => part * Math.max(width, 3)).join(" ") : "none");

/**
 * Return a path whose numbers are values as one in pixels; what lies nowhere is left out.
 *
 * @param {string} path of M, L, H, V and Z
 * @param {Scales} scales
 */
export function pixelPath(path, { x, y }) {
  let text = "";
  for (const [, letter, rest] of path.matchAll(COMMAND)) {
    const numbers = rest.split(/[\s,]+/).filter(Boolean).map(Number);
    const to = letter === "V" ? numbers.map(y.toPixel) : numbers.map((value, place) => (place % 2 ? y.toPixel(value) : x.toPixel(value)));
    if (letter === "H") to.splice(0, to.length, ...numbers.map(x.toPixel));
    if (to.every(Number.isFinite)) text += letter + to.map(px).join(",");
  }
  return text;
}

/** Return a mark of so many pixels, or a box between values, as a path. @param {any} shape @param {Scales} scales */
function boxPath(shape, scales) {
  const end = (/** @type {"x" | "y"} */ axis, /** @type {0 | 1} */ which) => {
    const value = shape[`${axis}${which}`];
    const down = axis === "y" ? -1 : 1; // pixels of a mark count upwards
    return shape[`${axis}sizemode`] === "pixel"
      ? scales[axis].toPixel(shape[`${axis}anchor`]) + down * value
      : scales[axis].toPixel(value);
  };
  const [left, right, top, bottom] = [end("x", 0), end("x", 1), end("y", 0), end("y", 1)].map(px);
  if (shape.type === "rect") return `M${left},${top}H${right}V${bottom}H${left}Z`;
  const [a, b] = [px(Math.abs(right - left) / 2), px(Math.abs(bottom - top) / 2)];
  const [start, middle] = [Math.min(left, right), px((top + bottom) / 2)];
  return `M${start},${middle}a${a},${b} 0 1,0 ${2 * a},0a${a},${b} 0 1,0 ${-2 * a},0Z`;
}

/** Say whether a trace or a shape is not to be seen. @param {any} part */
export const isHidden = ({ visible = true }) => !visible;

/** Return the attributes of the path of a shape. @param {any} shape @param {Scales} scales */
export function shapeOf(shape, scales) {
  const { color = "currentColor", width = 2, dash } = shape.line ?? {};
  return {
    d: isHidden(shape) ? "" : shape.type === "path" ? pixelPath(shape.path, scales) : boxPath(shape, scales),
    fill: shape.fillcolor ?? "none",
    stroke: color,
    "stroke-width": width,
    "stroke-dasharray": dashes(dash, width),
  };
}

/**
 * Return a line through points, with gaps where a value is missing.
 *
 * @param {ArrayLike<any>} across
 * @param {ArrayLike<any>} up
 * @param {Scales} scales
 * @param {boolean} [closed] whether each part ends where it began
 */
export function linePath(across, up, { x, y }, closed = false) {
  const parts = [];
  let pen = "M";
  for (let index = 0; index < up.length; index += 1) {
    const [left, top] = [x.toPixel(across[index]), y.toPixel(up[index])];
    if (Number.isFinite(left) && Number.isFinite(top)) {
      parts.push(`${pen}${px(left)},${px(top)}`);
      pen = "L";
    } else {
      if (closed && pen === "L") parts.push("Z");
      pen = "M";
    }
  }
  return parts.join("") + (closed && pen === "L" ? "Z" : "");
}

/** @param {number} x @param {number} y @param {[number, number][]} corners */
const corner = (x, y, corners) => `M${corners.map(([dx, dy]) => `${px(x + dx)},${px(y + dy)}`).join("L")}Z`;

const STAR = Array.from({ length: 10 }, (_, place) => {
  const radius = place % 2 ? 0.55 : 1.4;
  return [radius * Math.sin((place * Math.PI) / 5), -radius * Math.cos((place * Math.PI) / 5)];
});
const CROSS = [
  [0, -0.5], [0.5, -1], [1, -0.5], [0.5, 0], [1, 0.5], [0.5, 1], [0, 0.5], [-0.5, 1], [-1, 0.5], [-0.5, 0], [-1, -0.5], [-0.5, -1],
];
const CORNERS = /** @type {Record<string, number[][]>} */ ({
  square: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
  diamond: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
  "triangle-up": [[0, -1.2], [1.15, 0.8], [-1.15, 0.8]],
  "triangle-down": [[0, 1.2], [1.15, -0.8], [-1.15, -0.8]],
  x: CROSS,
  cross: CROSS.map(([x, y]) => [(x + y) * 0.8, (y - x) * 0.8]),
  star: STAR,
});

/** Return the path of a symbol. @param {string} symbol @param {number} x @param {number} y @param {number} radius in pixels */
export function symbolPath(symbol, x, y, radius) {
  const corners = CORNERS[symbol];
  if (corners) return corner(x, y, corners.map(([dx, dy]) => [dx * radius, dy * radius]));
  return `M${px(x - radius)},${px(y)}a${radius},${radius} 0 1,0 ${2 * radius},0a${radius},${radius} 0 1,0 ${-2 * radius},0Z`;
}

/** Take the value of a place out of what may be one value for all. @param {any} value @param {number} index */
export const ofPlace = (value, index) => (Array.isArray(value) || ArrayBuffer.isView(value) ? /** @type {any} */ (value)[index] : value);

/**
 * Return the paths of a trace's markers, one for each way they look.
 *
 * @param {any} trace
 * @param {ArrayLike<any>} across
 * @param {Scales} scales
 * @param {string} colour where the trace has none
 * @param {number} [share] of the distance of two markers at which the first of few begins
 */
export function markerPaths({ y, marker = {}, line }, across, { x: xScale, y: yScale }, colour, share = 0) {
  /** @type {Map<string, any>} */
  const paths = new Map();
  const every = marker.maxdisplayed ? Math.max(1, Math.ceil(y.length / marker.maxdisplayed)) : 1;
  for (let index = Math.floor(share * every); index < y.length; index += every) {
    const [left, top] = [xScale.toPixel(across[index]), yScale.toPixel(y[index])];
    const inside = left >= -1 && left <= xScale.length + 1 && top >= -1 && top <= yScale.length + 1;
    if (!inside || Number.isNaN(numeric(yScale.type === "category" ? 0 : y[index]))) continue;
    const name = ofPlace(marker.symbol, index) ?? "circle";
    const open = name.endsWith("-open");
    const paint = ofPlace(marker.color, index) ?? line?.color ?? colour;
    const edge = marker.line?.width ?? (open ? 1.5 : 0);
    const stroke = ofPlace(marker.line?.color, index) ?? paint;
    const radius = (ofPlace(marker.size, index) ?? 6) / 2;
    const key = [name, paint, stroke, edge].join();
    const path = paths.get(key) ?? { fill: open ? "none" : paint, stroke: edge ? stroke : "none", "stroke-width": edge, d: "" };
    path.d += symbolPath(name.replace("-open", ""), left, top, radius);
    paths.set(key, path);
  }
  return [...paths.values()];
}
