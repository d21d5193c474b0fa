/* What widgets cannot do: the step is marked as the current one, and the focus is not lost when its control goes. */
(() => {
  const studio = this.closest(".ctnb-studio");
  if (!studio || studio.dataset.watched) return;
  studio.dataset.watched = "yes";
  const seen = part => part && part.isConnected && part.offsetParent !== null;
  const usable = part => seen(part) && !part.disabled;
  const nameOf = part => (part.closest("[class*=ctnb-at-]") || part).className.match(/ctnb-at-\d+/)?.[0];
  const byName = name => {
    const part = name && studio.querySelector("." + name);
    return part && (part.matches("button") ? part : part.querySelector("input, select, textarea, button"));
  };
  const visited = [];
  studio.addEventListener("focusin", event => {
    visited.push({ part: event.target, name: nameOf(event.target) });
    visited.splice(0, visited.length - 8);
  });
  /* Who clicks beside the controls wants no focus. */
  document.addEventListener("pointerdown", event => {
    if (!event.target.closest?.("button, input, select, textarea, summary, label")) visited.length = 0;
  });
  const mark = () => {
    for (const step of studio.querySelectorAll("button.ctnb-step")) {
      if (!step.classList.contains("ctnb-here")) step.removeAttribute("aria-current");
      else if (step.getAttribute("aria-current") !== "step") step.setAttribute("aria-current", "step");
    }
    const question = studio.querySelector(".ctnb-question");
    if (question && question.getAttribute("role") !== "alertdialog") {
      question.setAttribute("role", "alertdialog");
      question.tabIndex = -1;
    }
    if (question && question.offsetParent !== null) {
      question.setAttribute("aria-label", question.querySelector("h3")?.textContent || "");
      if (!question.dataset.asked) {
        question.dataset.asked = "yes";
        if (visited.length) question.focus();
        return;
      }
    } else if (question) delete question.dataset.asked;
    if (!visited.length || (document.activeElement !== document.body && usable(document.activeElement))) return;
    const going = studio.querySelector(".ctnb-going button");
    if (usable(going)) return going.focus();
    /* The latest control that is still there; one that is switched off for a while is waited for. */
    const latest = visited.map(({ part, name }) => (seen(part) ? part : byName(name))).reverse().find(seen);
    if (usable(latest)) latest.focus();
  };
  /* A change of the studio comes in several messages: the focus waits for the last one. */
  let asked = 0;
  new MutationObserver(() => {
    clearTimeout(asked);
    asked = setTimeout(mark, 100);
  }).observe(studio, { subtree: true, childList: true, attributes: true, attributeFilter: ["class", "style", "disabled"] });
  mark();
})()
