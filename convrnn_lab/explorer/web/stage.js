// @ts-check
/* Which state is shown, and the buttons that step through them. */

import { make } from "./marks.js";

/** @typedef {import("./data.js").State} State */
/** @typedef {import("./data.js").Token} Token */

/**
 * What the stage and the step buttons need of controls, live or of a page.
 *
 * @typedef {object} Controls
 * @property {(name: string) => Token} get the value of a control
 * @property {(name: string) => Token[]} offered all values that a control can be moved to
 * @property {(moves: [string, any][]) => void} set
 * @property {() => string} key the text by which a setting is known
 */

const PLAY_MS = 150; // from one value to the next while it plays
const PLAY = "▶ play";

/** Shows the newest wanted state, whatever came in between; asks for those that it cannot find. */
export class Stage {
  /**
   * @param {any} drawing
   * @param {(key: string) => Partial<State> | undefined} find
   * @param {(key: string) => void} ask
   */
  constructor(drawing, find, ask) {
    this.drawing = drawing;
    this.find = find;
    this.ask = ask;
    /** @type {string | null} */
    this.wanted = null;
    /** @type {string | null} */
    this.shown = null;
    this.busy = false;
    this.age = 0;
  }

  /** What is shown, or being drawn now, is no longer true. */
  stale() {
    this.shown = null;
    this.age += 1;
  }

  /** @param {string} key */
  async want(key) {
    this.wanted = key;
    if (this.busy) return;
    this.busy = true;
    this.drawing.panelBox.setAttribute("aria-busy", "true");
    try {
      while (this.wanted !== this.shown) {
        const next = this.wanted;
        const { age } = this;
        const state = this.find(next);
        if (!state) {
          this.ask(next);
          return;
        }
        if (state.patch) await this.drawing.show(state.patch);
        this.drawing.say(state.refusal ?? state.bug ?? "");
        this.shown = age === this.age ? next : null;
      }
      this.drawing.panelBox.setAttribute("aria-busy", "false");
    } finally {
      this.busy = false;
    }
  }
}

/**
 * Move by one value, the last of `names` fastest, as lines of text are read; say if it could.
 *
 * @param {Controls} controls
 * @param {string[]} names
 * @param {1 | -1} direction
 */
export function step(controls, names, direction) {
  /** @type {[string, Token][]} */
  const moves = [];
  for (const name of [...names].reverse()) {
    const offered = controls.offered(name);
    const next = offered.indexOf(controls.get(name)) + direction;
    if (next >= 0 && next < offered.length) {
      controls.set([...moves, [name, offered[next]]]);
      return true;
    }
    moves.push([name, offered[direction > 0 ? 0 : offered.length - 1]]);
  }
  return false; // the first or the last value of all
}

/** Return buttons that move through the values of `names`; nothing without names. @param {Controls} controls @param {string[]} names */
export function stepButtons(controls, names) {
  if (!names.length) return "";
  const button = (/** @type {string} */ text, /** @type {() => void} */ onclick) => {
    const element = make("button", { type: "button", class: "cl-button" }, text);
    element.onclick = onclick;
    return element;
  };
  /** @type {any} */
  let timer = null;
  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = PLAY;
  };
  const play = button(PLAY, () => {
    if (timer) {
      stop();
      return;
    }
    play.textContent = "❚❚ pause";
    timer = setInterval(() => {
      if (!play.isConnected || !step(controls, names, 1)) stop();
    }, PLAY_MS);
  });
  const move = (/** @type {1 | -1} */ direction) => () => { step(controls, names, direction); };
  return make("div", { class: "cl-steps" }, button("◀ previous value", move(-1)), play, button("next value ▶", move(1)));
}
