// @ts-check
/* A line that a reader types, which a model of characters then reads in place of its text. */

import { make } from "./marks.js";

/**
 * @typedef {import("./given.js").Givens} Givens
 * @typedef {import("./kernels_tensor.js").Tensor} Tensor
 */

/** Write a character so that it can be seen. @param {string} sign */
const visible = (sign) => (/[\p{C}\p{Z}]/u.test(sign) ? `U+${sign.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}` : sign);

/**
 * Return the characters of a line by their places in an alphabet.
 *
 * @param {string} text
 * @param {string} alphabet
 * @param {number} most characters
 * @returns {Tensor}
 * @throws {Error} one sentence, where a model cannot read it
 */
export function codesOf(text, alphabet, most) {
  const signs = Array.from(text);
  const count = signs.length;
  if (!count || count > most) {
    throw new Error(`A line must have 1 to ${most} characters; got ${count ? count.toLocaleString("en") : "none"}.`);
  }
  const unknown = signs.find((sign) => !alphabet.includes(sign));
  if (unknown) throw new Error(`The model knows letters, digits and signs of ASCII only; got ${visible(unknown)}.`);
  return { shape: [count], data: Float32Array.from(signs, (sign) => alphabet.indexOf(sign)) };
}

/** A field to type a line into; the figure follows every key. */
export class Line {
  /** @param {Givens} givens */
  constructor(givens) {
    this.givens = givens;
    this.name = "";
    this.alphabet = "";
    this.most = 0;
    this.input = make("input", { type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false", class: "cl-typed" });
    this.input.dataset.lmSuppressShortcuts = "true";
    this.input.addEventListener("input", () => this.take());
    this.problem = make("span", { role: "status", class: "cl-problem" });
    this.back = make("button", { type: "button", class: "cl-button" }, "take it back");
    this.back.onclick = () => {
      this.problem.textContent = "";
      this.input.value = "";
      this.givens.give(this.name, null);
    };
    this.el = make("div", { class: "cl-line" }, make("label", {}, "Type a line ", this.input), this.back, this.problem);
  }

  /** Read what is in the field; where it is no line, the last figure stays. */
  take() {
    try {
      this.givens.give(this.name, codesOf(this.input.value, this.alphabet, this.most));
      this.problem.textContent = "";
    } catch (error) {
      this.problem.textContent = /** @type {Error} */ (error).message;
    }
  }

  /** Show what is read now. @param {{name: string, alphabet: string, most: number}} gives */
  show({ name, alphabet, most }) {
    Object.assign(this, { name, alphabet, most });
    const given = this.givens.arrays[name];
    this.back.hidden = !given;
    if (this.input === document.activeElement) return;
    const text = given ? Array.from(given.data, (code) => alphabet[code]).join("") : "";
    if (!this.problem.textContent && this.input.value !== text) this.input.value = text;
  }
}
