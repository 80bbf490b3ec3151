// @ts-check
/* In a live notebook PyTorch computes the same as the browser did, once an edit or a setting rests. */

import { make } from "./marks.js";

/**
 * @typedef {import("./given.js").Givens} Givens
 * @typedef {{send: (content: any, buffers?: ArrayBuffer[]) => void, pending: import("./inputs.js").Pending}} Wire
 */

const REST_EDIT_MS = 250; // how long an edit rests before the kernel is asked

/** Write how far two computations lie apart, rounded up to one digit. @param {number} difference */
export function apartInWords(difference) {
  if (difference === 0) return "= PyTorch, in every digit";
  const power = Math.floor(Math.log10(difference));
  const [digit, exponent] = Number(`${Math.ceil(Number((difference / 10 ** power).toPrecision(6)))}e${power}`).toExponential(0).split("e");
  return `= PyTorch, within ${digit}e${exponent.replace("+", "").replace("-", "−")}`;
}

/** Asks the kernel whether it computes the same. */
export class Confirming {
  /**
   * @param {Wire} channel
   * @param {() => string | null} shown the setting that is shown; null while another is on its way
   * @param {Givens} givens
   */
  constructor(channel, shown, givens) {
    this.channel = channel;
    this.shown = shown;
    this.givens = givens;
    this.el = make("p", { class: "cl-confirmed", role: "status" });
    this.age = 0;
    /** @type {any} */
    this.timer = undefined;
    givens.onComputed(() => this.later());
    channel.pending.confirmed = (content) => this.answer(content);
  }

  /** Ask when the hand rests. */
  later() {
    this.age += 1;
    this.el.textContent = "";
    clearTimeout(this.timer);
    if (this.givens.tensors().length) this.timer = setTimeout(() => this.ask(), REST_EDIT_MS);
  }

  ask() {
    const key = this.shown();
    if (key === null) {
      this.later();
      return;
    }
    const { arrays, settings } = this.givens;
    const all = this.givens.tensors();
    this.channel.send({
      type: "confirm", age: this.age, values: JSON.parse(key), given: Object.keys(arrays), places: settings,
      shapes: all.map(([name, { shape }]) => [name, shape]),
    }, all.map(([, { data }]) => new Float32Array(data).buffer));
  }

  /** @param {{age: number, difference: number | null, problem: string}} content */
  answer({ age, difference, problem }) {
    if (age !== this.age) return; // it has been edited again
    this.el.textContent = problem || (difference === null ? "" : apartInWords(difference));
    this.el.classList.toggle("cl-problem", Boolean(problem));
  }

  end() {
    clearTimeout(this.timer);
  }
}
