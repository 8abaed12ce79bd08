"use strict";
// Give a photograph, and the models of the page answer: a chosen file, a dropped one, or a test image.
(() => {
  const section = document.getElementById("try-photograph");
  if (!section) return;
  const seen = section.querySelector("canvas.seen");
  const message = section.querySelector("[role=status]");
  const { width, height } = seen;
  const { mode, cropRatio, filter } = section.dataset;
  const fit = { width, height, mode, cropRatio: Number(cropRatio), filter };
  /** The number of answers shown, the most probable first. */
  const shown = 5;
  /** More pixels than this are too many for the canvas of some browsers. */
  const mostPixels = 16e6;

  const part = (tag, name, text) => {
    const result = document.createElement(tag);
    if (name) result.className = name;
    if (text !== undefined) result.textContent = text;
    return result;
  };

  const columns = graft.data.trios[0].members.map(({ model: index, role }) => {
    const model = graft.models[index];
    const column = part("section", "answer");
    column.setAttribute("aria-label", `${role}: ${model.name}`);
    const [top, remark, list] = [part("p", "top word", "–"), part("p", "hint stranger", ""), part("ol", "bars")];
    column.append(part("h3", "", role), part("p", "model", `${model.name} · ${model.about}`), top, remark, list);
    return { model, role, top, remark, list };
  });
  section.querySelector(".answers").append(...columns.map(({ list }) => list.parentElement));

  /** Planes of red, green and blue, each in the size of the canvas. */
  const paint = (canvas, planes) => {
    const context = canvas.getContext("2d");
    const image = context.createImageData(width, height);
    const plane = width * height;
    for (let pixel = 0; pixel < plane; pixel++) {
      for (let channel = 0; channel < 3; channel++) image.data[4 * pixel + channel] = planes[channel * plane + pixel];
      image.data[4 * pixel + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  };

  const bar = (name, probability, isBest) => {
    const item = part("li", isBest ? "best" : "");
    const [track, fill] = [part("span", "track"), part("span", "fill")];
    fill.style.width = `${(100 * probability).toFixed(1)}%`;
    track.append(fill);
    const label = part("span", "name", name);
    label.title = name;
    item.append(label, track, part("span", "value", `${(100 * probability).toFixed(1)} %`));
    return item;
  };

  /** @param name the class of the image; none for a photograph of the reader's */
  const answer = (planes, name) => {
    const said = columns.map(({ model, role, top, remark, list }) => {
      const { probabilities } = graft.run(model, planes);
      const order = probabilities.map((_, output) => output).sort((one, other) => probabilities[other] - probabilities[one]);
      const best = order.slice(0, shown);
      top.textContent = model.classes[best[0]];
      list.replaceChildren(...best.map((output, place) => bar(model.classes[output], probabilities[output], place === 0)));
      const isStranger = name !== undefined && !model.shown.some((output) => model.classes[output] === name);
      remark.textContent = isStranger ? `It was never shown “${name}”: this answer can only be wrong.` : "";
      return `${role}: ${model.classes[best[0]]}, ${(100 * probabilities[best[0]]).toFixed(0)} percent`;
    });
    message.textContent = `${name === undefined ? "Your photograph" : `Test image of “${name}”`}. ${said.join("; ")}`;
  };

  /** The number of the last image, as an earlier one may be read later. */
  let asked = 0;

  const ask = (planes, name) => {
    const own = ++asked;
    paint(seen, planes);
    message.textContent = "The models compute…";
    // The picture and the message are seen before the arithmetic keeps the page busy.
    setTimeout(() => own === asked && answer(planes, name), 50);
  };

  /** The pixels that a model sees of a file; white paper under what is transparent, as Graft lays it. */
  const read = async (file) => {
    const picture = await createImageBitmap(file, { colorSpaceConversion: "none" });
    const scale = Math.min(1, Math.sqrt(mostPixels / (picture.width * picture.height)));
    const canvas = part("canvas");
    [canvas.width, canvas.height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return graft.resize(data, canvas.width, canvas.height, fit);
  };

  const take = async (file) => {
    if (!file) return;
    const own = ++asked;
    message.textContent = "The photograph is read…";
    try {
      const planes = await read(file);
      if (own === asked) ask(planes);
    } catch {
      if (own === asked) message.textContent = `${file.name} is no picture that this browser can read.`;
    }
  };

  const input = section.querySelector("input[type=file]");
  input.addEventListener("change", () => take(input.files[0]));
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    section.addEventListener(name, (event) => {
      // Without this the browser would leave the page and open the photograph.
      event.preventDefault();
      section.classList.toggle("over", name === "dragenter" || name === "dragover");
      if (name === "drop") take(event.dataTransfer.files[0]);
    });
  }

  section.querySelector(".samples").append(
    ...graft.data.samples.map(({ pixels, name }) => {
      const planes = graft.bytesOf(pixels);
      const button = part("button", "sample");
      button.type = "button";
      button.setAttribute("aria-label", `test image: ${name}`);
      const small = part("canvas");
      [small.width, small.height] = [width, height];
      small.setAttribute("aria-hidden", "true");
      paint(small, planes);
      button.append(small);
      button.addEventListener("click", () => ask(planes, name));
      return button;
    })
  );
  section.classList.add("ready");
})();
