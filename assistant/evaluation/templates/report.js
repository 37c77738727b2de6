"use strict";
const form = document.querySelector("form.filters");
if (form) {
  const rows = [...document.querySelectorAll("details.row")];
  const kinds = new Map(rows.map((row) => [row, JSON.parse(row.dataset.kinds)]));
  const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const shows = (row) => {
    const { type, kind, words: wanted } = form.elements;
    const failures = kinds.get(row);
    if (type.value && row.dataset.type !== type.value) return false;
    if (kind.value === "*" && !failures.length) return false;
    if (kind.value === "-" && failures.length) return false;
    if (kind.value.length > 1 && !failures.includes(kind.value)) return false;
    return words.get(row).includes(wanted.value.toLowerCase());
  };
  const button = form.elements.open;
  const update = () => {
    let shown = 0;
    for (const row of rows) {
      row.hidden = !shows(row);
      shown += !row.hidden;
    }
    form.querySelector("output").value = `${shown} of ${rows.length} shown`;
  };
  form.addEventListener("input", update);
  form.addEventListener("submit", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    const open = rows.some((row) => !row.hidden && !row.open);
    for (const row of rows) if (!row.hidden) row.open = open;
    button.textContent = open ? "Close all" : "Open all";
  });
  update();
}
const target = document.querySelector(location.hash || "none");
const row = target && target.closest("details.row");
if (row) row.open = true;
