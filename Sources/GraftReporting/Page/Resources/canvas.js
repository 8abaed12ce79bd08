"use strict";
// Draw a digit, and the models of the page answer while you draw: by mouse, touch, pen or arrow keys.
(() => {
  const section = document.getElementById("draw-digit");
  if (!section) return;
  const canvas = section.querySelector("canvas.pad");
  const seen = section.querySelector("canvas.seen");
  const answers = section.querySelector(".answers");
  const spoken = section.querySelector("[role=status]");
  const choice = section.querySelector("select");
  const seesBox = section.querySelector("input[data-sees]");
  const [edge, pen, side] = [280, 20, graft.raster.side];
  const samples = graft.data.samples.map(({ pixels, name }) => ({ pixels: graft.bytesOf(pixels), name }));
  let strokes = [];
  /** The test image that is answered instead of a drawing. */
  let sample = null;
  let columns = [];
  let waiting = false;
  let speaking = 0;
  /** Where the arrow keys have moved the pen, and whether it is down. */
  const keys = { x: edge / 2, y: edge / 2, down: false, shown: false };

  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // The models

  const part = (tag, name, text) => {
    const result = document.createElement(tag);
    if (name) result.className = name;
    if (text !== undefined) result.textContent = text;
    return result;
  };

  const build = () => {
    const trio = graft.data.trios[Number(choice.value) || 0];
    columns = trio.members.map(({ model: index, role }) => {
      const model = graft.models[index];
      const column = part("section", "answer");
      column.setAttribute("aria-label", `${role}: ${model.name}`);
      const top = part("p", "top", "–");
      const list = part("ol", "bars");
      const bars = model.shown.map((output) => {
        const item = part("li");
        const fill = part("span", "fill");
        const track = part("span", "track");
        track.append(fill);
        const value = part("span", "value", "");
        item.append(part("span", "name", model.classes[output]), track, value);
        list.append(item);
        return { item, fill, value };
      });
      const remark = part("p", "hint stranger", "");
      column.append(part("h3", "", role), part("p", "model", `${model.name} · ${model.about}`), top, remark, list);
      const last = model.layers.length > 1 ? part("canvas", "units") : null;
      if (last) {
        last.setAttribute("role", "img");
        last.setAttribute("aria-label", "hidden units that fire");
        column.append(part("p", "hint", "hidden units that fire"), last);
      }
      return { model, role, top, remark, bars, units: last, column };
    });
    answers.replaceChildren(...columns.map((one) => one.column));
    // A test image whose class none of the models knows would only be answered wrongly.
    for (const one of samples) one.button.hidden = !columns.some(({ model }) => knows(model, one.name));
    if (sample && !columns.some(({ model }) => knows(model, sample.name))) sample = null;
    update();
  };

  const drawUnits = (canvas, values) => {
    const across = Math.ceil(Math.sqrt(values.length * 1.6));
    const down = Math.ceil(values.length / across);
    const cell = 6;
    canvas.width = across * cell;
    canvas.height = down * cell;
    const context = canvas.getContext("2d");
    let largest = 1e-9;
    for (const value of values) largest = Math.max(largest, value);
    const [fire, rest] = [color("--series-1"), color("--grid")];
    values.forEach((value, index) => {
      const [x, y] = [(index % across) * cell, Math.floor(index / across) * cell];
      context.globalAlpha = 1;
      context.fillStyle = rest;
      context.fillRect(x, y, cell - 1, cell - 1);
      if (value <= 0) return;
      context.globalAlpha = 0.15 + 0.85 * (value / largest);
      context.fillStyle = fire;
      context.fillRect(x, y, cell - 1, cell - 1);
    });
  };

  const pixels = () => sample?.pixels ?? graft.raster.pixels(strokes, pen);

  /** Whether the model was trained on a class of this name. */
  const knows = (model, name) => model.shown.some((output) => model.classes[output] === name);

  const update = () => {
    waiting = false;
    const image = pixels();
    paint(image);
    const empty = !image.some((pixel) => pixel > 0);
    const said = columns.map(({ model, role, top, remark, bars, units }) => {
      const { probabilities, hidden } = graft.run(model, image);
      if (units) drawUnits(units, empty ? hidden[hidden.length - 1].map(() => 0) : hidden[hidden.length - 1]);
      const best = probabilities.indexOf(Math.max(...probabilities));
      model.shown.forEach((output, row) => {
        const share = empty ? 0 : probabilities[output];
        bars[row].fill.style.width = `${(100 * share).toFixed(1)}%`;
        bars[row].value.textContent = empty ? "" : `${(100 * share).toFixed(1)} %`;
        bars[row].item.classList.toggle("best", !empty && output === best);
      });
      top.textContent = empty ? "–" : model.classes[best];
      top.classList.toggle("word", !empty && model.classes[best].length > 3);
      const stranger = sample && !knows(model, sample.name);
      remark.textContent = stranger ? `It was never shown a ${sample.name}: this answer can only be wrong.` : "";
      return `${role}: ${model.classes[best]}, ${(100 * probabilities[best]).toFixed(0)} percent`;
    });
    clearTimeout(speaking);
    speaking = setTimeout(() => (spoken.textContent = empty ? "" : said.join("; ")), 600);
  };

  const ask = () => {
    if (!waiting) requestAnimationFrame(update);
    waiting = true;
  };

  // The pad

  const paintImage = (context, image, size) => {
    const cell = size / side;
    image.forEach((pixel, index) => {
      context.fillStyle = `rgb(${pixel} ${pixel} ${pixel})`;
      context.fillRect((index % side) * cell, Math.floor(index / side) * cell, cell + 0.5, cell + 0.5);
    });
  };

  const paint = (image) => {
    const context = canvas.getContext("2d");
    context.fillStyle = "#000";
    context.fillRect(0, 0, edge, edge);
    if (sample || seesBox.checked) paintImage(context, sample?.pixels ?? image, edge);
    else {
      context.strokeStyle = "#fff";
      context.lineWidth = pen;
      context.lineCap = context.lineJoin = "round";
      for (const stroke of strokes) {
        context.beginPath();
        context.moveTo(...stroke[0]);
        for (const point of stroke) context.lineTo(...point);
        context.stroke();
      }
    }
    if (!sample && strokes.length === 0 && !keys.shown) {
      context.fillStyle = "#9aa5b1";
      context.font = "20px system-ui, sans-serif";
      context.textAlign = "center";
      context.fillText("draw here", edge / 2, edge / 2);
    }
    if (keys.shown) {
      context.strokeStyle = "#f0e442";
      context.lineWidth = keys.down ? 4 : 2;
      context.beginPath();
      context.arc(keys.x, keys.y, pen / 2, 0, 2 * Math.PI);
      context.stroke();
    }
    paintImage(seen.getContext("2d"), image, seen.width);
  };

  const place = (event) => {
    const bounds = canvas.getBoundingClientRect();
    const [across, down] = [event.clientX - bounds.left - canvas.clientLeft, event.clientY - bounds.top - canvas.clientTop];
    return [(across / canvas.clientWidth) * edge, (down / canvas.clientHeight) * edge];
  };

  const begin = (point) => {
    sample = null;
    strokes.push([point]);
    ask();
  };

  let pointer = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button !== 0) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    pointer = event.pointerId;
    keys.shown = keys.down = false;
    if (sample) strokes = [];
    begin(place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    for (const part of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) strokes[strokes.length - 1].push(place(part));
    ask();
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, (event) => {
      if (event.pointerId === pointer) pointer = null;
    });
  }

  canvas.addEventListener("keydown", (event) => {
    const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    if (x !== 0 || y !== 0) {
      const step = event.shiftKey ? 20 : 10;
      keys.x = Math.max(0, Math.min(edge, keys.x + step * x));
      keys.y = Math.max(0, Math.min(edge, keys.y + step * y));
      if (keys.down) strokes[strokes.length - 1].push([keys.x, keys.y]);
    } else if (event.key === " ") {
      keys.down = !keys.down;
      if (keys.down) {
        if (sample) strokes = [];
        begin([keys.x, keys.y]);
      }
    } else return;
    event.preventDefault();
    keys.shown = true;
    ask();
  });
  canvas.addEventListener("blur", () => {
    keys.shown = keys.down = false;
    ask();
  });

  // The tools

  section.querySelector("[data-clear]").addEventListener("click", () => {
    strokes = [];
    sample = pointer = null;
    keys.down = false;
    ask();
  });
  section.querySelector("[data-undo]").addEventListener("click", () => {
    if (sample) sample = null;
    else strokes.pop();
    pointer = null;
    keys.down = false;
    ask();
  });
  seesBox.addEventListener("change", ask);
  choice.addEventListener("change", build);
  document.addEventListener("graft-theme", ask);

  const strip = section.querySelector(".samples");
  for (const one of samples) {
    const button = (one.button = part("button", "sample"));
    button.type = "button";
    button.setAttribute("aria-label", `test image: a ${one.name}`);
    const small = part("canvas");
    small.width = small.height = 2 * side;
    small.setAttribute("aria-hidden", "true");
    paintImage(small.getContext("2d"), one.pixels, small.width);
    button.append(small);
    button.addEventListener("click", () => {
      strokes = [];
      pointer = null;
      sample = one;
      ask();
    });
    strip.append(button);
  }

  section.classList.add("ready");
  build();
})();
