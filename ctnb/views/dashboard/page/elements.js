// Elements of the sheet. No text is HTML here.

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function button(text, key, onclick, more = {}) {
  return make("button", { type: "button", "data-key": key, onclick, ...more }, text);
}

function select(key, options, value, onchange, more = {}) {
  const box = make("select", { "data-key": key, ...more }, options.map(([id, text]) => make("option", { value: id }, text)));
  box.value = String(value);
  box.addEventListener("change", () => onchange(box.value));
  return box;
}

// A field that leaves those rows whose text it has; none where all can be seen at once.
function searchOf(rows, texts, word, nothing) {
  if (rows.length <= 10) return [null, null];
  const none = make("p", { class: "ctnb-small ctnb-none", hidden: true, role: "status" }, nothing);
  const search = make("input", { type: "search", "aria-label": word, placeholder: word });
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    rows.forEach((row, at) => { row.hidden = !texts[at].toLowerCase().includes(wanted); });
    none.hidden = rows.some((row) => !row.hidden);
  });
  return [search, none];
}

// Puts new content into a part of the sheet; what had the focus has it again.
function refill(part, content, elsewhere) {
  const active = part.getRootNode().activeElement;
  const key = part.contains(active) ? active.dataset.key : undefined;
  const typed = key && active.tagName === "INPUT" && active.type === "search" ? active.selectionStart : null;
  part.replaceChildren(...content.filter(Boolean));
  if (!key) return;
  const again = [...part.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key && !each.disabled);
  (again ?? elsewhere?.())?.focus({ preventScroll: true });
  if (again && typed !== null) again.setSelectionRange(typed, typed);
}
