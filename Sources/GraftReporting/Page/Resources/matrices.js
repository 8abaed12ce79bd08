"use strict";
// A click on a cell of a confusion matrix shows its images.
(() => {
  const images = new Map(graft.data.images);

  const picture = (entry, matrix, row, column) => {
    const figure = document.createElement("figure");
    const image = document.createElement("img");
    image.src = `data:image/png;base64,${images.get(entry[0])}`;
    image.width = image.height = 56;
    image.alt = `test image ${entry[0]}: a ${matrix.classes[row]}, answered ${matrix.classes[column]}`;
    const caption = document.createElement("figcaption");
    caption.textContent = entry[1] === null ? "" : `${(100 * entry[1]).toFixed(entry[1] < 0.9995 ? 1 : 0)} %`;
    figure.append(image, caption);
    return figure;
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-cell]");
    if (!button) return;
    const [index, row, column] = button.dataset.cell.split(",").map(Number);
    const matrix = graft.data.matrices[index];
    const panel = document.getElementById(`matrix-${index}-images`);
    const wasOpen = button.getAttribute("aria-expanded") === "true";
    for (const other of panel.closest(".matrix").querySelectorAll("button[data-cell]")) other.setAttribute("aria-expanded", "false");
    const [head, room] = panel.children;
    head.textContent = "";
    room.replaceChildren();
    if (wasOpen) return;
    button.setAttribute("aria-expanded", "true");
    const entries = matrix.cells[`${row},${column}`] ?? [];
    const count = matrix.counts[row][column];
    const [truth, answer] = [matrix.classes[row], matrix.classes[column]];
    const what = row === column ? `${count} images of ${truth} answered rightly` : `${count} ${count === 1 ? "image" : "images"} of ${truth} answered ${answer}`;
    if (entries.length === 0) {
      head.textContent = `${what}; the page has no room for their pictures.`;
      return;
    }
    const some = entries.length < count ? `; ${entries.length} of them` : "";
    const sure = entries.some((entry) => entry[1] !== null) ? ", with the probability of the answer" : "";
    head.textContent = `${what}${some}${sure}:`;
    const list = document.createElement("div");
    list.className = "pictures";
    list.tabIndex = 0;
    list.setAttribute("role", "region");
    list.setAttribute("aria-label", what);
    list.append(...entries.map((entry) => picture(entry, matrix, row, column)));
    room.append(list);
  });
})();
