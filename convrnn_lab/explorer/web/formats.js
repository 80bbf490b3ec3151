// @ts-check
/* Numbers as an axis, a label or a readout writes them; a small part of d3's way to say how. */

import { number, withCommas } from "./numbers.js";

const MINUS_SIGN = "−";
const SPEC = /^(,)?(?:\.(\d+))?(~)?([%fgsed])?$/;
const PREFIXES = ["p", "n", "µ", "m", "", "k", "M", "G", "T"];
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const PLACEHOLDER = /%\{(\w+)(?::([^}]*))?\}/g;

/** @param {string} text */
const trimmed = (text) => text.replace(/(\.\d*?)0+(?=$|e)/, "$1").replace(/\.(?=$|e)/, "");

/** Write with the letter of a power of a thousand. @param {number} value @param {number} digits */
function prefixed(value, digits) {
  const rounded = Number(value.toPrecision(digits));
  const power = rounded ? Math.max(-4, Math.min(4, Math.floor(Math.log10(Math.abs(rounded)) / 3 + 1e-12))) : 0;
  const scaled = rounded / 1000 ** power;
  const whole = scaled ? Math.floor(Math.log10(Math.abs(scaled)) + 1e-12) + 1 : 1;
  return [scaled.toFixed(Math.max(0, digits - whole)), PREFIXES[power + 4]];
}

/**
 * Write a value as d3 would: "" as it is, ".2f", ".0%", ".4g", ".3s", ","; "~" leaves zeros out.
 *
 * @param {any} value words stay words
 * @param {string} [spec]
 */
export function formatted(value, spec = "") {
  if (typeof value !== "number") return String(value);
  if (!Number.isFinite(value)) return number(value);
  const [, commas, places, short, kind] = SPEC.exec(spec) ?? [];
  const digits = places === undefined ? undefined : Number(places);
  let text;
  let unit = "";
  if (kind === "f") text = value.toFixed(digits ?? 6);
  else if (kind === "%") [text, unit] = [(100 * value).toFixed(digits ?? 6), "%"];
  else if (kind === "e") text = value.toExponential(digits ?? 6);
  else if (kind === "s") [text, unit] = prefixed(value, digits ?? 6);
  else if (kind === "d") text = value.toFixed(0);
  else text = trimmed(value.toPrecision(digits || 6));
  if (short) text = trimmed(text);
  if (commas) text = withCommas(kind ? text : trimmed(value.toFixed(digits ?? 6)));
  if (Number(text) === 0) text = text.replace("-", "");
  return text.replace("e+", "e").replaceAll("-", MINUS_SIGN) + unit;
}

/** Write a power of ten. @param {number} exponent */
export function powerOfTen(exponent) {
  const raised = String(Math.abs(exponent)).replace(/\d/g, (digit) => RAISED[Number(digit)]);
  return `10${exponent < 0 ? "⁻" : ""}${raised}`;
}

/**
 * Write what a template says, "row %{y}: %{z:.4g}", in lines.
 *
 * @param {string} template
 * @param {Record<string, any>} values
 */
export function filledIn(template, values) {
  const words = template.replace(/<extra>.*?<\/extra>/gs, "").replaceAll("<br>", "\n");
  return words.replace(PLACEHOLDER, (whole, name, spec) => (name in values ? formatted(values[name], spec) : whole));
}
