// @ts-check
/* Small drawings of our own, which plotly draws far slower: matrices of numbers, and bars. */

import { SVG } from "./addresses.js";
import { colourOf, inkOn } from "./colours.js";
import { hold, want } from "./kept.js";
import { cellText, number } from "./numbers.js";

/** @typedef {import("./kept.js").Wanted} Wanted */

const LABELS = 12; // numbers that fit under the bars

/**
 * Make an element with its attributes and what is in it; text goes in as text.
 *
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string)} children
 * @returns {any} an element of that tag
 */
export function make(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/**
 * Make an element of a drawing.
 *
 * @param {string} tag
 * @param {Record<string, any>} attributes
 * @param {...(Node | string)} children
 */
export function draw(tag, attributes, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** @param {Element} element @param {Record<string, any>} attributes @param {(Node | string)[]} children */
function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Say whether a panel is a matrix whose numbers are written. @param {any} panel */
export const isMatrix = ({ still, digits, data: [trace] }) =>
  Boolean(still && trace?.type === "heatmap" && digits >= 0);

/** Say whether a panel has bars that answer to nothing. @param {any} panel */
export const isBars = ({ still, data: [trace] }) => Boolean(still && trace?.type === "bar");

/**
 * Draw a heatmap of few cells with its numbers, as text of the page.
 *
 * @param {any} plot
 * @param {any} panel
 */
export function drawMatrix(plot, { digits, data: [trace], layout: { xaxis, yaxis } }) {
  const rows = trace.z.length;
  const columns = trace.z[0].length;
  const named = yaxis.ticktext && xaxis.ticktext;
  const size = `--rows:${rows};--columns:${columns};font-size:${trace.textfont.size}px`;
  /** @type {Wanted[]} */
  const cells = [];
  const head = (/** @type {string} */ text) => want("span", { class: "cl-head" }, text);
  if (named) cells.push(head(""), ...xaxis.ticktext.map(head));
  trace.z.forEach((/** @type {number[]} */ row, /** @type {number} */ index) => {
    if (named) cells.push(head(yaxis.ticktext[index]));
    for (const value of row) {
      const ground = colourOf(value, trace);
      const style = `background:rgb(${ground.join(",")});color:${inkOn(ground)}`;
      cells.push(want("span", { style }, cellText(value, digits, columns)));
    }
  });
  hold(plot, [want("div", { class: `cl-matrix${named ? " cl-named" : ""}`, style: size }, ...cells)]);
  plot.data = [trace];
  plot.axes = { x: cellAxis(plot, "left", "width", columns), y: cellAxis(plot, "top", "height", rows) };
}

/**
 * Return an axis of a matrix that the page has laid out: the place of the cell at a pixel.
 *
 * @param {Element} plot
 * @param {"left" | "top"} start
 * @param {"width" | "height"} size
 * @param {number} count of cells along it
 */
export function cellAxis(plot, start, size, count) {
  const toValue = (/** @type {number} */ pixel) => {
    const cells = [...plot.querySelectorAll(".cl-matrix span:not(.cl-head)")];
    const [box, first, last] = [plot, cells[0], cells[cells.length - 1]].map((each) => each.getBoundingClientRect());
    return ((pixel + box[start] - first[start]) / (last[start] + last[size] - first[start])) * count - 0.5;
  };
  return { toValue };
}

/**
 * Return where the bars of a trace stand in a drawing of some size, and what is written on them.
 *
 * @param {any} trace
 * @param {{xaxis: any, yaxis: any}} axes
 * @param {{width: number, height: number}} size in pixels
 */
export function placedBars(trace, { xaxis, yaxis }, { width, height }) {
  const [left, top, bottom] = [8, 14, 34];
  const [[first, last], [low, high]] = [xaxis.range, yaxis.range];
  const unit = (width - 2 * left) / (last - first);
  const y = (/** @type {number} */ value) => top + ((height - top - bottom) * (high - value)) / (high - low);
  const every = Math.ceil(trace.y.length / LABELS);
  const start = trace.x0 ?? 0;
  const bars = Array.from(trace.y, (value, index) => {
    const end = Number.isFinite(value) ? y(value) : y(0);
    return {
      value,
      middle: left + unit * (index + start - first),
      top: Math.min(end, y(0)),
      height: Math.abs(end - y(0)),
      label: trace.texttemplate ? number(value, 2) : "",
      labelAt: value < 0 ? end + 12 : end - 4,
      tick: index % every ? "" : String(index + start),
    };
  });
  return { bars, unit, left, zero: y(0), tickAt: height - bottom + 16 };
}

/**
 * Draw bars that answer to nothing.
 *
 * @param {any} plot
 * @param {any} panel
 * @param {{width: number, height: number}} size in pixels
 */
export function drawBars(plot, { data: [trace], layout }, { width, height }) {
  const { bars, unit, left, zero, tickAt } = placedBars(trace, layout, { width, height });
  /** @type {Wanted[]} */
  const parts = [];
  const write = (/** @type {number} */ x, /** @type {number} */ y, /** @type {string} */ words, size = 11) => {
    if (words) parts.push(want("text", { x, y, "font-size": size }, words));
  };
  for (const bar of bars) {
    const place = { x: bar.middle - 0.4 * unit, y: bar.top, width: 0.8 * unit, height: bar.height };
    parts.push(want("rect", { ...place, fill: trace.marker.color }, want("title", {}, String(bar.value))));
    write(bar.middle, bar.labelAt, bar.label);
    write(bar.middle, tickAt, bar.tick, 10);
  }
  parts.push(want("line", { x1: left, x2: width - left, y1: zero, y2: zero }));
  write(width / 2, height - 4, layout.xaxis.title?.text ?? "");
  hold(plot, [want("svg", { class: "cl-bars", width, height }, ...parts)]);
  plot.data = [trace];
}
