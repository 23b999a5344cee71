"use strict";
// The dashboard's charts as Vega-Lite specifications: lines, bars, dial. Used by dashboard.js.
// Vega evaluates expressions through its interpreter, because the policy of the pages forbids making code from text.
// Colours are the style sheet's variables, so that a chart follows dark mode and print without being drawn again.
(() => {
  const { vega, vegaLite } = window;
  if (!vega || !vegaLite) return;
  const GOOD = "var(--good)", BAD = "var(--bad)", TEXT = "var(--text)", QUIET = "var(--quiet)", LINE = "var(--line)", PANEL = "var(--panel)";
  const HUE = (name) => `var(--${name})`;
  const CONFIG = {
    font: "Sarabun", aria: false, background: null, view: { stroke: null }, text: { fill: TEXT, fontSize: 14 },
    axis: { labelColor: QUIET, labelFontSize: 13, gridColor: LINE, domain: false, ticks: false, titleColor: QUIET },
  };
  const narrow = window.matchMedia("(max-width: 40rem)"), wide = window.matchMedia("(min-width: 64rem)");
  const width = () => (narrow.matches ? 400 : 720);

  // A specification without its data is compiled once; the data of every choice then flow into the compiled form.
  const compiled = new Map();
  function runtime(spec) {
    const key = JSON.stringify(spec);
    if (!compiled.has(key)) compiled.set(key, vega.parse(vegaLite.compile(spec, { config: CONFIG }).spec, null, { ast: true }));
    return compiled.get(key);
  }

  function chart(spec, data, label, { onPick, signals = {} } = {}) {
    const host = document.createElement("div");
    host.className = "chart";
    const view = new vega.View(runtime(spec), { expr: vega.expressionInterpreter, renderer: "svg", hover: false, logLevel: vega.Error });
    for (const [name, rows] of Object.entries(data)) view.data(name, rows);
    for (const [name, value] of Object.entries(signals)) view.signal(name, value);
    view.initialize(host).run();
    // One picture with one name; its numbers stand in the table below it.
    host.setAttribute("role", "img");
    host.removeAttribute("aria-roledescription");
    host.setAttribute("aria-label", label);
    host.firstElementChild.setAttribute("aria-hidden", "true");
    if (onPick) {
      host.classList.add("pick");
      view.addEventListener("click", (_, item) => { if (item && item.datum && item.datum.code) onPick(item.datum.code); });
    }
    host.picture = () => view.toSVG().then(resolved);
    return host;
  }

  // A picture that leaves the page keeps the colours it had there.
  function resolved(svg) {
    const style = getComputedStyle(document.documentElement);
    return svg.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim() || "#1B2733");
  }

  // ---- a line over quarters, the chosen one marked, with a forecast where there is one
  // rows: code (quarter), label, value; fan: label, mean, low80, high80, low95, high95; the first row of fan joins the line.
  function lines(rows, fan, { labels, chosen, hue, label, neutralName, onPick }) {
    const step = narrow.matches ? 4 : 2, ahead = labels.length - rows.length;
    const ticks = labels.filter((_, position) => (position - rows.length + 1) % step === 0);
    const x = { field: "label", type: "ordinal", scale: { domain: labels, type: "point", padding: 0.4 }, axis: { title: null, labelAngle: 0, grid: false, values: ticks, labelPadding: 12, labelOverlap: false } };
    const y = { type: "quantitative", scale: { zero: false, nice: true, padding: 8 }, axis: { title: null, tickCount: 5 } };
    const band = (low, high) => ({ data: { name: "fan" }, mark: { type: "area", color: HUE(hue), opacity: 0.2 }, encoding: { x, y: { ...y, field: low }, y2: { field: high } } });
    const named = { data: { name: "rows" }, transform: [{ filter: "datum.chosen && isValid(datum.value)" }] };
    const spec = {
      width: width() - (narrow.matches ? 82 : 140), height: narrow.matches ? 210 : 230,
      padding: { left: 40, right: narrow.matches ? 42 : 100, top: 28, bottom: 34 }, autosize: "none",
      layer: [
        { data: { values: [{ neutral: 100 }] }, mark: { type: "rule", strokeDash: [2, 3], color: QUIET }, encoding: { y: { ...y, field: "neutral" } } },
        { data: { values: [{}] }, mark: { type: "text", align: "left", x: -34, y: -18, fill: QUIET, fontSize: 13, text: `เส้นประ: ${neutralName}` } },
        ...(ahead ? [
          band("low95", "high95"), band("low80", "high80"),
          { data: { name: "fan" }, mark: { type: "line", color: HUE(hue), strokeDash: [6, 4], strokeWidth: 2.5 }, encoding: { x, y: { ...y, field: "mean" } } },
          { data: { name: "fan" }, transform: [{ filter: `datum.label === '${labels[labels.length - 1]}'` }], mark: { type: "text", align: "left", dx: 8, baseline: "bottom", dy: -4 }, encoding: { x, y: { ...y, field: "mean" }, text: { field: "text" } } },
        ] : []),
        { data: { name: "rows" }, mark: { type: "line", color: HUE(hue), strokeWidth: 2.5, invalid: "break-paths-show-path-domains" }, encoding: { x, y: { ...y, field: "value" } } },
        { ...named, mark: { type: "point", filled: true, size: 90, color: HUE(hue), opacity: 1 }, encoding: { x, y: { ...y, field: "value" } } },
        { ...named, mark: { type: "text", dy: -14, fontWeight: 600 }, encoding: { x, y: { ...y, field: "value" }, text: { field: "text" } } },
        { data: { name: "rows" }, transform: [{ filter: "isValid(datum.value)" }], mark: { type: "point", filled: true, size: 500, opacity: 0.001, cursor: "pointer" }, encoding: { x, y: { ...y, field: "value" }, tooltip: { field: "tip" } } },
      ],
    };
    const marked = rows.map((row) => ({ ...row, chosen: row.code === chosen }));
    return chart(spec, ahead ? { rows: marked, fan } : { rows: marked }, label, { onPick });
  }

  // ---- one bar a row, from the neutral value; names beside the bars, above them on narrow screens
  // rows: code, name, value, text; missing values have no bar and a dash. Charts that stand together share low and high.
  function bars(rows, { neutral = 0, low, high, hue, signed = false, chosen = "", beside = false, label, onPick }) {
    const left = narrow.matches ? 4 : beside ? 190 : 270, right = narrow.matches ? 60 : 64, pitch = narrow.matches ? 46 : 28;
    const y = { field: "key", type: "ordinal", sort: null, axis: null, scale: { paddingInner: 0, paddingOuter: 0 } };
    const lift = narrow.matches ? 9 : 0;
    const x = { type: "quantitative", axis: null, scale: { domain: [{ expr: "low" }, { expr: "high" }], nice: false } };
    const fontWeight = { expr: "datum.chosen ? 600 : 400" };
    const fill = signed ? { condition: { test: `datum.value >= ${neutral}`, value: GOOD }, value: BAD } : { value: HUE(hue) };
    const spec = {
      params: [{ name: "low", value: 0 }, { name: "high", value: 1 }],
      width: (beside ? 500 : width()) - left - right, height: { step: pitch }, padding: { left, right, top: 4, bottom: 4 }, autosize: "none",
      data: { name: "rows" },
      layer: [
        { mark: { type: "bar", size: 18, yOffset: lift, y2Offset: lift, invalid: "filter" }, encoding: { x: { ...x, field: "value" }, x2: { datum: neutral }, y, color: fill, tooltip: { field: "tip" } } },
        { data: { values: [{ neutral }] }, mark: { type: "rule", color: QUIET, strokeDash: [2, 3] }, encoding: { x: { ...x, field: "neutral" } } },
        { mark: { type: "text", align: narrow.matches ? "left" : "right", dy: narrow.matches ? -13 : 0, limit: narrow.matches ? 380 : left - 12, x: narrow.matches ? 0 : -8, fontWeight }, encoding: { y, text: { field: "name" }, tooltip: { field: "tip" } } },
        { mark: { type: "text", align: "left", dx: 6, dy: lift, fontWeight }, encoding: { x: { ...x, field: "end" }, y, text: { field: "text" } } },
      ],
    };
    const shown = rows.map((row, position) => ({
      ...row, key: position, chosen: row.code !== "" && row.code === chosen, tip: `${row.name} ${row.text}`,
      end: Math.max(row.value === null ? neutral : row.value, neutral),
    }));
    const known = rows.map((row) => row.value).filter((value) => value !== null).concat(neutral);
    const signals = { low: low ?? Math.min(...known), high: Math.max(high ?? Math.max(...known), neutral + 1e-9) };
    return chart(spec, { rows: shown }, label, { onPick, signals });
  }

  // ---- a dial: where the value stands between low and high, a mark at 100
  function dial(value, text, { hue, low, high, label }) {
    const angle = (number) => Math.PI * ((Math.min(Math.max(number, low), high) - low) / (high - low) - 0.5);
    const rows = [{ from: -Math.PI / 2, to: Math.PI / 2, inner: 84, outer: 102, colour: LINE }];
    if (value !== null) rows.push({ from: -Math.PI / 2, to: angle(value), inner: 84, outer: 102, colour: HUE(hue) });
    rows.push({ from: angle(100) - 0.008, to: angle(100) + 0.008, inner: 78, outer: 108, colour: TEXT });
    const number = { type: "quantitative", scale: null, stack: null };
    const spec = {
      width: 240, height: 144, padding: 0, autosize: "none",
      layer: [
        { data: { name: "rows" }, mark: { type: "arc", x: 120, y: 128 }, encoding: { theta: { ...number, field: "from" }, theta2: { field: "to" }, radius: { ...number, field: "outer" }, radius2: { field: "inner" }, color: { field: "colour", type: "nominal", scale: null } } },
        { data: { name: "said" }, mark: { type: "text", x: 120, y: 108, fontSize: 38, fontWeight: 600 }, encoding: { text: { field: "text" } } },
        { data: { values: [{}] }, mark: { type: "text", x: 27, y: 138, fontSize: 12, fill: QUIET, text: String(low) } },
        { data: { values: [{}] }, mark: { type: "text", x: 213, y: 138, fontSize: 12, fill: QUIET, text: String(high) } },
        { data: { values: [{}] }, mark: { type: "text", x: 120, y: 10, fontSize: 12, fill: QUIET, text: "100" } },
      ],
    };
    const host = chart(spec, { rows, said: [{ text }] }, label);
    host.classList.add("dial");
    return host;
  }

  window.reporterCharts = { lines, bars, dial, narrow, wide };
})();
