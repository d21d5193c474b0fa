// Draws the traits of ctnb.views.dashboard.sheet.Sheet, and asks Python for what is clicked. Texts are never HTML here:
// only the picture, the table of its numbers and the problem come as markup, which Python has escaped. The functions of
// elements.js and bars.js stand before it in one module.

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
  let picking = false;
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
    if (event.target.closest(".ctnb-panel, .ctnb-chip, [data-key=add], [data-key=columns]")) return;
    if (panel) {
      panel = null;
      drawFilters();
    }
    if (picking) {
      picking = false;
      drawRows();
    }
  });
  function drawFilters() {
    const { chips = [], undo, menu = [], rows } = model.get("filters");
    count.textContent = rows ?? "";
    const line = make("div", { class: "ctnb-line", role: "group", "aria-label": words.filters },
      button(`+ ${words.add}`, "add", () => {
        panel = panel ? null : { menu: true };
        drawFilters();
        parts.filters.querySelector(".ctnb-panel :is(input, button)")?.focus();
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
      chips.length > 1 && button(words.all, "all", () => ask("all"), { class: "ctnb-bare" }),
      count);
    refill(parts.filters, [line, panel && drawPanel(menu)], add);
  }
  function panelBox(close, label) {
    const box = make("div", { class: "ctnb-panel", role: "group", "aria-label": label });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close();
    });
    return box;
  }
  function drawPanel(menu) {
    const box = panelBox(closePanel, words.add);
    if (panel.menu) {
      const items = menu.map(([key, label, kind]) => button(label, key, () => openItem(key), { class: `ctnb-item ctnb-of-${kind}` }));
      const [search, none] = searchOf(items, menu.map((item) => item[1]), words.search_columns, words.no_column);
      search?.addEventListener("keydown", (event) => {
        if (event.key === "Enter") items.find((item) => !item.hidden)?.click();
      });
      box.append(...[search, ...items, none].filter(Boolean));
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
    const chosen = fillChecks(form, "value", offer.values, words.search_values, words.no_value);
    return () => ask("values", { item: offer.item, values: [...chosen] });
  }
  // Boxes to check, each given as key, text, what stands beside it, and whether it is checked.
  function fillChecks(form, name, checks, word, nothing) {
    const chosen = new Set(checks.filter((check) => check[3]).map((check) => check[0]));
    const rows = checks.map(([key, text, aside, checked]) => {
      const box = make("input", { type: "checkbox", "data-key": `${name} ${key}`, checked });
      box.addEventListener("change", () => (box.checked ? chosen.add(key) : chosen.delete(key)));
      return make("label", { class: "ctnb-value-row" }, box, make("span", {}, text), make("span", { class: "ctnb-small" }, aside));
    });
    const [search, none] = searchOf(rows, checks.map((check) => check[1]), word, nothing);
    form.append(...[search, make("div", { class: "ctnb-values" }, rows, none)].filter(Boolean));
    return chosen;
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
    const controls = make("div", { class: "ctnb-line ctnb-controls" },
      make("div", { class: "ctnb-tabs", role: "group", "aria-label": words.chart }, (chart.charts ?? []).map(([id, text]) =>
        button(text, `chart ${id}`, () => set("chart", id), { class: "ctnb-tab", "aria-pressed": String(id === chart.chart) }))),
      make("label", { class: "ctnb-tab-list" }, words.chart,
        select("chart", chart.charts ?? [], chart.chart, (id) => set("chart", id), { "aria-label": words.chart })),
      make("div", { class: "ctnb-line ctnb-selects" }, (chart.selects ?? []).map((each) =>
        make("label", {}, make("span", { class: each.bare && "ctnb-bare-label" }, each.label),
          select(`select ${each.name}`, each.options, each.value, (value) => set(each.name, value), { "aria-label": each.label })))));
    const plot = make("div", { class: "ctnb-plot" });
    if (chart.svg) {
      plot.innerHTML = chart.svg;
      plot.append(barLayer(chart.bars, chart.cells, chart.cells ? words.cells : words.bars, (bar) => ask("bar", { bar })));
    }
    const table = make("div");
    table.innerHTML = chart.table ?? "";
    const below = make("div", { class: "ctnb-line ctnb-below" },
      chart.has_table && button(words.numbers, "numbers", () => set("numbers", !chart.numbers), { "aria-pressed": String(chart.numbers) }),
      chart.svg && [".png", ".svg"].map((ending) => saveButton(ending)));
    const content = chart.svg ? plot : make("p", { class: "ctnb-sentence", role: "status" }, chart.sentence ?? "");
    const note = chart.note ? make("p", { class: "ctnb-small" }, chart.note) : null;
    // The bar that was clicked may be gone: by time its days have taken its place.
    const nearby = () => [".ctnb-bars button", ".ctnb-tab[aria-pressed=true]", '[data-key="chart"]']
      .map((which) => parts.chart.querySelector(which)).find((each) => each?.offsetParent);
    refill(parts.chart, [controls, content, note, chart.table ? table : null, below], nearby);
  }

  // ---- the rows ----
  let typing;
  function pickColumns(open) {
    picking = open;
    drawRows();
    parts.rows.querySelector(open ? ".ctnb-panel input" : "[data-key=columns]").focus();
  }
  function columnPanel(menu) {
    const box = panelBox(() => pickColumns(false), words.columns);
    const form = make("form");
    const chosen = fillChecks(form, "column", menu.map(([key, label, shown]) => [key, label, "", shown]), words.search_columns, words.no_column);
    const pick = (columns) => {
      if (busy && running !== "width") return;
      pickColumns(false);
      ask("columns", { columns });
    };
    form.append(make("p", { class: "ctnb-small" }, words.files), make("div", { class: "ctnb-line" },
      make("button", { type: "submit", class: "ctnb-main", "data-key": "apply" }, words.apply),
      button(words.all_columns, "every", () => pick(menu.map((column) => column[0])))));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      pick([...chosen]);
    });
    box.append(form);
    return box;
  }
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
        `sort ${column.key}`, () => turn({ sort: column.key }), { title: column.name })));
    const rows = (table.rows ?? []).map((row) => make("tr", {}, row.map((text, number) =>
      make("td", { class: columns[number].number ? "ctnb-number" : null, title: text.length > 40 ? text : null }, text))));
    const previous = table.page <= 1;
    const last = table.page >= table.pages;
    const several = table.pages > 1;
    const box = make("div", { class: "ctnb-scroll", tabindex: "0", role: "region", "aria-label": words.rows, "data-key": "box" },
      make("table", { class: "ctnb-grid" }, make("thead", {}, make("tr", {}, heads)), make("tbody", {}, rows)));
    box.scrollLeft = parts.rows.querySelector(".ctnb-scroll")?.scrollLeft ?? 0;
    const left = parts.rows.querySelector(".ctnb-scroll")?.scrollLeft ?? 0;
    const page = (sign_, name, to, disabled) => button(sign_, name, () => turn({ page: to }), { "aria-label": words[name], disabled });
    refill(parts.rows, [
      make("div", { class: "ctnb-line" }, make("div", { class: "ctnb-title" }, words.rows), search,
        make("span", { class: "ctnb-anchor" },
          button(table.picked ?? "", "columns", () => pickColumns(!picking), { "aria-expanded": String(picking) }),
          picking && columnPanel(table.menu ?? [])),
        [".csv", ".xlsx"].map((ending) => saveButton(ending, words.files))),
      box,
      make("div", { class: "ctnb-line ctnb-pager", role: "group", "aria-label": words.pages },
        several && [page("«", "first", 1, previous), page("‹", "previous", table.page - 1, previous)],
        make("span", { role: "status" }, table.shown ?? ""),
        several && [page("›", "next", table.page + 1, last), page("»", "last", table.pages, last)],
        make("label", { class: "ctnb-far" }, words.size, select("size", (table.sizes ?? []).map((size) => [size, size]), table.size, (value) => turn({ size: Number(value) }), { "aria-label": words.size }))),
      make("div", { class: "ctnb-notice", role: "status" }, model.get("notice")),
    ], () => box);
    box.scrollLeft = left;
  }

  // ---- downloads: through the browser, for a hub has no disk of the reader's ----
  let pieces = null;
  function saveButton(ending, more = "") {
    const name = ending.slice(1).toUpperCase();
    return button(`↓ ${name}`, `save ${ending}`, () => {
      if (busy && running !== "width") return;
      pieces = [];
      ask("save", { ending });
    }, { "aria-label": `${words.save} ${name}${more && ". "}${more}`, title: more || null });
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
