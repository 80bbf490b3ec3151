// @ts-check
/* A page without a kernel: controls in plain HTML over the states that the page holds. */

import { bytesOfText, gunzip, plotly, revive, unpacked } from "./data.js";
import { Drawing } from "./drawing.js";
import { Folds } from "./folds.js";
import { Guide, leadIn } from "./guide.js";
import { AllControls, fillList, LookControls } from "./look_controls.js";
import { make } from "./marks.js";
import { nearest } from "./numbers.js";
import { stepButtons } from "./play.js";
import { Links } from "./share.js";
import { Stage } from "./stage.js";

const TOO_OLD = "This browser cannot unpack the figures of this page: any browser from 2023 on can.";

/** @typedef {import("./data.js").Token} Token */
/** @typedef {{name: string, label: string, slider: boolean, order?: Token[]}} Declared a control, as Python declares it */
/** @typedef {Map<Token, any>} Tree values of one control, and of the next below each */

/**
 * Return the settings of a page as a tree: one level a control, in the order of their declaration.
 *
 * @param {Token[][]} keys
 * @returns {Tree}
 */
export function tree(keys) {
  const root = new Map();
  for (const key of keys) {
    let node = root;
    for (const token of key) {
      if (!node.has(token)) node.set(token, new Map());
      node = node.get(token);
    }
  }
  return root;
}

/** The settings that a page holds, and the one that is shown: what the inputs stand for. */
export class PageSettings {
  /** @param {Declared[]} declared @param {Token[][]} keys @param {Token[]} start */
  constructor(declared, keys, start) {
    this.declared = declared;
    this.root = tree(keys);
    this.wanted = [...start];
    /** @type {Token[][]} */
    this.tokens = [];
    /** @type {Token[]} */
    this.values = [];
    this.settle();
  }

  /** Replace what the page does not hold by the nearest that it does. */
  settle() {
    let node = this.root;
    this.tokens = [];
    this.values = this.wanted.map((wanted, index) => {
      this.tokens[index] = [...node.keys()].sort((a, b) => this.order(index, a) - this.order(index, b));
      const value = nearest(wanted, this.tokens[index]);
      node = node.get(value);
      return value;
    });
  }

  /** @param {number} index @param {Token} token @returns {number} */
  order(index, token) {
    return this.declared[index].order?.indexOf(token) ?? Number(token);
  }

  /** @param {string} name */
  index(name) {
    return this.declared.findIndex((control) => control.name === name);
  }

  /** @param {[string, any][]} moves */
  set(moves) {
    this.wanted = [...this.values];
    for (const [name, value] of moves) {
      const index = this.index(name);
      const { order } = this.declared[index];
      // A list is set by the place of a value: what a click into a panel gives.
      const placed = order && !order.includes(value) && typeof value === "number";
      this.wanted[index] = placed ? order[value] : value;
    }
    this.settle();
  }

  key() {
    return JSON.stringify(this.values);
  }
}

/** Sliders and lists in plain HTML over the settings that a page holds. */
class PageControls {
  /** @param {PageSettings} settings @param {() => void} listener called after every move @param {Folds} folds */
  constructor(settings, listener, folds) {
    this.folds = folds;
    this.settings = settings;
    this.listener = listener;
    this.el = make("div", { class: "cl-controls" });
    this.inputs = settings.declared.map((control, index) => this.addInput(control, index));
    this.show();
  }

  /** @param {Declared} control @param {number} index */
  addInput({ name, label, slider }, index) {
    const input = slider ? make("input", { type: "range", min: 0, step: 1 }) : make("select");
    const output = make("output");
    input.addEventListener("input", () => this.set([[name, this.settings.tokens[index][Number(input.value)]]]));
    const row = make("label", {}, make("span", {}, label), input, slider ? output : "");
    (this.folds.placeOf(name) ?? this.el).append(row);
    return { row, input, output };
  }

  /** Show the settings on the inputs. */
  show() {
    this.inputs.forEach(({ row, input, output }, index) => {
      const tokens = this.settings.tokens[index];
      const value = this.settings.values[index];
      if (this.settings.declared[index].slider) {
        input.max = tokens.length - 1;
        output.textContent = value;
        input.setAttribute("aria-valuetext", value);
      } else {
        fillList(input, tokens);
      }
      input.value = tokens.indexOf(value);
      row.hidden = tokens.length < 2; // nothing to move: the text below says what it is
    });
    this.folds.arrange();
  }

  /** @param {string} name */
  get(name) {
    return this.settings.values[this.settings.index(name)];
  }

  /** @param {string} name */
  offered(name) {
    return this.settings.tokens[this.settings.index(name)];
  }

  /** @param {[string, any][]} moves */
  set(moves) {
    this.settings.set(moves);
    this.show();
    this.listener();
  }

  key() {
    return this.settings.key();
  }
}

/**
 * Turn an element that holds states into controls and figure.
 *
 * @param {any} root
 * @param {any} plotlyScript the element that holds plotly.js, in a page that needs it
 */
export async function mount(root, plotlyScript) {
  if (!("DecompressionStream" in globalThis)) {
    root.replaceChildren(make("p", { class: "cl-message", role: "alert" }, TOO_OLD));
    return;
  }
  const { content, buffers } = unpacked(await gunzip(bytesOfText(root.querySelector("script").textContent)));
  const loadPlotly = () => plotly(() => bytesOfText(plotlyScript?.textContent ?? ""));
  /** @param {any} state */
  const entry = ({ key, patch, refusal }) => [
    JSON.stringify(key),
    {
      patch: patch && patch.map((/** @type {[number, any]} */ [path, value]) => [content.paths[path], revive(value, buffers)]),
      refusal,
    },
  ];
  const states = new Map(content.states.map(entry));
  const keys = content.states.map((/** @type {any} */ { key }) => key);
  const settings = new PageSettings(content.controls, keys, content.start);
  const folds = new Folds(content.folds ?? []);
  const controls = new PageControls(settings, () => { stage.want(controls.key()); }, folds);
  const looks = new LookControls(content.places, folds);
  const all = new AllControls(controls, looks);
  const [count, ...which] = content.holds.split(/(?=, the combinations of|\. Fixed here|: all of)/);
  const holds = which.length
    ? make("details", { class: "cl-holds" }, make("summary", {}, count), `${count}${which.join("")}`)
    : make("p", { class: "cl-holds" }, count);
  const names = content.controls.map((/** @type {Declared} */ { name }) => name);
  const steps = stepButtons(all, content.scan, root) || make("div", { class: "cl-steps" });
  // One grid for both: their rows are filled one after another.
  const grid = make("div", { class: "cl-controls" }, controls.el, looks.el, folds.el);
  for (const each of [controls.el, looks.el]) each.style.display = "contents";
  root.replaceChildren(grid, ...folds.bodies, steps);
  if (content.guide.length) leadIn(new Guide(all, content.guide), root, steps);
  const base = revive(content.base, buffers);
  const drawing = new Drawing(loadPlotly, root, base, content.themes, looks, all);
  drawing.tabs.add(holds);
  const stage = new Stage(drawing, (key) => states.get(key), () => {});
  const links = new Links(root, controls, looks, drawing.editing, names, () => stage.want(controls.key()));
  if (names.length || Object.keys(looks.places).length) steps.append(links.button, links.said);
  looks.onChange(() => { drawing.look(); });
  await drawing.show([]);
  await stage.want(controls.key());
  await links.listen();
  root.dataset.ready = "true";
}
