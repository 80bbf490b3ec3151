// @ts-check
/* A signal drawn by hand over the one that is there: each sample takes the height of the pointer. */

import { make } from "./marks.js";
import { pointOf } from "./pointing.js";

/** @typedef {import("./given.js").Givens} Givens */

/**
 * Return samples with those between two points of a line on that line; the ends are rounded to samples.
 *
 * @param {ArrayLike<number>} samples
 * @param {{x: number, y: number}} from
 * @param {{x: number, y: number}} to
 */
export function lineOver(samples, from, to) {
  const result = Float32Array.from(samples);
  const [first, last] = [from, to].map(({ x }) => Math.max(0, Math.min(samples.length - 1, Math.round(x))));
  const steps = Math.abs(last - first);
  for (let step = 0; step <= steps; step += 1) {
    const share = steps ? step / steps : 1;
    result[first + Math.sign(last - first) * step] = from.y + share * (to.y - from.y);
  }
  return result;
}

/** A pen for the panel of a signal: while it is taken up, a drag draws, and points at nothing. */
export class Pen {
  /** @param {any} figure that holds the panel's drawing @param {string} name of what is given @param {Givens} givens */
  constructor(figure, name, givens) {
    this.givens = givens;
    this.name = name;
    this.up = make("button", { type: "button", class: "cl-button", "aria-pressed": "false" }, "✎ draw");
    this.up.onclick = () => { this.take(!this.taken); };
    this.back = make("button", { type: "button", class: "cl-button" }, "take it back");
    this.back.onclick = () => { givens.give(name, null); };
    this.el = make("div", { class: "cl-pen" }, this.up, this.back);
    this.taken = false;
    this.figure = figure;
    figure.append(this.el);
    /** @type {{x: number, y: number} | null} */
    this.last = null;
    // Ahead of what points: that listens below.
    for (const kind of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
      figure.addEventListener(kind, (/** @type {any} */ event) => { this.hear(kind, event); }, true);
    }
  }

  /** @param {boolean} taken */
  take(taken) {
    this.taken = taken;
    this.up.setAttribute("aria-pressed", String(taken));
    this.figure.classList.toggle("cl-drawing", taken);
  }

  show() {
    this.back.hidden = !(this.name in this.givens.arrays);
  }

  /** @param {string} kind @param {any} event */
  hear(kind, event) {
    const plot = this.figure.children[1];
    if (!this.taken || !plot.contains(event.target)) return;
    event.stopPropagation();
    if (kind === "pointerup" || kind === "pointercancel") this.last = null;
    if (kind === "pointerdown") plot.setPointerCapture?.(event.pointerId);
    if (kind !== "pointerdown" && !this.last) return;
    const point = pointOf(plot, event);
    const now = this.givens.now(this.name);
    if (!point || !now) return;
    event.preventDefault();
    this.givens.give(this.name, { shape: now.shape, data: lineOver(now.data, this.last ?? point, point) });
    this.last = point;
  }
}
