// What the page does without the server. Nothing here makes markup of anybody's text: texts are set
// as textContent, and the panels come from the server already escaped.

// -- this browser and its conversation -----------------------------------------------------------

const PA_KEY = "paper-assistant-browser";
const PA_CURRENT = "paper-assistant-conversation";

// Storage may be forbidden; the conversations of such a browser last as long as the page.
function paStored(storage, key, value) {
  try {
    if (value === undefined) return window[storage].getItem(key);
    window[storage].setItem(key, value);
  } catch {
    return null;
  }
}

// The browser's secret, made on the first visit, and the conversation that this tab had open.
function paBrowser() {
  let secret = paStored("localStorage", PA_KEY);
  if (!/^[0-9a-f]{64}$/.test(secret || "")) {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    secret = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    paStored("localStorage", PA_KEY, secret);
  }
  if (paStored("localStorage", "paper-assistant-list") === "open") paToggleTalks(true);
  return [secret, paStored("sessionStorage", PA_CURRENT) || ""];
}

function paCurrent(conversation) {
  paStored("sessionStorage", PA_CURRENT, conversation || "");
}

function paToggleTalks(open) {
  const list = document.getElementById("pa-talks");
  if (!list) return;
  paStored("localStorage", "paper-assistant-list", list.classList.toggle("pa-shown", open) ? "open" : "closed");
}

function paSave(file) {
  if (!file || !file.text) return;
  const address = URL.createObjectURL(new Blob([file.text], { type: `${file.type};charset=utf-8` }));
  const link = Object.assign(document.createElement("a"), { href: address, download: file.name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// The list: a click opens; the menu renames in place, saves a file, or asks before it deletes.
function paTalks(element, trigger) {
  const button = (text, act) => {
    const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
    made.dataset.act = act;
    return made;
  };
  let renaming = null; // the conversation, and what is typed so far
  const rename = (item, typed) => {
    const open = item.querySelector(".pa-open");
    const old = open.querySelector("span").textContent;
    const input = Object.assign(document.createElement("input"), { value: typed ?? old, maxLength: 120 });
    renaming = { id: item.dataset.id, typed: input.value };
    input.setAttribute("aria-label", "New name");
    const end = (save) => {
      input.onblur = null;
      renaming = null;
      input.replaceWith(open);
      if (save && input.value.trim() && input.value !== old) {
        open.querySelector("span").textContent = input.value;
        trigger("edit", { id: item.dataset.id, title: input.value });
      }
      open.focus();
    };
    input.onkeydown = (event) => {
      if (event.key === "Enter") end(true);
      if (event.key === "Escape") end(false);
    };
    input.oninput = () => { renaming.typed = input.value; };
    // Not when the list is renewed under it, which is what else takes the focus away.
    input.onblur = () => setTimeout(() => { if (input.isConnected && input.onblur) end(true); });
    open.replaceWith(input);
    if (typed === undefined) input.select();
    else input.focus();
  };
  // The server sends the list anew after each answer and change: what is in use stays as it is.
  let opened = null;
  element.addEventListener("toggle", ({ target }) => {
    const { id } = target.closest("[data-id]").dataset;
    if (target.open) {
      opened = id;
      target.querySelector("div").scrollIntoView({ block: "nearest" });
    }
    else if (opened === id) opened = null;
  }, true);
  const listed = (id) => [...element.querySelectorAll("[data-id]")].find(({ dataset }) => dataset.id === id);
  new MutationObserver(() => {
    if (renaming && !element.querySelector("input")) {
      const item = listed(renaming.id);
      if (item) rename(item, renaming.typed);
    }
    if (opened === null || element.querySelector("details[open]")) return;
    const item = listed(opened);
    if (item) item.querySelector("details").open = true;
  }).observe(element, { childList: true, subtree: true });
  element.addEventListener("click", (event) => {
    const clicked = event.target.closest("button[data-act]");
    const item = clicked?.closest("[data-id]");
    if (!item) return;
    const id = item.dataset.id;
    const menu = item.querySelector("details");
    switch (clicked.dataset.act) {
      case "open": trigger("select", { id }); break;
      case "save": trigger("download", { id, format: clicked.dataset.format }); break;
      case "rename": rename(item); break;
      case "delete": {
        const question = Object.assign(document.createElement("p"), { textContent: "Delete for good?" });
        const keep = button("Keep it", "keep");
        const items = menu.querySelector("div");
        menu.paItems = [...items.children];
        items.replaceChildren(question, button("Delete", "really"), keep);
        keep.focus();
        return;
      }
      case "keep": menu.querySelector("div").replaceChildren(...menu.paItems); break;
      case "really": trigger("delete", { id }); break;
    }
    opened = null; // at once: the list, which has just changed, would open it again
    menu.open = false;
  });
}

// The files that were added: taking one out asks once more, by the button itself.
function paUploads(element, trigger) {
  element.addEventListener("click", (event) => {
    const clicked = event.target.closest("button[data-act]");
    if (!clicked) return;
    if (clicked.dataset.act === "undo") {
      clicked.dataset.act = "really";
      clicked.textContent = "Take its papers out?";
      setTimeout(() => { clicked.dataset.act = "undo"; clicked.textContent = "Undo"; }, 5000);
      return;
    }
    trigger("delete", { name: clicked.closest("[data-name]").dataset.name });
  });
}

// -- from a marker to its source -----------------------------------------------------------------

function paPanels() {
  const panel = document.getElementById("pa-sources");
  return [panel, ...(panel ? panel.querySelectorAll("*") : [])].find((node) => node && node.paShow);
}

const paMarker = (target) => target instanceof Element && target.closest('a[href^="#source-"]');

// The card that a marker leads to, also when another answer's sources are in sight.
function paCard(id) {
  const shown = document.getElementById(id);
  if (shown) return shown;
  const panel = paPanels()?.paPanels.get(id.split("-")[1]);
  return panel ? new DOMParser().parseFromString(panel, "text/html").getElementById(id) : null;
}

function paOpen(link) {
  const id = link.getAttribute("href").slice(1);
  paPanels()?.paShow(id.split("-")[1]);
  const open = (attempts) => {
    const card = document.getElementById(id);
    if (!card) {
      if (attempts > 0) requestAnimationFrame(() => open(attempts - 1));
      return;
    }
    const abstract = card.querySelector("details.pa-abstract");
    if (abstract) abstract.open = true;
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "start" });
    // Only where the evidence is out of sight, so that the title stays in sight when it can.
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    (card.querySelector("mark") || card).scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "nearest" });
  };
  open(20);
}

// The row under the chat that asks why a thumb was given.
function paShowFeedback() {
  setTimeout(() => document.getElementById("pa-feedback")?.scrollIntoView({ block: "nearest" }), 100);
}

// The record of a row that was chosen, where it lies below what is in sight, as on a phone.
function paShowRecord() {
  const record = document.getElementById("pa-record");
  if (record && record.getBoundingClientRect().top > innerHeight - 80) record.scrollIntoView({ block: "start" });
}

// -- the preview of a source ---------------------------------------------------------------------

let paPreviewOf = null;
let paPreviewSince = 0;

function paHidePreview() {
  document.getElementById("pa-preview")?.remove();
  paPreviewOf?.removeAttribute("aria-describedby");
  paPreviewOf = null;
}

function paShowPreview(link, tapped) {
  if (paPreviewOf === link) return;
  paHidePreview();
  const card = paCard(link.getAttribute("href").slice(1));
  if (!card) return;
  link.removeAttribute("title"); // the browser's own tooltip would cover this one
  const add = (parent, tag, text) => parent.appendChild(Object.assign(document.createElement(tag), { textContent: text }));
  const box = Object.assign(document.createElement("div"), { id: "pa-preview" });
  box.setAttribute("role", "tooltip");
  add(box, "strong", card.querySelector(".pa-title > span:last-child")?.textContent || "");
  const meta = card.querySelector(".pa-meta")?.textContent;
  if (meta) add(box, "small", meta);
  const evidence = card.querySelector(".pa-quote")?.textContent;
  if (evidence) add(box, "q", evidence.length > 320 ? `${evidence.slice(0, 320)}…` : evidence);
  if (tapped) {
    const more = add(box, "button", "Show the source");
    more.addEventListener("click", () => { paHidePreview(); paOpen(link); });
  }
  document.querySelector(".gradio-container").append(box);
  const at = link.getBoundingClientRect();
  const below = at.bottom + 8 + box.offsetHeight < innerHeight || at.top < box.offsetHeight + 8;
  box.style.top = `${below ? at.bottom + 8 : at.top - 8 - box.offsetHeight}px`;
  box.style.left = `${Math.max(8, Math.min(at.left, innerWidth - box.offsetWidth - 8))}px`;
  link.setAttribute("aria-describedby", "pa-preview");
  paPreviewOf = link;
  paPreviewSince = performance.now();
}

document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const link = paMarker(event.target);
  if (link) paShowPreview(link, false);
  else if (!event.target.closest?.("#pa-preview")) paHidePreview();
});
document.addEventListener("focusin", (event) => {
  const link = paMarker(event.target);
  if (link && link.matches(":focus-visible")) paShowPreview(link, false);
});
// Not by the end of the scrolling that brought the marker under the pointer.
document.addEventListener("scroll", () => {
  if (performance.now() - paPreviewSince > 150) paHidePreview();
}, { capture: true, passive: true });

// -- where an answer is read from ------------------------------------------------------------------

// A new question moves to the top, so that its answer is read from its beginning while the rest
// streams in below; who scrolls by hand is left alone until the next question.
let paAsked = "";
let paFollowing = false;

function paFollow() {
  const chat = document.getElementById("pa-chat");
  const rows = chat ? [...chat.querySelectorAll(".user-row")] : [];
  const last = rows[rows.length - 1];
  const asked = last ? `${rows.length} ${last.textContent}` : "";
  if (asked !== paAsked) { paAsked = asked; paFollowing = true; }
  if (!last || !paFollowing) return;
  let box = last.parentElement;
  while (box !== chat && box.scrollHeight <= box.clientHeight) box = box.parentElement;
  box.scrollTop += last.getBoundingClientRect().top - box.getBoundingClientRect().top;
}

for (const kind of ["wheel", "touchmove", "pointerdown", "keydown"]) {
  document.addEventListener(kind, (event) => {
    if (event.target instanceof Element && event.target.closest("#pa-chat")) paFollowing = false;
  }, { capture: true, passive: true });
}

// -- clicks ---------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const link = paMarker(event.target);
  if (link) {
    event.preventDefault();
    // A finger cannot hover: its first tap shows the preview, a second one opens the source.
    if (event.pointerType === "touch" && paPreviewOf !== link) return paShowPreview(link, true);
    paHidePreview();
    return paOpen(link);
  }
  if (!event.target.closest?.("#pa-preview")) paHidePreview();
  const copy = event.target.closest?.("button[data-copy]");
  if (copy) paCopy(copy);
  const path = event.composedPath(); // what was clicked may have gone from the menu by now
  for (const menu of document.querySelectorAll("details.pa-menu[open]")) {
    if (!path.includes(menu)) menu.open = false;
  }
});

async function paCopy(button) {
  const text = button.dataset.copy;
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch { // no clipboard without https, but for this machine itself
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
  }
  const name = button.textContent;
  button.textContent = done ? "Copied" : "Not copied";
  setTimeout(() => { button.textContent = name; }, 1500);
}

// -- a tab whose user has logged out, or is another by now ----------------------------------------

// Gradio shows nothing of an event that is turned away: the tab says so, and how to go on.
const paFetch = window.fetch;
window.fetch = async (...given) => {
  const reply = await paFetch(...given);
  if (reply.url.includes("/gradio_api/run/") && (reply.status === 401 || reply.status === 403)) {
    const told = await reply.clone().json().catch(() => ({}));
    paTurnedAway(reply.status === 403 && told.detail || "you are not logged in any more; reload the page");
  }
  return reply;
};

function paTurnedAway(why) {
  if (document.getElementById("pa-away")) return;
  const bar = Object.assign(document.createElement("div"), { id: "pa-away", role: "alert" });
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Reload" });
  button.addEventListener("click", () => location.reload());
  bar.append(why.charAt(0).toUpperCase() + why.slice(1), button);
  (document.querySelector(".gradio-container") || document.body).append(bar);
}

// -- keys -----------------------------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof Element && event.target.closest("input, textarea, [contenteditable=true]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const box = document.querySelector("#pa-question textarea");
    if (box && box.offsetParent) { event.preventDefault(); box.focus(); }
  }
  if (event.key === "Escape") {
    if (paPreviewOf) return paHidePreview();
    const menu = document.querySelector("details.pa-menu[open]");
    if (menu) { menu.open = false; return menu.querySelector("summary").focus(); }
    if (!typing || typing.closest("#pa-question")) document.querySelector("#pa-question .stop-button")?.click();
  }
});

new MutationObserver(() => {
  paFollow();
  // Gradio calls its examples a list, but its items are buttons: a screen reader is told of neither.
  document.querySelector('#pa-chat .examples[role="list"]')?.setAttribute("role", "group");
}).observe(document, { childList: true, subtree: true });

// A question is shown letter by letter, as entities; who edits it sees its letters.
document.addEventListener("focusin", (event) => {
  const area = event.target;
  if (!(area instanceof HTMLTextAreaElement) || !area.closest("#pa-chat")) return;
  const decoded = area.value.replace(/&#(\d{1,6});/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
  if (decoded !== area.value) {
    area.value = decoded;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
