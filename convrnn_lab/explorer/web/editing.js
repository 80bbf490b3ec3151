// @ts-check
/* What a reader may give in place of what a figure shows: fields for it, beside the figure and in it. */

import { Givens } from "./given.js";
import { padField } from "./inputs.js";
import { make } from "./marks.js";
import { Pen } from "./pen.js";
import { asDigit, reduced } from "./pictures.js";
import { Line } from "./typed.js";
import { Weights } from "./weights.js";

/**
 * @typedef {{name: string, by: "numbers" | "pen" | "picture" | "digit" | "line", low?: number, high?: number,
 *   alphabet?: string, most?: number,
 *   parts?: import("./weights.js").PartGiven[], heads?: import("./weights.js").Heads}} Gives as a panel declares it
 * @typedef {{panelBox: any, look: () => any}} Figure whose fields these are
 */

const REST_STROKE_MS = 250; // how long a stroke rests before the kernel hears of it

const WORDS = /** @type {Record<string, [string, string]>} */ ({
  picture: ["Your own picture", "Draw, or open a picture"],
  digit: ["Your own digit", "Draw a digit, or open a picture of one"],
});

/** The fields of one figure. */
export class Editing {
  /** @param {Figure} drawing */
  constructor(drawing) {
    this.drawing = drawing;
    this.givens = new Givens();
    this.givens.onChange(() => drawing.look());
    /** @type {Map<number, {weights: Weights, el: any}>} by panel */
    this.numbers = new Map();
    /** @type {Map<number, Pen>} by panel */
    this.pens = new Map();
    this.el = make("div", { class: "cl-own" });
    /** @type {Gives | null} */
    this.picture = null;
    this.status = make("span", { role: "status" });
    this.back = make("button", { type: "button", class: "cl-button" }, "take it back");
    this.back.onclick = () => { if (this.picture) this.givens.give(this.picture.name, null); };
    /** @type {Line | null} */
    this.line = null;
    this.padless = false;
    /** @type {Gives[]} */
    this.shown = [];
    /** @type {any} */
    this.timer = undefined;
  }

  get places() {
    return this.givens.places;
  }

  /** Take the state that is shown, and where its computed settings are. @param {any} content @param {Record<string, number>} settings */
  settle(content, settings) {
    this.givens.settle(content, settings);
  }

  /** What the figure takes now, and how, by name; what is not drawn is numbers. @returns {Map<string, Gives>} */
  takes() {
    const numbers = Object.keys(this.givens.content.given ?? {}).map((name) => /** @type {Gives} */ ({ name, by: "numbers" }));
    const drawn = this.shown.filter(({ by }) => by !== "numbers");
    return new Map([...numbers, ...drawn].filter(({ name }) => this.givens.original(name)).map((gives) => [gives.name, gives]));
  }

  /** What a reader gave, for the kernel: how, and the numbers where they were not drawn as a picture. */
  listed() {
    const takes = this.takes();
    return Object.entries(this.givens.arrays).map(([name, { shape, data }]) => {
      const by = takes.get(name)?.by ?? "numbers";
      return { name, by, shape, numbers: ["numbers", "pen", "line"].includes(by) ? Array.from(data) : [] };
    });
  }

  /** Show the fields of the panels as they are drawn now. @param {any[]} panels */
  show(panels) {
    this.shown = panels.flatMap(({ gives }) => gives ?? []);
    const used = new Set();
    panels.forEach((panel, index) => {
      const gives = /** @type {Gives | undefined} */ (panel.gives);
      if (!gives || !this.givens.original(gives.name)) return;
      if (gives.by === "pen") this.penOf(index, gives.name).show();
      else if (gives.by === "line") this.showLine(gives);
      else if (gives.by !== "numbers") this.showPicture(gives);
      else if (panel.still && (panel.digits >= 0 || panel.data[0].type === "bar")) {
        used.add(index);
        this.numbersOf(index).weights.show(panel.data[0], gives.parts ?? [gives], gives.heads);
      }
    });
    for (const [index, { el }] of this.numbers) el.hidden = !used.has(index);
  }

  /** @param {Gives} gives */
  showLine({ name, alphabet = "", most = 1 }) {
    if (!this.line) {
      this.line = new Line(this.givens);
      this.el.append(this.line.el);
    }
    this.line.show({ name, alphabet, most });
  }

  /** @param {number} index of the panel @param {string} name */
  penOf(index, name) {
    const pen = this.pens.get(index) ?? new Pen(this.drawing.panelBox.children[index], name, this.givens);
    this.pens.set(index, pen);
    return pen;
  }

  /** @param {number} index of the panel */
  numbersOf(index) {
    const known = this.numbers.get(index);
    if (known) return known;
    const problem = make("span", { role: "status", class: "cl-problem" });
    const weights = new Weights(this.givens, (words) => { problem.textContent = words; });
    const el = make("div", { class: "cl-edit" }, weights.grid, weights.reset, problem);
    this.drawing.panelBox.children[index].append(el);
    this.numbers.set(index, { weights, el });
    return { weights, el };
  }

  /** @param {Gives} gives */
  showPicture(gives) {
    if (!this.picture && !this.padless) this.el.append(this.field(gives));
    this.picture = gives;
    const given = this.givens.arrays[gives.name];
    const [height, width] = given?.shape.slice(-2) ?? [];
    const what = gives.by === "digit" ? "your digit" : "your picture";
    this.status.textContent = given ? `Shown: ${what}, reduced to ${height} × ${width}.` : "";
    this.back.hidden = !given;
  }

  /** @param {Gives} gives */
  field({ by }) {
    const [head, label] = WORDS[by];
    /** @type {import("./inputs.js").Pending} */
    const pending = {};
    const take = (/** @type {any} */ { shape }, /** @type {ArrayBuffer[]} */ [ink] = []) => {
      let problem = "";
      try {
        this.draw(shape, new Uint8Array(ink));
      } catch (error) {
        problem = /** @type {Error} */ (error).message;
      }
      // Its field waits for an answer, as from a kernel.
      queueMicrotask(() => pending.drawn?.({ problem }, []));
    };
    const fold = make("details", {}, make("summary", {}, head), padField(label, take, pending), this.status, this.back);
    fold.addEventListener("toggle", () => this.warm());
    return fold;
  }

  /**
   * Return what takes strokes that go to a kernel: they are drawn here at once, and sent when they rest.
   *
   * @param {import("./inputs.js").Send} send
   * @param {import("./inputs.js").Pending} pending
   * @returns {import("./inputs.js").Send}
   */
  ahead(send, pending) {
    this.padless = true;
    return (content, buffers = []) => {
      if (!this.picture) {
        send(content, buffers);
        return;
      }
      this.draw(content.shape, new Uint8Array(buffers[0]));
      queueMicrotask(() => pending.drawn({ problem: "" }, []));
      clearTimeout(this.timer);
      this.timer = setTimeout(() => send(content, buffers), REST_STROKE_MS);
    };
  }

  /** Compute once what a stroke will, so that the first one is as quick as the others. */
  warm() {
    const original = this.picture && this.givens.original(this.picture.name);
    if (!this.picture || !original) return;
    asDigit({ shape: original.shape.slice(-2), data: Float32Array.from(original.data) });
    for (let turn = 0; turn < 3; turn += 1) this.givens.following({ [this.picture.name]: original });
  }

  /** Give what was drawn. @param {number[]} shape height and width @param {Uint8Array} ink 255 where it is black */
  draw(shape, ink) {
    const { name, by, low = 0, high = 1 } = /** @type {Gives} */ (this.picture);
    const original = this.givens.original(name);
    if (!original) return;
    const [height, width] = original.shape.slice(-2);
    if (by === "digit" && (height !== 28 || width !== 28)) throw new Error(`A digit is 28 × 28; this takes ${height} × ${width}.`);
    const picture = by === "digit"
      ? asDigit({ shape, data: Float32Array.from(ink, (each) => Math.fround(each / 255)) })
      : reduced({ shape, data: Float32Array.from(ink, (each) => low + ((high - low) * (255 - each)) / 255) }, original.shape.slice(-2));
    this.givens.give(name, { shape: original.shape, data: picture.data });
  }
}
