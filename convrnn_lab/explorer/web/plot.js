// @ts-check
/* A panel drawn by ourselves: in layers, of which only those that differ are drawn again. */

import { same } from "./data.js";
import { drawPixels } from "./heat.js";
import { hold } from "./kept.js";
import { draw, make } from "./marks.js";
import { nearestOf, saying } from "./nearest.js";
import { axisParts, frameOf } from "./plot_axes.js";
import { along } from "./plot_data.js";
import { isHidden, px, shapeOf } from "./plot_shapes.js";
import { partsOf } from "./plot_traces.js";

/**
 * @typedef {import("./plot_axes.js").Frame} Frame
 * @typedef {import("./plot_axes.js").Box} Box
 */

const EDGE = 2; // pixels by which an outline may reach over the axes

/** The layers of one panel, and what they show. */
class Layers {
  /** @param {any} plot takes the drawing */
  constructor(plot) {
    this.plot = plot;
    /** @type {any} */
    this.panel = null;
    /** @type {any} */
    this.box = null;
    /** @type {any} */
    this.frame = null;
    /** @type {any[]} */
    this.traces = [];
    /** @type {any[]} */
    this.shapes = [];
    this.pixels = make("div", { class: "cl-pixels" });
    this.behind = draw("g", {});
    this.words = draw("g", {});
    this.inside = draw("svg", { class: "cl-inside" });
    this.over = draw("g", {});
    this.outlines = draw("svg", { class: "cl-outlines" });
    this.area = draw("rect", { class: "cl-area", fill: "none", "pointer-events": "all" });
    this.mark = draw("path", { class: "cl-mark" });
    this.drawing = draw("svg", { class: "cl-drawn" }, this.behind, this.inside, this.over, this.outlines, this.mark, this.words, this.area);
    this.readout = make("div", { class: "cl-readout", "aria-hidden": "true" });
    this.readout.hidden = true;
    plot.replaceChildren(this.pixels, this.drawing, this.readout);
    /** @type {any} */
    this.pointer = null;
    plot.addEventListener("pointermove", this.follow);
    plot.addEventListener("pointerleave", this.leave);
  }

  /** Take the drawing away, with its listeners. */
  remove() {
    this.plot.removeEventListener("pointermove", this.follow);
    this.plot.removeEventListener("pointerleave", this.leave);
    this.plot.replaceChildren();
    delete this.plot.layers;
  }

  /** @param {any} panel @param {Box} box */
  show(panel, box) {
    const kept = this.keepsFrame(panel, box);
    const before = this.panel;
    this.panel = panel;
    if (!kept) this.place(panel, box);
    this.drawTraces(panel.data, kept ? before.data : []);
    this.drawShapes(panel.layout.shapes ?? [], kept ? before.layout.shapes ?? [] : []);
    if (this.pointer) this.follow(this.pointer);
  }

  /** Say whether the axes stay where they are. @param {any} panel @param {Box} box */
  keepsFrame({ layout, data, size }, box) {
    if (!this.panel || !same(this.box, box) || this.panel.size !== size) return false;
    const { layout: before, data: drawn } = this.panel;
    if (!["xaxis", "yaxis"].every((axis) => same(before[axis], layout[axis]))) return false;
    const fixed = ["xaxis", "yaxis"].every((axis) => layout[axis]?.range?.length === 2 && layout[axis].type !== "category");
    return fixed || same(drawn, data);
  }

  /** Lay out the axes and draw them. @param {any} panel @param {Box} box */
  place(panel, box) {
    const frame = frameOf(panel, box);
    this.box = { width: box.width, height: box.height };
    this.frame = frame;
    const { left, top, width, height } = frame;
    const size = { width: px(width), height: px(height) };
    set(this.drawing, { width: box.width, height: box.height });
    set(this.inside, { x: left, y: top, ...size });
    set(this.area, { x: left, y: top, ...size });
    const [wide, tall] = [width + 2 * EDGE, height + 2 * EDGE].map(px);
    set(this.outlines, {
      x: left - EDGE, y: top - EDGE, width: wide, height: tall, viewBox: `${-EDGE} ${-EDGE} ${wide} ${tall}`,
    });
    for (const layer of [this.behind, this.over, this.mark]) set(layer, { transform: `translate(${left},${top})` });
    Object.assign(this.pixels.style, { left: `${left}px`, top: `${top}px`, width: `${px(width)}px`, height: `${px(height)}px` });
    const axes = /** @type {const} */ (["x", "y"]).map((letter) => axisParts(panel, letter, frame, box));
    hold(this.behind, axes.flatMap(({ behind }) => behind));
    hold(this.words, axes.flatMap(({ words }) => words));
    this.plot.axes = { x: pointed(frame.x, left), y: pointed(frame.y, top) };
  }

  /** @param {any[]} data @param {any[]} before those that are drawn */
  drawTraces(data, before) {
    const bars = (/** @type {any[]} */ traces) => traces.filter(({ type }) => type === "bar");
    const beside = same(bars(data), bars(before)); // bars, and their labels, make room for each other
    data.forEach((trace, index) => {
      this.traces[index] ??= this.addTrace();
      const filled = trace.fill === "tonexty" && !same(before[index - 1], data[index - 1]);
      if ((beside || trace.type !== "bar") && !filled && index < before.length && same(before[index], trace)) return;
      const { pixels, inside, over } = this.traces[index];
      const parts = partsOf(data, index, this.frame);
      hold(inside, parts.inside);
      hold(over, parts.over);
      pixels.hidden = trace.type !== "heatmap" || isHidden(trace);
      if (!pixels.hidden) drawPixels(pixels, trace, this.frame, { x: along(trace, "x"), y: along(trace, "y") });
    });
    for (const { pixels, inside, over } of this.traces.splice(data.length)) [pixels, inside, over].forEach((each) => each.remove());
  }

  addTrace() {
    const parts = { pixels: make("canvas"), inside: draw("g", {}), over: draw("g", {}) };
    this.pixels.append(parts.pixels);
    this.inside.append(parts.inside);
    this.over.append(parts.over);
    return parts;
  }

  /** @param {any[]} shapes @param {any[]} before those that are drawn */
  drawShapes(shapes, before) {
    shapes.forEach((shape, index) => {
      if (!this.shapes[index]) {
        this.shapes[index] = draw("path", {});
        this.outlines.append(this.shapes[index]);
      }
      if (index >= before.length || !same(before[index], shape)) set(this.shapes[index], shapeOf(shape, this.frame));
    });
    for (const path of this.shapes.splice(shapes.length)) path.remove();
  }

  /** Say the numbers of what is under the pointer. @param {{clientX: number, clientY: number}} event */
  follow = ({ clientX, clientY }) => {
    this.pointer = { clientX, clientY };
    if (this.panel.still) return;
    const { left, top } = this.plot.getBoundingClientRect();
    const [x, y] = [clientX - left, clientY - top];
    const found = nearestOf(this.panel.data, this.frame, x - this.frame.left, y - this.frame.top);
    this.readout.hidden = !found;
    set(this.mark, { d: found ? ringed(found.place) : "" });
    if (!found) return;
    this.readout.textContent = saying(found, this.panel.layout);
    const { width, height } = this.box;
    // Beside the pointer, on the side with more room.
    Object.assign(this.readout.style, {
      left: x < width / 2 ? `${x + 14}px` : "", right: x < width / 2 ? "" : `${width - x + 14}px`,
      top: y < height / 2 ? `${y + 12}px` : "", bottom: y < height / 2 ? "" : `${height - y + 8}px`,
    });
  };

  leave = () => {
    this.pointer = null;
    this.readout.hidden = true;
    set(this.mark, { d: "" });
  };
}

/**
 * Set only attributes that differ: the browser lays out again what was set to the same.
 *
 * @param {Element} element
 * @param {Record<string, any>} attributes
 */
function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const text = String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

/** @param {Record<string, number>} place of a point, or of a box */
function ringed(place) {
  if ("x" in place) return `M${px(place.x - 6)},${px(place.y)}a6,6 0 1,0 12,0a6,6 0 1,0 -12,0`;
  const { left, top, width, height } = place;
  return `M${px(left)},${px(top)}h${px(width)}v${px(height)}h${px(-width)}Z`;
}

/**
 * Return an axis as pointing needs it: the value at a pixel of the panel, at most at its ends.
 *
 * @param {import("./scales.js").Scale} scale
 * @param {number} start pixel at which the axis begins
 */
function pointed({ toValue, length, type, names }, start) {
  return {
    toValue: (/** @type {number} */ pixel) => {
      const value = toValue(Math.max(0, Math.min(length, pixel - start)));
      if (type !== "category") return value;
      // Names that are numbers say which one is meant: the rows may be in an order of their own.
      const place = Math.max(0, Math.min(names.length - 1, Math.round(value)));
      const name = Number(names[place]);
      return Number.isNaN(name) ? place : name;
    },
  };
}

/**
 * Draw a panel, or what of it differs from what is drawn.
 *
 * @param {any} plot
 * @param {any} panel one that `isOurs`
 * @param {Box} box in pixels
 */
export function drawPlot(plot, panel, box) {
  plot.layers ??= new Layers(plot);
  plot.layers.show(panel, box);
  plot.data = panel.data;
}
