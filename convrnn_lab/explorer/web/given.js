// @ts-check
/* What a reader has given in place of what was there: an edited kernel, a picture, a digit. */

import { completed } from "./computed.js";
import { same } from "./data.js";
import { done } from "./looks.js";

/** @typedef {import("./kernels_tensor.js").Tensor} Tensor */

/** The arrays that a reader gave, and what follows from them. */
export class Givens {
  constructor() {
    /** @type {Record<string, Tensor>} */
    this.arrays = {};
    /** What they stand for; they go when that does. @type {Record<string, Tensor>} */
    this.under = {};
    /** Arrays by name, as looks take them, and what else follows from settings. @type {Record<string, any>} */
    this.places = {};
    this.shown = false; // whether any state has been
    /** Where the settings are that are computed here. @type {Record<string, number>} */
    this.settings = {};
    /** @type {any} */
    this.content = {};
    /** @type {(() => void)[]} */
    this.listeners = [];
    /** @type {(() => void)[]} */
    this.followers = [];
  }

  /** Call `listener` at every change. @param {() => void} listener */
  onChange(listener) {
    this.listeners.push(listener);
  }

  /** Call `follower` whenever something has been computed, after a change of the setting too. @param {() => void} follower */
  onComputed(follower) {
    this.followers.push(follower);
  }

  /** What is there where nothing is given. @param {string} name @returns {Tensor | undefined} */
  original(name) {
    return done(this.content.given?.[name]?.look[2], this.settings) ?? undefined;
  }

  /** What is there now. @param {string} name */
  now(name) {
    return this.arrays[name] ?? this.original(name);
  }

  /**
   * Take the state that is shown, and where computed settings are in it: an array stays as long as that which it
   * stands for.
   *
   * @param {any} content
   * @param {Record<string, number>} [settings]
   */
  settle(content, settings = {}) {
    if (content === this.content && same(settings, this.settings)) return; // one only looks elsewhere
    const [before, first] = [this.places, !this.shown];
    this.shown = true;
    this.content = content;
    this.settings = settings;
    for (const name of Object.keys(this.arrays)) {
      if (!same(this.original(name), this.under[name])) delete this.arrays[name];
    }
    try {
      this.places = this.following(this.arrays);
    } catch { // a setting that does not go with what was given: that goes
      this.arrays = {};
      this.places = this.following({});
    }
    if (Object.keys({ ...before, ...this.places }).length && !first) for (const follower of this.followers) follower();
  }

  /** Return all that follows from arrays, and from the settings. @param {Record<string, Tensor>} arrays */
  following(arrays) {
    return completed(this.content.computed ?? [], { ...arrays, ...this.settings });
  }

  /** All arrays that are not as the kernel knows them: given here, or computed. @returns {[string, Tensor][]} */
  tensors() {
    return Object.entries(this.places).filter(([, value]) => value?.shape && value.data);
  }

  /**
   * Take an array in place of another; null brings that back.
   *
   * @param {string} name
   * @param {Tensor | null} array of the same shape
   */
  give(name, array) {
    const original = this.original(name);
    if (!original) return;
    const arrays = { ...this.arrays };
    delete arrays[name];
    if (array && !same(array.data, original.data)) arrays[name] = array;
    this.places = this.following(arrays); // may refuse: then all stays
    this.arrays = arrays;
    this.under[name] = original;
    for (const listener of [...this.listeners, ...this.followers]) listener();
  }
}
