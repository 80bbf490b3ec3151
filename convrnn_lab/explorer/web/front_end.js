// @ts-check
/* The front end of an explorer, the same in a live notebook and in a page without a kernel.
 *
 * It holds a table of states: for each combination of control values, what differs from a base
 * figure. A control that moves to a state in the table is drawn at once; a live notebook asks the
 * kernel for the others, a page holds all that it has.
 */

import { render } from "./live.js";
import { mount } from "./page.js";
import { putQuestions } from "./questions.js";

// A page has the styles beside the script; in a live notebook the widget brings them.
if (globalThis.document?.getElementById("convrnn-lab-page")) {
  const plotlyScript = document.getElementById("convrnn-lab-plotly");
  for (const root of document.querySelectorAll(".convrnn-lab[data-page]")) mount(root, plotlyScript);
  for (const root of document.querySelectorAll(".convrnn-lab[data-exercises]")) {
    putQuestions(root, root.querySelector("script")?.textContent ?? "");
  }
}

export default { render };
