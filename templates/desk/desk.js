/* The desk's own script: the CSRF mark for htmx. Everything else works without it or stands below, by page. */
"use strict";
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRF-Token"] = document.querySelector("meta[name=csrf]").content;
});

/* The editor: the page of the report follows the text, saving tells when somebody else saved first. */
(() => {
  const form = document.getElementById("text-form");
  if (!form) return;
  const text = document.getElementById("text"), state = document.getElementById("text-state");
  const frame = document.getElementById("preview"), found = document.getElementById("text-found");
  const conflict = document.getElementById("conflict"), theirs = document.getElementById("theirs");
  const mark = document.querySelector("meta[name=csrf]").content;
  let timer = 0, asked = 0, changed = false;

  const send = (address) => fetch(address, { method: "POST", body: new FormData(form), headers: { "X-CSRF-Token": mark } });
  const told = (items) => {
    found.replaceChildren(...items.map((one) => {
      const line = document.createElement("p");
      line.className = `found-${one.severity}`;
      line.textContent = one.text;
      return line;
    }));
  };
  const show = async () => {
    const number = ++asked;
    const answer = await send(form.dataset.preview);
    if (!answer.ok || number !== asked) return;   // a newer text has been typed meanwhile
    const content = await answer.json();
    const main = frame.contentDocument && frame.contentDocument.querySelector("main");
    if (main && content.html !== null) main.innerHTML = content.html;
    told(content.found);
    const others = document.getElementById("others");
    others.hidden = content.others.length === 0;
    others.querySelector("b").textContent = content.others.join(", ");
    document.body.dataset.previewed = String(number);
  };
  const later = () => {
    changed = true;
    state.textContent = state.dataset.dirty;
    clearTimeout(timer);
    timer = setTimeout(show, 150);
  };
  const save = async () => {
    const answer = await send(form.action);
    const content = await answer.json().catch(() => null);
    if (!content) { state.textContent = `${answer.status}`; return; }
    state.textContent = content.said;
    if (answer.status === 409) {
      document.getElementById("conflict-said").textContent = content.said;
      theirs.value = content.theirs;
      conflict.dataset.digest = content.digest;
      conflict.hidden = false;
      theirs.focus();
    } else if (answer.ok) {
      form.elements.digest.value = content.digest;
      conflict.hidden = true;
      changed = false;
    }
  };
  form.addEventListener("input", later);
  form.addEventListener("submit", (event) => { event.preventDefault(); save(); });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") { event.preventDefault(); save(); }
  });
  document.getElementById("keep-mine").addEventListener("click", () => {
    form.elements.digest.value = conflict.dataset.digest;
    save();
  });
  document.getElementById("take-theirs").addEventListener("click", () => {
    text.value = theirs.value;
    form.elements.digest.value = conflict.dataset.digest;
    conflict.hidden = true;
    later();
  });
  for (const button of document.querySelectorAll("button.insert")) {
    button.addEventListener("click", () => {
      text.setRangeText(`{{ ${button.dataset.name} }}`, text.selectionStart, text.selectionEnd, "end");
      text.focus();
      later();
    });
  }
  for (const button of document.querySelectorAll("button.insert-text")) {
    button.addEventListener("click", () => {
      text.setRangeText(`\n\n${button.dataset.text}\n\n`, text.selectionStart, text.selectionEnd, "end");
      text.focus();
      later();
    });
  }
  const filter = document.getElementById("value-filter");
  filter.addEventListener("input", () => {
    const wanted = filter.value.toLowerCase();
    for (const row of document.querySelectorAll(".values tbody tr")) {
      row.hidden = !row.dataset.words.toLowerCase().includes(wanted);
    }
  });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
  if (frame.contentDocument && frame.contentDocument.readyState === "complete") show();
  frame.addEventListener("load", show);
})();

/* A file that is dropped on the page goes into the form's field. */
(() => {
  const drop = document.getElementById("drop");
  if (!drop) return;
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length) {
        drop.querySelector("input[type=file]").files = event.dataTransfer.files;
        drop.requestSubmit();
      }
    });
  }
})();
