/* The desk's own script: the CSRF mark for htmx. Everything else works without it or stands below, by page. */
"use strict";
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRF-Token"] = document.querySelector("meta[name=csrf]").content;
});
