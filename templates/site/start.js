"use strict";
// In the head of the dashboard, before anything is painted: charts will take the place of the pictures, so nothing moves when they do.
document.documentElement.classList.add("js");
