// @ts-check
/* Questions with a field under each: check, a hint when asked for, then the reason. No kernel is asked. */

import { judged } from "./answers.js";
import { bytesOfText } from "./data.js";
import { make } from "./marks.js";
import { button } from "./play.js";

/** @typedef {import("./answers.js").Question} Question */

const TRIES = 2; // wrong answers after which the right one may be asked for

/** What a reader wrote, kept while the page is open. Nothing is kept where the browser refuses. */
export class Answers {
  /** @param {string} notebook */
  constructor(notebook) {
    this.prefix = `convrnn-lab ${notebook} ${globalThis.location?.pathname ?? ""} `;
  }

  /** @param {string} name @returns {string} */
  get(name) {
    try {
      return sessionStorage.getItem(this.prefix + name) ?? "";
    } catch {
      return "";
    }
  }

  /** @param {string} name @param {string} answer */
  set(name, answer) {
    try {
      sessionStorage.setItem(this.prefix + name, answer);
    } catch {
      // A page may not be allowed to keep anything, or have no room: the field still holds it.
    }
  }
}

/** What is said of an answer. @param {Question} question @param {string} answer */
export function spoken(question, answer) {
  switch (judged(question, answer)) {
    case "right": return `Right. ${question.reason}`;
    case "not yet": return `Not yet, but a guess is a good start. ${question.hint}`;
    case "not readable": return question.form;
    default: return question.choices.length ? "Choose an answer first." : "Write your answer into the field first.";
  }
}

/** An answer as a reader would write it. @param {number | string} right */
const shown = (right) => (typeof right === "number" ? String(Number(right.toPrecision(7))) : right);

/** One question with its field. */
class Asked {
  /** @param {Question} question @param {number} index @param {Answers} kept @param {string} id of the whole list */
  constructor(question, index, kept, id) {
    this.question = question;
    this.kept = kept;
    this.wrong = 0;
    this.verdict = make("p", { class: "cl-verdict", role: "status", "aria-live": "polite" });
    this.reveal = button("Show the answer", () => this.say(`It is ${shown(question.right)}. ${question.reason}`, ""));
    this.reveal.hidden = true;
    const words = `${index + 1}. ${question.question}`;
    this.inputs = question.choices.length ? this.choices(`${id}-${index}`) : [this.field(`${id}-${index}`)];
    const check = make("button", { type: "submit", class: "cl-button" }, "Check");
    const hint = button("Hint", () => this.say(question.hint, ""));
    const turns = make("div", { class: "cl-turns" }, check, hint, this.reveal);
    this.form = question.choices.length
      ? make("form", { class: "cl-question" }, make("fieldset", {}, make("legend", {}, words), ...this.inputs.map(labelled)), turns)
      : make("form", { class: "cl-question" }, make("label", { for: this.inputs[0].id }, words), this.inputs[0], turns);
    this.form.append(this.verdict);
    this.form.noValidate = true;
    this.form.onsubmit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.check();
    };
    if (this.answer) this.check();
  }

  /** @param {string} id */
  field(id) {
    const made = make("input", { id, type: "text", class: "cl-answer", autocomplete: "off", spellcheck: "false",
      placeholder: this.question.label });
    made.value = this.kept.get(this.question.name);
    return made;
  }

  /** @param {string} name */
  choices(name) {
    const before = this.kept.get(this.question.name);
    return this.question.choices.map((choice) => {
      const made = make("input", { type: "radio", name, value: choice });
      made.checked = choice === before;
      return made;
    });
  }

  /** What is written, or chosen. @returns {string} */
  get answer() {
    if (!this.question.choices.length) return this.inputs[0].value;
    return this.inputs.find((input) => input.checked)?.value ?? "";
  }

  check() {
    const verdict = judged(this.question, this.answer);
    this.kept.set(this.question.name, this.answer.slice(0, 100));
    if (verdict === "not yet") this.wrong += 1;
    this.say(spoken(this.question, this.answer), verdict);
    this.reveal.hidden = verdict === "right" || this.wrong < TRIES;
  }

  /** @param {string} words @param {string} verdict */
  say(words, verdict) {
    this.verdict.textContent = words;
    this.verdict.dataset.verdict = verdict;
  }
}

/** @param {any} input */
const labelled = (input) => make("label", { class: "cl-choice" }, input, ` ${input.value}`);

let lists = 0;

/**
 * Put questions into an element.
 *
 * @param {any} root
 * @param {string} packed as exercises/asking.py packs them
 */
export function putQuestions(root, packed) {
  const { notebook, questions } = JSON.parse(new TextDecoder().decode(bytesOfText(packed)));
  const kept = new Answers(notebook);
  lists += 1;
  const id = `cl-question-${lists}`;
  const ask = (/** @type {Question} */ each, /** @type {number} */ index) => new Asked(each, index, kept, id).form;
  root.replaceChildren(...questions.map(ask));
  // Notebook 7 takes arrow keys and Enter for its cells, unless the very element says this.
  for (const element of root.querySelectorAll("input, button")) element.setAttribute("data-lm-suppress-shortcuts", "true");
}
