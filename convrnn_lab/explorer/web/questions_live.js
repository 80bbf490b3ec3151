// @ts-check
/* The questions of a live notebook, as a widget. */

import { hideNote } from "./note.js";
import { putQuestions } from "./questions.js";

/** @param {{model: any, el: any}} widget */
function renderQuestions({ model, el }) {
  el.classList.add("convrnn-lab");
  putQuestions(el, model.get("packed"));
  hideNote(el);
}

export default { render: renderQuestions };
