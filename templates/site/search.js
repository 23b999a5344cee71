"use strict";
// Search over issues: every word must occur; works from a disk, asks no server. Data: search-data.js.
(() => {
  const form = document.getElementById("search-form");
  const field = document.getElementById("query");
  const list = document.getElementById("results");
  const count = document.getElementById("count");
  const THAI_DIGITS = "๐๑๒๓๔๕๖๗๘๙";
  const plain = (text) => text.toLowerCase().replace(/[๐-๙]/g, (digit) => THAI_DIGITS.indexOf(digit));
  const issues = (window.reporterIssues || []).map((issue) => ({
    ...issue, lines: [...issue.sentences, ...issue.figures, ...issue.english],
  }));

  function show() {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    list.replaceChildren();
    count.textContent = "";
    if (!words.length) return;
    const found = issues.filter((issue) => {
      const text = plain([issue.title, issue.quarter, ...issue.lines].join(" "));
      return words.every((word) => text.includes(word));
    });
    count.textContent = found.length ? `พบ ${found.length} ฉบับ` : "ไม่พบฉบับที่มีคำนี้";
    for (const issue of found) {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = issue.address;
      link.textContent = issue.title + (issue.mark ? ` (${issue.mark})` : "");
      const line = issue.lines.find((text) => words.some((word) => plain(text).includes(word))) || issue.lines[0] || "";
      const excerpt = document.createElement("p");
      excerpt.className = "quiet";
      excerpt.textContent = line;
      item.append(link, excerpt);
      list.append(item);
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    history.replaceState(null, "", `#q=${encodeURIComponent(field.value)}`);
    show();
  });
  field.addEventListener("input", show);
  if (location.hash.startsWith("#q=")) field.value = decodeURIComponent(location.hash.slice(3));
  show();
})();
