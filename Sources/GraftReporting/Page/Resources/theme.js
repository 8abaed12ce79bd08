"use strict";
// Light or dark: as the system says, until the reader says otherwise.
(() => {
  const button = document.getElementById("theme");
  const root = document.documentElement;
  root.classList.add("scripted");
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const show = () => {
    button.textContent = isDark() ? "Light colours" : "Dark colours";
    document.dispatchEvent(new Event("graft-theme"));
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    show();
  });
  system.addEventListener("change", show);
  show();
})();
