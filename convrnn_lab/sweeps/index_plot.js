// @ts-check
/* The plot of a sweep's index: one point a report, to point at, to step through and to open. */

import { SVG } from "../explorer/web/addresses.js";
import { address, plottable, scale, short, shown, startOf } from "./index_scales.js";

/** @typedef {import("./index_scales.js").Columns} Columns */
/** @typedef {import("./index_scales.js").Report} Report */
/** @typedef {{report: Report, node: any, place: number, height: number}} Point */

const HEIGHT = 340;
const [LEFT, TOP, BOTTOM] = [70, 24, 290];
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#7f7f7f"];
const SHAPES = [
  "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0", "M-3.6-3.6h7.2v7.2h-7.2z", "M0-5L4.6 3.6h-9.2z", "M0-5L5 0L0 5L-5 0z",
  "M-1.6-5h3.2v3.4H5v3.2H1.6V5h-3.2V1.6H-5v-3.2h3.4z", "M0 5L4.6-3.6h-9.2z", "M-5-2h10v4h-10z", "M-2-5h4v10h-4z",
];
const ramp = (/** @type {number} */ share) => `hsl(${260 - 200 * share} 75% ${52 - 6 * share}%)`;

/**
 * Add an element at the end of another; text goes in as text, never as markup.
 *
 * @param {any} parent
 * @param {string} name
 * @param {Record<string, any>} [attributes]
 * @param {string | null} [text]
 * @returns {any}
 */
export function add(parent, name, attributes = {}, text = null) {
  const svg = parent.namespaceURI === SVG || name === "svg";
  const node = svg ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== null) node.textContent = text;
  parent.append(node);
  return node;
}

/** The plot, its choices and its key. */
export class Plot {
  /** @param {any} parent @param {Columns} columns */
  constructor(parent, columns) {
    this.columns = columns;
    /** @type {Report[]} */
    this.reports = [];
    /** @type {Point[]} */
    this.points = [];
    this.chosen = -1;
    add(parent, "h2", {}, "Results");
    this.el = add(parent, "div");
    this.controls = add(this.el, "div", { class: "row" });
    const { empty, across, up, hue } = startOf(columns);
    this.empty = empty;
    this.up = this.choice("plot", columns.heights, up);
    this.across = this.choice("against", columns.widths, across);
    this.hue = this.choice("coloured by", [-1, ...columns.varied], hue);
    this.logs = { x: this.tick("logarithmic across"), y: this.tick("logarithmic up") };
    this.svg = add(this.el, "svg", {
      class: "plot", tabindex: "0", role: "application",
      "aria-label": "Plot; the arrow keys go from report to report, Enter opens one",
    });
    this.readout = add(this.el, "p", { "aria-live": "polite", class: "muted" }, "\u00a0");
    this.key = add(this.el, "ul", { class: "key", "aria-label": "Colours" });
    this.svg.addEventListener("keydown", (/** @type {any} */ event) => this.press(event));
    new ResizeObserver(() => this.draw(this.reports)).observe(this.el);
  }

  /** @param {string} name @param {number[]} options columns; -1 for none @param {number} start */
  choice(name, options, start) {
    const label = add(this.controls, "label", {}, `${name} `);
    const select = add(label, "select", { "aria-label": name });
    for (const value of options) add(select, "option", { value }, value < 0 ? "nothing" : this.columns.name(value));
    select.value = String(start);
    return select;
  }

  /** @param {string} name */
  tick(name) {
    const label = add(this.controls, "label");
    const box = add(label, "input", { type: "checkbox" });
    label.append(` ${name}`);
    return box;
  }

  /** @param {Report[]} reports */
  draw(reports) {
    this.reports = reports;
    // As many units as pixels, so that the labels are as large as the page's text.
    const width = Math.max(300, Math.min(960, this.el.clientWidth));
    this.svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.svg.replaceChildren();
    this.key.replaceChildren();
    this.readout.textContent = "\u00a0";
    this.chosen = -1;
    this.points = [];
    const [x, y] = [Number(this.across.value), Number(this.up.value)];
    const log = { x: this.logs.x.checked && this.columns.isNumber(x), y: this.logs.y.checked };
    const usable = plottable(reports, x, y, log);
    if (usable.length) this.drawPoints(usable, x, y, width - 20);
    else add(this.svg, "text", { x: width / 2, y: 170, "text-anchor": "middle" }, "Nothing to plot with these filters");
  }

  /** @param {Report[]} reports @param {number} x column @param {number} y column @param {number} right end of the axis */
  drawPoints(reports, x, y, right) {
    const across = scale(reports.map(({ values }) => values[x]), this.logs.x.checked, LEFT, right);
    const up = scale(reports.map(({ values }) => values[y]), this.logs.y.checked, BOTTOM, TOP);
    this.drawAxes(across.ticks, up.ticks, right);
    add(this.svg, "text", { class: "name", x: (LEFT + right) / 2, y: 332, "text-anchor": "middle" }, this.columns.name(x));
    add(this.svg, "text", { class: "name", x: 4, y: 14 }, this.columns.name(y));
    const look = this.looks(Number(this.hue.value));
    this.points = reports.map((report) => {
      const [place, height] = [across.place(report.values[x]), up.place(report.values[y])];
      const transform = `translate(${place.toFixed(1)} ${height.toFixed(1)})`;
      return { report, node: add(this.svg, "path", { class: "point", ...look(report), transform }), place, height };
    }).sort((a, b) => a.place - b.place || a.height - b.height);
    this.points.forEach((point, index) => {
      point.node.addEventListener("pointerenter", () => this.choose(index));
      point.node.addEventListener("click", () => open(point.report));
    });
  }

  /** @param {[number, string][]} across @param {[number, string][]} up @param {number} right */
  drawAxes(across, up, right) {
    add(this.svg, "path", { class: "axis", d: `M${LEFT} ${TOP}V${BOTTOM}H${right}`, fill: "none" });
    for (const [place, text] of across) {
      add(this.svg, "path", { class: "axis", d: `M${place} ${BOTTOM}v5` });
      const words = short(text, (right - LEFT) / across.length / 7);
      add(this.svg, "text", { x: place, y: BOTTOM + 18, "text-anchor": "middle" }, words);
    }
    for (const [place, text] of up) {
      add(this.svg, "path", { class: "axis", d: `M${LEFT - 5} ${place}H${right}`, "stroke-dasharray": "1 4" });
      add(this.svg, "text", { x: LEFT - 8, y: place + 4, "text-anchor": "end" }, text);
    }
  }

  /**
   * Return the colour and shape of each report, and write the key.
   *
   * @param {number} index column; -1 for none
   * @returns {(report: Report) => {fill: string, d: string}}
   */
  looks(index) {
    if (index < 0) return () => ({ fill: COLOURS[0], d: SHAPES[0] });
    const values = this.columns.distinct(index);
    const few = values.length <= COLOURS.length;
    const last = values.length - 1;
    const look = (/** @type {number} */ n) => (few ? { fill: COLOURS[n], d: SHAPES[n] } : { fill: ramp(n / last), d: SHAPES[0] });
    for (const n of few ? values.keys() : [0, Math.round(last / 2), last]) {
      const item = add(this.key, "li");
      add(add(item, "svg", { width: 12, height: 12, viewBox: "-6 -6 12 12" }), "path", look(n));
      item.append(` ${this.columns.name(index)} ${shown(values[n])}`);
    }
    return ({ values: own }) => look(values.indexOf(own[index]));
  }

  /** @param {number} index of a point */
  choose(index) {
    this.svg.querySelector(".chosen")?.classList.remove("chosen");
    this.chosen = index;
    const point = this.points[index];
    if (!point) return;
    point.node.classList.add("chosen");
    const named = [...this.columns.varied, Number(this.up.value)];
    const texts = named.map((each) => `${this.columns.name(each)} ${shown(point.report.values[each])}`);
    this.readout.textContent = texts.join(", ");
  }

  /** @param {any} event */
  press(event) {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[/** @type {"ArrowUp"} */ (event.key)];
    const count = this.points.length;
    if (step && count) {
      event.preventDefault();
      const first = step > 0 ? 0 : count - 1;
      this.choose(this.chosen < 0 ? first : (this.chosen + step + count) % count);
    } else if (event.key === "Enter" && this.points[this.chosen]) open(this.points[this.chosen].report);
  }
}

/** Go to a report's page. @param {Report} report */
function open(report) {
  if (report.name) location.href = address(report);
}
