// @ts-check
/* Steps through the values of an explorer: by hand, or played, while the output is built. */

import { make } from "./marks.js";
import { step } from "./stage.js";

/** @typedef {import("./stage.js").Controls} Controls */

const VALUE_MS = 150; // from one value to the next at the usual speed
const PASS_MS = 18_000; // what all values take at most: where there are many, a tick takes several
const TICK_MS = 40; // from one drawing to the next
const SPEEDS = [0.5, 1, 2, 4];
const NAMES = { play: "▶ play", pause: "❚❚ pause" };
const TAKES_SPACE = "button, select, textarea, summary, a, input:not([type=range])";

/** Plays the values of some controls, and steps through them. */
export class Player {
  /** @param {Controls} controls @param {string[]} names what it goes through, the last one fastest */
  constructor(controls, names) {
    this.controls = controls;
    this.names = names;
    this.speed = 1;
    /** @type {any} */
    this.timer = null;
    this.drawnAt = 0;
    this.due = 0; // values that are to be shown, of which the last one is only partly so
    this.play = button(NAMES.play, () => this.toggle());
    this.rate = speeds((speed) => { this.speed = speed; });
    const by = (/** @type {number} */ count) => () => this.move(count);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.el = make(
      "div", { class: "cl-steps", role: "group", "aria-label": "Steps" },
      button("|◀ from the start", () => this.rewind()), button("◀ back", by(-1)),
      ...(still ? [] : [this.play]), button("forward ▶", by(1)), ...(still ? [] : [this.rate]),
    );
    this.still = still;
  }

  /** Count the values of a whole pass. */
  count() {
    return this.names.reduce((product, name) => product * this.controls.offered(name).length, 1);
  }

  /** Step by hand. @param {number} count */
  move(count) {
    this.pause();
    step(this.controls, this.names, count, this.controls.building);
  }

  /** Go to the first value, before the others are made. */
  rewind() {
    this.pause();
    this.first();
  }

  first() {
    const moves = this.names.map((name) => /** @type {[string, any]} */ ([name, this.controls.offered(name)[0]]));
    this.controls.set(moves, true);
  }

  toggle() {
    if (this.timer !== null) {
      this.pause();
      return;
    }
    // At the end there is nothing more to build.
    const atEnd = this.names.every((name) => this.controls.offered(name).at(-1) === this.controls.get(name));
    if (atEnd) this.first();
    this.drawnAt = Date.now();
    this.due = 0;
    this.play.textContent = NAMES.pause;
    this.wait();
  }

  pause() {
    clearTimeout(this.timer);
    this.timer = null;
    this.play.textContent = NAMES.play;
  }

  wait() {
    this.timer = setTimeout(() => this.tick(), TICK_MS);
  }

  /** Show what is due by now, however long the last drawing took. */
  tick() {
    const now = Date.now();
    const pace = Math.min(VALUE_MS, PASS_MS / this.count()) / this.speed;
    this.due += (now - this.drawnAt) / pace;
    this.drawnAt = now;
    const count = Math.floor(this.due);
    this.due -= count;
    const more = !count || step(this.controls, this.names, count, true);
    if (more && this.play.isConnected) this.wait();
    else this.pause();
  }

  /** Let the space bar start and stop it, where no other element takes it. @param {any} root of the explorer */
  listen(root) {
    if (this.still) return;
    root.addEventListener("keydown", (/** @type {any} */ event) => {
      if (event.key !== " " || event.target.closest(TAKES_SPACE)) return;
      event.preventDefault();
      event.stopPropagation();
      this.toggle();
    });
  }
}

/**
 * Return the buttons that step through the values of `names`; nothing without names.
 *
 * @param {Controls} controls
 * @param {string[]} names
 * @param {any} root of the explorer, where the space bar plays
 */
export function stepButtons(controls, names, root) {
  if (!names.length) return "";
  const player = new Player(controls, names);
  player.listen(root);
  return player.el;
}

/** Return a button. @param {string} text @param {() => void} onclick */
export function button(text, onclick) {
  const element = make("button", { type: "button", class: "cl-button" }, text);
  element.onclick = onclick;
  return element;
}

/** Return the list of speeds. @param {(speed: number) => void} listener */
function speeds(listener) {
  const list = make("select", { "aria-label": "Speed" }, ...SPEEDS.map((speed) => make("option", { value: speed }, `${speed}×`)));
  list.value = "1";
  list.onchange = () => listener(Number(list.value));
  return list;
}
