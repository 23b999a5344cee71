"use strict";
// The dashboard's charts as SVG: lines over quarters, bars with intervals, small lines, a dial. Used by dashboard.js and embed.js.
// Drawn for the width there is. Colours are the style sheet's variables, so that a chart follows dark mode, forced colours and print.
// Every chart is one stop of the Tab key: arrows walk over its values, Enter chooses, and so do mouse and finger.
(() => {
  const SPACE = "http://www.w3.org/2000/svg";
  const LETTER = 7.4; // mean width of a letter at 13 px
  const number = (value, digits = 1) =>
    value === null || value === undefined
      ? "–"
      : value
          .toFixed(digits)
          .replace(/^-(0(?:\.0+)?)$/, "$1")
          .replace("-", "−");

  function node(tag, attributes = {}, ...children) {
    const made = document.createElementNS(SPACE, tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== undefined) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }
  const text = (x, y, words, more = {}) => node("text", { x, y, "font-size": 13, fill: "var(--text)", ...more }, words);
  // Thai marks above and below take no room of their own.
  const widthOf = (words, size = 13) => (words.replace(/[ัิ-ฺ็-๎]/g, "").length * LETTER * size) / 13;
  function shortened(words, room, size = 13) {
    if (widthOf(words, size) <= room) return words;
    const letters = [...words];
    while (letters.length > 1 && widthOf(letters.join(""), size) + LETTER > room) letters.pop();
    return `${letters.join("").replace(/[เ-ไ]$/, "")}…`;
  }
  // A scale from values to places; ticks at round numbers.
  function scale(low, high, from, to) {
    const reach = Math.max(high - low, 1e-9);
    return (value) => from + ((value - low) / reach) * (to - from);
  }
  function rounded(low, high, count = 5) {
    const rough = Math.max(high - low, 1e-9) / count,
      power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough);
    const ticks = [];
    for (let tick = Math.ceil(low / step - 1e-9) * step; tick <= high + 1e-9; tick += step) ticks.push(Math.round(tick * 1e6) / 1e6);
    return ticks;
  }
  const known = (values) => values.filter((value) => value !== null && value !== undefined);

  // ---- one picture that answers to mouse, finger and keyboard
  // items: [{ x, y, tip, code }]; nearest(x, y) gives the place of one of them.
  function chart(width, height, label, parts, items = [], { nearest, onPick, onShow, start } = {}) {
    const svg = node("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true", focusable: "false" }, ...parts);
    const host = document.createElement("div"),
      tip = document.createElement("div");
    host.className = "chart";
    host.append(svg, tip);
    tip.className = "tip";
    tip.hidden = true;
    host.picture = { svg, width, height, label };
    if (!items.length) {
      host.setAttribute("role", "img");
      host.setAttribute("aria-label", label);
      return host;
    }
    let at = start ?? items.length - 1;
    const ring = node("circle", { r: 6, class: "ring", visibility: "hidden" });
    svg.append(ring);
    for (const [name, value] of Object.entries({
      role: "slider",
      tabindex: 0,
      "aria-label": label,
      "aria-valuemin": 1,
      "aria-valuemax": items.length,
    }))
      host.setAttribute(name, value);
    const say = () => {
      host.setAttribute("aria-valuenow", at + 1);
      host.setAttribute("aria-valuetext", items[at].tip.replace(/\n/g, ", "));
    };
    function show(place) {
      at = place;
      say();
      const item = items[at],
        share = host.clientWidth / width;
      if (onShow && item.code) onShow(item.code);
      tip.textContent = item.tip;
      tip.hidden = false;
      ring.setAttribute("cx", item.x);
      ring.setAttribute("cy", item.y ?? -20);
      ring.setAttribute("visibility", "visible");
      const left = Math.min(Math.max(item.x * share - tip.offsetWidth / 2, 0), Math.max(host.clientWidth - tip.offsetWidth, 0));
      const above = (item.y ?? 20) * share - tip.offsetHeight - 12;
      tip.style.transform = `translate(${left}px, ${above < 0 ? (item.y ?? 20) * share + 14 : above}px)`;
    }
    const hide = () => {
      tip.hidden = true;
      ring.setAttribute("visibility", "hidden");
    };
    function under(event) {
      const box = svg.getBoundingClientRect(),
        share = width / box.width;
      return nearest((event.clientX - box.left) * share, (event.clientY - box.top) * share);
    }
    host.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") show(under(event));
    });
    host.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "touch") hide();
    });
    host.addEventListener("blur", hide);
    // A finger asks first (the value shows) and chooses with a second tap on the same place; a mouse has asked already.
    let asked = -1;
    host.addEventListener("click", (event) => {
      const place = under(event),
        isTouch = event.pointerType === "touch";
      const isSecond = asked === place;
      asked = place;
      show(place);
      if (onPick && items[place].code && (!isTouch || isSecond)) onPick(items[place].code);
    });
    const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -Infinity, End: Infinity };
    host.addEventListener("keydown", (event) => {
      if (event.key in STEPS) {
        event.preventDefault();
        show(Math.min(Math.max(at + STEPS[event.key], 0), items.length - 1));
      } else if ((event.key === "Enter" || event.key === " ") && onPick && items[at].code) {
        event.preventDefault();
        onPick(items[at].code);
      } else if (event.key === "Escape") hide();
    });
    say();
    return host;
  }

  // ---- a line over places in x, broken where a value is missing
  function path(values, x, y) {
    let drawn = "",
      isOn = false;
    values.forEach((value, place) => {
      if (value === null || value === undefined) {
        isOn = false;
        return;
      }
      drawn += `${isOn ? "L" : "M"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`;
      isOn = true;
    });
    return drawn;
  }
  function area(low, high, x, y) {
    const places = low
      .map((value, place) => place)
      .filter((place) => low[place] !== null && high[place] !== null && low[place] !== undefined);
    if (!places.length) return "";
    const there = places.map((place) => `${x(place).toFixed(1)} ${y(high[place]).toFixed(1)}`);
    const back = places.reverse().map((place) => `${x(place).toFixed(1)} ${y(low[place]).toFixed(1)}`);
    return `M${[...there, ...back].join("L")}Z`;
  }
  // Names at the ends of lines, moved apart where they would touch; gives their heights.
  function apart(heights, gap, low, high) {
    const order = heights.map((height, place) => [height, place]).sort((one, other) => one[0] - other[0]);
    for (let turn = 0; turn < 20; turn++) {
      for (let i = 1; i < order.length; i++) {
        const lack = gap - (order[i][0] - order[i - 1][0]);
        if (lack > 0) {
          order[i][0] += lack / 2;
          order[i - 1][0] -= lack / 2;
        }
      }
    }
    const out = [];
    for (const [height, place] of order) out[place] = Math.min(Math.max(height, low), high);
    return out;
  }

  // ---- lines. series: [{ name, hue, dash, values, low, high }] over labels; fan: [{ label, mean, low80, high80, low95, high95 }] after them;
  // events: [{ from, to, name }] places in labels; marked: place that is chosen.
  function lines({
    series,
    labels,
    codes,
    fan = [],
    events = [],
    marked,
    neutral = 100,
    neutralName = "",
    label,
    width,
    height = 280,
    forecastName = "",
    unit = "",
    onPick,
  }) {
    const isNarrow = width < 520,
      all = labels.concat(fan.map((row) => row.label));
    const many = series.length > 1;
    const named = many ? Math.min(isNarrow ? 104 : 190, Math.max(...series.map((one) => widthOf(one.name, 12))) + 44) : 52;
    const left = 40,
      right = width - named,
      top = 22 + (events.length ? 14 : 0),
      bottom = height - 26;
    const values = series.flatMap((one) => [...known(one.values), ...(one.low ? known([...one.low, ...one.high]) : [])]);
    for (const row of fan) values.push(row.low95, row.high95);
    values.push(neutral);
    const spread = Math.max(Math.max(...values) - Math.min(...values), 2);
    const low = Math.min(...values) - spread * 0.06,
      high = Math.max(...values) + spread * 0.08;
    const x = scale(0, Math.max(all.length - 1, 1), left + 6, right - 6),
      y = scale(low, high, bottom, top);
    const parts = [];
    for (const event of events) {
      const from = x(event.from),
        to = Math.max(x(event.to), from + 2);
      parts.push(
        node("rect", {
          x: from,
          y: top,
          width: event.to > event.from ? to - from : 1.5,
          height: bottom - top,
          fill: "var(--quiet)",
          opacity: event.to > event.from ? 0.14 : 0.5,
        }),
      );
    }
    // Names of marks: as many as find room, in one line above.
    let used = left;
    for (const event of events) {
      const begin = Math.max(x(event.from), left),
        words = event.name;
      if (begin >= used && begin + widthOf(words, 11) < width) {
        parts.push(text(begin, 12, words, { "font-size": 11, fill: "var(--quiet)" }));
        used = begin + widthOf(words, 11) + 8;
      }
    }
    for (const tick of rounded(low, high, isNarrow ? 4 : 5)) {
      parts.push(
        node("line", { x1: left, x2: right, y1: y(tick), y2: y(tick), stroke: "var(--line)" }),
        text(left - 6, y(tick) + 4, number(tick, tick % 1 ? 1 : 0), { "text-anchor": "end", fill: "var(--quiet)", "font-size": 12 }),
      );
    }
    parts.push(node("line", { x1: left, x2: right, y1: y(neutral), y2: y(neutral), stroke: "var(--quiet)", "stroke-dasharray": "2 3" }));
    if (neutralName)
      parts.push(text(left + 4, bottom - 5, shortened(neutralName, right - left, 11), { "font-size": 11, fill: "var(--quiet)" }));
    const every = Math.ceil(all.length / Math.max(2, Math.floor((right - left) / 58)));
    all.forEach((words, place) => {
      if ((all.length - 1 - fan.length - place) % every === 0)
        parts.push(text(x(place), height - 8, words, { "text-anchor": "middle", fill: "var(--quiet)", "font-size": 12 }));
    });
    for (const one of series)
      if (one.low) parts.push(node("path", { d: area(one.low, one.high, x, y), fill: one.hue, opacity: 0.15, class: "band" }));
    if (fan.length) {
      const last = labels.length - 1,
        start = series[0].values[last],
        ahead = (place) => x(last + place);
      for (const [under, over] of [
        ["low95", "high95"],
        ["low80", "high80"],
      ]) {
        parts.push(
          node("path", {
            d: area([start, ...fan.map((row) => row[under])], [start, ...fan.map((row) => row[over])], ahead, y),
            fill: series[0].hue,
            opacity: 0.2,
            class: "band",
          }),
        );
      }
      parts.push(
        node("path", {
          d: path([start, ...fan.map((row) => row.mean)], ahead, y),
          fill: "none",
          stroke: series[0].hue,
          "stroke-width": 2.5,
          "stroke-dasharray": "6 4",
        }),
      );
      fan.forEach((row, place) => parts.push(node("circle", { cx: ahead(place + 1), cy: y(row.mean), r: 3, fill: series[0].hue })));
      parts.push(text(ahead(fan.length) + 8, y(fan[fan.length - 1].mean) + 4, number(fan[fan.length - 1].mean), { class: "forecast" }));
    }
    for (const one of series)
      parts.push(
        node("path", {
          d: path(one.values, x, y),
          fill: "none",
          stroke: one.hue,
          "stroke-width": 2.5,
          "stroke-dasharray": one.dash || null,
          "stroke-linejoin": "round",
        }),
      );
    if (many || !fan.length) {
      const ends = series.map((one) => {
        const place = one.values.findLastIndex((value) => value !== null && value !== undefined);
        return [place, one.values[place]];
      });
      const heights = apart(
        ends.map(([, value]) => (value === undefined ? top : y(value))),
        16,
        top + 6,
        bottom,
      );
      series.forEach((one, place) => {
        if (ends[place][0] < 0) return;
        const words = many ? `${shortened(one.name, named - 44, 12)} ${number(ends[place][1])}` : number(ends[place][1]);
        parts.push(
          text(x(ends[place][0] + (fan.length && many ? fan.length : 0)) + 10, heights[place] + 4, words, {
            "font-size": 12,
            "font-weight": 600,
            fill: one.hue,
          }),
        );
      });
    }
    if (marked >= 0 && marked < labels.length) {
      parts.push(node("line", { x1: x(marked), x2: x(marked), y1: top, y2: bottom, stroke: "var(--quiet)" }));
      for (const one of series) {
        const value = one.values[marked];
        if (value === null || value === undefined) continue;
        parts.push(node("circle", { cx: x(marked), cy: y(value), r: 4.5, fill: one.hue }));
        if (!many)
          parts.push(
            text(Math.min(Math.max(x(marked), left + 20), right - 16), y(value) - 10, number(value), {
              "text-anchor": "middle",
              "font-weight": 600,
            }),
          );
      }
    }
    const items = all.map((words, place) => {
      const row = fan[place - labels.length],
        told = [words];
      if (row)
        told.push(
          `${forecastName} ${number(row.mean)} (80%: ${number(row.low80)}–${number(row.high80)}, 95%: ${number(row.low95)}–${number(row.high95)})`,
        );
      else
        for (const one of series) {
          const band =
            one.low && one.low[place] !== null && one.low[place] !== undefined
              ? ` (95%: ${number(one.low[place])}–${number(one.high[place])})`
              : "";
          told.push(`${many || one.dash ? `${one.name}: ` : ""}${number(one.values[place])}${unit ? ` ${unit}` : ""}${band}`);
        }
      const value = row ? row.mean : series[0].values[place];
      return {
        x: x(place),
        y: value === null || value === undefined ? null : y(value),
        tip: told.join("\n"),
        code: row ? "" : codes[place],
      };
    });
    const nearest = (at) => Math.min(Math.max(Math.round((at - x(0)) / Math.max(x(1) - x(0), 1e-9)), 0), items.length - 1);
    return chart(width, height, label, parts, items, { nearest, onPick, start: marked >= 0 ? marked : labels.length - 1 });
  }

  // ---- bars from the neutral value, with intervals. rows: { code, name, value, low, high, text, note, other, isMuted, isChosen }
  function bars({ rows, neutral = 0, low, high, hue = "var(--labour)", isSigned = false, label, width, onPick, onShow }) {
    const isNarrow = width < 560,
      pitch = isNarrow ? 46 : 30,
      right = width - 64;
    const left = isNarrow ? 6 : Math.min(Math.max(...rows.map((row) => widthOf(row.name)), 60) + 14, width * 0.42);
    const ends = rows.flatMap((row) => known([row.value, row.low, row.high, row.other])).concat(neutral);
    const x = scale(low ?? Math.min(...ends), Math.max(high ?? Math.max(...ends), neutral + 1e-9), left, right);
    const parts = [],
      items = [],
      height = rows.length * pitch + 8;
    rows.forEach((row, place) => {
      const top = 4 + place * pitch,
        middle = top + (isNarrow ? 33 : pitch / 2);
      const weight = row.isChosen ? 600 : 400,
        hasValue = row.value !== null && row.value !== undefined;
      parts.push(
        isNarrow
          ? text(2, top + 15, shortened(row.name, width - 8), { "font-weight": weight })
          : text(left - 8, middle + 5, shortened(row.name, left - 10), { "text-anchor": "end", "font-weight": weight }),
      );
      if (hasValue) {
        const from = Math.min(x(neutral), x(row.value)),
          colour = isSigned ? (row.value >= neutral ? "var(--good)" : "var(--bad)") : hue;
        parts.push(
          node("rect", {
            x: from,
            y: middle - 8,
            width: Math.max(Math.abs(x(row.value) - x(neutral)), 1),
            height: 16,
            fill: row.isMuted ? "var(--muted-bar)" : colour,
            class: row.isMuted ? "bar muted" : "bar",
          }),
        );
      }
      if (row.low !== null && row.low !== undefined && row.high !== null && row.high !== undefined) {
        parts.push(
          node("path", {
            d: `M${x(row.low)} ${middle}H${x(row.high)}M${x(row.low)} ${middle - 4}v8M${x(row.high)} ${middle - 4}v8`,
            stroke: "var(--text)",
            "stroke-width": 1.4,
            fill: "none",
            class: "whisker",
          }),
        );
      }
      if (row.other !== null && row.other !== undefined)
        parts.push(
          node("path", {
            d: `M${x(row.other)} ${middle - 11}v22`,
            stroke: "var(--text)",
            "stroke-width": 2.5,
            "stroke-dasharray": "3 2",
            class: "other",
          }),
        );
      const end = Math.max(...known([row.value, row.high, neutral]).map(x));
      parts.push(text(Math.min(end + 6, width - 44), middle + 5, row.text, { "font-weight": weight }));
      items.push({
        x: hasValue ? x(row.value) : x(neutral),
        y: middle,
        code: row.code,
        tip: [`${row.name} ${row.text}`, row.note].filter(Boolean).join("\n"),
      });
    });
    parts.unshift(node("line", { x1: x(neutral), x2: x(neutral), y1: 0, y2: height, stroke: "var(--quiet)", "stroke-dasharray": "2 3" }));
    const nearest = (_, at) => Math.min(Math.max(Math.floor((at - 4) / pitch), 0), rows.length - 1);
    return chart(width, height, label, parts, items, {
      nearest,
      onPick,
      onShow,
      start: Math.max(
        rows.findIndex((row) => row.isChosen),
        0,
      ),
    });
  }

  // ---- a small line with its last value: one of many that share a scale
  function small({ series, labels, codes, low, high, marked, neutral = 100, label, width, height = 96, onPick }) {
    const x = scale(0, Math.max(labels.length - 1, 1), 6, width - 46),
      y = scale(low, high, height - 18, 8);
    const parts = [
      node("line", { x1: 0, x2: width - 36, y1: y(neutral), y2: y(neutral), stroke: "var(--quiet)", "stroke-dasharray": "2 3" }),
    ];
    for (const one of series) {
      parts.push(
        node("path", { d: path(one.values, x, y), fill: "none", stroke: one.hue, "stroke-width": 2, "stroke-dasharray": one.dash || null }),
      );
      const value = one.values[marked];
      if (value !== null && value !== undefined) parts.push(node("circle", { cx: x(marked), cy: y(value), r: 3.5, fill: one.hue }));
    }
    const last = known(series[0].values).length ? series[0].values.findLast((value) => value !== null && value !== undefined) : null;
    if (last !== null) parts.push(text(width - 36, y(last) + 4, number(last), { "font-size": 12, "font-weight": 600 }));
    parts.push(
      text(6, height - 4, labels[0], { "font-size": 11, fill: "var(--quiet)" }),
      text(width - 40, height - 4, labels[labels.length - 1], { "font-size": 11, fill: "var(--quiet)", "text-anchor": "end" }),
    );
    const items = labels.map((words, place) => {
      const value = series[0].values[place];
      return {
        x: x(place),
        y: value === null || value === undefined ? null : y(value),
        code: codes[place],
        tip: [words, ...series.map((one) => `${series.length > 1 ? `${one.name}: ` : ""}${number(one.values[place])}`)].join("\n"),
      };
    });
    const nearest = (at) => Math.min(Math.max(Math.round((at - x(0)) / Math.max(x(1) - x(0), 1e-9)), 0), items.length - 1);
    return chart(width, height, label, parts, items, { nearest, onPick, start: marked });
  }

  // ---- a dial: where the value stands between low and high, a mark at 100
  function dial(value, { hue, low, high, label }) {
    const angle = (amount) => Math.PI * (1 - (Math.min(Math.max(amount, low), high) - low) / (high - low));
    const place = (radius, at) => `${(120 + radius * Math.cos(at)).toFixed(1)} ${(126 - radius * Math.sin(at)).toFixed(1)}`;
    const arc = (to, colour, width) =>
      node("path", { d: `M${place(93, Math.PI)}A93 93 0 0 1 ${place(93, to)}`, fill: "none", stroke: colour, "stroke-width": width });
    const parts = [arc(0, "var(--line)", 18)];
    if (value !== null && value !== undefined) parts.push(arc(angle(value), hue, 18));
    parts.push(node("path", { d: `M${place(80, angle(100))}L${place(108, angle(100))}`, stroke: "var(--text)", "stroke-width": 2.5 }));
    parts.push(text(120, 112, number(value), { "text-anchor": "middle", "font-size": 36, "font-weight": 600 }));
    parts.push(
      text(27, 142, String(low), { "text-anchor": "middle", "font-size": 12, fill: "var(--quiet)" }),
      text(213, 142, String(high), { "text-anchor": "middle", "font-size": 12, fill: "var(--quiet)" }),
    );
    parts.push(text(120, 11, "100", { "text-anchor": "middle", "font-size": 12, fill: "var(--quiet)" }));
    const host = chart(240, 148, label, parts);
    host.classList.add("dial");
    return host;
  }

  // ---- a picture that leaves the page: title above, source and version below, white ground, the face inside
  const LIGHT = {
    "--text": "#1B2733",
    "--quiet": "#5B6B7A",
    "--line": "#D5DDE5",
    "--labour": "#1F4E79",
    "--employer": "#117A7A",
    "--worker": "#8F4F12",
    "--good": "#2166AC",
    "--bad": "#B2400F",
    "--muted-bar": "#B9C2CB",
    "--page": "#FFFFFF",
    "--g2": "#8F4F12",
    "--g3": "#117A7A",
    "--g4": "#7A3E8E",
    "--g5": "#5B6B7A",
  };
  function wrapped(words, room, size) {
    const rows = [""];
    for (const word of words.split(/(?<=[\s\u200b])/)) {
      if (rows[rows.length - 1] && widthOf(rows[rows.length - 1] + word, size) > room) rows.push("");
      rows[rows.length - 1] += word;
    }
    return rows.map((row) => row.trim());
  }
  function picture(host, title, foot, faces) {
    const { svg, width, height } = host.picture,
      wide = Math.max(width, 420),
      head = wrapped(title, wide - 24, 16),
      below = foot.flatMap((words) => wrapped(words, wide - 24, 11));
    const top = 14 + head.length * 24,
      whole = top + height + 14 + below.length * 17 + 8;
    const inside = svg.cloneNode(true);
    inside.querySelectorAll(".ring").forEach((ring) => ring.remove());
    for (const [name, value] of Object.entries({ x: (wide - width) / 2, y: top, width, height })) inside.setAttribute(name, value);
    const style = faces
      .map(
        ([weight, data]) => `@font-face{font-family:Sarabun;font-weight:${weight};src:url(data:font/woff2;base64,${data}) format("woff2")}`,
      )
      .join("");
    const out = node(
      "svg",
      { xmlns: SPACE, viewBox: `0 0 ${wide} ${whole}`, width: wide, height: whole, "font-family": "Sarabun, sans-serif" },
      node("title", {}, title),
      node("style", {}, style),
      node("rect", { width: wide, height: whole, fill: "#FFFFFF" }),
      ...head.map((words, row) => text(12, 26 + row * 24, words, { "font-size": 16, "font-weight": 600 })),
      inside,
      ...below.map((words, row) => text(12, top + height + 20 + row * 17, words, { "font-size": 11, fill: "var(--quiet)" })),
    );
    const said = new XMLSerializer().serializeToString(out).replace(/var\((--[\w-]+)\)/g, (_, name) => LIGHT[name] || "#1B2733");
    return { svg: `<?xml version="1.0" encoding="UTF-8"?>\n${said}`, width: wide, height: whole };
  }
  // The same as PNG at twice the size; a promise of a Blob.
  function png({ svg, width, height }) {
    return new Promise((done, failed) => {
      const image = new Image();
      image.onload = () => {
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [2 * width, 2 * height];
        canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
        canvas.toBlob(done, "image/png");
      };
      image.onerror = failed;
      image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    });
  }

  window.reporterCharts = { lines, bars, small, dial, picture, png, number };
})();
