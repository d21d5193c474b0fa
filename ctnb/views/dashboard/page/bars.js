// Buttons without a face over the bars, cells or periods of a picture, and the words of the one that is looked at.

function barLayer(bars, cells, label, choose) {
  const layer = make("div", { class: `ctnb-bars${cells ? " ctnb-cells" : ""}`, role: "group", "aria-label": label });
  const some = bars.some((bar) => bar.pressed);
  // The words of a bar beside it where it is tall and there is room, else below or above; never out of the sheet.
  const tip = make("div", { class: "ctnb-tip", "aria-hidden": "true", hidden: true });
  function hideTip() {
    tip.hidden = true;
  }
  function showTip({ offsetLeft: left, offsetTop: top, offsetWidth: width, offsetHeight: height }, text) {
    tip.textContent = text;
    tip.hidden = false;
    const room = layer.clientWidth - tip.offsetWidth;
    let at = [left, top + height + 2];
    if (height > layer.clientHeight / 2) {
      const beside = [left + width + 4, left - tip.offsetWidth - 4].find((place) => place >= 0 && place <= room);
      at = [beside ?? left, beside === undefined ? layer.clientHeight + 2 : top];
    } else if (top > layer.clientHeight / 2) at[1] = top - tip.offsetHeight - 2;
    tip.style.left = `${Math.max(0, Math.min(at[0], room))}px`;
    tip.style.top = `${at[1]}px`;
  }
  const buttons = bars.map((bar, number) => {
    const [left, top, width, height] = bar.box.map((part) => `${100 * part}%`);
    const over = button("", `bar ${number}`, () => bar.chooses && choose(number), {
      "aria-label": bar.label, tabindex: number ? "-1" : "0",
      onpointerenter: () => showTip(over, bar.label), onpointerleave: hideTip,
      onfocus: () => over.matches(":focus-visible") && showTip(over, bar.label), onblur: hideTip,
      "aria-pressed": bar.chooses && String(bar.pressed), "aria-disabled": !bar.chooses && "true",
      class: some && !bar.pressed ? "ctnb-other" : "",
    });
    Object.assign(over.style, { left, top, width, height });
    return over;
  });
  // One stop of the tab key; the arrows go from bar to bar.
  layer.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hideTip();
    const steps = { ArrowDown: [1, 1], ArrowRight: [1, 0], ArrowUp: [-1, 1], ArrowLeft: [-1, 0] };
    const at = buttons.indexOf(event.target);
    if (!(event.key in steps) || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const [step, side] = steps[event.key];
    const next = cells ? nearest(at, step, side) : buttons[(at + step + buttons.length) % buttons.length];
    if (!next) return;
    buttons[at].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
  // The next cell of the same line or column; some have no rows, and no button.
  function nearest(at, step, side) {
    const far = (bar) => step * (bar.box[side] - bars[at].box[side]);
    const aligned = (bar) => Math.abs(bar.box[1 - side] - bars[at].box[1 - side]) < 1e-6;
    const beyond = bars.filter((bar) => aligned(bar) && far(bar) > 1e-6).sort((one, other) => far(one) - far(other));
    return buttons[bars.indexOf(beyond[0])];
  }
  layer.append(...buttons, tip);
  return layer;
}
