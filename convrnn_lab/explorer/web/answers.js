// @ts-check
/* Whether an answer is right, by the rules of exercises/reading.py; both are held to the same cases. */

/**
 * @typedef {{name: string, question: string, choices: string[], right: number | string, share: number, form: string,
 *   hint: string, reason: string, label: string}} Question
 * @typedef {"not answered yet" | "not readable" | "not yet" | "right"} Verdict
 */

const LONGEST_ANSWER = 60;
const ONE_NUMBER = "[-+]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:e[-+]?[0-9]{1,3})?";
const UNIT = "(%?)(?: ?[^0-9\\s.,/+-][^0-9]*)?\\.?";
const ANSWER = new RegExp(`^(${ONE_NUMBER})(?: ?/ ?(${ONE_NUMBER}))? ?${UNIT}$`);
const THOUSANDS = /^([-+]?[1-9][0-9]{0,2}(?:[, ][0-9]{3})+)(?![0-9,])/;

/** Return the number that an answer stands for, or null. @param {string} answer */
export function asNumber(answer) {
  const text = answer.toLowerCase().replaceAll("−", "-").trim().split(/\s+/).join(" ")
    .replace(THOUSANDS, (found) => found.replace(/[, ]/g, ""))
    .replace(/(?<=[0-9]),(?=[0-9])/g, ".");
  const found = answer.length > LONGEST_ANSWER ? null : ANSWER.exec(text);
  if (!found) return null;
  const value = (Number(found[1]) / Number(found[2] ?? 1)) / (found[3] ? 100 : 1);
  return Number.isFinite(value) ? value : null;
}

/** Return the letters and digits of an answer. @param {string} answer */
export const asWord = (answer) => (answer.length > LONGEST_ANSWER ? "" : answer.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ""));

/** Judge an answer. @param {Question} question @param {string} answer @returns {Verdict} */
export function judged({ right, share, choices }, answer) {
  if (!answer.trim()) return "not answered yet";
  if (typeof right === "string") {
    const word = asWord(answer);
    if (!word || (choices.length && !choices.some((each) => asWord(each) === word))) return "not readable";
    return word === asWord(right) ? "right" : "not yet";
  }
  const value = asNumber(answer);
  if (value === null) return "not readable";
  return Math.abs(value - right) <= share * Math.max(Math.abs(value), Math.abs(right)) ? "right" : "not yet";
}
