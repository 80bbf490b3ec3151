// @ts-check
/* A guide: steps that lead through a figure; the same live and in a page. */

import { make } from "./marks.js";
import { button } from "./play.js";

/**
 * @typedef {import("./look_controls.js").AllControls} Controls
 * @typedef {{says: string, watch: string, question: string, choices: string[], answer: string, reason: string,
 *   sets: [string, any][]}} Step
 */

/** The steps, above the figure that they set: `body`, and `start`, the button that opens them. */
export class Guide {
  /** @param {Controls} controls @param {Step[]} steps */
  constructor(controls, steps) {
    this.controls = controls;
    this.steps = steps;
    this.place = 0;
    /** What was answered to each question. @type {Map<number, string>} */
    this.answers = new Map();
    this.text = make("div", { class: "cl-step", role: "status" });
    this.count = make("span", { class: "cl-count" });
    this.back = button("◀", () => this.go(this.place - 1));
    this.back.setAttribute("aria-label", "Step back");
    this.next = button("Next step ▶", () => this.go(this.place + 1));
    const leave = button("Try it yourself", () => this.close());
    this.body = make("div", { class: "cl-guided", role: "group", "aria-label": "Guide" }, this.text,
      make("div", { class: "cl-turns" }, this.count, this.back, this.next, leave));
    this.start = button(`Guide me: ${steps.length} steps`, () => this.go(this.place));
    this.body.hidden = true;
  }

  /** Show a step, and set what it sets unless it asks first. @param {number} place */
  go(place) {
    this.place = place;
    const step = this.steps[place];
    this.body.hidden = false;
    this.start.hidden = true;
    this.count.textContent = `Step ${place + 1} of ${this.steps.length}`;
    this.back.disabled = place === 0;
    this.next.disabled = place === this.steps.length - 1;
    if (!step.question || this.answers.has(place)) this.move(step);
    this.show();
  }

  /** Set what a step sets, where a reader sees it. @param {Step} step */
  move({ sets }) {
    const moved = sets.filter(([name, value]) => String(this.controls.get(name)) !== String(value));
    this.controls.folds.reveal(moved.map(([name]) => name));
    this.controls.set(sets);
  }

  /** Write the step as it stands: before the answer, or after it. */
  show() {
    const step = this.steps[this.place];
    const said = this.answers.get(this.place);
    this.text.replaceChildren(make("p", {}, step.says));
    if (step.question && said === undefined) {
      const choose = (/** @type {string} */ choice) => {
        this.answers.set(this.place, choice);
        this.move(step);
        this.show();
        this.next.focus();
      };
      this.text.append(make("p", {}, make("b", {}, step.question)),
        make("p", { class: "cl-choices" }, ...step.choices.map((choice) => button(choice, () => choose(choice)))));
      return;
    }
    if (step.question) {
      const verdict = said === step.answer ? `Yes: ${step.answer}.` : `You said ${said}; it is ${step.answer}.`;
      this.text.append(make("p", {}, make("b", {}, step.question), ` ${verdict} ${step.reason}`));
    }
    if (step.watch) this.text.append(make("p", { class: "cl-watch" }, `Watch: ${step.watch}`));
  }

  /** Let go; the figure stays as it is. */
  close() {
    this.body.hidden = true;
    this.start.hidden = false;
    this.start.focus();
  }
}

/** Put a guide above a figure, and its button among those of the steps. @param {Guide} guide @param {any} root @param {any} steps */
export function leadIn(guide, root, steps) {
  root.prepend(guide.body);
  steps.prepend(guide.start);
}
