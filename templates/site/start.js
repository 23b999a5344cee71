"use strict";
// In the head of every page, before its style: asks for the faces at once, and shows the page when they are there, or at the latest
// ENOUGH after the reader asked for it, without them: then they are left out of this view. So no line moves after it was seen. Readers
// without scripts get the faces by the style, where they come in time.
(() => {
  const ENOUGH = 1300; // milliseconds: on a slow line and a slow processor the largest paint stays under 2.5 s
  const root = document.documentElement;
  const { faces, charts } = document.currentScript.dataset;
  // Charts will take the place of the dashboard's pictures, so nothing moves when they do.
  if (charts !== undefined) root.classList.add("js");
  if (!faces) return;
  const show = (how) => {
    if (root.classList.contains("waiting")) root.classList.replace("waiting", how);
  };
  const asked = faces.split(" ").map((address, order) => new FontFace("Sarabun first", `url(${address})`, { weight: [400, 600][order] }));
  for (const face of asked) document.fonts.add(face);
  setTimeout(show, Math.max(ENOUGH - performance.now(), 0), "unfaced");
  root.classList.add("waiting");
  Promise.all(asked.map((face) => face.load())).then(
    () => show("faced"),
    () => show("unfaced"),
  );
})();
