"use strict";
// Charts are pictures drawn beforehand; here lines are switched on and off, axes exchanged, and values read off.
(() => {
  const hit = (plot, place) => {
    // The nearest x of any line that is shown.
    let best = null;
    plot.hover.series.forEach((line, index) => {
      if (plot.hidden.has(index)) return;
      line.px.forEach((px, point) => {
        const distance = Math.abs(px - place);
        if (best === null || distance < best.distance) best = { distance, x: line.x[point], px };
      });
    });
    return best;
  };

  const lines = (plot, x) =>
    plot.hover.series.flatMap((line, index) => {
      const point = line.x.indexOf(x);
      return plot.hidden.has(index) || point < 0 ? [] : [{ name: line.name, text: line.text[point], py: line.py[point], index }];
    });

  const show = (plot, place) => {
    const found = hit(plot, place);
    if (!found) return hide(plot);
    const shown = lines(plot, found.x);
    plot.rule.setAttribute("x1", found.px);
    plot.rule.setAttribute("x2", found.px);
    plot.marks.setAttribute("visibility", "visible");
    plot.dots.replaceChildren(
      ...shown.map((line) => element("circle", { cx: found.px, cy: line.py, r: 4, fill: "var(--ground)", stroke: "var(--ink)", "stroke-width": 1.5 })),
    );
    const head = document.createElement("strong");
    head.textContent = `${plot.hover.x} ${found.x}`;
    const list = document.createElement("ul");
    for (const line of shown) {
      const item = document.createElement("li");
      item.textContent = `${line.name}: ${line.text}`;
      list.append(item);
    }
    plot.tip.replaceChildren(head, list);
    plot.tip.hidden = false;
    const width = plot.svg.getBoundingClientRect().width;
    const left = (found.px / plot.hover.size[0]) * width;
    plot.tip.style.left = `${Math.max(0, Math.min(left + 12, width - plot.tip.offsetWidth))}px`;
    plot.place = found.px;
  };

  const hide = (plot) => {
    plot.marks.setAttribute("visibility", "hidden");
    plot.tip.hidden = true;
  };

  const element = (name, attributes) => {
    const result = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) result.setAttribute(key, value);
    return result;
  };

  const prepare = (frame) => {
    const svg = frame.querySelector("svg");
    const hover = JSON.parse(frame.dataset.hover);
    const [x, y, width, height] = hover.plot;
    const marks = element("g", { visibility: "hidden", "pointer-events": "none" });
    const rule = element("line", { y1: y, y2: y + height, stroke: "var(--muted)", "stroke-width": 1 });
    const dots = element("g", {});
    marks.append(rule, dots);
    svg.append(marks);
    const tip = document.createElement("div");
    tip.className = "tip";
    tip.setAttribute("role", "status");
    tip.hidden = true;
    frame.append(tip);
    const plot = { frame, svg, hover, marks, rule, dots, tip, hidden: new Set(), place: x + width };
    const move = (event) => {
      const bounds = svg.getBoundingClientRect();
      const place = ((event.clientX - bounds.left) / bounds.width) * hover.size[0];
      if (place >= x - 8 && place <= x + width + 8) show(plot, place);
      else hide(plot);
    };
    svg.addEventListener("pointermove", move);
    svg.addEventListener("pointerdown", move);
    svg.addEventListener("pointerleave", () => hide(plot));
    frame.addEventListener("focus", () => show(plot, plot.place));
    frame.addEventListener("blur", () => hide(plot));
    frame.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.key === "Escape") hide(plot);
      if (!step) return;
      event.preventDefault();
      const places = [...new Set(hover.series.flatMap((line, index) => (plot.hidden.has(index) ? [] : line.px)))].sort((one, other) => one - other);
      const now = places.findIndex((px) => px >= plot.place - 0.01);
      const next = places[Math.max(0, Math.min(places.length - 1, (now < 0 ? places.length - 1 : now) + step))];
      if (next !== undefined) show(plot, next);
    });
    return plot;
  };

  for (const figure of document.querySelectorAll("figure.chart")) {
    const plots = [...figure.querySelectorAll(".plot")].map(prepare);
    for (const box of figure.querySelectorAll("input[data-toggle]")) {
      const index = Number(box.dataset.toggle);
      const apply = () => {
        for (const plot of plots) {
          for (const part of plot.svg.querySelectorAll(`[data-series="${index}"]`)) part.style.display = box.checked ? "" : "none";
          if (box.checked) plot.hidden.delete(index);
          else plot.hidden.add(index);
          hide(plot);
        }
      };
      box.addEventListener("change", apply);
      // A browser that goes back keeps what was ticked.
      if (!box.checked) apply();
    }
    const scale = figure.querySelector("input[data-log]");
    if (scale) {
      const apply = () => figure.classList.toggle("log", scale.checked);
      scale.addEventListener("change", apply);
      apply();
    }
  }
})();
