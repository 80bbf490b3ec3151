// @ts-check
/* Which state is shown, and the steps from one to the next. */

/** @typedef {import("./data.js").State} State */
/** @typedef {import("./data.js").Token} Token */

/**
 * What the stage and the step buttons need of controls, live or of a page.
 *
 * @typedef {object} Controls
 * @property {(name: string) => Token} get the value of a control
 * @property {(name: string) => Token[]} offered all values that a control can be moved to
 * @property {(moves: [string, any][], building?: boolean) => void} set
 * @property {boolean} [building] whether what is made is shown up to here only: see `built` in drawing/looks.py
 * @property {() => string} key the text by which a setting is known
 */

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
    this.showing = Promise.resolve();
    this.age = 0;
  }

  /** What is shown, or being drawn now, is no longer true. */
  stale() {
    this.shown = null;
    this.age += 1;
  }

  /** Show a state; it is done when the newest of all that are wanted by then is shown. @param {string} key */
  want(key) {
    this.wanted = key;
    if (!this.busy) this.showing = this.showNewest(key);
    return this.showing;
  }

  /** @param {string} key */
  async showNewest(key) {
    this.busy = true;
    this.drawing.panelBox.setAttribute("aria-busy", "true");
    try {
      for (let next = key; next !== this.shown; next = this.wanted ?? key) {
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
 * Move on by some values, the last of `names` fastest, as lines of text are read; say if it could.
 *
 * @param {Controls} controls
 * @param {string[]} names
 * @param {number} count of values, negative to go back; it ends at the first and at the last
 * @param {boolean} [building] whether what a step makes is shown up to here only
 */
export function step(controls, names, count, building) {
  const offered = names.map((name) => controls.offered(name));
  const places = names.map((name, index) => offered[index].indexOf(controls.get(name)));
  const total = offered.reduce((product, { length }) => product * length, 1);
  const here = places.reduce((place, at, index) => place * offered[index].length + at, 0);
  let next = Math.max(0, Math.min(total - 1, here + count));
  if (next === here) return false;
  /** @type {[string, Token][]} */
  const moves = [];
  for (let index = names.length - 1; index >= 0; index -= 1) {
    const { length } = offered[index];
    if (next % length !== places[index]) moves.unshift([names[index], offered[index][next % length]]);
    next = Math.floor(next / length);
  }
  controls.set(moves, building);
  return true;
}
