// Draws the traits of ctnb.views.dashboard.sheet.Sheet, and asks Python for what is clicked. Texts are never HTML here:
// only the picture, the table of its numbers and the problem come as markup, which Python has escaped.

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
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

function render({ model, el }) {
  const words = model.get("words");
  const parts = {};
  for (const name of ["busy", "problem", "head", "filters", "chart", "rows"]) {
    parts[name] = make("div", { class: `ctnb-part ctnb-part-${name}` });
  }
  const sheet = make("div", { class: "ctnb-sheet" }, Object.values(parts));
  const sign = make("span", { class: "ctnb-hidden", role: "status" });
  parts.busy.append(sign);
  const count = make("span", { class: "ctnb-count", role: "status" });
  el.replaceChildren(sheet);

  // ---- commands, one at a time ----
  let asked = model.get("done");
  let busy = false;
  let running = "";
  let waiting = null;
  let slow;
  // A second click while something is done means nothing, for what it was on may be gone by then. What is kept until
  // then is what means the same later on; another width of the page changes nothing that can be clicked.
  function ask(order, values = {}) {
    if (busy) {
      const lasting = ["offer", "width"].includes(order) || "search" in values;
      if ((lasting || running === "width") && !(order === "width" && waiting)) waiting = [order, values];
      return;
    }
    busy = true;
    running = order;
    asked = Math.max(asked, model.get("done")) + 1;
    sheet.setAttribute("aria-busy", "true");
    slow = setTimeout(() => {
      sheet.classList.add("ctnb-slow");
      sign.textContent = words.working;
    }, 150);
    model.set("command", { n: asked, do: order, ...values });
    model.save_changes();
  }
  function finished() {
    if (model.get("done") < asked) return;
    busy = false;
    clearTimeout(slow);
    sheet.removeAttribute("aria-busy");
    sheet.classList.remove("ctnb-slow");
    sign.textContent = "";
    // Not when the offer changes: asked for a second time it may be the same.
    if (running === "offer") offered();
    if (waiting) {
      const next = waiting;
      waiting = null;
      ask(...next);
    }
  }

  // ---- the finding and its numbers ----
  function drawHead() {
    const { sentence, label, facts = [] } = model.get("head");
    refill(parts.head, [
      make("p", { class: "ctnb-finding" }, sentence ?? ""),
      make("dl", { class: "ctnb-figures", "aria-label": label }, facts.map((fact) =>
        make("div", {}, make("dt", {}, fact.label), make("dd", {}, fact.value), make("dd", { class: "ctnb-small" }, fact.note)))),
    ]);
  }

  // ---- filters ----
  let panel = null;  // null, {menu: true}, or {item: key}
  const add = () => parts.filters.querySelector('[data-key="add"]');
  function openItem(item) {
    panel = { item };
    ask("offer", { item });
  }
  function closePanel() {
    panel = null;
    drawFilters();
    add().focus();
  }
  sheet.addEventListener("pointerdown", (event) => {
    if (!panel || event.target.closest(".ctnb-panel, .ctnb-chip, [data-key=add]")) return;
    panel = null;
    drawFilters();
  });
  function drawFilters() {
    const { chips = [], undo, menu = [], rows } = model.get("filters");
    count.textContent = rows ?? "";
    const line = make("div", { class: "ctnb-line", role: "group", "aria-label": words.filters },
      button(`+ ${words.add}`, "add", () => {
        panel = panel ? null : { menu: true };
        drawFilters();
        parts.filters.querySelector(".ctnb-panel button")?.focus();
      }, { "aria-expanded": String(Boolean(panel)) }),
      chips.map((chip, number) => {
        const text = `${chip.label}: ${chip.text}`;
        return make("span", { class: "ctnb-chip" },
          button([make("span", {}, `${chip.label}: `), chip.text], `chip ${number}`, () => openItem(chip.item),
            { "aria-label": words.change.replace("{text}", text), title: text }),
          button("×", `drop ${number}`, () => ask("drop", { filter: number }),
            { class: "ctnb-drop", "aria-label": words.remove.replace("{text}", text) }));
      }),
      undo && button(words.undo, "undo", () => ask("undo"), { class: "ctnb-bare" }),
      chips.length > 0 && button(words.all, "all", () => ask("all"), { class: "ctnb-bare" }),
      count);
    refill(parts.filters, [line, panel && drawPanel(menu)], add);
  }
  function drawPanel(menu) {
    const box = make("div", { class: "ctnb-panel", role: "group" });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      closePanel();
    });
    if (panel.menu) {
      box.setAttribute("aria-label", words.add);
      box.append(...menu.map(([key, label, kind]) =>
        button(label, key, () => openItem(key), { class: `ctnb-item ctnb-of-${kind}` })));
      return box;
    }
    const offer = model.get("offer");
    if (offer.item !== panel.item) return box;
    box.setAttribute("aria-label", offer.label);
    const form = make("form", {}, make("div", { class: "ctnb-title" }, offer.label));
    const apply = { values: fillValues, dates: fillDates, text: fillText }[offer.kind](form, offer);
    form.append(make("div", { class: "ctnb-line" },
      make("button", { type: "submit", class: "ctnb-main", "data-key": "apply" }, words.apply),
      button(words.close, "close", closePanel)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (busy && running !== "width") return;
      panel = null;
      add().focus();
      apply();
    });
    box.append(form);
    return box;
  }
  function fillValues(form, offer) {
    const chosen = new Set(offer.values.filter((value) => value[3]).map((value) => value[0]));
    const rows = offer.values.map(([code, text, rows, checked]) => {
      const box = make("input", { type: "checkbox", "data-key": `value ${code}`, checked });
      box.addEventListener("change", () => (box.checked ? chosen.add(code) : chosen.delete(code)));
      return make("label", { class: "ctnb-value-row" }, box, make("span", {}, text), make("span", { class: "ctnb-small" }, rows));
    });
    if (rows.length > 10) {
      const search = make("input", { type: "search", "aria-label": words.search_values, placeholder: words.search_values });
      search.addEventListener("input", () => {
        const wanted = search.value.trim().toLowerCase();
        rows.forEach((row, at) => { row.hidden = !offer.values[at][1].toLowerCase().includes(wanted); });
      });
      form.append(search);
    }
    form.append(make("div", { class: "ctnb-values" }, rows));
    return () => ask("values", { item: offer.item, values: [...chosen] });
  }
  function fillDates(form, offer) {
    const day = (name) => make("input", { type: "date", value: offer[name], min: offer.min, max: offer.max, "data-key": name });
    const since = day("since");
    const until = day("until");
    form.append(make("label", {}, words.since, since), make("label", {}, words.until, until));
    return () => ask("dates", { item: offer.item, since: since.value, until: until.value });
  }
  function fillText(form, offer) {
    const text = make("input", { type: "text", value: offer.text, "data-key": "part" });
    const column = select("column", offer.columns, offer.column, () => {}, { "aria-label": words.column });
    form.append(make("label", {}, words.part, text), make("label", {}, words.column, column));
    return () => ask("text", { column: column.value, text: text.value });
  }

  // ---- the chart ----
  function drawChart() {
    const chart = model.get("chart");
    const set = (name, value) => ask("chart", { name, value });
    const controls = make("div", { class: "ctnb-line" },
      make("div", { class: "ctnb-tabs", role: "group", "aria-label": words.chart }, (chart.charts ?? []).map(([id, text]) =>
        button(text, `chart ${id}`, () => set("chart", id), { class: "ctnb-tab", "aria-pressed": String(id === chart.chart) }))),
      (chart.selects ?? []).map((each) => make("label", {}, each.bare ? null : each.label,
        select(`select ${each.name}`, each.options, each.value, (value) => set(each.name, value), { "aria-label": each.label }))));
    const plot = make("div", { class: "ctnb-plot" });
    if (chart.svg) {
      plot.innerHTML = chart.svg;
      plot.append(drawBars(chart.bars));
    }
    const table = make("div");
    table.innerHTML = chart.table ?? "";
    const below = make("div", { class: "ctnb-line ctnb-below" },
      chart.has_table && button(words.numbers, "numbers", () => set("numbers", !chart.numbers), { "aria-pressed": String(chart.numbers) }),
      chart.svg && [".png", ".svg"].map((ending) => saveButton(ending)));
    const content = chart.svg ? plot : make("p", { class: "ctnb-sentence", role: "status" }, chart.sentence ?? "");
    const note = chart.note ? make("p", { class: "ctnb-small" }, chart.note) : null;
    refill(parts.chart, [controls, content, note, chart.table ? table : null, below]);
  }
  function drawBars(bars) {
    const layer = make("div", { class: "ctnb-bars", role: "group", "aria-label": words.bars });
    const some = bars.some((bar) => bar.pressed);
    const buttons = bars.map((bar, number) => {
      const [left, top, width, height] = bar.box.map((part) => `${100 * part}%`);
      const over = button("", `bar ${number}`, () => ask("bar", { bar: number }), {
        "aria-label": bar.label, "aria-pressed": String(bar.pressed), tabindex: number ? "-1" : "0", "data-tip": bar.label,
        class: some && !bar.pressed ? "ctnb-other" : "",
      });
      Object.assign(over.style, { left, top, width, height });
      if (bar.box[1] > 0.5) over.classList.add("ctnb-up");
      if (bar.box[0] > 0.5) over.classList.add("ctnb-back");
      return over;
    });
    // One stop of the tab key; the arrows go from bar to bar.
    layer.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      const at = buttons.indexOf(event.target);
      if (!step || at < 0) return;
      event.preventDefault();
      event.stopPropagation();
      const next = buttons[(at + step + buttons.length) % buttons.length];
      buttons[at].tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
    layer.append(...buttons);
    return layer;
  }

  // ---- the rows ----
  let typing;
  function drawRows() {
    const table = model.get("table");
    const turn = (values) => ask("table", values);
    const search = make("input", { type: "search", "data-key": "search", value: table.search ?? "", placeholder: words.search, "aria-label": words.search });
    search.addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(() => turn({ search: search.value }), 300);
    });
    // What has been typed since the table was asked for is not lost.
    const old = parts.rows.querySelector('[data-key="search"]');
    if (old && old.getRootNode().activeElement === old) search.value = old.value;
    const columns = table.columns ?? [];
    const heads = columns.map((column, number) => make("th", { scope: "col", "aria-sort": column.sort, class: column.number ? "ctnb-number" : null },
      button([column.label, make("span", { "aria-hidden": "true" }, { ascending: " ▲", descending: " ▼", none: "" }[column.sort])],
        `sort ${number}`, () => turn({ sort: number }), { title: column.name })));
    const rows = (table.rows ?? []).map((row) => make("tr", {}, row.map((text, number) =>
      make("td", { class: columns[number].number ? "ctnb-number" : null, title: text.length > 40 ? text : null }, text))));
    const previous = table.page <= 1;
    const last = table.page >= table.pages;
    const box = make("div", { class: "ctnb-scroll", tabindex: "0", role: "region", "aria-label": words.rows, "data-key": "box" },
      make("table", { class: "ctnb-grid" }, make("thead", {}, make("tr", {}, heads)), make("tbody", {}, rows)));
    box.scrollLeft = parts.rows.querySelector(".ctnb-scroll")?.scrollLeft ?? 0;
    const left = parts.rows.querySelector(".ctnb-scroll")?.scrollLeft ?? 0;
    const page = (sign_, name, to, disabled) => button(sign_, name, () => turn({ page: to }), { "aria-label": words[name], disabled });
    refill(parts.rows, [
      make("div", { class: "ctnb-line" }, make("div", { class: "ctnb-title" }, words.rows), search, [".csv", ".xlsx"].map((ending) => saveButton(ending))),
      box,
      make("div", { class: "ctnb-line ctnb-pager", role: "group", "aria-label": words.pages },
        page("«", "first", 1, previous), page("‹", "previous", table.page - 1, previous),
        make("span", { role: "status" }, table.shown ?? ""),
        page("›", "next", table.page + 1, last), page("»", "last", table.pages, last),
        make("label", { class: "ctnb-far" }, words.size, select("size", (table.sizes ?? []).map((size) => [size, size]), table.size, (value) => turn({ size: Number(value) }), { "aria-label": words.size }))),
      make("div", { class: "ctnb-notice", role: "status" }, model.get("notice")),
    ], () => box);
    box.scrollLeft = left;
  }

  // ---- downloads: through the browser, for a hub has no disk of the reader's ----
  let pieces = null;
  function saveButton(ending) {
    const name = ending.slice(1).toUpperCase();
    return button(`↓ ${name}`, `save ${ending}`, () => {
      if (busy && running !== "width") return;
      pieces = [];
      ask("save", { ending });
    }, { "aria-label": `${words.save} ${name}` });
  }
  function receive(message, buffers) {
    if (pieces === null || message.piece === undefined) return;
    pieces.push(...buffers);
    if (pieces.length < message.pieces) return;
    const address = URL.createObjectURL(new Blob(pieces, { type: message.type }));
    pieces = null;
    make("a", { href: address, download: message.name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  function drawProblem() {
    parts.problem.innerHTML = model.get("problem");
  }
  function offered() {
    if (!panel?.item) return;
    drawFilters();
    parts.filters.querySelector(".ctnb-panel input, .ctnb-panel select")?.focus();
  }

  const listeners = {
    "change:head": drawHead,
    "change:filters": drawFilters,
    "change:chart": drawChart,
    "change:table": drawRows,
    "change:notice": drawRows,
    "change:problem": drawProblem,
    "change:done": finished,
    "msg:custom": receive,
  };
  for (const [event, act] of Object.entries(listeners)) model.on(event, act);
  drawHead();
  drawFilters();
  drawChart();
  drawRows();
  drawProblem();

  // ---- the chart is drawn for the width that it has ----
  let resting;
  let width = 0;
  const watcher = new ResizeObserver(() => {
    clearTimeout(resting);
    resting = setTimeout(() => {
      const now = Math.round(parts.chart.clientWidth);
      if (now < 1 || Math.abs(now - width) < 20) return;
      width = now;
      ask("width", { pixels: now });
    }, 200);
  });
  watcher.observe(parts.chart);
  return () => {
    watcher.disconnect();
    clearTimeout(resting);
    clearTimeout(typing);
    for (const [event, act] of Object.entries(listeners)) model.off(event, act);
  };
}

export default { render };
