// @ts-check
/* What stands over a live figure beside its controls: a button for work, and a field to draw in. */

import { make } from "./marks.js";
import { openPicture } from "./picture_files.js";

/**
 * @typedef {(content: any, buffers?: ArrayBuffer[]) => void} Send
 * @typedef {Record<string, (content: any, buffers: ArrayBuffer[]) => void>} Pending what answers do, by their kind
 */

const PAD_SIZE = 140; // pixels of the field to draw in
const PEN = 12; // pixels of a stroke

/**
 * A button for work that takes seconds. The kernel works while it is asked to go on, piece by piece.
 *
 * @param {string} label
 * @param {Send} send
 * @param {Pending} pending
 */
export function jobRow(label, send, pending) {
  const button = make("button", { type: "button", class: "cl-button" }, label);
  const bar = make("progress", { max: 1, value: 0, "aria-label": label });
  const text = make("span", { role: "status" });
  let running = false;
  const say = (/** @type {string} */ action) => send({ type: "job", action });
  button.onclick = () => {
    say(running ? "stop" : "start");
    if (!running) text.textContent = "";
    button.disabled = true; // until the kernel answers
  };
  pending.job = ({ running: goesOn, fraction, text: words, problem }) => {
    running = goesOn;
    button.disabled = false;
    button.textContent = running ? "Stop" : label;
    bar.value = fraction;
    text.textContent = problem || words;
    text.classList.toggle("cl-problem", Boolean(problem));
    if (running) say("continue");
  };
  return make("div", { class: "cl-job" }, button, bar, text);
}

/**
 * Return where a picture lies in a square when it is as large as it can be, and in the middle.
 *
 * @param {{width: number, height: number}} picture
 * @param {number} size of the square
 * @returns {[number, number, number, number]} left, top, width and height
 */
export function fitted(picture, size) {
  const scale = size / Math.max(picture.width, picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  return [(size - width) / 2, (size - height) / 2, width, height];
}

/**
 * Return the ink of a picture from its red channel: 255 where it is black.
 *
 * @param {ArrayLike<number>} pixels red, green, blue and opacity of each
 */
export function inkOf(pixels) {
  return Uint8Array.from({ length: pixels.length / 4 }, (_, index) => 255 - pixels[4 * index]);
}

/**
 * A field to draw in, or to load a picture into; the kernel gets the ink, newest first.
 *
 * @param {string} label
 * @param {Send} send
 * @param {Pending} pending
 */
export function padField(label, send, pending) {
  const size = PAD_SIZE;
  const canvas = make("canvas", { width: size, height: size, class: "cl-pad", role: "img", "aria-label": label });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const problem = make("span", { role: "status", class: "cl-problem" });
  let waiting = false;
  let again = false;
  const ship = () => {
    again = waiting;
    if (waiting) return;
    waiting = true;
    const ink = inkOf(pen.getImageData(0, 0, size, size).data);
    send({ type: "drawn", shape: [size, size] }, [ink.buffer]);
  };
  pending.drawn = ({ problem: words }) => {
    waiting = false;
    problem.textContent = words;
    if (again) ship();
  };
  const clear = () => {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, size, size);
  };
  clear();
  const known = knownDrawing(label, canvas, (drawing) => {
    pen.putImageData(drawing, 0, 0);
    ship();
  });
  if (known.drawing) pen.putImageData(known.drawing, 0, 0);
  const tell = () => known.tell(canvas, pen.getImageData(0, 0, size, size));
  Object.assign(pen, { lineWidth: PEN, lineCap: "round", lineJoin: "round" });
  letDraw(canvas, pen, ship, tell);
  const wipe = make("button", { type: "button", class: "cl-button" }, "Clear");
  wipe.onclick = clear;
  const file = make("input", { type: "file", accept: "image/*", "aria-label": "Load a picture" });
  const open = async (/** @type {File | undefined} */ chosen) => {
    if (!chosen) return;
    try {
      const picture = await openPicture(chosen);
      clear();
      pen.drawImage(picture, ...fitted(picture, size));
      picture.close();
      problem.textContent = "";
      ship();
      tell();
    } catch (error) {
      problem.textContent = /** @type {Error} */ (error).message;
    }
  };
  file.onchange = () => open(file.files[0]);
  canvas.ondragover = (/** @type {any} */ event) => event.preventDefault();
  canvas.ondrop = (/** @type {any} */ event) => {
    event.preventDefault();
    open(event.dataTransfer.files[0]);
  };
  const beside = make("div", {}, make("p", {}, label), wipe, file, problem);
  return make("div", { class: "cl-draw" }, canvas, beside);
}

/**
 * Return the drawing that all fields of a page for the same thing share.
 *
 * @param {string} label
 * @param {any} canvas of a field, which is forgotten with it
 * @param {(drawing: ImageData) => void} take what another field has drawn
 * @returns {{drawing: ImageData | null, tell: (from: any, drawing: ImageData) => void}}
 */
export function knownDrawing(label, canvas, take) {
  // Not of this module: in a notebook each explorer has a script of its own.
  const name = Symbol.for("convrnn_lab.drawings");
  /** @type {any} */
  const page = globalThis;
  page[name] ??= new Map();
  if (!page[name].has(label)) page[name].set(label, { drawing: null, fields: [] });
  const known = page[name].get(label);
  canvas.takeDrawing = take;
  known.fields.push(new WeakRef(canvas));
  const tell = (/** @type {any} */ from, /** @type {ImageData} */ drawing) => {
    known.drawing = drawing;
    known.fields = known.fields.filter((/** @type {WeakRef<any>} */ field) => field.deref());
    for (const field of known.fields) if (field.deref() !== from) field.deref()?.takeDrawing(drawing);
  };
  return { drawing: known.drawing, tell };
}

/**
 * Let the pointer draw on a canvas.
 *
 * @param {any} canvas
 * @param {any} pen
 * @param {() => void} drawn called after each piece of a stroke
 * @param {() => void} ended called after a stroke
 */
function letDraw(canvas, pen, drawn, ended) {
  const size = canvas.width;
  /** @type {[number, number] | null} */
  let last = null;
  const draw = (/** @type {any} */ event) => {
    /** @type {[number, number]} */
    const next = [(event.offsetX * size) / canvas.clientWidth, (event.offsetY * size) / canvas.clientHeight];
    pen.beginPath();
    pen.moveTo(...(last ?? next));
    pen.lineTo(...next);
    pen.stroke();
    last = next;
    drawn();
  };
  canvas.onpointerdown = (/** @type {any} */ event) => {
    canvas.setPointerCapture(event.pointerId);
    draw(event);
  };
  canvas.onpointermove = (/** @type {any} */ event) => { if (last) draw(event); };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (last) ended();
    last = null;
  };
}
