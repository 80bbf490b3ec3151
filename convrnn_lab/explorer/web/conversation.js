// @ts-check
/* What one figure and the kernel say to each other: questions, answers, and states sent ahead. */

import { Table, bytesOf, revive } from "./data.js";
import { Stage } from "./stage.js";

/** @typedef {import("./inputs.js").Pending} Pending */
/** @typedef {import("./live.js").LiveControls} LiveControls */

const TABLE_BYTES = 8e6; // what the table of a live explorer may take, least recently used first
const REST_MS = 400; // how long a hand rests before states are asked for ahead of it
const SILENCE_MS = 3000; // how long the kernel may take before the reader is told to wait

/** Messages to and from the kernel's side of one figure. */
export class Channel {
  /** @param {any} model */
  constructor(model) {
    this.model = model;
    this.client = `${Date.now()}-${Math.random()}`;
    /** @type {Pending} */
    this.pending = {};
    this.listen = (/** @type {any} */ content, /** @type {any[]} */ buffers) => {
      const mine = [this.client, undefined].includes(content.client);
      if (mine) this.pending[content.type]?.(content, buffers.map(bytesOf));
    };
    model.on("msg:custom", this.listen);
    this.send = (/** @type {any} */ content, /** @type {ArrayBuffer[]} */ buffers = []) => {
      try {
        model.send({ ...content, client: this.client }, undefined, buffers);
      } catch { // the kernel has gone and its channel is closed: there will be no answer
      }
    };
  }

  /**
   * Ask a question that is answered once.
   *
   * @param {string} type
   * @param {any} [content]
   * @returns {Promise<any>} its content, with its buffers
   */
  ask(type, content = {}) {
    const answer = new Promise((resolve) => {
      this.pending[type] = (content, buffers) => resolve({ ...content, buffers });
    });
    this.send({ ...content, type });
    return answer;
  }

  /** Ask as `ask` does, and give up when the kernel is silent. @param {string} type @param {any} content */
  askSoon(type, content) {
    const silence = new Promise((_, reject) => {
      setTimeout(() => reject(new Error("The kernel is busy or gone: it does not answer.")), SILENCE_MS);
    });
    return Promise.race([this.ask(type, content), silence]);
  }

  close() {
    this.model.off("msg:custom", this.listen);
  }
}

/** The questions that one figure has for the kernel: never more than one of a kind at a time. */
export class Conversation {
  /** @param {Channel} channel @param {LiveControls} controls @param {import("./drawing.js").Drawing} drawing */
  constructor(channel, controls, drawing) {
    this.channel = channel;
    this.controls = controls;
    this.drawing = drawing;
    this.table = new Table(TABLE_BYTES);
    this.stage = new Stage(drawing, (key) => this.table.find(key), (key) => this.ask(key));
    /** @type {string | null} */
    this.asked = null;
    this.silent = false;
    this.filling = false;
    this.around = ""; // the setting that is being filled around
    this.filled = ""; // the one around which all has been sent
    this.movedAt = 0;
    /** @type {any} */
    this.silence = undefined;
    /** @type {any} */
    this.idle = undefined;
    channel.pending.states = (content, buffers) => this.take(content, buffers);
    channel.pending.stale = () => {
      this.table.clear();
      this.filled = "";
      this.stage.stale();
      this.moved();
    };
    this.forget = controls.onChange(() => this.moved());
  }

  /** Show the start, whose key the kernel gave unless it is no longer true. @param {string | null} key */
  async begin(key) {
    if (key) {
      this.table.add(key, { patch: [], bytes: 0 });
      await this.stage.want(key);
    }
    this.moved();
  }

  end() {
    clearTimeout(this.idle);
    clearTimeout(this.silence);
    this.forget();
  }

  saySilent() {
    this.silent = true;
    this.drawing.say("The kernel is busy or gone; the figure shows its last answer.");
    this.drawing.panelBox.setAttribute("aria-busy", "false");
  }

  /** @param {string} key */
  ask(key) {
    if (this.asked && this.silent) this.saySilent(); // a state from the table may have cleared it
    if (this.asked) return;
    this.asked = key;
    this.channel.send({ type: "state", values: JSON.parse(key) });
    this.silence = setTimeout(() => this.saySilent(), SILENCE_MS);
  }

  moved() {
    this.movedAt = performance.now();
    this.stage.want(this.controls.key());
    this.restFirst();
  }

  /** Ask ahead of the hand only while it rests: a question in between would wait for the answer. */
  restFirst() {
    clearTimeout(this.idle);
    if (this.filled === this.controls.key()) return; // nothing is left to ask: the kernel sleeps
    this.idle = setTimeout(() => { if (!this.filling && !this.asked) this.fill(); }, REST_MS);
  }

  fill() {
    this.filling = true;
    this.around = this.controls.key();
    this.channel.send({ type: "fill", values: JSON.parse(this.around) });
  }

  /**
   * Take the states that the kernel sends: one that was asked for, or those ahead.
   *
   * @param {any} content
   * @param {ArrayBuffer[]} buffers
   */
  take({ states, done }, buffers) {
    for (const { asked: keys, patch, refusal, bug, bytes } of states) {
      const state = { patch: patch && revive(patch, buffers), refusal, bug, bytes };
      for (const key of new Set(keys)) this.table.add(key, state);
      if (bug) {
        this.table.remove(keys[0]);
        this.drawing.say(bug);
      }
    }
    if (done === undefined) {
      this.answered(Boolean(states[0].bug));
    } else {
      this.filling = false;
      if (done) this.filled = this.around;
      else if (performance.now() - this.movedAt > REST_MS) {
        this.fill();
        return;
      }
    }
    this.restFirst();
  }

  /** @param {boolean} failed whether the answer is a fault, which is not asked for again */
  answered(failed) {
    clearTimeout(this.silence);
    const { asked } = this;
    this.asked = null;
    this.silent = false;
    if (!failed || this.controls.key() !== asked) this.stage.want(this.controls.key());
  }
}
