// @ts-check
/* A live notebook: the controls are ipywidgets, and the kernel answers for states not yet known. */

import { Confirming } from "./confirming.js";
import { Channel, Conversation } from "./conversation.js";
import { plotly, revive } from "./data.js";
import { Drawing } from "./drawing.js";
import { Folds } from "./folds.js";
import { Guide, leadIn } from "./guide.js";
import { jobRow, padField } from "./inputs.js";
import { AllControls, LookControls } from "./look_controls.js";
import { make } from "./marks.js";
import { hideNote } from "./note.js";
import { keepPicture } from "./photograph.js";
import { stepButtons } from "./play.js";
import { copyButton } from "./share.js";

/** @typedef {import("./data.js").Token} Token */

const TELL_MS = 250; // how long a look rests before the kernel is told where it is

/** The sliders and lists of ipywidgets, as the stage sees them. */
export class LiveControls {
  /** @param {string[]} names @param {any[]} models of the widgets, in the same order */
  constructor(names, models) {
    this.models = new Map(names.map((name, index) => [name, models[index]]));
    this.whole = "[]";
  }

  /** @param {string} name @returns {Token} */
  get(name) {
    const model = this.models.get(name);
    const labels = model.get("_options_labels");
    return labels ? labels[model.get("index")] : model.get("value");
  }

  /** @param {[string, any][]} moves */
  set(moves) {
    for (const [name, value] of moves) {
      const model = this.models.get(name);
      const labels = model.get("_options_labels");
      // A list is set by the place of a value: what a click into a panel gives.
      if (labels) model.set("index", labels.includes(String(value)) ? labels.indexOf(String(value)) : value);
      else model.set("value", value);
      model.save_changes();
    }
  }

  /** All values that a slider, or a list, can be moved to. @param {string} name @returns {Token[]} */
  offered(name) {
    const model = this.models.get(name);
    const labels = model.get("_options_labels");
    if (labels) return labels;
    const [low, high] = [model.get("min"), model.get("max")];
    return Array.from({ length: high - low + 1 }, (_, index) => low + index);
  }

  /** The values as one text; the last ones while a list has none. */
  key() {
    if (!this.between) this.whole = JSON.stringify([...this.models.keys()].map((name) => this.get(name)));
    return this.whole;
  }

  /** Whether a list has no value: the kernel is just giving it other options. */
  get between() {
    return [...this.models.keys()].some((name) => this.get(name) === undefined);
  }

  /** Call `listener` at every move; return what ends that. @param {() => void} listener */
  onChange(listener) {
    const moves = "change:value change:index change:_options_labels";
    const moved = () => { if (!this.between) listener(); };
    for (const model of this.models.values()) model.on(moves, moved);
    return () => this.models.forEach((model) => model.off(moves, moved));
  }
}

/** Show an explorer under its controls; return what ends it. @param {{model: any, el: any}} widget */
export async function render({ model, el }) {
  const root = make("div", { class: "convrnn-lab" }, make("p", { class: "cl-waiting" }, "Drawing…"));
  el.append(root);
  hideNote(el);
  const channel = new Channel(model);
  const starting = channel.ask("start");
  const loadPlotly = () => plotly(() => channel.ask("plotly").then(({ buffers: [bytes] }) => bytes));
  const start = await starting;
  const ids = model.get("controls").map((/** @type {string} */ id) => id.slice("IPY_MODEL_".length));
  const models = await Promise.all(ids.map((/** @type {string} */ id) => model.widget_manager.get_model(id)));
  const settings = models.slice(0, start.names.length);
  const controls = new LiveControls(start.names, settings);
  const folds = new Folds(start.folds);
  const looks = new LookControls(start.places, folds);
  const all = new AllControls(controls, looks);
  const steps = stepButtons(all, start.scan, root) || make("div", { class: "cl-steps" });
  const copy = copyButton("Copy call", () => callOf(channel, controls, looks, drawing.editing));
  if (start.made) steps.append(copy.button, copy.said);
  root.replaceChildren(
    looks.el, folds.el, ...folds.bodies,
    start.pad ? padField(start.pad, (...drawn) => stroke(...drawn), channel.pending) : "",
    start.job ? jobRow(start.job, channel.send, channel.pending) : "",
    steps,
  );
  if (start.guide.length) leadIn(new Guide(all, start.guide), root, steps);
  const base = revive(start.base, start.buffers);
  const drawing = new Drawing(loadPlotly, root, base, start.themes, looks, all);
  const stroke = start.pad ? drawing.editing.ahead(channel.send, channel.pending) : channel.send;
  const untie = tie(looks, new LiveControls(Object.keys(start.places), models.slice(start.names.length)));
  looks.onChange(() => { drawing.look(); });
  const conversation = new Conversation(channel, controls, drawing);
  const { stage } = conversation;
  const confirming = new Confirming(channel, () => (stage.busy ? null : stage.shown), drawing.editing.givens);
  drawing.editing.el.append(confirming.el);
  const forget = keepPicture(drawing, (picture) => channel.send({ type: "picture" }, [picture]));
  await conversation.begin(start.key);
  assist(root, controls, folds);
  return () => {
    conversation.end();
    forget();
    confirming.end();
    untie();
    channel.close();
    drawing.stop();
  };
}

/**
 * Return the Python call that makes an explorer with the values on the screen.
 *
 * @param {Channel} channel
 * @param {LiveControls} controls
 * @param {LookControls} looks
 * @param {import("./editing.js").Editing} editing what a reader gave
 * @returns {Promise<string>}
 */
export async function callOf(channel, controls, looks, editing) {
  const looked = Object.fromEntries([...looks.names].map((name) => [name, looks.get(name)]));
  const given = editing.listed();
  const { code, problem } = await channel.askSoon("call", { values: JSON.parse(controls.key()), looked, given });
  if (problem) throw new Error(problem);
  return code;
}

/**
 * Let looks and their ipywidgets follow each other; the kernel hears of a look when it rests.
 *
 * @param {LookControls} looks
 * @param {LiveControls} widgets
 */
export function tie(looks, widgets) {
  /** @type {any} */
  let timer = null;
  let telling = false; // the first of several widgets says that it moved before the others do
  let following = false;
  const names = [...widgets.models.keys()];
  const declared = (/** @type {string} */ name) => looks.declared.some((look) => look.name === name);
  const differing = () => names.filter((name) => declared(name) && looks.get(name) !== widgets.get(name));
  /** What a widget does not offer yet: its range is the kernel's answer to another. @type {Map<string, Token>} */
  const waiting = new Map();
  const offers = (/** @type {[string, Token]} */ [name, token]) => widgets.offered(name).includes(token);
  const setOffered = (/** @type {[string, Token][]} */ moves) => {
    telling = true;
    const ready = moves.filter(offers);
    for (const [name] of ready) waiting.delete(name);
    widgets.set(ready);
    telling = false;
  };
  const tell = () => {
    timer = null;
    waiting.clear();
    for (const name of differing()) waiting.set(name, looks.get(name));
    setOffered([...waiting]);
  };
  looks.onChange(() => {
    if (following) return; // the kernel knows
    clearTimeout(timer);
    timer = setTimeout(tell, TELL_MS);
  });
  // A cell of the notebook may set a look; where the hand is just now, it wins.
  return widgets.onChange(() => {
    if (timer !== null || telling) return;
    setOffered([...waiting]);
    const moved = differing().filter((name) => !waiting.has(name));
    if (!moved.length) return;
    following = true;
    looks.set(moved.map((name) => [name, widgets.get(name)]));
    following = false;
  });
}

/**
 * Make ipywidgets' sliders usable from the keyboard, and by name, in every front end.
 *
 * @param {any} root
 * @param {LiveControls} controls
 * @param {Folds} folds
 */
function assist(root, controls, folds) {
  const box = root.closest(".convrnn-lab-explorer") ?? root;
  const folded = foldSettings(box, folds).filter((name) => controls.models.has(name));
  // Notebook 7 takes arrow keys and Enter for its cells, unless the very element says this.
  for (const element of box.querySelectorAll(".noUi-handle, .widget-readout, .cl-plot, input, select, button")) {
    element.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  for (const handle of box.querySelectorAll(".noUi-handle")) {
    const label = handle.closest(".widget-inline-hbox")?.querySelector(".widget-label");
    handle.setAttribute("aria-label", label?.textContent ?? "");
  }
  const names = [...controls.models.keys()].filter((name) => !folded.includes(name)).concat(folded);
  box.querySelectorAll(".widget-inline-hbox").forEach((/** @type {any} */ row, /** @type {number} */ index) => {
    row.querySelector(".noUi-handle")?.addEventListener("keydown", goToEnd(controls, names[index]), true);
  });
}

/**
 * Fold the settings of each group, which ipywidgets has drawn in a box of its own; return their names in order.
 *
 * @param {any} box of the whole explorer
 * @param {Folds} folds
 * @returns {string[]}
 */
function foldSettings(box, folds) {
  const boxes = [...box.querySelectorAll(":scope > .cl-folded")];
  if (boxes.length) boxes[0].before(folds.el); // a button stands before what it opens
  for (const [index, settings] of boxes.entries()) {
    folds.take(index, settings);
    settings.after(folds.bodies[index]);
    settings.classList.remove("cl-folded");
  }
  if (boxes.length) folds.bodies[boxes.length - 1].after(...folds.bodies.slice(boxes.length)); // of looks only
  folds.arrange();
  return boxes.flatMap((_, index) => folds.groups[index].names);
}

/**
 * Move a slider to its first or last value: its own End key goes to where the end was at first.
 *
 * @param {LiveControls} controls
 * @param {string} name
 */
function goToEnd(controls, name) {
  return (/** @type {any} */ event) => {
    if (event.key !== "Home" && event.key !== "End") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const offered = controls.offered(name);
    const value = offered[event.key === "Home" ? 0 : offered.length - 1];
    if (!event.currentTarget.closest("[disabled]")) controls.set([[name, value]]);
  };
}
