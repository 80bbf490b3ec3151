// @ts-check
/* What a reader has given in place of what was there: an edited kernel, a picture, a digit. */

import { completed } from "./computed.js";
import { same } from "./data.js";

/** @typedef {import("./kernels_tensor.js").Tensor} Tensor */

/** The arrays that a reader gave, and what follows from them. */
export class Givens {
  constructor() {
    /** @type {Record<string, Tensor>} */
    this.arrays = {};
    /** What they stand for; they go when that does. @type {Record<string, Tensor>} */
    this.under = {};
    /** Arrays by name, as looks take them. @type {Record<string, Tensor>} */
    this.places = {};
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
    return this.content.given?.[name]?.look[2];
  }

  /** What is there now. @param {string} name */
  now(name) {
    return this.arrays[name] ?? this.original(name);
  }

  /** Take the state that is shown: an array stays as long as that which it stands for. @param {any} content */
  settle(content) {
    this.content = content;
    const before = this.places;
    for (const name of Object.keys(this.arrays)) {
      if (!same(this.original(name), this.under[name])) delete this.arrays[name];
    }
    try {
      this.places = completed(content.computed ?? [], this.arrays);
    } catch { // a setting that does not go with what was given: that goes
      this.arrays = {};
      this.places = {};
    }
    if (Object.keys({ ...before, ...this.places }).length) for (const follower of this.followers) follower();
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
    this.places = completed(this.content.computed ?? [], arrays); // may refuse: then all stays
    this.arrays = arrays;
    this.under[name] = original;
    for (const listener of [...this.listeners, ...this.followers]) listener();
  }
}
