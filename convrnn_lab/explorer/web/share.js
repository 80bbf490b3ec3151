// @ts-check
/* A state to hand on: as a link to a page, or as the Python call that makes it. */

import { make } from "./marks.js";

/** @typedef {import("./stage.js").Controls} Controls */

const LINK = /^#figure-([1-9]\d{0,3})\?(.*)$/s;
const LONGEST_LINK = 4000; // letters after #
const SHOWN_LETTERS = 40; // of what somebody wrote into a link
const SAID_MS = 1500; // how long the button says that it has copied
const UNREADABLE = "The part of the link after # names no state of this page; the figure stays as it is.";

/** @param {Pick<Controls, "get">} controls @param {string} name @returns {[string, any]} */
const valueIn = (controls, name) => [name, controls.get(name)];

/** Return the part of a link after #, for a figure of a page. @param {number} figure from 1 on @param {[string, any][]} values by name */
export function linkOf(figure, values) {
  return `#figure-${figure}?${new URLSearchParams(values.map(([name, value]) => [name, String(value)]))}`;
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
    try {
      await copyText(await text());
      said.textContent = "";
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
   * @param {string[]} names of the settings
   * @param {() => Promise<void>} settled shows what the settings say, and then knows the looks
   */
  constructor(root, settings, looks, names, settled) {
    const figures = [...document.querySelectorAll(".convrnn-lab[data-page]")];
    this.settings = settings;
    this.looks = looks;
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
    history.replaceState(null, "", linkOf(this.figure, [...settings, ...looks]));
    return location.href;
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
    const wanted = new Map(values);
    const unknown = values.find(([name]) => !this.names.includes(name) && !this.looks.has(name));
    if (unknown || wanted.size < values.length) return UNREADABLE;
    const before = this.names.map((name) => valueIn(this.settings, name));
    const places = Object.entries(this.looks.places);
    let problem = follow(this.settings, this.names, wanted);
    await this.settled();
    problem ||= follow(this.looks, this.looks.declared.map(({ name }) => name), wanted);
    if (!problem) return "";
    this.settings.set(before);
    await this.settled();
    this.looks.set(places.filter(([name]) => this.looks.has(name)));
    return problem;
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
