// @ts-check
/* From values to pixels and back, and the values at which an axis has its ticks. */

import { formatted, powerOfTen } from "./formats.js";
import { number } from "./numbers.js";
import { multiples, niceStep } from "./round_steps.js";

/**
 * @typedef {object} Scale
 * @property {string} type "linear", "log" or "category"
 * @property {string[]} names of the categories, in their order
 * @property {[number, number]} range its ends: exponents on a log axis, places on one of categories
 * @property {(value: any) => number} toPixel
 * @property {(pixel: number) => number} toValue
 * @property {number} unit pixels of 1
 * @property {number} length in pixels
 *
 * @typedef {{value: number, text: string}} Tick
 */

const LABEL_ROOM = 12; // pixels between two labels
const WIDTH_OF_LETTER = 0.64; // of its height
const SMALLEST_PLAIN = 1e-4; // smaller steps are written with powers of ten
const LARGEST_PLAIN = 1e5; // larger values are written with letters

/** The number that a value is; NaN for none. @param {any} value */
export const numeric = (value) => (value === null || value === undefined || value === "" ? NaN : Number(value));

/** How wide a text is, about, without asking the browser. @param {string} text @param {number} size */
export const textWidth = (text, size) => WIDTH_OF_LETTER * size * text.length;

/**
 * Return the scale of an axis.
 *
 * @param {any} axis with its range
 * @param {[number, number]} ends pixels of both ends of the range
 * @param {string[]} [names] of the categories
 * @returns {Scale}
 */
export function scaleOf({ type = "linear", range: [low, high] }, [from, to], names = []) {
  const unit = (to - from) / (high - low || 1);
  const places = new Map(names.map((name, place) => [name, place]));
  const straight = (/** @type {any} */ value) => {
    if (type === "log") return Math.log10(numeric(value));
    return typeof value === "string" && type === "category" ? places.get(value) ?? NaN : numeric(value);
  };
  return {
    type,
    names,
    range: [low, high],
    unit: Math.abs(unit),
    length: Math.abs(to - from),
    toPixel: (value) => from + unit * (straight(value) - low),
    toValue: (pixel) => {
      const at = low + (pixel - from) / unit;
      return type === "log" ? 10 ** at : at;
    },
  };
}

/** Write values that lie a step apart with the same decimal places. @param {number} value @param {number} step */
export function stepText(value, step) {
  if (value === 0) return "0";
  if (step < SMALLEST_PLAIN) return number(value);
  if (Math.abs(value) >= LARGEST_PLAIN) return formatted(value, ".4~s");
  const places = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return formatted(value, `${step >= 1 ? "," : ""}.${places}f`);
}

/** @param {[number, number]} range exponents @param {any} axis @param {number} most */
function logValues([from, to], { dtick }, most) {
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  if (typeof dtick === "number" || high - low > 2.5) {
    const step = Math.max(1, typeof dtick === "number" ? Math.ceil(dtick) : Math.ceil((high - low) / Math.max(1, most)));
    return multiples([low, high], step).map((power) => 10 ** power);
  }
  const digits = [1, 2, 5].flatMap((digit) => multiples([low - 1, high], 1).map((power) => digit * 10 ** power));
  const inside = digits.filter((value) => Math.log10(value) >= low - 1e-9 && Math.log10(value) <= high + 1e-9);
  if (inside.length > 1) return inside.sort((a, b) => a - b);
  const ends = /** @type {[number, number]} */ ([10 ** low, 10 ** high]);
  return multiples(ends, niceStep(ends[1] - ends[0], most));
}

/** @param {number} value @param {any} axis */
function logText(value, { exponentformat }) {
  const exponent = Math.log10(value);
  const whole = Math.abs(exponent - Math.round(exponent)) < 1e-9;
  if (exponentformat === "power" && whole) return powerOfTen(Math.round(exponent));
  return value < 1e-3 ? number(value) : formatted(value, value < 1e4 ? ".6~g" : ".4~s");
}

/** @param {Scale} scale @param {any} axis @param {number} most @returns {Tick[]} */
function wanted({ type, names, range }, axis, most) {
  const { tickvals, ticktext, tickformat, dtick } = axis;
  if (tickvals) {
    return Array.from(tickvals, (value, index) => ({ value: numeric(value), text: ticktext?.[index] ?? formatted(numeric(value)) }));
  }
  if (type === "category") {
    const every = Math.max(1, Math.ceil(names.length / (axis.nticks || names.length || 1)));
    return names.map((text, value) => ({ value, text })).filter(({ value }) => value % every === 0);
  }
  if (type === "log") {
    return logValues(range, axis, most).map((value) => ({ value, text: tickformat ? formatted(value, tickformat) : logText(value, axis) }));
  }
  const nice = niceStep(Math.abs(range[1] - range[0]), most);
  const step = typeof dtick === "number" ? dtick : Math.max(nice, axis.counted ? 1 : 0);
  return multiples(range, step).map((value) => ({
    value, text: tickformat ? formatted(value, tickformat) : stepText(value, step),
  }));
}

/**
 * Return the ticks of an axis inside its range, as many as have room.
 *
 * @param {Scale} scale
 * @param {any} axis
 * @param {boolean} across whether labels stand beside each other
 * @returns {Tick[]}
 */
export function ticksOf(scale, axis, across) {
  const size = axis.tickfont?.size ?? 12;
  const suffix = axis.ticksuffix ?? "";
  const room = across ? 28 : 1.6 * size;
  const most = Math.min(axis.nticks || 6, Math.max(1, Math.floor(scale.length / room)));
  const inside = (/** @type {Tick} */ { value }) => {
    const pixel = scale.toPixel(value);
    const ends = scale.range.map((end) => scale.toPixel(scale.type === "log" ? 10 ** end : end));
    return pixel >= Math.min(...ends) - 0.5 && pixel <= Math.max(...ends) + 0.5;
  };
  const ticks = wanted(scale, axis, most).filter(inside).map((tick) => ({ ...tick, text: tick.text + suffix }));
  return (scale.type === "category" && across) || axis.tickangle ? ticks : thinned(ticks, scale, size, across);
}

/** Leave out every second label, again and again, until none touches the next. @param {Tick[]} ticks @param {Scale} scale
 * @param {number} size of the letters @param {boolean} across @returns {Tick[]} */
function thinned(ticks, scale, size, across) {
  const touching = ticks.some((tick, index) => {
    if (!index) return false;
    const apart = Math.abs(scale.toPixel(tick.value) - scale.toPixel(ticks[index - 1].value));
    return apart < (across ? (textWidth(tick.text, size) + textWidth(ticks[index - 1].text, size)) / 2 + LABEL_ROOM / 2 : size);
  });
  return touching ? thinned(ticks.filter((_, index) => index % 2 === 0), scale, size, across) : ticks;
}
