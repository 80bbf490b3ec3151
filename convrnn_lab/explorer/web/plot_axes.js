// @ts-check
/* Where the axes of a panel lie, and how they are drawn. */

import { want } from "./kept.js";
import { margins, squared } from "./layout.js";
import { categories, isCounted, rangeFor } from "./plot_data.js";
import { px } from "./plot_shapes.js";
import { scaleOf, textWidth, ticksOf } from "./scales.js";

/**
 * @typedef {import("./kept.js").Wanted} Wanted
 * @typedef {import("./scales.js").Scale} Scale
 * @typedef {import("./scales.js").Tick} Tick
 * @typedef {{width: number, height: number}} Box
 * @typedef {{x: Tick[], y: Tick[]}} Ticks
 * @typedef {{left: number, top: number, width: number, height: number, x: Scale, y: Scale, ticks: Ticks, turned: boolean}} Frame
 */

const TURN = 35; // degrees that names lie turned where they are too long to stand beside each other
const LOWEST = 74; // pixels that turned names may take under the axis
const FONT = 12;

/** @param {any} axis */
const titleOf = ({ title }) => (typeof title === "string" ? title : title?.text ?? "");

/** @param {any} axis */
const isLabelled = ({ visible, showticklabels }) => visible !== false && showticklabels !== false;

/** @param {Tick[]} ticks @param {any} axis */
const widest = (ticks, { tickfont }) => Math.max(0, ...ticks.map(({ text }) => textWidth(text, tickfont?.size ?? FONT)));

/**
 * Return where the axes of a panel lie, with their scales and ticks.
 *
 * @param {any} panel
 * @param {Box} box
 * @returns {Frame}
 */
export function frameOf({ size, layout, data }, box) {
  const axis = (/** @type {"x" | "y"} */ letter) => {
    const names = layout[`${letter}axis`]?.type === "category" ? categories(data, letter) : [];
    const whole = { ...layout[`${letter}axis`] };
    return { axis: { ...whole, range: [...rangeFor(whole, data, letter, names)], counted: isCounted(data, letter) }, names };
  };
  const [across, up] = [axis("x"), axis("y")];
  const margin = margins(size, layout);
  const down = (/** @type {number} */ bottom) =>
    scaleOf(up.axis, [box.height - margin.t - bottom, 0], up.names);
  const labels = isLabelled(up.axis) ? widest(ticksOf(down(margin.b), up.axis, false), up.axis) : 0;
  const left = Math.max(margin.l, labels + 10 + (titleOf(up.axis) ? 16 : 0));
  const place = { margin: { ...margin, l: Math.min(left, 0.6 * box.width) }, ...box, xaxis: across.axis, yaxis: up.axis };
  const turned = turnedRoom(place, across.names);
  if (turned) place.margin.b = turned;
  squared(place);
  return placed(place, across.names, up.names, Boolean(turned));
}

/** Return the room of names that must be turned; 0 where they need not. @param {any} place @param {string[]} names */
function turnedRoom({ width, margin, xaxis }, names) {
  if (!names.length || xaxis.tickangle === 0 || !isLabelled(xaxis)) return 0;
  const unit = (width - margin.l - margin.r) / Math.abs(xaxis.range[1] - xaxis.range[0]);
  const longest = Math.max(...names.map((name) => textWidth(name, xaxis.tickfont?.size ?? FONT)));
  if (longest < unit - 6) return 0;
  return Math.min(LOWEST, 14 + longest * Math.sin((TURN * Math.PI) / 180)) + (titleOf(xaxis) ? 14 : 0);
}

/** @param {any} place @param {string[]} xNames @param {string[]} yNames @param {boolean} turned @returns {Frame} */
function placed({ width, height, margin, xaxis, yaxis }, xNames, yNames, turned) {
  const [whole, tall] = [width - margin.l - margin.r, height - margin.t - margin.b].map((size) => Math.max(1, size));
  const [from, to] = xaxis.domain ?? [0, 1];
  const [bottom, top] = yaxis.domain ?? [0, 1];
  const size = { width: Math.round((to - from) * whole), height: Math.round((top - bottom) * tall) };
  const x = scaleOf(xaxis, [0, size.width], xNames);
  const y = scaleOf(yaxis, [size.height, 0], yNames);
  const ticks = { x: ticksOf(x, xaxis, true), y: ticksOf(y, yaxis, false) };
  return { left: Math.round(margin.l + from * whole), top: Math.round(margin.t + (1 - top) * tall), ...size, x, y, ticks, turned };
}

/**
 * Return the lines behind the traces.
 *
 * @param {any} axis
 * @param {"x" | "y"} letter
 * @param {Frame} frame
 * @param {boolean} covered by pixels
 */
function axisLines(axis, letter, { x, y, width, height, ticks }, covered) {
  const line = (/** @type {number} */ at) => (letter === "x" ? `M${at},0V${height}` : `M0,${at}H${width}`);
  const pixel = (/** @type {any} */ value) => Math.round((letter === "x" ? x : y).toPixel(value)) + 0.5;
  /** @type {Wanted[]} */
  const made = [];
  const path = (/** @type {string} */ name, /** @type {string} */ d, /** @type {string | undefined} */ colour) =>
    made.push(want("path", { class: name, d, ...(colour && { style: `stroke:${colour}` }) }));
  if (axis.showgrid !== false && !covered && ticks[letter].length) {
    path("cl-grid", ticks[letter].map(({ value }) => line(pixel(value))).join(""), axis.gridcolor);
  }
  const scale = letter === "x" ? x : y;
  const [low, high] = [Math.min(...scale.range), Math.max(...scale.range)];
  const zero = scale.type === "linear" && axis.zeroline !== false && low <= 0 && high >= 0;
  if (zero && !covered) path("cl-zero", line(pixel(0)), axis.zerolinecolor);
  if (axis.showline && axis.mirror) path("cl-frame", `M-0.5,-0.5H${width + 0.5}V${height + 0.5}H-0.5Z`, axis.linecolor);
  else if (axis.showline) path("cl-frame", letter === "x" ? `M0,${height + 0.5}H${width}` : `M-0.5,0V${height}`, axis.linecolor);
  return made;
}

/** Cut a text to a width. @param {string} text @param {number} size of its letters @param {number} room */
export function shortened(text, size, room) {
  if (textWidth(text, size) <= room) return text;
  const count = Math.max(1, Math.floor(room / textWidth("x", size)) - 1);
  return `${text.slice(0, count)}…`;
}

/** @param {any} axis @param {Frame} frame @param {Box} box */
function labelsAcross(axis, { left, top, height, x, ticks, turned }, box) {
  const size = axis.tickfont?.size ?? FONT;
  const [sine, cosine] = [Math.sin((TURN * Math.PI) / 180), Math.cos((TURN * Math.PI) / 180)];
  return ticks.x.map(({ value, text }) => {
    const [at, low] = [left + x.toPixel(value), top + height];
    const half = textWidth(text, size) / 2;
    const common = { class: "cl-tick", "font-size": size };
    if (turned) {
      const place = `translate(${px(at + 3)},${px(low + size)}) rotate(${-TURN})`;
      const room = Math.min((LOWEST - 14) / sine, at / cosine);
      return want("text", { ...common, transform: place, "text-anchor": "end" }, shortened(text, size, room));
    }
    const inside = Math.max(Math.min(at, box.width - 1 - half), half + 1); // not cut off at the panel's edges
    return want("text", { ...common, x: px(inside), y: px(low + size + 4), "text-anchor": "middle" }, text);
  });
}

/** @param {any} axis @param {Frame} frame */
function labelsDown(axis, { left, top, y, ticks }) {
  const size = axis.tickfont?.size ?? FONT;
  const room = left - 8 - (titleOf(axis) ? 16 : 0);
  return ticks.y.map(({ value, text }) => want("text", {
    class: "cl-tick", "font-size": size, x: left - 5, y: px(top + y.toPixel(value) + 0.35 * size), "text-anchor": "end",
  }, shortened(text, size, room)));
}

/** @param {any} axis @param {"x" | "y"} letter @param {Frame} frame @param {Box} box */
function axisTitle(axis, letter, { left, top, width, height }, box) {
  const text = titleOf(axis);
  if (!text || axis.visible === false) return [];
  const size = axis.title.font?.size ?? FONT;
  const look = { class: "cl-name", "font-size": size, "text-anchor": "middle" };
  const room = letter === "x" ? box.width : box.height;
  const half = textWidth(text, size) / 2;
  const middle = Math.max(Math.min(left + width / 2, box.width - half), Math.min(half, box.width / 2));
  const place = letter === "x" ? { x: px(middle), y: px(box.height - 5) }
    : { transform: `translate(11,${px(top + height / 2)}) rotate(-90)` };
  return [want("text", { ...look, ...place }, shortened(text, size, room))];
}

/**
 * Return what is drawn of an axis: its lines, which lie behind the traces, and its words.
 *
 * @param {any} panel
 * @param {"x" | "y"} letter
 * @param {Frame} frame
 * @param {Box} box
 */
export function axisParts({ layout, data }, letter, frame, box) {
  const axis = layout[`${letter}axis`] ?? {};
  const covered = data.some((/** @type {any} */ { type }) => type === "heatmap");
  const behind = axis.visible === false ? [] : axisLines(axis, letter, frame, covered);
  const labels = letter === "x" ? labelsAcross(axis, frame, box) : labelsDown(axis, frame);
  return { behind, words: [...(isLabelled(axis) ? labels : []), ...axisTitle(axis, letter, frame, box)] };
}
