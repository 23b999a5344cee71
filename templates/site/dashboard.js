"use strict";
// The dashboard: nine items of the study (5.2.2), linked by group, dimension, quarter and index of the map.
// Data: window.reporterDashboard (reporter/site/dashboard.py). The state stands in the address (#g=...&d=...&q=...&m=...).
(() => {
  const data = window.reporterDashboard;
  if (!data) return;
  const NS = "http://www.w3.org/2000/svg";
  const last = data.periods.length - 1;
  const names = data.names;
  const MEASURES = { labour_index: "ดัชนีเศรษฐกิจแรงงาน", employer: "ความเชื่อมั่นของผู้ประกอบการ", worker: "ความเชื่อมั่นของแรงงาน" };
  const HUES = { labour_index: "labour", employer: "employer", worker: "worker" };
  const STEPS = { labour_index: [75, 85, 92, 98, 102, 108, 115, 125], employer: [70, 80, 90, 97, 103, 110, 120, 130] };
  STEPS.worker = STEPS.employer;
  const state = { g: "TH", d: "overall", q: data.periods[last], m: "labour_index" };

  const missing = (value) => value === null || value === undefined;
  const number = (value, digits = 1) => missing(value) ? "–" : value.toFixed(digits).replace(/^-(0(?:\.0+)?)$/, "$1").replace("-", "−");
  const signed = (value, digits = 1) => {
    if (missing(value)) return "–";
    const size = Math.abs(value).toFixed(digits);
    if (Number(size) === 0) return `■ ${size}`;
    return `${value > 0 ? "▲" : "▼"} ${size}`;
  };
  const quality = (value, digits = 1) => missing(value) || Number(Math.abs(value).toFixed(digits)) === 0 ? "same" : value > 0 ? "better" : "worse";
  const at = () => data.periods.indexOf(state.q);

  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }
  function shape(tag, attributes = {}, ...children) {
    const node = document.createElementNS(NS, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  // ---- what the tables hold for the state
  const indexOf = (group, dimension) => ((data.index[group] || {})[dimension]) || [];
  const confidenceOf = (survey, group, domain = "overall") => (((data.confidence[survey] || { value: {} }).value[group]) || {})[domain] || [];
  const seriesOf = (measure, group) => measure === "labour_index" ? indexOf(group, state.d) : confidenceOf(measure, group);
  const change = (values, position, back) => missing(values[position]) || missing(values[position - back]) ? null : values[position] - values[position - back];
  const rate = (values, position, back) => {
    const difference = change(values, position, back);
    return missing(difference) || !values[position - back] ? null : difference / values[position - back] * 100;
  };
  const groupName = (code) => names.groups[code] || code;
  const dimensionName = (code) => code === "overall" ? "ดัชนีรวม" : names.dimensions[code] || code;

  // ---- charts
  const isNarrow = window.matchMedia("(max-width: 40rem)").matches;
  const WIDTH = isNarrow ? 400 : 720;
  function scaleOf(values, neutral) {
    const known = values.filter((value) => !missing(value)).concat(neutral);
    const low = Math.min(...known), high = Math.max(...known), room = Math.max((high - low) * 0.12, 1);
    return { low: low - room, high: high + room };
  }
  function lines(series, labels, { fan = [], neutral = 100, label }) {
    const height = 270, left = 44, right = isNarrow ? 60 : 150, top = 14, bottom = 40;
    const all = labels.concat(fan.map((row) => row.label));
    const range = scaleOf(series.flatMap((one) => one.values).concat(fan.flatMap((row) => [row.low95, row.high95])), neutral);
    const x = (position) => left + (WIDTH - left - right) * (all.length > 1 ? position / (all.length - 1) : 0.5);
    const y = (value) => top + (height - top - bottom) * (range.high - value) / (range.high - range.low);
    const chart = shape("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": label });
    const step = [1, 2, 5, 10, 20, 50].find((size) => (range.high - range.low) / size <= 6) || 100;
    for (let tick = Math.ceil(range.low / step) * step; tick <= range.high; tick += step) {
      chart.append(shape("line", { x1: left, x2: WIDTH - right, y1: y(tick), y2: y(tick), class: tick === neutral ? "neutral" : "axis" }));
      chart.append(shape("text", { x: left - 6, y: y(tick) + 5, "text-anchor": "end", "font-size": 13, class: "quiet-text" }, String(tick)));
    }
    all.forEach((text, position) => {
      const every = isNarrow ? 4 : 2;
      if (all.length > 9 && position % every !== (labels.length - 1) % every) return;
      chart.append(shape("text", { x: x(position), y: height - 16, "text-anchor": "middle", "font-size": 12, class: "quiet-text" }, text));
    });
    const first = series[0];
    if (fan.length && first && !missing(first.values[labels.length - 1])) {
      const start = first.values[labels.length - 1], origin = labels.length - 1;
      for (const [low, high] of [["low95", "high95"], ["low80", "high80"]]) {
        const upper = fan.map((row, step_) => `${x(origin + 1 + step_)},${y(row[high])}`);
        const lower = fan.map((row, step_) => `${x(origin + 1 + step_)},${y(row[low])}`).reverse();
        chart.append(shape("polygon", { points: [`${x(origin)},${y(start)}`, ...upper, ...lower].join(" "), class: `fan f-${first.hue}` }));
      }
      const middle = [`${x(origin)},${y(start)}`, ...fan.map((row, step_) => `${x(origin + 1 + step_)},${y(row.mean)}`)];
      chart.append(shape("polyline", { points: middle.join(" "), class: `line dashed c-${first.hue}` }));
      const end = fan[fan.length - 1];
      chart.append(shape("text", { x: x(all.length - 1) + 8, y: y(end.mean) + 5, "font-size": 14 }, isNarrow ? number(end.mean) : `พยากรณ์ ${number(end.mean)}`));
    }
    for (const one of series) {
      let run = [];
      const flush = () => { if (run.length > 1) chart.append(shape("polyline", { points: run.join(" "), class: `line c-${one.hue}${one.dashed ? " dashed" : ""}` })); run = []; };
      one.values.forEach((value, position) => { if (missing(value)) flush(); else run.push(`${x(position)},${y(value)}`); });
      flush();
      const end = one.values[labels.length - 1];
      if (!missing(end)) {
        chart.append(shape("circle", { cx: x(labels.length - 1), cy: y(end), r: 4.5, class: `f-${one.hue}` }));
        const above = fan.length ? { x: x(labels.length - 1), y: y(end) - 10, "text-anchor": "middle" } : { x: x(labels.length - 1) + 9, y: y(end) + 5 };
        chart.append(shape("text", { ...above, "font-size": 14 }, `${one.name ? `${one.name} ` : ""}${number(end)}`));
      }
    }
    return element("div", { class: "chart" }, chart);
  }
  function bars(rows, { neutral = 0, digits = 1, hue = "labour", label, chosen = "", signedBars = false }) {
    const pitch = isNarrow ? 44 : 27;
    const height = pitch * rows.length + 12, left = isNarrow ? 8 : 270, right = isNarrow ? 60 : 70;
    const known = rows.map((row) => row.value).filter((value) => !missing(value)).concat(neutral);
    const low = Math.min(...known), high = Math.max(...known, neutral + 1e-9);
    const x = (value) => left + (WIDTH - left - right) * (value - low) / (high - low || 1);
    const chart = shape("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": label });
    rows.forEach((row, position) => {
      const top = 6 + pitch * position;
      const y = isNarrow ? top + 18 : top;
      const fill = signedBars && !missing(row.value) ? (row.value >= neutral ? "f-good" : "f-bad") : `f-${hue}`;
      const group = shape("g", { class: row.code === chosen ? "chosen" : "" });
      const short = row.name.length > 38 ? `${row.name.slice(0, 36)}…` : row.name;
      const label_ = isNarrow ? { x: left, y: top + 14 } : { x: left - 8, y: y + 16, "text-anchor": "end" };
      group.append(shape("text", { ...label_, "font-size": 14 }, short));
      if (!missing(row.value)) {
        const from = Math.min(x(row.value), x(neutral));
        group.append(shape("rect", { x: from, y: y + 2, width: Math.max(1.5, Math.abs(x(row.value) - x(neutral))), height: 18, class: fill }));
      }
      const end = missing(row.value) ? x(neutral) : Math.max(x(row.value), x(neutral));
      group.append(shape("text", { x: end + 6, y: y + 16, "font-size": 14 }, row.text || number(row.value, digits)));
      chart.append(group);
    });
    chart.append(shape("line", { x1: x(neutral), x2: x(neutral), y1: 2, y2: height - 4, class: "neutral" }));
    return element("div", { class: "chart" }, chart);
  }
  function dial(value, hue, low, high, label) {
    const chart = shape("svg", { viewBox: "0 0 240 130", role: "img", "aria-label": label });
    const angle = (number_) => Math.PI * (1 - (Math.min(Math.max(number_, low), high) - low) / (high - low));
    const arc = (from, to, radius) => `M ${120 + radius * Math.cos(from)} ${115 - radius * Math.sin(from)} A ${radius} ${radius} 0 0 1 ${120 + radius * Math.cos(to)} ${115 - radius * Math.sin(to)}`;
    chart.append(shape("path", { d: arc(Math.PI, 0, 92), fill: "none", stroke: "currentColor", "stroke-opacity": 0.18, "stroke-width": 18 }));
    if (!missing(value)) chart.append(shape("path", { d: arc(Math.PI, angle(value), 92), class: `c-${hue}`, fill: "none", "stroke-width": 18 }));
    const middle = angle(100);
    chart.append(shape("line", { x1: 120 + 78 * Math.cos(middle), y1: 115 - 78 * Math.sin(middle), x2: 120 + 106 * Math.cos(middle), y2: 115 - 106 * Math.sin(middle), stroke: "currentColor", "stroke-width": 2 }));
    chart.append(shape("text", { x: 120, y: 108, "text-anchor": "middle", "font-size": 38, "font-weight": 600 }, number(value)));
    return element("div", { class: "chart dial" }, chart);
  }

  // ---- tables behind the charts, and their download
  function table(caption, heads, rows) {
    const body = rows.map((row) => element("tr", {}, ...row.map((cell, column) => column === 0
      ? element("th", { scope: "row" }, String(cell))
      : element("td", { class: `number ${typeof cell === "object" && cell !== null ? cell.quality : ""}` }, typeof cell === "object" && cell !== null ? cell.text : String(cell)))));
    const head = element("thead", {}, element("tr", {}, ...heads.map((name, column) => element("th", { scope: "col", class: column ? "number" : "" }, name))));
    return element("table", {}, element("caption", {}, caption), head, element("tbody", {}, ...body));
  }
  const moved = (value, digits = 1) => ({ text: signed(value, digits), quality: quality(value, digits), raw: value });
  function csv(heads, rows) {
    const cell = (value) => {
      const plain = typeof value === "object" && value !== null ? (missing(value.raw) ? "" : value.raw) : value;
      const text = plain === "–" ? "" : String(plain).replace("−", "-");
      return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
    };
    return "\ufeff" + [heads, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
  }
  function behind(item, caption, heads, rows, isOpen = false) {
    const region = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, table(caption, heads, rows));
    const details = element("details", isOpen ? { open: "" } : {}, element("summary", {}, `ตารางข้อมูล: ${caption}`), region);
    const button = element("button", { type: "button", class: "no-print" }, "ดาวน์โหลดตารางนี้ (CSV)");
    button.addEventListener("click", () => {
      const link = element("a", { href: URL.createObjectURL(new Blob([csv(heads, rows)], { type: "text/csv" })), download: `${item}-${state.g.replace(/\W/g, "-")}-${state.q}.csv` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
    details.append(button);
    return details;
  }
  const nothing = (text) => [element("p", { class: "notice" }, text)];

  // ---- the nine items
  const title = (measure) => `${MEASURES[measure]} ${measure === "labour_index" && state.d !== "overall" ? `มิติ${dimensionName(state.d)} ` : ""}${groupName(state.g)}`;
  function history() {
    const values = indexOf(state.g, state.d);
    if (!values.length) return nothing(`ไม่มีดัชนีเศรษฐกิจแรงงานของ${groupName(state.g)}ในฉบับนี้`);
    const position = at();
    const fan = state.g === "TH" && state.d === "overall" ? data.forecast : [];
    const value = values[position];
    const text = `${title("labour_index")} ${data.labels[position]} เท่ากับ ${number(value)} จุด`;
    const rows = data.labels.map((label, index) => [label, number(values[index]), "–", "–"]).concat(fan.map((row) => [`${row.label} (พยากรณ์)`, number(row.mean), `${number(row.low80)} ถึง ${number(row.high80)}`, `${number(row.low95)} ถึง ${number(row.high95)}`]));
    return [
      element("p", {}, `${text} `, element("span", { class: quality(change(values, position, 1)) }, `${signed(change(values, position, 1))} จากไตรมาสก่อน`), " ", element("span", { class: quality(change(values, position, 4)) }, `${signed(change(values, position, 4))} จากปีก่อน`)),
      element("div", { class: "two" }, dial(value, "labour", 60, 140, text), lines([{ name: "", values, hue: "labour" }], data.labels, { fan, label: `เส้นของ${title("labour_index")} 13 ไตรมาส${fan.length ? " และพยากรณ์ 4 ไตรมาส" : ""}` })),
      behind("index", title("labour_index"), ["ไตรมาส", "จุด", "ช่วงร้อยละ 80", "ช่วงร้อยละ 95"], rows),
    ];
  }
  function dimensions() {
    const known = Object.keys(names.dimensions).filter((code) => indexOf(state.g, code).length);
    if (!known.length) return nothing(`ไม่มีดัชนีย่อยของ${groupName(state.g)}ในฉบับนี้`);
    const position = at();
    const list = known.map((code) => ({ code, name: dimensionName(code), value: indexOf(state.g, code)[position] }));
    const caption = `ดัชนีย่อยรายมิติ ${groupName(state.g)} (จุด)`;
    return [
      bars(list, { neutral: 100, signedBars: true, chosen: state.d, label: `${caption} ${data.labels[position]}` }),
      behind("dimensions", caption, ["มิติ", ...data.labels], known.map((code) => [dimensionName(code), ...indexOf(state.g, code).map((value) => number(value))])),
    ];
  }
  const stepOf = (measure, value) => missing(value) ? 0 : 1 + STEPS[measure].filter((edge) => value >= edge).length;
  function groups() {
    const position = at(), measure = state.m;
    const parts = [];
    const tiles = Object.entries(names.tiles);
    const rows = tiles.map(([, tile]) => tile.tile[0]), columns = tiles.map(([, tile]) => tile.tile[1]);
    const firstRow = Math.min(...rows), firstColumn = Math.min(...columns);
    const map = element("div", { class: "tiles", role: "group", "aria-label": `แผนที่จังหวัด: ${MEASURES[measure]} ${data.labels[position]}` });
    map.style.setProperty("--columns", Math.max(...columns) - firstColumn + 1);
    for (const [code, tile] of tiles) {
      const value = seriesOf(measure, code)[position];
      const text = `${groupName(code)} ${missing(value) ? "ไม่มีค่าที่เผยแพร่" : `${number(value)} จุด`}`;
      const button = element("button", { type: "button", class: `s${stepOf(measure, value)}`, "aria-pressed": String(state.g === code), "aria-label": text, title: text, "data-code": code }, tile.letters);
      button.style.gridRow = tile.tile[0] - firstRow + 1;
      button.style.gridColumn = tile.tile[1] - firstColumn + 1;
      button.addEventListener("click", () => choose({ g: state.g === code ? "TH" : code }));
      map.append(button);
    }
    const edges = STEPS[measure];
    const legend = element("ul", { class: "legend", "aria-label": "คำอธิบายสี" }, ...[0, ...edges.map((_, index) => index + 1), edges.length + 1].map((step) => {
      const text = step === 0 ? "ไม่มีค่า" : step === 1 ? `ต่ำกว่า ${edges[0]}` : step === edges.length + 1 ? `${edges[edges.length - 1]} ขึ้นไป` : `${edges[step - 2]} ถึง ${edges[step - 1]}`;
      return element("li", {}, element("span", { class: `swatch s${step}` }), text);
    }));
    const dimension = measure === "labour_index" ? ` ${dimensionName(state.d)}` : "";
    parts.push(element("h3", {}, `แผนที่จังหวัด: ${MEASURES[measure]}${dimension} ${data.labels[position]}`), map, legend);
    const kinds = [["STATUS", "สถานะของแรงงาน"], ["REGION", "ภูมิภาค"], ["INDUSTRY", "อุตสาหกรรม"], ["SKILL", "ทักษะ"], ["WORK", "ลักษณะงาน"]];
    let any = tiles.some(([code]) => seriesOf(measure, code).length);
    for (const [kind, name] of kinds) {
      const list = Object.keys(names.groups).filter((code) => code.startsWith(`${kind}:`) && seriesOf(measure, code).length).map((code) => ({ code, name: groupName(code), value: seriesOf(measure, code)[position] }));
      if (!list.length) continue;
      any = true;
      parts.push(element("h3", {}, `จำแนกตาม${name}`), bars(list, { neutral: 100, signedBars: true, chosen: state.g, label: `${MEASURES[measure]}${dimension} จำแนกตาม${name} ${data.labels[position]}` }));
    }
    if (!any) parts.push(...nothing(`ฉบับนี้ไม่มี${MEASURES[measure]}รายกลุ่ม`));
    const every = Object.keys(names.groups).filter((code) => seriesOf(measure, code).length);
    parts.push(behind("groups", `${MEASURES[measure]}${dimension} ทุกกลุ่ม (จุด)`, ["กลุ่ม", ...data.labels], every.map((code) => [groupName(code), ...seriesOf(measure, code).map((value) => number(value))])));
    return parts;
  }
  const confidence = (survey) => () => {
    const whole = data.confidence[survey];
    if (!whole) return nothing("ฉบับนี้ไม่มีผลสำรวจ");
    const position = at(), values = confidenceOf(survey, state.g);
    if (!values.length) return nothing(`ไม่มีผลสำรวจของ${groupName(state.g)}ในฉบับนี้`);
    const value = values[position], hue = HUES[survey];
    const text = `${title(survey)} ${data.labels[position]} ${missing(value) ? "ไม่เผยแพร่ (ตัวอย่างน้อยเกินไป)" : `เท่ากับ ${number(value)} จุด`}`;
    const flag = whole.flag[state.g] === "small" ? " ตัวอย่างน้อยกว่า 30" : "";
    const domains = Object.keys(names.domains[survey]).filter((code) => confidenceOf(survey, state.g, code).length);
    const list = domains.map((code) => ({ code, name: names.domains[survey][code], value: confidenceOf(survey, state.g, code)[position] }));
    const pair = (key, index) => ((whole[key][state.g]) || [])[index];
    return [
      element("p", {}, `${text}${flag} `, element("span", { class: quality(change(values, position, 1)) }, `${signed(change(values, position, 1))} จากไตรมาสก่อน`), " ", element("span", { class: quality(change(values, position, 4)) }, `${signed(change(values, position, 4))} จากปีก่อน`)),
      element("div", { class: "two" }, dial(value, hue, 0, 200, text), lines([{ name: "", values, hue }], data.labels, { label: `เส้นของ${title(survey)} 13 ไตรมาส` })),
      behind(survey, title(survey), ["ไตรมาส", "จุด", "ขอบล่าง ร้อยละ 95", "ขอบบน ร้อยละ 95", "จำนวนตัวอย่าง"], data.labels.map((label, index) => [label, number(values[index]), number(pair("low", index)), number(pair("high", index)), number(pair("n", index), 0)])),
      ...(list.length ? [element("h3", {}, "รายด้าน"), bars(list, { neutral: 100, hue, label: `${title(survey)} รายด้าน ${data.labels[position]}` }),
        behind(`${survey}-domains`, `${title(survey)} รายด้าน`, ["ด้าน", ...data.labels], domains.map((code) => [names.domains[survey][code], ...confidenceOf(survey, state.g, code).map((one) => number(one))]))] : []),
    ];
  };
  function rates() {
    const position = at();
    const rows = [];
    const add = (name, values) => { if (values.length) rows.push([name, number(values[position]), moved(change(values, position, 1)), moved(rate(values, position, 1)), moved(change(values, position, 4)), moved(rate(values, position, 4))]); };
    add("ดัชนีเศรษฐกิจแรงงาน", indexOf(state.g, "overall"));
    for (const code of Object.keys(names.dimensions)) add(`ดัชนีย่อย${dimensionName(code)}`, indexOf(state.g, code));
    for (const survey of ["employer", "worker"]) {
      add(MEASURES[survey], confidenceOf(survey, state.g));
      for (const [code, name] of Object.entries(names.domains[survey])) add(name, confidenceOf(survey, state.g, code));
    }
    if (!rows.length) return nothing(`ไม่มีดัชนีของ${groupName(state.g)}ในฉบับนี้`);
    return [
      bars(rows.map((row) => ({ code: "", name: row[0], value: row[2].raw, text: signed(row[2].raw) })), { signedBars: true, label: `การเปลี่ยนแปลงจากไตรมาสก่อนของดัชนีทุกตัว ${groupName(state.g)} (จุด)` }),
      behind("rates", `การเปลี่ยนแปลงของดัชนี ${groupName(state.g)} ${data.labels[position]}`, ["ดัชนี", "จุด", "จากไตรมาสก่อน (จุด)", "จากไตรมาสก่อน (ร้อยละ)", "จากปีก่อน (จุด)", "จากปีก่อน (ร้อยละ)"], rows, true),
    ];
  }
  const shares = (key, measure, digits, factor, caption, count) => () => {
    const held = (data[key] || {})[measure];
    if (!held) return nothing("ฉบับนี้ไม่มีผลสำรวจ");
    const position = at();
    const list = Object.keys(held).map((code) => ({ code, name: names.options[code] || code, value: missing(held[code][position]) ? null : held[code][position] * factor }));
    if (count) list.sort((one, other) => (other.value ?? -1) - (one.value ?? -1));
    return [
      element("p", { class: "quiet" }, "ทั่วประเทศ คำถามนี้ไม่จำแนกตามกลุ่มในแดชบอร์ด"),
      bars(list.slice(0, count || list.length), { hue: key === "traits" ? "employer" : "worker", digits, label: `${caption} ${data.labels[position]}` }),
      behind(key, caption, ["รายการ", ...data.labels], list.map((row) => [row.name, ...held[row.code].map((value) => number(missing(value) ? null : value * factor, digits))])),
    ];
  };
  const VIEWS = {
    history, dimensions, groups, employer: confidence("employer"), worker: confidence("worker"), rates,
    actions: shares("actions", "share", 1, 100, "สัดส่วนแรงงานที่พบการดำเนินงาน (ร้อยละ)", 7),
    traits: shares("traits", "share", 1, 100, "สัดส่วนผู้ประกอบการที่เลือก (ร้อยละ)", 15),
    priorities: shares("priorities", "top3_share", 1, 100, "สัดส่วนแรงงานที่จัดอยู่ในสามลำดับแรก (ร้อยละ)", 7),
  };

  // ---- choosing
  const controls = {};
  function select(key, name, options) {
    const field = element("select", { id: `choose-${key}` }, ...options.map(([label, items]) => label
      ? element("optgroup", { label }, ...items.map(([value, text]) => element("option", { value }, text)))
      : element("option", { value: items[0][0] }, items[0][1])));
    field.addEventListener("change", () => choose({ [key]: field.value }));
    controls[key] = field;
    return element("label", { for: `choose-${key}` }, name, field);
  }
  const held = (code) => code in data.index || Object.values(data.confidence).some((one) => code in one.value);
  const groupsOf = (kind) => Object.entries(names.groups).filter(([code]) => code.startsWith(`${kind}:`) && held(code));
  function build() {
    const bar = document.getElementById("controls");
    const kinds = [["สถานะของแรงงาน", "STATUS"], ["ภูมิภาค", "REGION"], ["อุตสาหกรรม", "INDUSTRY"], ["จังหวัด", "PROVINCE"], ["ทักษะ", "SKILL"], ["ลักษณะงาน", "WORK"]];
    const one = (value, text) => ["", [[value, text]]];
    bar.append(
      select("g", "กลุ่ม", [one("TH", "ทั่วประเทศ"), ...kinds.map(([name, kind]) => [name, groupsOf(kind)]).filter(([, items]) => items.length)]),
      select("d", "มิติ", [one("overall", "ดัชนีรวม"), ...Object.entries(names.dimensions).map(([code, name]) => one(code, name))]),
      select("q", "ไตรมาส", data.periods.map((period, index) => one(period, data.labels[index])).reverse()),
      select("m", "ดัชนีในแผนที่", Object.entries(MEASURES).map(([code, name]) => one(code, name))),
    );
    const reset = element("button", { type: "button" }, "เริ่มใหม่");
    reset.addEventListener("click", () => choose({ g: "TH", d: "overall", q: data.periods[last], m: "labour_index" }));
    const print = element("button", { type: "button" }, "พิมพ์");
    print.addEventListener("click", () => window.print());
    bar.append(reset, print);
  }
  function read() {
    const given = new URLSearchParams(location.hash.slice(1));
    for (const key of Object.keys(state)) {
      const value = given.get(key);
      if (value !== null && [...controls[key].options].some((option) => option.value === value)) state[key] = value;
    }
  }
  function draw() {
    const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.code : null;
    for (const [key, field] of Object.entries(controls)) field.value = state[key];
    for (const [item, view] of Object.entries(VIEWS)) {
      const place = document.querySelector(`#${item} .view`);
      const open = [...place.querySelectorAll("details")].map((details) => details.open);
      place.replaceChildren(...view());
      place.querySelectorAll("details").forEach((details, index) => { if (open[index] !== undefined) details.open = open[index]; });
    }
    if (focused) document.querySelector(`[data-code="${CSS.escape(focused)}"]`)?.focus();
    document.getElementById("chosen").textContent = `แสดง${groupName(state.g)} ${dimensionName(state.d)} ไตรมาส ${data.labels[at()]}`;
  }
  function choose(changed) {
    Object.assign(state, changed);
    history_(`#${new URLSearchParams(state)}`);
    draw();
  }
  const history_ = (address) => window.history.replaceState(null, "", address);

  build();
  read();
  document.documentElement.classList.add("js");
  draw();
  window.addEventListener("hashchange", () => { if (location.hash.includes("=")) { read(); draw(); } });
})();
