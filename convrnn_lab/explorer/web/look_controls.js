// @ts-check
/* The controls of looks, the same live and in a page: they ask nobody. */

import { Folds } from "./folds.js";
import { seen } from "./looks.js";
import { make } from "./marks.js";
import { nearest } from "./numbers.js";

/** @typedef {import("./data.js").Token} Token */
/**
 * A look as a state declares it: numbers from `low` to `high`, or one of `options`; both may depend on looks before
 * it. A computed one is a setting, on which arrays depend.
 *
 * @typedef {object} Declared
 * @property {string} name
 * @property {string} label
 * @property {number} low
 * @property {any} high
 * @property {boolean} [relative]
 * @property {any} [options]
 * @property {boolean} [ordered]
 * @property {boolean} [computed]
 */

/** Where one looks, and the sliders and lists for it. */
export class LookControls {
  /** @param {Record<string, number>} [start] numbers, and places in lists @param {Folds} [folds] */
  constructor(start = {}, folds = new Folds([])) {
    this.folds = folds;
    /** @type {Record<string, number>} */
    this.places = { ...start };
    this.names = new Set(Object.keys(start));
    /** @type {Declared[]} */
    this.declared = [];
    /** @type {Record<string, [number, number]>} */
    this.ranges = {};
    /** @type {Record<string, Token[] | undefined>} */
    this.options = {};
    /** What is wanted of a state that is still to come. @type {Record<string, Token>} */
    this.wanted = {};
    /** @type {Map<string, {row: any, input: any, output: any}>} */
    this.inputs = new Map();
    this.el = make("div", { class: "cl-controls cl-looks" });
    /** @type {(() => void)[]} */
    this.listeners = [];
  }

  /** Call `listener` at every move. @param {() => void} listener */
  onChange(listener) {
    this.listeners.push(listener);
  }

  /** @param {string} name */
  has(name) {
    return this.names.has(name);
  }

  /** Take the looks that a state has; a place that it has not gives way to the nearest. @param {Declared[]} declared */
  settle(declared) {
    this.declared = declared;
    this.places.building = 0; // another output is there as a whole
    this.arrange();
  }

  /** Keep every place inside its range, and show it. @param {string[]} [set] names of what was put there: only the rest is scaled */
  arrange(set = []) {
    for (const { name, relative, low, high, options, computed } of this.declared) {
      const now = options && seen(options, this.places);
      const last = now ? now.length - 1 : seen(high, this.places);
      const before = this.ranges[name];
      const range = /** @type {[number, number]} */ (now ? [0, last] : [low, last]);
      if (!(last >= range[0]) && before) continue; // the settings do not go together: there is no telling
      if (computed && now) this.places[name] = placeIn(this.places[name], this.options[name], now);
      const wanted = this.wantedIn(name, range, now);
      this.places[name] = wanted ?? settled(this.places[name], range, relative && !set.includes(name) ? before : undefined);
      this.ranges[name] = range;
      this.options[name] = now;
    }
    this.show();
  }

  /**
   * Return the place that is wanted, once there is room for it.
   *
   * @param {string} name
   * @param {[number, number]} range
   * @param {Token[]} [now]
   */
  wantedIn(name, [low, high], now) {
    const token = this.wanted[name];
    const place = now?.includes(token) ? now.indexOf(token) : Number(token);
    if (!(place >= low && place <= high)) return undefined;
    delete this.wanted[name];
    return place;
  }

  /** Where the computed settings are. @returns {Record<string, number>} */
  settings() {
    const computed = this.declared.filter((look) => look.computed).map(({ name }) => [name, this.places[name]]);
    return Object.fromEntries(computed);
  }

  /** Show the places on the inputs. */
  show() {
    for (const look of this.declared) {
      const { name } = look;
      if (!this.inputs.has(name)) this.addInput(look);
      const { row, input, output } = this.inputs.get(name) ?? this.addInput(look);
      const [low, high] = this.ranges[name];
      row.hidden = low === high; // nothing to move
      if (input.tagName === "SELECT") fillList(input, this.options[name] ?? []);
      else Object.assign(input, { min: low, max: high });
      input.value = this.places[name];
      output.textContent = this.get(name);
      if (input.tagName !== "SELECT") input.setAttribute("aria-valuetext", this.get(name)); // a list says its option
    }
    const names = new Set(this.declared.map(({ name }) => name));
    this.inputs.forEach(({ row }, name) => { if (!names.has(name)) row.hidden = true; });
    this.folds.arrange();
  }

  /** @param {Declared} look */
  addInput({ name, label, options, ordered }) {
    const list = options && !ordered;
    const input = list ? make("select") : make("input", { type: "range", step: 1 });
    const output = make("output");
    const row = make("label", {}, make("span", {}, label), input, list ? "" : output);
    input.addEventListener("input", () => this.set([[name, Number(input.value)]]));
    (this.folds.placeOf(name) ?? this.el).append(row);
    this.inputs.set(name, { row, input, output });
    return { row, input, output };
  }

  /** @param {string} name @returns {Token} */
  get(name) {
    const options = this.options[name];
    return options ? options[this.places[name]] : this.places[name];
  }

  /** @param {string} name @returns {Token[]} */
  offered(name) {
    const [low, high] = this.ranges[name];
    return this.options[name] ?? Array.from({ length: high - low + 1 }, (_, index) => low + index);
  }

  /**
   * Look elsewhere.
   *
   * @param {[string, any][]} moves numbers, places in lists, or names in them
   * @param {boolean} [building] whether what is made here is shown up to this place only: see `built`
   */
  set(moves, building = false) {
    this.places.building = Number(building);
    this.wanted = {};
    for (const [name, value] of moves) {
      const options = this.options[name];
      const place = options?.includes(value) ? options.indexOf(value) : Number(value);
      if (!Number.isNaN(place)) this.places[name] = place; // else a name that only the next state may have
    }
    // What comes later in the list may have another range now.
    this.arrange(moves.map(([name]) => name));
    for (const listener of this.listeners) listener();
  }
}

/**
 * Return the place of an option, or of the nearest, in another list.
 *
 * @param {number} place
 * @param {Token[] | undefined} before
 * @param {Token[]} now
 */
export function placeIn(place, before, now) {
  return before && before !== now ? now.indexOf(nearest(before[place], now)) : place;
}

/**
 * Return a place inside a range: the nearest, or the one that lies where it lay in the range before.
 *
 * @param {number} place
 * @param {[number, number]} range
 * @param {[number, number]} [before]
 */
export function settled(place, [low, high], before) {
  const count = high - low + 1;
  const old = before && before[1] - before[0] + 1;
  if (before && old && old !== count) {
    return low + Math.min(Math.floor(((place - before[0] + 0.5) / old) * count), count - 1);
  }
  return Math.max(low, Math.min(high, place));
}

/** Let a list offer what it is to, if it does not yet. @param {any} list @param {Token[]} options */
export function fillList(list, options) {
  const now = [...list.options].map((option) => option.textContent);
  if (now.join("\n") === options.join("\n")) return;
  list.replaceChildren(...options.map((option, place) => make("option", { value: place }, String(option))));
}

/**
 * Settings and looks as one: what steps, clicks and keys move.
 *
 * @implements {Controls}
 * @typedef {import("./stage.js").Controls} Controls
 */
export class AllControls {
  /** @param {Controls} settings @param {LookControls} looks */
  constructor(settings, looks) {
    this.settings = settings;
    this.looks = looks;
  }

  get building() {
    return Boolean(this.looks.places.building);
  }

  get folds() {
    return this.looks.folds;
  }

  /** @param {string} name @returns {Controls | LookControls} */
  of(name) {
    return this.looks.has(name) ? this.looks : this.settings;
  }

  /** @param {string} name */
  get(name) {
    return this.of(name).get(name);
  }

  /** @param {string} name */
  offered(name) {
    return this.of(name).offered(name);
  }

  /** @param {[string, any][]} moves @param {boolean} [building] */
  set(moves, building) {
    const [looks, settings] = [true, false].map((which) => moves.filter(([name]) => this.looks.has(name) === which));
    if (looks.length) this.looks.set(looks, building);
    if (!settings.length) return;
    const before = this.key();
    this.looks.wanted = Object.fromEntries(looks); // the new state may have room for them, and this one none
    this.settings.set(settings);
    if (this.key() === before) this.looks.wanted = {};
  }

  key() {
    return this.settings.key();
  }
}
