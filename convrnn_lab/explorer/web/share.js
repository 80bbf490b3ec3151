// @ts-check
/* A state to hand on: as a link to a page, or as the Python call that makes it. */

import { asLetters, fromLetters } from "./carried.js";
import { make } from "./marks.js";

/** @typedef {import("./stage.js").Controls} Controls */
/** @typedef {Record<string, import("./kernels_tensor.js").Tensor>} Arrays by name */

const LINK = /^#figure-([1-9]\d{0,3})\?(.*)$/s;
const LONGEST_LINK = 8000; // letters after #: mail and chat programs cut what is longer
const GIVEN = "given."; // before the name of what a reader gave: no control has such a name
const SHOWN_LETTERS = 40; // of what somebody wrote into a link
const SAID_MS = 1500; // how long the button says that it has copied
const WORDS_OF = /** @type {Record<string, [string, string]>} */ ({
  numbers: ["your weights", "weights"], pen: ["your signal", "a signal"],
  picture: ["your picture", "a picture"], digit: ["your digit", "a digit"],
  line: ["your line", "a line"],
});
const UNREADABLE = "The part of the link after # names no state of this page; the figure stays as it is.";

/** @param {Pick<Controls, "get">} controls @param {string} name @returns {[string, any]} */
const valueIn = (controls, name) => [name, controls.get(name)];

/** Return the part of a link after #, for a figure of a page. @param {number} figure from 1 on @param {[string, any][]} values by name */
export function linkOf(figure, values) {
  return `#figure-${figure}?${new URLSearchParams(values.map(([name, value]) => [name, String(value)]))}`;
}

/**
 * Return the link with as much of what a reader gave as it can hold, the smallest first, and what it cannot.
 *
 * @typedef {{name: string, letters: string, word: string}} Carried
 * @param {number} figure
 * @param {[string, any][]} values
 * @param {Carried[]} given
 */
export function carrying(figure, values, given) {
  let hash = linkOf(figure, values);
  const lost = [];
  for (const { name, letters, word } of [...given].sort((a, b) => a.letters.length - b.letters.length)) {
    const longer = linkOf(figure, [...values, [name, letters]]);
    if (longer.length <= LONGEST_LINK) [hash, values] = [longer, [...values, [name, letters]]];
    else lost.push(word);
  }
  return { hash, lost };
}

/**
 * Return which figure a link means, and the values by name; null where it is none of ours.
 *
 * @param {string} hash
 * @returns {{figure: number, values: [string, string][]} | null}
 */
export function readLink(hash) {
  const found = hash.length <= LONGEST_LINK && LINK.exec(hash);
  return found ? { figure: Number(found[1]), values: [...new URLSearchParams(found[2])] } : null;
}

/** @param {string} text */
const quoted = (text) => `“${text.length > SHOWN_LETTERS ? `${text.slice(0, SHOWN_LETTERS)}…` : text}”`;

/**
 * Set the controls as a link says, those first that others depend on; return what is wrong, or nothing.
 *
 * @param {Pick<Controls, "get" | "offered" | "set">} controls
 * @param {string[]} names in the order in which they depend on each other
 * @param {Map<string, string>} wanted
 */
export function follow(controls, names, wanted) {
  const here = names.filter((name) => wanted.has(name));
  for (const name of here) {
    const token = controls.offered(name).find((each) => String(each) === wanted.get(name));
    if (token === undefined) return missing(name, wanted);
    controls.set([[name, token]]);
  }
  const lost = here.find((name) => String(controls.get(name)) !== wanted.get(name));
  return lost === undefined ? "" : missing(lost, wanted);
}

/** @param {string} name @param {Map<string, string>} wanted */
function missing(name, wanted) {
  const what = `${name.replaceAll("_", " ")} ${quoted(wanted.get(name) ?? "")}`;
  return `The link asks for ${what}, which this figure does not have; it stays as it is.`;
}

/**
 * Return the arrays that a link brings, and what is wrong with them, or nothing.
 *
 * @param {import("./editing.js").Editing} editing of the figure that is to take them
 * @param {Map<string, string>} wanted
 * @returns {{arrays: Arrays, problem: string}}
 */
export function brought(editing, wanted) {
  /** @type {Arrays} */
  const arrays = {};
  const takes = editing.takes();
  for (const [name, letters] of wanted) {
    const gives = takes.get(name);
    const array = gives && fromLetters(letters, gives, editing.givens.original(name)?.shape ?? []);
    const what = gives ? WORDS_OF[gives.by][1] : quoted(name);
    if (!array) return { arrays: {}, problem: `The link brings ${what} that this figure does not take; it stays as it is.` };
    arrays[name] = array;
  }
  return { arrays, problem: "" };
}

/** Copy a text. @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // a page opened from a file may have no clipboard
    const field = make("textarea", { readonly: "", "aria-label": "To be copied" });
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}

/**
 * Return a button that copies a text, and the line beside it that says why it could not.
 *
 * @param {string} label
 * @param {() => string | Promise<string>} text throws an Error whose message the reader gets
 */
export function copyButton(label, text) {
  const button = make("button", { type: "button", class: "cl-button" }, label);
  const said = make("span", { role: "status", class: "cl-problem" });
  button.onclick = async () => {
    said.textContent = "";
    try {
      await copyText(await text());
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = label; }, SAID_MS);
    } catch (error) {
      said.textContent = /** @type {Error} */ (error).message;
    }
  };
  return { button, said };
}

/** The states of a page's figure as links to it. */
export class Links {
  /**
   * @param {any} root of the figure
   * @param {Controls} settings
   * @param {import("./look_controls.js").LookControls} looks
   * @param {import("./editing.js").Editing} editing
   * @param {string[]} names of the settings
   * @param {() => Promise<void>} settled shows what the settings say, and then knows the looks
   */
  constructor(root, settings, looks, editing, names, settled) {
    const figures = [...document.querySelectorAll(".convrnn-lab[data-page]")];
    this.settings = settings;
    this.looks = looks;
    this.editing = editing;
    this.names = names;
    this.settled = settled;
    this.figure = figures.indexOf(root) + 1;
    this.figures = figures.length;
    this.root = root;
    const { button, said } = copyButton("Copy link", () => this.address());
    this.button = button;
    this.said = said;
  }

  address() {
    const looks = this.looks.declared.map(({ name }) => valueIn(this.looks, name));
    const settings = this.names.map((name) => valueIn(this.settings, name));
    const { hash, lost } = carrying(this.figure, [...settings, ...looks], this.given());
    if (lost.length) this.said.textContent = `The link has all but ${lost.join(" and ")}: that is too large for a link.`;
    history.replaceState(null, "", hash);
    return location.href;
  }

  /** What a reader gave, as letters, with a word for it. @returns {Carried[]} */
  given() {
    const takes = this.editing.takes();
    return Object.entries(this.editing.givens.arrays).flatMap(([name, array]) => {
      const gives = takes.get(name);
      return gives ? [{ name: `${GIVEN}${name}`, letters: asLetters(array, gives), word: WORDS_OF[gives.by][0] }] : [];
    });
  }

  /** Give these arrays, and take back what else was given. @param {Arrays} arrays */
  give(arrays) {
    const { givens } = this.editing;
    for (const name of Object.keys({ ...givens.arrays, ...arrays })) givens.give(name, arrays[name] ?? null);
  }

  /** Show the state that the address names, now and whenever another is put there. */
  async listen() {
    globalThis.addEventListener("hashchange", () => { this.open(location.hash); });
    await this.open(location.hash);
  }

  /** @param {string} hash */
  async open(hash) {
    this.said.textContent = "";
    const link = readLink(hash);
    if (link?.figure === this.figure) {
      this.said.textContent = await this.show(link.values);
      if (this.figure > 1) this.root.scrollIntoView();
    } else if (this.figure === 1 && (link ? link.figure > this.figures : hash.length > 1 && !headed(hash))) {
      this.said.textContent = UNREADABLE;
    }
  }

  /** Show a state, or stay where one is and say why. @param {[string, string][]} values by name @returns {Promise<string>} */
  async show(values) {
    const [carried, moves] = [true, false].map((which) => values.filter(([name]) => name.startsWith(GIVEN) === which));
    const unknown = moves.find(([name]) => !this.names.includes(name) && !this.looks.has(name));
    if (unknown || new Map(values).size < values.length) return UNREADABLE;
    const before = this.now();
    const problem = await this.reach(new Map(moves), new Map(carried.map(([name, letters]) => [name.slice(GIVEN.length), letters])));
    if (problem) await this.back(before);
    else this.looks.folds.reveal(this.moved(before).filter((name) => moves.some(([each]) => each === name)));
    return problem;
  }

  now() {
    return {
      settings: this.names.map((name) => valueIn(this.settings, name)),
      places: Object.entries(this.looks.places),
      arrays: { ...this.editing.givens.arrays }, // another setting takes out what does not go with it
    };
  }

  /** Return the names of the controls that are elsewhere now. @param {ReturnType<Links["now"]>} before */
  moved({ settings, places }) {
    const was = new Map([...settings, ...places]);
    const { settings: now, places: looked } = this.now();
    return [...now, ...looked].filter(([name, value]) => was.get(name) !== value).map(([name]) => name);
  }

  /** Move where a link leads; return what is wrong, or nothing. @param {Map<string, string>} moves @param {Map<string, string>} carried */
  async reach(moves, carried) {
    const unmoved = follow(this.settings, this.names, moves);
    await this.settled();
    const problem = unmoved || follow(this.looks, this.looks.declared.map(({ name }) => name), moves);
    if (problem) return problem;
    const { arrays, problem: untaken } = brought(this.editing, carried);
    if (!untaken) this.give(arrays);
    return untaken;
  }

  /** @param {ReturnType<Links["now"]>} before */
  async back({ settings, places, arrays }) {
    this.settings.set(settings);
    await this.settled();
    this.looks.set(places.filter(([name]) => this.looks.has(name)));
    this.give(arrays);
  }
}

/** Say whether a part of the page has this name. @param {string} hash */
function headed(hash) {
  try {
    return Boolean(document.getElementById(decodeURIComponent(hash.slice(1))));
  } catch { // no text
    return false;
  }
}
